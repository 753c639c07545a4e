"""`check("1.5")` on a live name space: its verdict, its progress, and what goes wrong around it."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.errors import BadArgument, UnknownName
from harness.grading import check
from harness.grading.in_process import Stopped
from harness.grading.learner.notebook import Verdict


def checked(code: str, exercise: str | None = None) -> Verdict:
    """The verdict that a script with this code gets; a learner's name space is a dictionary of its own."""
    names: dict[str, Any] = {"check": check, "__name__": "__main__"}
    exec(compile(code, "<cell 1>", "exec"), names)
    exec(f"verdict = check({'' if exercise is None else repr(exercise)})", names)
    verdict: Verdict = names["verdict"]
    return verdict


RIGHT = "def mean_of(values): return sum(values) / len(values)"
SUM = "def mean_of(values): return sum(values)"


def test_untouched_stub_is_not_done_yet_and_no_traceback(lab: Path) -> None:
    verdict = checked("def mean_of(values): raise NotImplementedError('Exercise 1.1 is not done yet')", "1.1")
    assert "1.1 The mean: not done yet (0 of 20 points)" in repr(verdict)
    assert "not done yet" in verdict._repr_html_()
    assert "Traceback" not in repr(verdict) + verdict._repr_html_()


def test_missing_name_and_untouched_value_are_not_done_yet(lab: Path) -> None:
    assert checked("", "1.1").results[0].state == "not done"
    assert checked("limit_K = ...", "1.3").results[0].state == "not done"


def test_a_mistake_is_told_with_what_was_tried_what_came_back_and_a_hint(lab: Path) -> None:
    verdict = checked(SUM, "1.1")
    for text in (repr(verdict), verdict._repr_html_()):
        assert "mean_of([3.0, 4.0, 5.0])" in text
        assert "12.0" in text
        assert "This is the sum, not the mean." in text
        assert "Look at what you divide by." in text
        assert "needs this first" in text


def test_a_verdict_never_holds_the_right_value(lab: Path) -> None:
    shown = re.sub(r"<style>.*?</style>", "", checked(SUM, "1.1")._repr_html_(), flags=re.DOTALL)
    assert "4.0" not in shown.replace("[3.0, 4.0, 5.0]", "")


def test_signs_come_with_words(lab: Path) -> None:
    html = checked("def mean_of(values): return 4.0", "1.1")._repr_html_()
    assert "✓ <em>passed</em>" in html
    assert "✗ <em>not right yet</em>" in html


def test_right_answer_gets_all_visible_points(lab: Path) -> None:
    (result,) = checked(RIGHT, "1.1").results
    assert (result.state, result.earned, result.points) == ("passed", 20, 20)


def test_text_of_the_learner_s_code_is_escaped_and_cut(lab: Path) -> None:
    text = "'<script>alert(1)</script>' + '\\x1b[31m\\u202e' + 'x' * 10**6"
    code = f"def mean_of(values): raise ValueError({text})"
    verdict = checked(code, "1.1")
    html = verdict._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html + repr(verdict)
    assert "\u202e" not in html + repr(verdict)
    assert len(html) < 8000
    assert len(repr(verdict)) < 3000


def test_without_an_exercise_all_are_checked(lab: Path) -> None:
    verdict = checked(RIGHT)
    assert [result.exercise for result in verdict.results] == ["1.1", "1.2", "1.3"]
    assert [result.state for result in verdict.results] == ["passed", "not done", "not done"]


def test_progress_counts_exercises_and_points_and_outlives_the_kernel(lab: Path) -> None:
    checked(RIGHT, "1.1")
    # The next call knows nothing but the file: it is what a restarted kernel would see.
    verdict = checked("limit_K = 353.4", "1.3")
    assert "2 of 3 exercises done, 30 of 40 visible points" in repr(verdict)
    assert "Hidden checks add the other 60 of 100" in verdict._repr_html_()


def test_progress_goes_back_when_an_answer_breaks(lab: Path) -> None:
    checked(RIGHT, "1.1")
    assert "0 of 3 exercises done, 0 of 40" in repr(checked(SUM, "1.1"))


