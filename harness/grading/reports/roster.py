"""Who is in the class: a CSV file that says how the learning platforms call each student.

    student,name,canvas_id,sis_user_id,sis_login_id,section,moodle_id,moodle_username,moodle_email
    alice,"Smith, Alice",4711,S-1009,asmith,Group A,,,alice@example.org

Only the column `student` must be there; it holds the identifier that submissions go by, as it is or as the
gradebook writes it: what a file's name had better not hold, such as a blank, is a hyphen there.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields
from pathlib import Path

from harness.errors import BadArgument
from harness.grading.handed_in.students import safe_name


@dataclass(frozen=True)
class Person:
    """A student, as the platforms know them; empty where nothing is known.

    Attributes:
        student: The identifier that submissions go by.
        name: Name in words.
        canvas_id: Number in Canvas ("ID").
        sis_user_id: "SIS User ID" in Canvas.
        sis_login_id: "SIS Login ID" in Canvas.
        section: Section in Canvas.
        moodle_id: "ID number" in Moodle.
        moodle_username: User name in Moodle.
        moodle_email: "Email address" in Moodle.
    """

    student: str
    name: str = ""
    canvas_id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""
    section: str = ""
    moodle_id: str = ""
    moodle_username: str = ""
    moodle_email: str = ""


def read_roster(path: Path) -> dict[str, Person]:
    """Read a roster; the students in its order.

    Raises:
        BadArgument: If it cannot be read, a column is unknown, or a student is named twice or not at all.
    """
    known = [field.name for field in fields(Person)]
    rows = csv.DictReader(io.StringIO(_text(path)))
    columns = [(name or "").strip() for name in rows.fieldnames or []]
    for name in columns:
        if name not in known:
            remedy = f"Known: {', '.join(known)}"
            raise BadArgument(f"{path.name} has an unknown column", value=name, remedy=remedy)
    if "student" not in columns:
        raise BadArgument(f"{path.name} has no column 'student'", remedy="Its first line names the columns")
    people: dict[str, Person] = {}
    for cells in rows:
        person = _person(cells, path, rows.line_num)
        if person.student in people:
            raise BadArgument(f"{path.name}, line {rows.line_num}: a student twice", value=person.student)
        people[person.student] = person
    return people


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        remedy = "It must be a CSV file in UTF-8"
        raise BadArgument(f"The roster cannot be read ({error})", value=str(path), remedy=remedy) from None


def _person(cells: dict[str | None, str | list[str] | None], path: Path, line: int) -> Person:
    where = f"{path.name}, line {line}"
    if None in cells:
        raise BadArgument(f"{where}: more cells than columns", remedy="Put text with commas into quotes")
    values = {str(name).strip(): str(value or "").strip() for name, value in cells.items()}
    if not values["student"]:
        raise BadArgument(f"{where}: the student is missing")
    # As the gradebook writes it: a platform's "Dora Diaz" is Dora-Diaz there.
    return Person(**{**values, "student": safe_name(values["student"])})
