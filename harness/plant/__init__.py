"""The simulated plant: physics, instruments, faults, control and its virtual clock.

It imports nothing of the project but `harness.errors`, and nothing of any protocol.
"""
