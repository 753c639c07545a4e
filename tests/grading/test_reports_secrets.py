"""Students see what they may and no more: whatever results hold, no secret of a check reaches their files."""

import json
import tempfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from class_of import exercise, part, small_lab, unseen
from hypothesis import given
from hypothesis import strategies as st

from harness.grading.lab import Lab
from harness.grading.outcome import ExerciseResult, PartResult
from harness.grading.policy import Policy
from harness.grading.reports import Graded, write_reports
from harness.grading.reports.graded import sheet_of
from harness.grading.reports.shown import shown_exercises

MARK = "MARKER"
STATES = st.sampled_from(
    [
        "passed",
        "failed",
        "skipped",
        "not done",
        "timed out",
        "out of memory",
        "ended",
        "grader error",
        "unreadable",
    ]
)
VISIBILITY = st.sampled_from(["visible", "after_due_date", "after_published", "hidden"])
MARKED = st.builds(lambda before, after: f"{before}{MARK}{after}", st.text(max_size=20), st.text(max_size=20))


@pytest.fixture(scope="module")
def lab() -> Lab:
    return small_lab(Path(tempfile.mkdtemp()) / "lab")


def student_files(lab: Lab, *results: ExerciseResult, policy: Policy | None = None) -> dict[str, str]:
    """All files that a student gets, with their text."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files = write_reports(
            [Graded("al", results)],
            lab,
            feedback=folder / "fb",
            gradescope=folder / "gs",
            moodle=folder / "moodle.csv",
            policy=policy,
        )
        return {file.name: file.read_text(encoding="utf-8") for file in files}


def page(lab: Lab, *results: ExerciseResult, policy: Policy | None = None) -> str:
    return student_files(lab, *results, policy=policy)["al.html"]


def words(html: str) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


@given(STATES, VISIBILITY, MARKED, MARKED, MARKED, st.booleans())
def test_nothing_that_code_made_under_a_secret_check_reaches_a_student(
    lab: Lab, state: str, visibility: str, tried: str, got: str, message: str, released: bool
) -> None:
    show = ["after_due_date", "after_published"] if released else []
    secret = unseen(state, tried=tried, got=got, message=message, visibility=visibility)
    raised = unseen(state, message=f"Your code raised {MARK}: {message}, in line 2 of your cell.")
    policy = Policy.model_validate({"feedback": {"show": show}})
    files = student_files(
        lab, exercise("7.1", part(), secret, raised), exercise("7.2", part()), policy=policy
    )
    assert "al.html" in files
    for name, text in files.items():
        assert MARK not in text, name


@given(MARKED, MARKED, MARKED)
def test_the_same_text_under_a_visible_check_is_shown_and_escaped(
    lab: Lab, tried: str, got: str, message: str
) -> None:
    shown = page(lab, exercise("7.1", part("failed", tried=tried, got=got, message=message)))
    assert shown.count(MARK) == 3, "or the test above would pass for nothing"


@given(STATES, st.sampled_from(["after_due_date", "after_published", "hidden"]))
def test_what_may_not_be_seen_yet_is_on_no_page(lab: Lab, state: str, visibility: str) -> None:
    kept = PartResult(
        f"{MARK}-name",
        f"{MARK}-title",
        5,
        state,
        f"{MARK}-m",
        f"{MARK}-h",
        "t",
        "g",
        visibility,  # type: ignore[arg-type]
    )
    follows = part("skipped", message=f"Skipped, for it needs this first: {MARK}-title")
    shown = page(lab, exercise("7.1", part(), kept, follows))
    assert MARK not in shown
    later = visibility != "hidden"
    assert ("worth 5 points are shown later" in shown) == later
    assert ("worth 5 points do not show" in shown) != later


def test_points_that_would_tell_of_unseen_checks_are_not_on_the_page(lab: Lab) -> None:
    def sums(state: str) -> str:
        unseen_part = part(state, 5, visibility="hidden")
        return words(page(lab, exercise("7.1", part(), unseen_part), exercise("7.2", part("failed"))))

    assert sums("passed") == sums("failed")


@pytest.mark.parametrize("visibility", ["after_due_date", "after_published"])
def test_a_visibility_shows_when_the_policy_releases_it(lab: Lab, visibility: str) -> None:
    result = exercise("7.1", part("failed", message="Too high.", visibility=visibility))
    policy = Policy.model_validate({"feedback": {"show": [visibility]}})
    assert "Too high." not in page(lab, result)
    assert "Too high." in page(lab, result, policy=policy)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("The level misses the outlet.", True),
        ("The level in m must be a number, and a DataFrame came back.", True),
        ("The level in m must be a number, and None came back: is there a `return`?", True),
        ("The level in m must be a finite number, and it is infinite or not a number (NaN).", True),
        ("Your code raised ZeroDivisionError for an input of this check.", True),
        ("Your code raised an exception of its own for an input of this check.", True),
        ("Your code raised Seed424242 for an input of this check.", False),
        ("The level in m must be a number, and a Seed424242 came back.", False),
        ("The level misses the outlet. 424242", False),
        ("assert 424242 == 1.0", False),
        ("424242", False),
    ],
)
def test_of_a_hidden_check_only_the_authors_words_are_shown(lab: Lab, message: str, shown: bool) -> None:
    html = words(page(lab, exercise("7.1", unseen("failed", message=message, hint="Think of the outlet."))))
    assert (message in html) == shown
    assert ("It does not hold." in html) != shown
    assert "Think of the outlet." in html


def test_messages_of_one_exercise_are_no_words_of_another(lab: Lab) -> None:
    html = words(page(lab, exercise("7.2", unseen("failed", message="The level misses the outlet."))))
    assert "misses the outlet" not in html


@given(st.text())
def test_a_page_holds_no_markup_of_a_students_code(lab: Lab, text: str) -> None:
    nasty = f"</code><script>alert(1)</script><img src=x onerror=alert(1)>{text}"
    results = [exercise("7.1", part("failed", message=nasty, got=nasty, tried=nasty), note=nasty)]
    with tempfile.TemporaryDirectory() as place:
        book = Path(place) / "grades.csv"
        graded = [Graded("al", tuple(results), notes=(nasty,))]
        files = write_reports(graded, lab, feedback=Path(place) / "fb", gradebook=book)
        for file in (file for file in files if file.suffix == ".html"):
            soup = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
            assert not soup.find_all(["script", "img", "iframe", "link"])
            assert "alert(1)" in soup.get_text()


def test_control_characters_and_turned_writing_are_made_visible(lab: Lab) -> None:
    shown = page(lab, exercise("7.1", part("failed", got="a\x00b\x1b[31m\u202egro\ud800z")))
    assert not {"\x00", "\x1b", "\u202e"} & set(shown)
    assert "a\ufffdb\ufffd[31m\ufffdgro\ufffdz" in shown


def test_long_text_is_cut(lab: Lab) -> None:
    shown = page(lab, exercise("7.1", part("failed", got="x" * 100_000)))
    assert len(shown) < 30_000
    assert "98500 characters left out" in shown


def test_gradescope_keeps_the_visibility_and_no_secret_of_checks(lab: Lab) -> None:
    secret = unseen("failed", tried="f(424242)", got="424242", message="424242", visibility="hidden")
    results = json.loads(student_files(lab, exercise("7.1", secret), exercise("7.2", part()))["results.json"])
    assert "424242" not in json.dumps(results)
    assert results["tests"][0]["visibility"] == "hidden"


def test_shown_results_are_of_released_visibility_only(lab: Lab) -> None:
    result = exercise("7.1", part(), unseen(visibility="hidden"), part(visibility="after_published"))
    sheet = sheet_of([Graded("al", (result,))], lab, Policy())
    (shown,) = shown_exercises(sheet.rows[0], sheet)
    assert [p.visibility for p in shown.parts] == ["visible"]
    assert (shown.withheld, shown.withheld_points, shown.unseen_points) == (1, 6, 4)
