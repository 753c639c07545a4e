"""The instructor's guide, followed to the letter: files written, commands run, outputs compared."""

import csv
import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from guide_course import GUIDE, ROOT, Done, GuideCourse, Step, missing_lines, steps_of

from harness.grading.box import why_not

PAGE = GUIDE.read_text(encoding="utf-8")
STEPS = steps_of(PAGE)
# Words in backticks that are a command, or the beginning of one.
COMMAND = re.compile(r"`((?:make|pytest|harness|python|git|cp) [^`\n]+)`")
NOT_RUN = {"cp -p": "a habit, not a step", "make env` has run": "run as a block"}
pytestmark = pytest.mark.xdist_group("instructors-guide")


@dataclass(frozen=True)
class Walk:
    """What came of following the guide."""

    course: GuideCourse
    done: list[tuple[Step, Done]]
    unsaid: list[tuple[str, list[str], str]]
    interrupted: tuple[int, str]

    def codes(self, command: str) -> set[int]:
        """Exit codes of all commands that contain some words."""
        pairs = [pair for _, done in self.done for pair in zip(done.commands, done.codes, strict=True)]
        return {code for line, code in pairs if command in line}


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The guide, followed once from its first block to its last."""
    if reason := why_not():
        pytest.skip(reason)
    if not (Path(sys.prefix) / "bin" / "activate").exists():
        pytest.skip("the environment is none that `make env` has made")
    course = GuideCourse(tmp_path_factory.mktemp("guide") / "course")
    course.hand_in()
    done: list[tuple[Step, Done]] = []
    unsaid: list[tuple[str, list[str], str]] = []
    interrupted = None
    for step in STEPS:
        if step.kind == "file":
            course.take(step)
        elif step.kind == "text":
            said = done[-1][1]
            if lines := missing_lines(step.text, said.out):
                unsaid.append((" ; ".join(said.commands), lines, said.out))
        else:
            if "--submissions" in step.text and interrupted is None:
                interrupted = course.interrupted(step.text.strip(), _a_result_is_kept(course))
            done.append((step, course.run(step)))
    return Walk(course, done, unsaid, interrupted or (0, ""))


def _a_result_is_kept(course: GuideCourse) -> Callable[[str], bool]:
    return lambda said: any((course.root / "grades.csv.d").rglob("ana.json"))


def test_every_command_ends_as_the_guide_says(walk: Walk) -> None:
    assert walk.codes("pytest solutions/ --submissions") == {1}, "points were lost"
    assert walk.codes("make grade") == {0}, "for which it takes success"
    pairs = [pair for _, done in walk.done for pair in zip(done.commands, done.codes, strict=True)]
    wrong = [
        (line, code) for line, code in pairs if code and "--submissions" not in line and line != "make lab"
    ]
    outs = [done.out for _, done in walk.done if any(line in done.commands for line, _ in wrong)]
    assert not wrong, "\n".join([str(wrong), *outs])


def test_every_output_of_the_guide_is_what_the_commands_say(walk: Walk) -> None:
    told = [f"$ {command}\npromised, not said: {lines}\n{out}" for command, lines, out in walk.unsaid]
    assert not told, "\n\n".join(told)


def test_lab_opens_in_jupyterlab(walk: Walk) -> None:
    out = next(done.out for _, done in walk.done if done.commands == ("make lab",))
    assert "token=" in out, out
    assert (walk.course.root / "work" / "1-foundations" / "lab-1.md").is_file()


def test_learners_archive_holds_the_labs_and_no_solutions(walk: Walk) -> None:
    with zipfile.ZipFile(walk.course.root / "course.zip") as archive:
        names = archive.namelist()
    assert "course/labs/1-foundations/lab-1.md" in names
    assert "course/Makefile" in names
    assert not [name for name in names if re.search("solutions|hidden|mutants|alternatives", name)]


def test_ctrl_c_ends_with_2_and_the_same_command_continues(walk: Walk) -> None:
    code, out = walk.interrupted
    assert code == 2, out
    assert "incomplete" in out, out


def test_git_sees_nothing_of_the_class(walk: Walk) -> None:
    _, out = walk.course._run("git status --porcelain")
    changed = {line[3:].split("/")[0] for line in out.splitlines()}
    assert changed <= {"solutions", "labs"}, out


def test_gradebook_has_the_columns_that_the_guide_explains(walk: Walk) -> None:
    with (walk.course.root / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert list(rows["ana"])[-3:] == ["state", "handed in (UTC)", "notes"]
    assert (walk.course.root / "grades.csv.secret").stat().st_mode & 0o077 == 0
    assert "ill, note of 3 March" not in "".join(str(row) for row in rows.values())
    pages = {page.stem for page in (walk.course.root / "feedback").glob("*.html")}
    assert pages == set(rows)


def test_overview_has_the_parts_that_the_guide_names(walk: Walk) -> None:
    text = (walk.course.root / "grades-overview.html").read_text(encoding="utf-8")
    places = [text.find(word) for word in ("Who needs a look", ">Total<", "Checks", "Commonest mistakes")]
    assert -1 not in places
    assert places == sorted(places)


# --- the page itself ----------------------------------------------------------------------------------------


def test_every_command_in_the_text_is_one_that_is_run() -> None:
    run = "\n".join(step.text for step in STEPS if step.kind == "bash")
    prose = re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    commands = {command for command in COMMAND.findall(prose) if command not in NOT_RUN}
    assert commands
    assert [command for command in commands if command not in run] == []


def test_all_states_of_the_gradebook_are_explained() -> None:
    from harness.grading.reports import graded

    table = PAGE.partition("| state | meaning")[2].partition("\n\n")[0]
    states = {*graded.ATTENTION, graded.GRADED, graded.PARTIAL, "not done"}
    assert {state for state in states if state not in table} == set()


def test_exit_codes_are_those_of_the_grader() -> None:
    from harness.grading.plugin.errors import EXIT_CODE

    table = PAGE.partition("| code | meaning |")[2].partition("\n\n")[0]
    codes = {int(code) for code in re.findall(r"^\| (\d)", table, re.MULTILINE)}
    assert codes == {0, 1, int(pytest.ExitCode.INTERRUPTED), int(pytest.ExitCode.USAGE_ERROR), EXIT_CODE}


def test_limits_are_those_of_the_box() -> None:
    from harness.grading.box import Limits

    limits, row = Limits(), next(line for line in PAGE.splitlines() if line.startswith("| is stopped at"))
    assert limits.cell_s == limits.call_s
    words = (f"{limits.cell_s:g} s", f"{limits.memory_bytes >> 30} GB", f"{limits.folder_bytes >> 20} MB")
    assert [word for word in (*words, f"{limits.processes} processes") if word not in row] == []


def test_keys_and_options_of_the_text_exist() -> None:
    policy = (ROOT / "solutions" / "policy.toml").read_text(encoding="utf-8")
    options = (ROOT / "harness" / "grading" / "plugin" / "options.py").read_text(encoding="utf-8")
    keys = set(re.findall(r"`\[?(\w+)\]?(?: = [^`]+)?`", PAGE)) & {
        "missing_as_zero",
        "latest",
        "show",
        "feedback",
    }
    assert keys == {"missing_as_zero", "latest", "show", "feedback"}
    assert {key for key in keys if key not in policy} == set()
    named = set(re.findall(r"`(--[a-z-]+)", PAGE))
    assert named
    assert {name for name in named if f'"{name}"' not in options} == set()


@pytest.mark.parametrize("fence", ["sh", "", "console", "{code-block} toml"])
def test_a_block_that_nothing_tries_would_be_found(fence: str) -> None:
    with pytest.raises(ValueError, match="Nothing tries"):
        steps_of(f"```{fence}\nmake book\n```\n")


def test_a_line_that_is_not_said_would_be_found() -> None:
    assert missing_lines("one …\n…\nthree", "one 1\ntwo\nthree") == []
    assert missing_lines("one …\nfour", "one 1\ntwo\nthree") == ["four"]
    assert missing_lines("two\none …", "one 1\ntwo") == ["one …"]
