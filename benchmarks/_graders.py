"""The three graders: how each is set up for a class, run by some workers, asked for the points it gave."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from _lab_for_all import LabForAll
from _process_tree import Job

ROOT = Path(__file__).resolve().parent.parent
PINNED = {"nbgrader": "0.9.6", "otter-grader": "7.0.0"}
ENVIRONMENT = ROOT / "_build" / "other-graders"
PYTHON = ENVIRONMENT / "bin" / "python"

Class = Mapping[str, dict[str, str]]
"""The answers of each student, by exercise."""

_NBGRADER_POINTS = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({row["student"]: row["score"] for row in book.submission_dicts(sys.argv[1])}))
"""
_OTTER = """
import json, sys
from otter.api import grade_submission
for file in sys.argv[1:]:
    print(json.dumps([file, grade_submission(file, "autograder.zip", quiet=True).total]), flush=True)
"""


def install() -> str:
    """Make the environment of the other two, or find it made; why it cannot be, empty if it is there.

    It stands beside ours: what both need has the versions of our lock file, and all the rest, the plant's
    libraries among them, is ours. So the same code runs in the kernels of all.
    """
    stamp, wanted = ENVIRONMENT / "installed.json", json.dumps([PINNED, sys.prefix, sys.version])
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return ""
    sys.path.insert(0, str(ROOT / "tools"))
    from _installer import Trouble, find_uv

    try:
        uv, env = find_uv()
        _run(
            uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, ENVIRONMENT, env=env
        )
        lock = ROOT / "requirements.lock"
        pins = [f"{name}=={version}" for name, version in PINNED.items()]
        _run(
            uv,
            "pip",
            "install",
            "--quiet",
            "--compile-bytecode",
            "--python",
            PYTHON,
            "-c",
            lock,
            *pins,
            env=env,
        )
    except (Trouble, OSError, subprocess.CalledProcessError) as trouble:
        said = getattr(trouble, "stderr", None) or str(trouble)
        return str(said).strip().splitlines()[-1]
    _share_our_libraries()
    stamp.write_text(wanted, encoding="utf-8")
    return ""


