"""Write what an instructor and students get."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.grading.lab import Lab
from harness.grading.policy import Policy
from harness.grading.reports.feedback import feedback_page
from harness.grading.reports.files import file_names, write_whole
from harness.grading.reports.gradebook import gradebook as gradebook_csv
from harness.grading.reports.graded import Graded, Sheet, sheet_of
from harness.grading.reports.gradescope import results_json
from harness.grading.reports.overview import overview_page
from harness.grading.reports.platforms import canvas as canvas_csv
from harness.grading.reports.platforms import moodle as moodle_csv
from harness.grading.reports.roster import read_roster


def write_reports(
    graded: Sequence[Graded],
    lab: Lab,
    *,
    gradebook: Path | None = None,
    feedback: Path | None = None,
    policy: Policy | None = None,
    gradescope: Path | None = None,
    canvas: Path | None = None,
    moodle: Path | None = None,
    roster: Path | None = None,
) -> list[Path]:
    """Write what is asked for; the files written.

    Args:
        graded: The students' results.
        lab: The lab, with its hidden checks beside it.
        gradebook: CSV file; the class overview goes beside it, as NAME-overview.html.
        feedback: Folder of feedback pages, STUDENT.html.
        policy: How points become a grade; by default nothing is deducted.
        gradescope: Folder of STUDENT/results.json.
        canvas: CSV file that Canvas imports.
        moodle: CSV file that Moodle imports.
        roster: CSV file that says how Canvas and Moodle call the students.

    Raises:
        BadArgument: If policy or roster do not fit; nothing is written then.
    """
    people = read_roster(roster) if roster else {}
    sheet = sheet_of(graded, lab, policy or Policy())
    left = left_over(feedback, graded) if feedback else []
    files: list[tuple[Path, str]] = []
    if gradebook:
        files += [(gradebook, gradebook_csv(sheet)), (overview_of(gradebook), overview_page(sheet, left))]
    files += [
        (path, make(sheet, people)) for path, make in ((canvas, canvas_csv), (moodle, moodle_csv)) if path
    ]
    return [write_whole(path, text) for path, text in (*files, *_of_students(sheet, feedback, gradescope))]


def overview_of(gradebook: Path) -> Path:
    """Where the class overview goes: beside the gradebook, never into the folder that students get."""
    return gradebook.with_name(f"{gradebook.stem}-overview.html")


def left_over(feedback: Path, graded: Sequence[Graded]) -> list[Path]:
    """Feedback pages of students who are no longer there: they stay until someone deletes them."""
    now = {f"{name}.html" for name in file_names(one.student for one in graded).values()}
    return sorted(path for path in feedback.glob("*.html") if path.name not in now)


def _of_students(sheet: Sheet, feedback: Path | None, gradescope: Path | None) -> Iterator[tuple[Path, str]]:
    names = file_names(row.student for row in sheet.rows)
    for row in sheet.rows:
        if feedback:
            yield feedback / f"{names[row.student]}.html", feedback_page(row, sheet)
        if gradescope and row.graded.state == "read" and row.grade is not None:
            yield gradescope / names[row.student] / "results.json", results_json(row, sheet)
