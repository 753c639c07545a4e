"""A class of hostile students: each gets what is fair, and the well-behaved among them get full marks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attacked_lab import POINTS, SECRET
from code_cases import CASES, Case
from file_cases import FILE_CASES, FileCase

if TYPE_CHECKING:
    from conftest import GradedClass

pytestmark = pytest.mark.xdist_group("hostile")


def number(cell: str) -> float:
    """Points in a cell of the gradebook; a word stands for none."""
    try:
        return float(cell)
    except ValueError:
        return 0.0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_code_is_graded_fairly(graded: GradedClass, case: Case) -> None:
    row = graded.rows[case.name]
    assert {name: number(row[name]) for name in POINTS} == case.fair, row
    if case.state and case.state != "passed":
        assert case.state in (row["9.2"], *row["notes"].replace(":", "").replace(".", "").split(" 92 ")) or (
            case.state in row["notes"]
        ), row


@pytest.mark.parametrize("case", FILE_CASES, ids=lambda case: case.name)
def test_files_are_graded_fairly(graded: GradedClass, case: FileCase) -> None:
    row = graded.rows[case.name]
    if case.fair is None:
        assert row["total"] == "", row
        assert row["notes"], row
    else:
        assert {name: number(row[name]) for name in POINTS} == case.fair, row
    if case.state:
        assert row["state"] == case.state, row


def test_the_run_tells_lost_points_from_grader_errors(graded: GradedClass) -> None:
    assert graded.exit_code == 1, graded.output[-3000:]
    assert not [row for row in graded.rows.values() if "grader error" in str(row)]


def test_nothing_escaped(graded: GradedClass) -> None:
    for place in (Path("/tmp"), Path("/usr"), Path("/etc"), graded.folder.parent, graded.folder, Path.cwd()):
        assert not list(place.glob("*escaped-7741*"))
    assert not list(graded.folder.rglob("pwned"))


def test_no_process_is_left(graded: GradedClass) -> None:
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [command for command in commands if b"sleep\x007741" in command]


def test_nobody_came_through_to_the_machine(graded: GradedClass, listening: list[str]) -> None:
    assert number(graded.rows["host-loopback"]["9.2"]) == number(graded.rows["host-unix-socket"]["9.2"]) == 0


def test_no_page_holds_what_students_should_not_see(graded: GradedClass) -> None:
    pages = [*graded.folder.glob("feedback/**/*.html"), *graded.folder.glob("gradescope/**/*.json")]
    assert len(pages) > len(CASES)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert SECRET not in text, page
        assert "rms([-" not in text, page


@pytest.mark.parametrize(
    "name",
    [
        "leaks-through-exception",
        "leaks-through-class-name",
        "leaks-through-output",
        "tells-on-in-another-exercise",
        "tells-on-in-what-earns-more",
        "tells-on-and-ends",
    ],
)
def test_hidden_inputs_do_not_leak(graded: GradedClass, name: str) -> None:
    # The visible check's inputs, 3 and 4, are no secret; an input of a hidden one has many digits.
    for page in graded.folder.glob(f"feedback/*{name}*.html"):
        for leak in page.read_text(encoding="utf-8").split("LEAK")[1:]:
            assert sum(character.isdigit() for character in leak[:60]) < 12, leak[:200]
