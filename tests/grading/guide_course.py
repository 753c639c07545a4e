"""The instructor's guide as a list of steps, and a course folder with a class of six to take them in."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jupytext
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "book" / "appendix" / "instructors-guide.md"
LAB = ROOT / "solutions" / "1-foundations"
_FENCE = re.compile(r"^(`{3,})([^`\n]*)\n(.*?)^\1[ ]*$", re.MULTILINE | re.DOTALL)
_CAPTION = re.compile(r":caption: (\S+)( \(added at its end\))?\n\n")
_LASTING = "make lab"
_DUE = datetime(2026, 3, 2, 23, 59, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
_DAY_S = 86_400


@dataclass(frozen=True)
class Step:
    """A fenced block of the guide.

    Attributes:
        kind: "bash" for commands, "text" for what those before it say, "file" for a file to write.
        text: What stands in it.
        file: Name of the file.
        added: Whether the file has a beginning already.
    """

    kind: str
    text: str
    file: str = ""
    added: bool = False


def steps_of(page: str) -> list[Step]:
    """The fenced blocks of a page, those inside of folded boxes too, in their order.

    Raises:
        ValueError: If a block is of a kind that nothing would try.
    """
    steps: list[Step] = []
    for _, info, text in _FENCE.findall(page):
        if info.startswith("{dropdown}"):
            steps += steps_of(text)
        elif info.startswith("{code-block}") and (head := _CAPTION.match(text)):
            steps.append(Step("file", text[head.end() :], head[1], bool(head[2])))
        elif info in ("bash", "text"):
            steps.append(Step(info, text))
        else:
            raise ValueError(f"Nothing tries this block of the guide: {info!r}: {text[:60]}")
    return steps


@dataclass(frozen=True)
class Done:
    """What a block of commands did."""

    commands: tuple[str, ...]
    codes: tuple[int, ...]
    out: str


class GuideCourse:
    """A checkout in small: the labs, the Makefile, and the environment that the tests run in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        for name in ("Makefile", "pyproject.toml", ".gitignore"):
            shutil.copy(ROOT / name, root / name)
        for name in ("solutions", "labs"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        self._write("tools/bootstrap.py", "# The environment is there.\n")
        self._write("tests/labs/test_answers.py", (ROOT / "tests/labs/test_answers.py").read_text())
        (root / ".venv").symlink_to(sys.prefix)
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "The course"]):
            subprocess.run([*git, *words], cwd=root, check=True)

    def _write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def environment(self) -> dict[str, str]:
        away = ("PYTEST_", "HARNESS_COURSE", "MAKE", "JUPYTER")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(away)}
        # As `activate` does, but for the link: boxes have a /tmp of their own, under which it may lie.
        paths = os.pathsep.join((f"{sys.prefix}/bin", kept["PATH"]))
        return {**kept, "PATH": paths, "BROWSER": "true", "PYTHONDONTWRITEBYTECODE": "1"}

    def take(self, step: Step) -> None:
        """Write a file of the guide."""
        before = (self.root / step.file).read_text(encoding="utf-8") + "\n" if step.added else ""
        self._write(step.file, before + step.text)

    def run(self, step: Step) -> Done:
        """Run a block's commands, one after the other."""
        commands = tuple(step.text.strip().splitlines())
        done = [self._until_ready(line) if line == _LASTING else self._run(line) for line in commands]
        return Done(commands, tuple(code for code, _ in done), "".join(out for _, out in done))

    def _run(self, line: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        return done.returncode, done.stdout

    def _until_ready(self, line: str) -> tuple[int, str]:
        """A command that runs until Ctrl-C, which it gets as soon as it has told its address."""
        return self.interrupted(line, lambda said: "127.0.0.1" in said)

    def interrupted(self, line: str, when: Callable[[str], bool]) -> tuple[int, str]:
        """Run a command and give it Ctrl-C as a terminal does, once what it has said is enough."""
        log = self.root.parent / "interrupted.log"
        with log.open("w+b") as file:
            process = subprocess.Popen(
                ["bash", "-c", line],
                cwd=self.root,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                until = time.monotonic() + 120
                while not when(log.read_text(errors="replace")) and process.poll() is None:
                    assert time.monotonic() < until, log.read_text(errors="replace")
                    time.sleep(0.05)
                os.killpg(process.pid, signal.SIGINT)
                process.wait(120)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        return process.returncode, log.read_text(errors="replace")

    # --- the class ----------------------------------------------------------------------------------

    def hand_in(self) -> None:
        """The class of the guide, in the forms of its table; Ben is a day late and Dora two."""
        solved = {cell.metadata["label"]: cell.source for cell in _cells(LAB / "lab-1.md")}
        mistakes = {
            f"ex-{name.replace('_', '.')}": (LAB / "mutants" / name / file).read_text(encoding="utf-8")
            for name, file in (("1_2", "since_receipt.py"), ("1_6", "fraction.py"))
        }
        begun = {label: solved[label] for label in ("ex-1.1", "ex-1.2")}
        dora = "Dora Diaz_4711_assignsubmission_file_/lab-1.ipynb"
        self._put("ana/lab-1.md", solved, late_days=-0.5)
        self._put("lab-1_ben.ipynb", solved | mistakes, late_days=0.5)
        self._put("chloe/lab-1.md", begun, late_days=0.005)
        self._put(dora, solved | {"ex-1.4": "while True:\n    pass"}, late_days=1.5)
        self._write("handed-in/eckemil_105_9001_lab-1.ipynb", "{broken")

    def _put(self, name: str, answers: dict[str, str], *, late_days: float) -> None:
        notebook = jupytext.read(self.root / "labs" / "1-foundations" / "lab-1.md", fmt="md:myst")
        for cell in notebook.cells:
            cell.source = answers.get(cell.metadata.get("label", ""), cell.source)
        fmt = "ipynb" if name.endswith(".ipynb") else "md:myst"
        path = self._write(f"handed-in/{name}", jupytext.writes(notebook, fmt=fmt))
        os.utime(path, (_DUE + late_days * _DAY_S,) * 2)


def _cells(path: Path) -> list[NotebookNode]:
    return [cell for cell in jupytext.read(path, fmt="md:myst").cells if "label" in cell.metadata]


def missing_lines(wanted: str, said: str) -> list[str]:
    """Lines that were promised and were not said in this order; `…` stands for anything."""
    lines = iter(said.replace("\ufeff", "").splitlines())
    patterns = (line.strip() for line in wanted.strip().splitlines() if line.strip() != "…")
    return [pattern for pattern in patterns if not any(_fits(pattern, line.strip()) for line in lines)]


def _fits(pattern: str, line: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), line) is not None
