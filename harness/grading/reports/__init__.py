"""From results to what an instructor and students get.

    graded                  results of a student and of a class, with totals and states
    shown, authored, clean  what a student may see
    gradebook, platforms    CSV: the gradebook; files that Canvas and Moodle import
    roster                  how those call the students
    gradescope              results.json
    feedback, overview      pages: one a student; one on the class, for the instructor alone
    files, tables, pages    writing whole files, safe CSV, templates
    write                   all of it: `write_reports`

It runs nothing: it turns results, a lab and a policy into files.
"""

from __future__ import annotations

from harness.grading.reports.graded import Graded
from harness.grading.reports.write import left_over, overview_of, write_reports

__all__ = ["Graded", "left_over", "overview_of", "write_reports"]
