"""What the command line of a grading run takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.grading.policy import Policy

GRADEBOOK = "grades.csv"


def add_options(parser: pytest.Parser) -> None:
    """Add the options of a grading run."""
    group = parser.getgroup("grading", "grading of the course's labs (pytest solutions/ --submissions …)")
    file, folder = "FILE", "DIR"
    group.addoption(
        "--submissions",
        metavar=folder,
        help="grade what students have handed in: the submissions of one lab, or one sub-folder a lab, named"
        " like the lab's folder. Without it `pytest solutions/` checks the instructor's own solutions.",
    )
    group.addoption(
        "--gradebook",
        metavar=file,
        help=f"where the gradebook goes (default: {GRADEBOOK}). Results are kept in a folder beside it,"
        f" {GRADEBOOK}.d, and the next run takes those over that still hold.",
    )
    group.addoption("--feedback", metavar=folder, help="write one page a student and the class's overview")
    group.addoption("--gradescope", metavar=folder, help="write Gradescope's results.json for each student")
    group.addoption("--canvas", metavar=file, help="write a CSV file for Canvas' gradebook import")
    group.addoption("--moodle", metavar=file, help="write a CSV file for Moodle's grade import")
    group.addoption(
        "--policy",
        metavar=file,
        help="due times, late penalty, extra credit: a TOML file (default: policy.toml among the labs)",
    )
    group.addoption("--roster", metavar=file, help="the course's students, so that missing ones are named")
    group.addoption(
        "--regrade",
        metavar="EXERCISE",
        action="append",
        default=[],
        help="grade this exercise again although its kept results still hold; `all` for all. Repeatable.",
    )
    group.addoption(
        "--course-secret",
        metavar=file,
        help="the file whose content the students' seeds come from (default: the environment's"
        " HARNESS_COURSE_SECRET_FILE, else a file made beside the gradebook at the first run)",
    )
    group.addoption(
        "--trust-submissions",
        action="store_true",
        help="run students' code without a box, with all rights of yours. Only for code that you have read.",
    )


@dataclass(frozen=True)
class Options:
    """The options of a grading run, as paths."""

    submissions: Path
    gradebook: Path
    feedback: Path | None
    gradescope: Path | None
    canvas: Path | None
    moodle: Path | None
    policy: Path | None
    roster: Path | None
    course_secret: Path | None
    regrade: tuple[str, ...]
    trusted: bool

    @classmethod
    def of(cls, config: pytest.Config) -> Options:
        """The options of a run; its paths start where it was started."""

        def path(name: str) -> Path | None:
            given = config.getoption(name)
            return config.invocation_params.dir / given if given else None

        return cls(
            submissions=config.invocation_params.dir / config.getoption("submissions"),
            gradebook=path("gradebook") or config.invocation_params.dir / GRADEBOOK,
            feedback=path("feedback"),
            gradescope=path("gradescope"),
            canvas=path("canvas"),
            moodle=path("moodle"),
            policy=path("policy"),
            roster=path("roster"),
            course_secret=path("course_secret"),
            regrade=tuple(config.getoption("regrade")),
            trusted=bool(config.getoption("trust_submissions")),
        )

    def read_policy(self, lab: Path) -> Policy:
        """The policy that was named, else the one that lies among the labs, else one that deducts nothing.

        Args:
            lab: Folder of a lab.

        Raises:
            BadArgument: If it cannot be read or makes no sense.
        """
        from harness.grading.policy import Policy

        beside = lab.parent / "policy.toml"
        return Policy.read(self.policy or (beside if beside.is_file() else None))


def is_grading(config: pytest.Config) -> bool:
    """Whether submissions are graded."""
    return config.getoption("submissions", None) is not None


def is_worker(config: pytest.Config) -> bool:
    """Whether this process works for another one that was started with -n."""
    return hasattr(config, "workerinput")


def refuse_code_of_students(config: pytest.Config) -> None:
    """Refuse to treat submissions as tests: pytest would import a conftest.py that lies there.

    Raises:
        pytest.UsageError: If a path to be collected lies in the folder of submissions.
    """
    known = config.known_args_namespace
    handed_in = getattr(known, "submissions", None)
    if handed_in is None:
        return
    folder = Path(handed_in).resolve()
    for given in known.file_or_dir:
        path = Path(str(given).partition("::")[0]).resolve()
        if path.is_relative_to(folder):
            raise pytest.UsageError(
                f"{given} lies in {handed_in}, whose files are submissions and never run as tests."
                " Name the folder of the labs instead: pytest solutions/ --submissions …"
            )
