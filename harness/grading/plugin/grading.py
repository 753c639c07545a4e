"""The start of a grading run: what is graded, in which process, and whether it may be run here."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from harness.errors import BadArgument, HarnessError
from harness.grading.box import why_not
from harness.grading.handed_in import read_handed_in
from harness.grading.lab import Lab, lab_file, read_lab
from harness.grading.plugin.controller import Controller
from harness.grading.plugin.course import Course, CourseFinder, LabCourse
from harness.grading.plugin.options import Options, is_worker
from harness.grading.plugin.progress import Progress
from harness.grading.plugin.provider import FINDER
from harness.grading.plugin.scheduler import COURSE, Distribution
from harness.grading.plugin.workroom import workroom
from harness.grading.reports.roster import read_roster
from harness.grading.seeds import SECRET_VARIABLE, make_secret, read_secret


def set_up(config: pytest.Config) -> None:
    """Read what was handed in, and set up the process's part of the run.

    Raises:
        pytest.UsageError: If something that the command line names is not as it should be.
    """
    try:
        if is_worker(config):
            _find_by(config, Course.from_text(config.workerinput[COURSE]))  # type: ignore[attr-defined]
        else:
            _set_up_controller(config)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None


def _set_up_controller(config: pytest.Config) -> None:
    options = Options.of(config)
    _refuse_without_box(config, trusted=options.trusted)
    course = _read_course(config, options)
    finder = _find_by(config, course)
    manager = config.pluginmanager
    controller = Controller(course, finder, options, config)
    manager.register(controller, "harness-grading-controller")
    manager.register(Progress(config), "harness-grading-progress")
    if manager.hasplugin("xdist"):
        manager.register(Distribution(course.to_text()), "harness-grading-distribution")


def _find_by(config: pytest.Config, course: Course) -> CourseFinder:
    conditions = json.dumps([course.trusted, course.limits.as_plain()])
    room = workroom(config, trusted=course.trusted, limits=course.limits)
    finder = CourseFinder(course, room, conditions)
    config.stash[FINDER] = finder
    return finder


def _refuse_without_box(config: pytest.Config, *, trusted: bool) -> None:
    if trusted or config.getoption("collectonly"):
        return
    if reason := why_not():
        raise BadArgument(
            f"Students' code is not run without a box, and this machine has none: {reason.rstrip('.')}",
            remedy="If you have read it and trust it, --trust-submissions runs it with your own rights",
        )


def _read_course(config: pytest.Config, options: Options) -> Course:
    folders = lab_folders(config.invocation_params.dir, config.args)
    if not options.submissions.is_dir():
        raise BadArgument("There is no folder of submissions", value=str(options.submissions))
    roster = list(read_roster(options.roster)) if options.roster else None
    labs = [_read_lab(folder, where, options, roster) for folder, where in _pairs(folders, options)]
    _refuse_unknown(options.regrade, [lab.lab for lab in labs])
    secret = _secret_file(options, folders)
    limits = options.read_policy(folders[0]).box.limits()
    return Course(tuple(labs), secret, options.regrade, options.trusted, limits)


def lab_folders(start: Path, arguments: list[str]) -> list[Path]:
    """The folders of labs that pytest's arguments name: a lab, something in it, or a folder of labs.

    Args:
        start: Where relative paths start.
        arguments: Such as "solutions/" or "solutions/1-foundations/hidden/test_1_5.py".

    Raises:
        BadArgument: If there is none.
    """
    found: dict[Path, None] = {}
    for argument in arguments:
        path = (start / argument.partition("::")[0]).resolve()
        near = [path, path.parent, path.parent.parent] if path.is_dir() or path.is_file() else []
        inside = sorted(child for child in path.iterdir() if child.is_dir()) if path.is_dir() else []
        found |= dict.fromkeys([folder for folder in near if _is_lab(folder)][:1] or filter(_is_lab, inside))
    if not found:
        raise BadArgument(
            "There is no lab to grade",
            value=arguments,
            remedy="Name the folder of the labs with their checks: pytest solutions/ --submissions …",
        )
    return list(found)


def _is_lab(folder: Path) -> bool:
    return any(folder.glob("lab-*.md")) and ((folder / "checks").is_dir() or (folder / "hidden").is_dir())


def _pairs(folders: list[Path], options: Options) -> list[tuple[Path, Path]]:
    """Each lab that is graded, with the folder of its submissions."""
    inside = [(folder, options.submissions / folder.name) for folder in folders]
    found = [(folder, where) for folder, where in inside if where.is_dir()]
    if found or len(folders) == 1:
        return found or [(folders[0], options.submissions)]
    names = ", ".join(folder.name for folder in folders)
    raise BadArgument(
        f"{options.submissions} must hold a folder for each lab that was handed in: one of {names}",
        remedy=f"Or name the one lab whose submissions these are, such as pytest solutions/{folders[0].name}",
    )


def _read_lab(folder: Path, where: Path, options: Options, roster: list[str] | None) -> LabCourse:
    handed_in = read_handed_in(where, read_lab(lab_file(folder)), roster=roster)
    if not handed_in:
        raise BadArgument("Nothing was handed in here", value=str(where))
    store = options.gradebook.with_name(options.gradebook.name + ".d") / folder.name
    return LabCourse(folder, tuple(handed_in), store)


def _refuse_unknown(names: tuple[str, ...], labs: list[Lab]) -> None:
    known = {exercise for lab in labs for exercise in lab.exercises}
    if unknown := set(names) - known - {"all"}:
        raise BadArgument(
            "--regrade names exercises that are not there",
            value=sorted(unknown),
            remedy=f"Known: {', '.join(sorted(known))}, all",
        )


def _secret_file(options: Options, folders: list[Path]) -> Path:
    """The file of the course's secret; made if none was named."""
    named = options.course_secret or os.environ.get(SECRET_VARIABLE)
    file = Path(named) if named else options.gradebook.with_name(options.gradebook.name + ".secret")
    if any(file.resolve().is_relative_to(folder.parent) for folder in folders):
        raise BadArgument(
            "The course secret must not lie among the labs, which are handed out and published",
            value=str(file),
            remedy="Put the gradebook elsewhere, or name another file by --course-secret",
        )
    if not named:
        make_secret(file)
    read_secret(file)
    return file
