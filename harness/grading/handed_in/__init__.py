"""Reading what students have handed in.

    students     whose is which file or folder
    files        the notebooks of one student, out of folders and zips
    notebook     the cells of a notebook file, whatever its state
    code         what a cell defines and uses
    matching     which cells answer which exercise
    one          all that for one student
    reader       the same in a process of its own, with limits on time and memory
    model        what comes of it

What a student hands in is not trusted: nothing of it is run, nothing is extracted to disk, no link is
followed, and a file that takes too long or too much memory to read costs its own student's row alone.
"""

from harness.grading.handed_in.model import Answer, HandedIn
from harness.grading.handed_in.reader import read_handed_in

__all__ = ["Answer", "HandedIn", "read_handed_in"]
