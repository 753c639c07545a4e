"""The pages of reports in a real browser: on a phone, in light and dark, by keyboard and screen reader."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from class_of import exercise, part, small_lab, student, unseen
from playwright.sync_api import BrowserContext, Page

from harness.grading.policy import Policy
from harness.grading.reports import Graded, write_reports
from harness.grading.reports.graded import sheet_of
from harness.grading.reports.statistics import items, mistakes, of_totals

sys.path.append(str(Path(__file__).resolve().parents[1] / "site"))
from accessibility import sideways, structure, violations
from browser import CHROMIUM, NO_CHROMIUM, chromium

LONG = "a_name_without_any_blank_" * 12


def a_class() -> list[Graded]:
    """Students of all kinds."""
    wrong = part("failed", 3, message=f"It is off. {LONG}", hint="Units?", tried=f"level_m({LONG})", got=LONG)
    others = (part("passed", 1, "test_two"), part("skipped", 2, "test_three"), unseen("timed out"))
    mixed = exercise("7.1", wrong, *others, note="Found by name.")
    later = exercise("7.2", part("passed", 5), part("failed", 5, "test_two", visibility="after_due_date"))
    return [
        Graded("mixed", (mixed, later), notes=("Two files were handed in.",)),
        student("unreadable", "unreadable", "unreadable", state="unreadable"),
        Graded("missing", (), "missing"),
        student("grader", "grader error", "passed"),
        student("undone", "not done", "not done"),
        *(student(f"student{n:02}", "passed", "passed" if n % 2 else "failed") for n in range(12)),
    ]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    lab = small_lab(folder / "lab")
    write_reports(a_class(), lab, gradebook=folder / "grades.csv", feedback=folder / "feedback")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with chromium() as running:
        yield running


@pytest.fixture
def tab(browser: BrowserContext) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


NAMES = ("mixed", "unreadable", "missing", "undone")
FILES = ["grades-overview.html", *(f"feedback/{name}.html" for name in NAMES)]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("width_px", [320, 1200])
def test_page_has_no_defect(pages: Path, tab: Page, file: str, width_px: int) -> None:
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.set_viewport_size({"width": width_px, "height": 800})
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        tab.goto((pages / file).as_uri())
        assert violations(tab) + structure(tab) + sideways(tab, width_px=width_px) + said == []


def test_light_and_dark_differ(pages: Path, tab: Page) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        tab.goto((pages / FILES[1]).as_uri())
        grounds.add(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


def test_page_prints_dark_on_white_without_being_cut(pages: Path, tab: Page) -> None:
    tab.emulate_media(media="print", color_scheme="dark")
    tab.set_viewport_size({"width": 700, "height": 900})  # what A4 has between its margins
    tab.goto((pages / FILES[1]).as_uri())
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.evaluate("document.documentElement.scrollWidth") <= 700
    assert violations(tab, "color-contrast") == []


@pytest.mark.parametrize("file", FILES)
def test_page_asks_for_nothing_from_elsewhere(pages: Path, file: str) -> None:
    soup = BeautifulSoup((pages / file).read_text(encoding="utf-8"), "html.parser")
    sources = [node.get("src") or node.get("href") for node in soup.select("[src], [href]")]
    assert all(source.startswith("#") for source in sources)
    assert not soup.find_all("script")
    assert "url(" not in soup.style.string
    assert soup.find("meta", {"http-equiv": "Content-Security-Policy"})


def text_of(pages: Path, file: str) -> str:
    soup = BeautifulSoup((pages / file).read_text(encoding="utf-8"), "html.parser")
    return " ".join(soup.main.get_text(" ").split())


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (
            "feedback/mixed.html",
            ["Tried level_m(", "Came back a_name", "What was wrong It is off"],
        ),
        (
            "feedback/mixed.html",
            ["Hint Units?", "timed out", "hidden check", "1 more check, worth 5 points"],
        ),
        ("feedback/student01.html", ["20 of 20 points"]),
        ("feedback/unreadable.html", ["could not be read"]),
        ("feedback/missing.html", ["Nothing was handed in."]),
        ("feedback/grader.html", ["it costs you no points"]),
        ("feedback/undone.html", ["No exercise is done yet.", "Not done yet."]),
        ("grades-overview.html", ["missing Nothing was handed in.", "grader error In 7.1.", "Median 10,"]),
    ],
)
def test_page_says_what_its_reader_needs(pages: Path, file: str, says: list[str]) -> None:
    text = text_of(pages, file)
    assert all(words in text for words in says), text


@pytest.mark.parametrize("name", ["unreadable", "missing", "grader"])
def test_no_page_states_a_grade_where_there_is_none(pages: Path, name: str) -> None:
    soup = BeautifulSoup((pages / f"feedback/{name}.html").read_text(encoding="utf-8"), "html.parser")
    grade = soup.select_one(".grade")
    assert grade is None or "shown here" in grade.text


# ---- the numbers of the overview ----


def test_discrimination_and_remarks(tmp_path: Path) -> None:
    strong = [student(f"s{n}", "passed", "passed") for n in range(6)]
    weak = [student(f"w{n}", "failed", "failed") for n in range(6)]
    sheet = sheet_of([*strong, *weak], small_lab(tmp_path / "lab"), Policy())
    (item,) = items(sheet, "7.1")
    assert item.discrimination == pytest.approx(1.0)
    assert (item.passed, item.tried, item.remark) == (6, 12, "")
    assert sum(of_totals(sheet).bins) == 12
    assert (of_totals(sheet).bins[0], of_totals(sheet).bins[-1]) == (6, 6)


@pytest.mark.parametrize(
    ("first", "second", "remark"),
    [("passed", "passed", "Everybody passed"), ("failed", "passed", "Nobody passed")],
)
def test_checks_that_all_or_none_pass_are_pointed_out(
    tmp_path: Path, first: str, second: str, remark: str
) -> None:
    sheet = sheet_of(
        [student(f"s{n}", first, second) for n in range(10)], small_lab(tmp_path / "lab"), Policy()
    )
    (item,) = items(sheet, "7.1")
    assert item.remark.startswith(remark)
    assert item.discrimination is None


def test_check_that_the_strong_fail_is_pointed_out(tmp_path: Path) -> None:
    graded = [student(f"s{n}", *(("passed", "failed") if n % 2 else ("failed", "passed"))) for n in range(10)]
    (item,) = items(sheet_of(graded, small_lab(tmp_path / "lab"), Policy()), "7.1")
    assert item.discrimination == pytest.approx(-1.0)
    assert "do worse" in item.remark


def test_few_students_say_nothing_about_discrimination(tmp_path: Path) -> None:
    graded = [student(f"s{n}", *(("passed",) * 2 if n % 2 else ("failed",) * 2)) for n in range(9)]
    (item,) = items(sheet_of(graded, small_lab(tmp_path / "lab"), Policy()), "7.1")
    assert item.discrimination is None


def test_mistakes_are_counted_once_a_student_and_grader_errors_not_at_all(tmp_path: Path) -> None:
    twice = exercise("7.1", part("failed", message="Per hour?"), unseen("failed", message="Per hour?"))
    broken = exercise("7.1", part("grader error", message="The check itself failed (KeyError)."))
    graded = [Graded(f"s{n}", (twice,)) for n in range(3)] + [Graded("t", (broken,))]
    assert mistakes(sheet_of(graded, small_lab(tmp_path / "lab"), Policy()), "7.1") == [("Per hour?", 3)]