def test_progress_made_with_other_checks_does_not_count(lab: Path) -> None:
    checked(RIGHT, "1.1")
    module = lab / "checks" / "test_1_1.py"
    module.write_text(module.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    assert "0 of 3 exercises done" in repr(checked("", "1.2"))


@pytest.mark.parametrize("spoilt", ["", "[1]", "{", '{"1.1": 3}', '{"1.1": {"earned": 99}}'])
def test_a_spoilt_progress_file_is_started_anew(lab: Path, spoilt: str) -> None:
    (lab / ".progress.json").write_text(spoilt, encoding="utf-8")
    assert "1 of 3 exercises done, 20 of 40" in repr(checked(RIGHT, "1.1"))


def test_progress_that_cannot_be_kept_does_not_stop_a_check(lab: Path) -> None:
    (lab / ".progress.json").mkdir()
    assert "1 of 3 exercises done" in repr(checked(RIGHT, "1.1"))


def test_an_unknown_exercise_names_the_known_ones(lab: Path) -> None:
    with pytest.raises(UnknownName, match=r"1\.9") as error:
        checked("", "1.9")
    assert error.value.known == ["1.1", "1.2", "1.3"]


@pytest.mark.parametrize("spelling", ["1.1", " 1.1 ", "ex-1.1", 1.1])
def test_an_exercise_may_be_spelt_in_the_likely_ways(lab: Path, spelling: Any) -> None:
    assert checked(RIGHT, spelling).results[0].exercise == "1.1"


def test_without_checks_beside_the_notebook_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with pytest.raises(BadArgument, match=r"no folder `checks`.*harness lab"):
        checked("", "1.1")


def test_the_notebook_s_folder_is_found_after_a_change_of_folder(
    lab: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setenv("JPY_SESSION_NAME", str(lab / "lab-1.md"))
    assert checked(RIGHT, "1.1").results[0].state == "passed"


def test_what_the_learner_does_to_the_notebook_does_not_matter(lab: Path) -> None:
    (lab / "lab-1.md").rename(lab / "lab-1-Copy1.md")
    (lab / "lab-1-alice.md").write_text("## 1.1 Twice\n", encoding="utf-8")
    assert checked(RIGHT, "1.1").results[0].title == "The mean"


def test_checks_are_read_anew_each_time(lab: Path) -> None:
    assert checked(RIGHT, "1.1").results[0].state == "passed"
    module = lab / "checks" / "test_1_1.py"
    module.write_text(module.read_text(encoding="utf-8").replace("4.0, what", "4.5, what"), encoding="utf-8")
    assert checked(RIGHT, "1.1").results[0].state != "passed"
    conftest = lab / "conftest.py"
    conftest.write_text(conftest.read_text().replace("5.0]", "6.5]"), encoding="utf-8")
    assert checked(RIGHT, "1.1").results[0].state == "passed"


def test_broken_checks_are_no_fault_of_the_answer(lab: Path) -> None:
    (lab / "checks" / "test_1_1.py").write_text("def broken(:\n", encoding="utf-8")
    with pytest.raises(BadArgument, match=r"1\.1 cannot be run.*no fault of your answer.*SyntaxError"):
        checked(RIGHT, "1.1")
    assert checked("limit_K = 353.4", "1.3").results[0].state == "passed"


def test_a_check_that_fails_by_itself_says_so(lab: Path) -> None:
    module = lab / "checks" / "test_1_3.py"
    module.write_text(module.read_text().replace("> 300", "> 1 / 0"), encoding="utf-8")
    assert "the check itself failed" in checked("limit_K = 353.4", "1.3")._repr_html_().lower()


def test_ctrl_c_ends_a_check_and_the_next_one_works(lab: Path) -> None:
    # What the stop button does to the main thread, at a moment that is certain to lie within the call.
    code = "import signal\ndef mean_of(values):\n    signal.raise_signal(signal.SIGINT)\n    while True: pass"
    with pytest.raises(Stopped) as stopped:
        checked(code, "1.1")
    (text,) = stopped.value._render_traceback_()  # type: ignore[attr-defined]
    assert "stopped" in text
    assert "mean_of([3.0, 4.0, 5.0]) was still running" in text
    assert checked(RIGHT, "1.1").results[0].state == "passed"


def test_nothing_of_a_run_stays_behind(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    checked(RIGHT, "1.1")
    kept = [m for m in sys.modules.values() if str(getattr(m, "__file__", None) or "").startswith(str(lab))]
    assert kept == []
    assert os.environ["PYTEST_ADDOPTS"] == "--no-such-option"
    assert "PYTEST_DISABLE_PLUGIN_AUTOLOAD" not in os.environ
    assert not list(lab.rglob("__pycache__"))


def test_output_of_the_learner_s_code_does_not_flood_the_notebook(
    lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checked("def mean_of(values):\n    print('x' * 10**6)\n    return sum(values) / len(values)", "1.1")
    assert capsys.readouterr() == ("", "")
