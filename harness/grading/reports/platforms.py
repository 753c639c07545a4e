"""Files that Canvas' and Moodle's gradebooks import.

Both take an empty cell for "no grade", which would wipe out one that is there. So students without a grade,
those that are missing, unreadable or hit by an error of the grader's, are left out of these files.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.grading.reports.graded import Row, Sheet
from harness.grading.reports.roster import Person
from harness.grading.reports.tables import as_csv


def canvas(sheet: Sheet, people: Mapping[str, Person]) -> str:
    """The file for Canvas: Grades > Import.

    Canvas finds a student by "ID", else by "SIS User ID", else by "SIS Login ID", and the assignment by the
    number in brackets at the end of its column's name, else by the name. The second line holds the points.
    """
    column = sheet.policy.rules(sheet.lab.name).canvas_column or sheet.title
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]
    points = ["Points Possible", None, None, None, None, sheet.points]
    rows = [(_known(row, people), row) for row in sheet.rows if row.grade is not None]
    lines = [
        (p.name or p.student, p.canvas_id, p.sis_user_id, p.sis_login_id or _login(p), p.section, row.grade)
        for p, row in rows
    ]
    return as_csv(header, [points, *lines])


def moodle(sheet: Sheet, people: Mapping[str, Person]) -> str:
    """The file for Moodle: Grades > Import > CSV file.

    There one maps a column that identifies the student ("Email address" to useremail, "ID number" to
    useridnumber, "Username" to username), and the grade's and the feedback's columns to the assignment.
    """
    header = ["Username", "ID number", "Email address", sheet.title, f"Feedback: {sheet.title}"]
    rows = [(_known(row, people), row) for row in sheet.rows if row.grade is not None]
    lines = [
        (_moodle_name(p), p.moodle_id, p.moodle_email, row.grade, " ".join([f"{row.state}.", *row.total.why]))
        for p, row in rows
    ]
    return as_csv(header, lines)


def _known(row: Row, people: Mapping[str, Person]) -> Person:
    return people.get(row.student, Person(row.student))


def _login(person: Person) -> str:
    """The identifier of submissions stands in for a login where the roster has nothing better."""
    return "" if person.canvas_id or person.sis_user_id else person.student


def _moodle_name(person: Person) -> str:
    return person.moodle_username or ("" if person.moodle_id or person.moodle_email else person.student)
