"""The box: where a learner's code runs, and what it cannot get out of.

    grader (pytest, trusted)
      └ workshop    bubblewrap: read-only, no network, no solutions; a fork server with everything imported
          └ keeper  one a box: has bubblewrap make an empty box, puts a fork into it, watches its memory
              └ box new user, process, mount, network, … name spaces; no capabilities; limits; the runner

Imports cost a second or two, so an interpreter that has made them is forked, and the fork steps into a box
that bubblewrap has just made. What the learner's code can see is the course's software, read-only, and an
empty folder of its own. The grader asks over one socket: run this cell, call this function, give this value.
What comes back is untrusted bytes that `plain` makes plain data of, or refuses.

    limits       how much of everything
    bubblewrap   the two command lines, and whether this machine can
    door         requests and replies over the socket, each with a deadline
    workshop     the trusted side: a fork server behind bubblewrap, and boxes from it
    interpreter  a box with cells run in it, and what went wrong when it breaks
    work         one submission in its boxes: calls answered, blame laid
    ends         how a box ended, as its keeper tells
    keeper       a fork of the server that makes a box, fills it and watches it
    confine      what the fork in the box gives up before it runs anything
    runner       the untrusted side of the door
"""

from harness.grading.box.bubblewrap import NoBox, why_not
from harness.grading.box.interpreter import LabFailed, Step
from harness.grading.box.limits import Limits
from harness.grading.box.work import BoxedSubmission, BoxedWork
from harness.grading.box.workshop import Workshop

__all__ = ["BoxedSubmission", "BoxedWork", "LabFailed", "Limits", "NoBox", "Step", "Workshop", "why_not"]
