"""Labs: what learners check with, and what instructors grade with.

    points, expect       how a check is written
    submission           the narrow door between a check and a learner's work: `call`, `value`
    live                 that door onto a running notebook
    plain                the plain data that passes through it
    lab                  a lab's cells and exercises
    exercise, outcome    running the checks of an exercise; how they went
    verdict              the outcome in words
    check                `check("1.5")`
    plugin               the same checks under pytest, for one learner or for a class
    stub                 what a learner gets in place of a solution
    handed_in            reading what students have handed in
    seeds, store         seeds of a student's own; results that outlive a run
    trial                any answer in place of an exercise's solution: how checks are tried

It knows neither the book nor the protocol services.
"""