def environment() -> dict[str, str]:
    """The variables for all three: this checkout's code, one thread a process, cold kernels as usual."""
    dropped = {"JUPYTER_DEFAULT_PROVISIONER_NAME", "PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    path = os.pathsep.join([str(PYTHON.parent), kept.get("PATH", os.defpath)])
    code = os.pathsep.join([str(ROOT), str(ROOT / "book")])
    return {**kept, "PATH": path, "PYTHONPATH": code, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def warm_up() -> None:
    """Have the plant's machine code compiled, which happens once on a machine."""
    _run(sys.executable, "-c", "from harness import Plant; Plant().simulate(minutes=1)", env=environment())


class Grader:
    """A grader with a lab made ready for it.

    Args:
        lab: The lab.
        folder: For what it makes.

    Attributes:
        name: What it is called in tables.
    """

    name = ""

    def __init__(self, lab: LabForAll, folder: Path) -> None:
        self.lab, self.folder = lab, folder
        folder.mkdir(parents=True)

    def hand_in(self, students: Class, folder: Path, *, workers: int) -> list[Job]:
        """Lay a class's submissions out in a new folder; the jobs that grade them."""
        raise NotImplementedError

    def points(self, folder: Path, jobs: Sequence[Job]) -> dict[str, float]:
        """What each student got, after the jobs have run."""
        raise NotImplementedError


class Ours(Grader):
    """`pytest solutions/`, each student's code in a box."""

    name = "ours, box on"
    feedback = False

    def hand_in(self, students: Class, folder: Path, *, workers: int) -> list[Job]:
        for student, answers in students.items():
            _write(self.lab.for_ours(answers), folder / "handed-in" / student / "lab-1.ipynb")
        command = [sys.executable, "-m", "pytest", str(self.lab.folder), "-p", "no:cacheprovider"]
        command += ["--submissions", str(folder / "handed-in"), "--gradebook", str(folder / "grades.csv")]
        command += ["-n", str(workers)] if workers > 1 else []
        command += ["--feedback", str(folder / "feedback")] if self.feedback else []
        return [Job(tuple(command), ROOT, folder / "said.txt", fine=(0, 1))]  # 1: points were lost

    def points(self, folder: Path, jobs: Sequence[Job]) -> dict[str, float]:
        with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
            return {row["student"]: float(row["total"] or "nan") for row in csv.DictReader(file)}


class OursWithFeedback(Ours):
    """The same, with a feedback page a student."""

    name = "ours, with feedback"
    feedback = True


class Nbgrader(Grader):
    """`nbgrader autograde`, one process a worker, each with its share of the class in a course of its own."""

    name = "nbgrader"
    feedback = False

    def __init__(self, lab: LabForAll, folder: Path) -> None:
        super().__init__(lab, folder)
        self.assignment = lab.lab.name
        _write(lab.for_nbgrader(), folder / "source" / self.assignment / f"{self.assignment}.ipynb")
        _run(PYTHON, "-m", "nbgrader", "generate_assignment", self.assignment, cwd=folder, env=environment())
        release = folder / "release" / self.assignment / f"{self.assignment}.ipynb"
        self._release = nbformat.read(release, as_version=4)

    def hand_in(self, students: Class, folder: Path, *, workers: int) -> list[Job]:
        return [
            self._course(share, folder / f"course-{number}")
            for number, share in enumerate(_shares(students, workers))
        ]

    def _course(self, students: Class, folder: Path) -> Job:
        shutil.copytree(self.folder, folder)
        for student, answers in students.items():
            file = folder / "submitted" / student / self.assignment / f"{self.assignment}.ipynb"
            _write(self.lab.handed_in_to_nbgrader(self._release, answers), file)
        steps = ["autograde", "generate_feedback"] if self.feedback else ["autograde"]
        script = " && ".join(f"{PYTHON} -m nbgrader {step} {self.assignment}" for step in steps)
        return Job(("/bin/sh", "-c", script), folder, folder / "said.txt")

    def points(self, folder: Path, jobs: Sequence[Job]) -> dict[str, float]:
        found: dict[str, float] = {}
        for job in jobs:
            said = _run(PYTHON, "-c", _NBGRADER_POINTS, self.assignment, cwd=job.folder, env=environment())
            found |= json.loads(said)
        return found


class NbgraderWithFeedback(Nbgrader):
    """The same, and `nbgrader generate_feedback` after it."""

    name = "nbgrader, with feedback"
    feedback = True


class Otter(Grader):
    """otter without containers, `grade_submission` on a worker's share in one process, so imported once."""

    name = "otter"

    def __init__(self, lab: LabForAll, folder: Path) -> None:
        super().__init__(lab, folder)
        for name, source in lab.otter_tests().items():
            file = folder / "tests" / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(source, encoding="utf-8")
        command = ["-m", "otter", "generate", "-t", "tests", "-o", "autograder.zip"]
        command += ["--no-requirements", "--no-environment", "--no-config"]
        _run(PYTHON, *command, cwd=folder, env=environment())

    def hand_in(self, students: Class, folder: Path, *, workers: int) -> list[Job]:
        jobs = []
        for number, share in enumerate(_shares(students, workers)):
            place = folder / f"worker-{number}"
            for student, answers in share.items():
                _write(self.lab.for_otter(answers), place / f"{student}.ipynb")
            shutil.copy(self.folder / "autograder.zip", place)
            command = (str(PYTHON), "-c", _OTTER, *(f"{student}.ipynb" for student in share))
            jobs.append(Job(command, place, place / "said.txt"))
        return jobs

    def points(self, folder: Path, jobs: Sequence[Job]) -> dict[str, float]:
        lines = [line for job in jobs for line in job.log.read_text(encoding="utf-8").splitlines()]
        pairs = [json.loads(line) for line in lines if line.startswith('["')]
        return {file.removesuffix(".ipynb"): total for file, total in pairs}


def _shares(students: Class, workers: int) -> list[Class]:
    """The class in as many parts as there are workers."""
    names = list(students)
    return [{name: students[name] for name in names[start::workers]} for start in range(workers)]


def _write(notebook: nbformat.NotebookNode, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, file)


def _share_our_libraries() -> None:
    """Let the environment see ours, after its own."""
    ours = next(path for path in sys.path if path.endswith("site-packages") and path.startswith(sys.prefix))
    (site,) = ENVIRONMENT.glob("lib/python*/site-packages")
    line = f"import site; site.addsitedir({ours!r})\n"
    (site / "zz-beside-ours.pth").write_text(line, encoding="utf-8")


def _run(*command: str | Path, env: dict[str, str], cwd: Path = ROOT) -> str:
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env=env, check=True, capture_output=True, text=True).stdout
