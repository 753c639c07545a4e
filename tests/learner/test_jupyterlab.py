"""`harness lab` in a real browser: a learner opens a lab, runs it, answers, is told, and saves."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from small_lab import NAME, solved_text, write_course

from harness.grading.course import Course
from harness.grading.learner import jupyter
from harness.grading.release.writing import release

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "site"))
from accessibility import violations
from browser import CHROMIUM, NO_CHROMIUM, chromium

SLOW_MS = 120_000  # a first kernel on a busy machine
STARTED = re.compile(r"http://127\.0\.0\.1:\d+/lab\?token=\w+")
ANSWER = "def mean_of(values):\n    return sum(values)"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course as it is handed out."""
    course = write_course(tmp_path / "course")
    release(course)
    return course


@contextlib.contextmanager
def jupyterlab(course: Course, home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `harness lab`, and the address that it prints; ended by Ctrl-C."""
    command = [sys.executable, "-m", "harness", "lab", "--no-browser", "--folder", str(course.root)]
    # A user's own configuration, which would break ours if it were read.
    own = home / ".jupyter" / "jupyter_server_config.json"
    own.parent.mkdir(parents=True)
    own.write_text(json.dumps({"ServerApp": {"root_dir": "/nowhere"}}), encoding="utf-8")
    running = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "HOME": str(home), "JUPYTER_TOKEN": ""},
    )
    try:
        assert running.stdout is not None
        said = []
        for line in running.stdout:
            said.append(line)
            if address := STARTED.search(line):
                yield running, address[0]
                break
        else:
            pytest.fail(f"JupyterLab did not start:\n{''.join(said)}")
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.communicate(timeout=30)
        finally:
            running.kill()
    assert running.returncode == 0


@pytest.fixture
def page(course: Course, tmp_path: Path) -> Iterator[Page]:
    """JupyterLab with the labs, open in a browser that reaches no other host."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with jupyterlab(course, tmp_path / "home") as (_, address), chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(SLOW_MS)
        page.set_viewport_size({"width": 1280, "height": 1000})
        outside: list[str] = []
        page.on("request", lambda r: None if r.url.startswith(_OWN) else outside.append(r.url))
        wait_until_it_listens(address.partition("/lab?")[0])
        page.goto(address)
        yield page
        assert outside == [], "JupyterLab asked another host"


_OWN = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")


def wait_until_it_listens(base: str) -> None:
    """Jupyter says where it is a moment before it is there."""
    host, _, port = base.removeprefix("http://").partition(":")
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < end, "it does not listen"
            time.sleep(0.05)


def open_by_double_click(page: Page, *names: str) -> None:
    for name in names:
        page.locator(".jp-DirListing-item", has_text=name).dblclick()


def menu(page: Page, *names: str) -> None:
    """Goes through the menus."""
    for name in names:
        page.locator(".lm-MenuBar-itemLabel, .lm-Menu-itemLabel").get_by_text(name, exact=True).click()


def test_learner_opens_runs_answers_is_told_and_saves(page: Page, course: Course) -> None:
    open_by_double_click(page, NAME, "lab-1.md")
    expect(page.locator(".jp-NotebookPanel .jp-CodeCell")).to_have_count(7, timeout=SLOW_MS)
    expect(page.get_by_text(re.compile(r"Python 3.*\| Idle"))).to_be_visible(timeout=SLOW_MS)
    menu(page, "Run", "Run All Cells")
    verdicts = page.locator(".harness-verdict")
    expect(verdicts).to_have_count(3, timeout=SLOW_MS)
    expect(verdicts.first).to_contain_text("not done yet")
    assert page.locator(".jp-Dialog").count() == 0, "a learner is asked nothing"

    page.locator(".jp-CodeCell", has_text="def mean_of").locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(ANSWER)
    page.keyboard.press("Shift+Enter")
    page.locator(".jp-CodeCell", has_text='check("1.1")').locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    told = page.locator(".harness-verdict", has_text="This is the sum, not the mean.")
    expect(told).to_contain_text("mean_of([3.0, 4.0, 5.0])", timeout=SLOW_MS)
    expect(told).to_contain_text("Look at what you divide by.")
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        wear(page, theme)
        assert [found for found in violations(page) if "harness-verdict" in found] == []

    page.keyboard.press("Control+s")
    notebook = course.work / NAME / "lab-1.md"
    wanted = (course.labs / NAME / "lab-1.md").read_text(encoding="utf-8")
    stub = '    """The mean of a list of numbers."""\n    raise NotImplementedError'
    assert stub in wanted
    saved = solved_text(wanted, mean="").replace(
        'def mean_of(values):\n    """The mean of a list of numbers."""\n', ANSWER
    )
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    assert notebook.read_text(encoding="utf-8") == saved, "the answer, no output, and nothing else changed"
    assert list(notebook.parent.glob("*.ipynb")) == []


def wear(page: Page, theme: str) -> None:
    """Changes JupyterLab's theme."""
    menu(page, "Settings", "Theme", theme)
    page.wait_for_function("(name) => document.body.dataset.jpThemeName === name", arg=theme)


def test_a_token_is_needed_and_the_user_s_own_jupyter_is_left_alone(course: Course, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with jupyterlab(course, home) as (_, address):
        base = address.partition("/lab?")[0]
        wait_until_it_listens(base)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{base}/api/contents", timeout=30)
        assert refused.value.code == 403
        token = address.partition("token=")[2]
        listed = json.load(urllib.request.urlopen(f"{base}/api/contents?token={token}", timeout=30))
        assert [item["name"] for item in listed["content"]] == [NAME]
    kept = sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
    assert [name for name in kept if "jupyter" in name] == [".jupyter/jupyter_server_config.json"]


def test_environment_has_no_variable_of_the_user_s_own_jupyter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", "")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/nowhere")
    environment = jupyter.prepare(tmp_path)
    assert "JUPYTER_TOKEN" not in environment
    assert "JUPYTER_CONFIG_PATH" not in environment
    assert environment["JUPYTER_CONFIG_DIR"].startswith(str(tmp_path))
