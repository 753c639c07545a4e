"""Labs: what learners check with, and what instructors grade with.

    points, expect       how a check is written
    submission           the narrow door between a check and a learner's work: `call`, `value`
    live                 that door onto a running notebook
    plain                the plain data that passes through it
    lab                  a lab's cells and exercises
    stub                 what a learner gets in place of a solution
    exercise, outcome    running the checks of an exercise; how they went
    verdict              the outcome in words
    release              from the labs with their solutions to those that are handed out
    handout              what a folder that was handed out says of itself
    in_process           checks on a name space of this process
    learner              `check("1.5")`, `pytest labs/`, `harness lab`
    plugin               the same checks under pytest, for one learner or for a class
    handed_in            reading what students have handed in
    box                  where a student's code runs
    policy, marks        how points become a grade
    reports              gradebook, feedback pages, overview, files for other systems
    seeds, store         seeds of a student's own; results that outlive a run
    course, files        where the labs lie; files that are never half written
    trial                any answer in place of an exercise's solution: how checks are tried

It knows neither the book nor the protocol services. A learner needs one name of it:

    from harness.grading import check
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.grading.learner.notebook import check as check

__all__ = ["check"]


def __getattr__(name: str) -> Any:
    if name == "check":
        from harness.grading.learner.notebook import check

        return check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
