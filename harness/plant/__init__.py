"""The simulated plant: physics, instruments, faults, control and its virtual clock.

It imports nothing of the project but `harness.errors`, and nothing of any protocol. Where to look:

    parameters, layout     every number once; how state, inputs and parameters lie in memory
    equations/             the physics and the controllers, compiled by Numba (`jit` keeps the code)
    engine, lanes          integrating an array of plants; one scan of control and one step of physics
    steady, system         the steady state in closed form; any preset as a function, Jacobian, roots
    analysis               eigenvalues, stability, folds
    presets/               published models that the equations must reproduce
    tags, instruments      what a tag is; the table of instruments and control loops
    channel, analysers     from the true value to a reading, with its `noise` and its `faults`
    telemetry, samples     what leaves the plant, in order of delivery
    operator               writes from outside, each checked
    surroundings           cooling water, feed, fouling, ageing, a failing pump
    scenarios, script      a story in a file; how a simulation acts it
    simulation, batch      one plant on its clock; thousands of scenarios at once
"""
