"""The box: what code in it can see and do, and that nothing of it stays."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from harness.grading.box import Limits, Step, Workshop, bubblewrap
from harness.grading.submission import Ended, NotDone, OutOfMemory, Raised, StudentFault, TimedOut

LIMITS = Limits(cell_s=5, call_s=5, memory_bytes=1 << 30)
MANY_HOGS = """
import os, time
def f():
    for _ in range(6):
        if not os.fork():
            block = b"x" * (400 << 20)
            time.sleep(99)
    time.sleep(99)
"""
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    with Workshop(limits=LIMITS) as workshop:
        yield workshop


def answer(workshop: Workshop, source: str, *args: object) -> object:
    """What a function `f` of a cell gives in a box."""
    with workshop.open([Step("1.1", dedent(source))]) as work:
        return work.of("1.1").call("f", *args)


def processes(marker: str) -> list[str]:
    """Command lines on this machine that hold a marker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        found += [command] if marker in command and folder.name != str(os.getpid()) else []
    return found


def test_functions_and_values_come_through(workshop: Workshop) -> None:
    with workshop.open(
        [Step("", "import math"), Step("1.1", "def f(x):\n    return math.sqrt(x)\nk = [1, 2]")]
    ) as work:
        assert work.of("1.1").call("f", 9.0) == 3.0
        assert work.of("1.1").value("k") == [1, 2]
        with pytest.raises(NotDone, match="no `g`"):
            work.of("1.1").call("g")


def test_cells_are_those_of_a_notebook_with_magics_and_the_plant(workshop: Workshop) -> None:
    source = """
        %matplotlib inline
        import matplotlib.pyplot as plt
        from harness import Plant
        run = Plant(seed=1).simulate(minutes=5)
        plt.plot([1, 2]);
        def f():
            return len(run.log)
    """
    assert answer(workshop, source) > 10


@pytest.mark.parametrize("magic", ["qt", "widget", "notebook", "tk", "inline"])
def test_a_backend_that_needs_a_screen_does_no_harm(workshop: Workshop, magic: str) -> None:
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()"
    source = f"%matplotlib {magic}\n{plot}\ndef f(): return 1"
    assert answer(workshop, source) == 1


def test_what_honest_code_forks_and_shares_works(workshop: Workshop) -> None:
    source = """
        import multiprocessing, subprocess
        def f():
            forked = multiprocessing.get_context("fork")
            with forked.Pool(2) as pool:
                doubled = pool.map(abs, [-1, 2])
            said = subprocess.run("echo hi", shell=True, capture_output=True, text=True).stdout
            return [doubled, forked.Value("d", 1.5).value, said]
    """
    assert answer(workshop, source) == [[1, 2], 1.5, "hi\n"]


def test_the_line_of_an_exception_is_that_of_the_cell(workshop: Workshop) -> None:
    with pytest.raises(Raised, match=r"ZeroDivisionError: division by zero, in line 3 of your cell"):
        answer(workshop, "def f():\n    x = 0\n    return 1 / x")


def test_a_cell_that_raises_is_told_when_its_function_is_missing(workshop: Workshop) -> None:
    with pytest.raises(Raised, match="NameError"):
        answer(workshop, "unknown + 1\ndef f():\n    return 1")


def test_code_has_no_rights_and_an_empty_environment(workshop: Workshop) -> None:
    source = """
        import os
        def f():
            status = dict(line.split(":", 1) for line in open("/proc/self/status"))
            names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs")
            kept = [status[name].strip() for name in names]
            return [kept, os.getuid(), os.getgroups(), dict(os.environ), open("/proc/1/environ").read()]
    """
    kept, user, groups, environment, first = answer(workshop, source)  # type: ignore[misc]
    assert kept == ["0000000000000000"] * 5 + ["1"]
    assert user == 1000
    assert len(groups) <= 1
    assert environment == bubblewrap.ENVIRONMENT
    assert first.strip("\0") in ("", f"PWD={bubblewrap.HOME}")


def test_code_sees_the_software_and_an_empty_folder(workshop: Workshop) -> None:
    source = f"""
        import os
        def f():
            seen = [os.listdir(folder) for folder in (".", "{ROOT}", "/tmp")]
            return [os.getcwd(), *seen, os.path.exists("/sys/fs")]
    """
    here, files, course, temporary, system = answer(workshop, source)  # type: ignore[misc]
    assert (here, temporary, system) == (bubblewrap.HOME, ["home"], False)
    assert set(files) <= {".ipython"}
    assert set(course) <= {"harness", "book", ".venv"}


def test_two_boxes_share_nothing(workshop: Workshop) -> None:
    with workshop.open(
        [Step("1.1", "open('/tmp/note', 'w').write('x')\nopen('/dev/shm/note', 'w').write('x')")]
    ) as one:
        source = (
            "import os\ndef f():\n    return [os.listdir(name) for name in ('/tmp', '/dev/shm', '/proc')]"
        )
        files, shared, running = answer(workshop, source)  # type: ignore[misc]
        assert (files, shared) == (["home"], [])
        assert sorted(name for name in running if name.isdigit()) == ["1", "2"]
        assert one.faults == {}


def test_random_numbers_differ_from_box_to_box(workshop: Workshop) -> None:
    source = "import random, numpy as np\ndef f():\n    return [random.random(), float(np.random.rand())]"
    assert answer(workshop, source) != answer(workshop, source)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def f():\n    while True: pass", TimedOut),
        ("import os\ndef f(): os._exit(0)", Ended),
        ("def f(): return len(bytearray(8 << 30))", OutOfMemory),
        (MANY_HOGS, OutOfMemory),
    ],
    ids=["loop", "exit", "memory of one", "memory of many"],
)
def test_what_breaks_costs_its_own_exercise(
    workshop: Workshop, source: str, fault: type[StudentFault]
) -> None:
    steps = [Step("1.1", "def g(): return 1"), Step("1.2", source), Step("1.3", "def h(): return 3")]
    with workshop.open(steps) as work:
        with pytest.raises(fault):
            work.of("1.2").call("f")
        assert work.of("1.1").call("g") == 1
        assert work.of("1.3").call("h") == 3
        assert set(work.faults) <= {"1.2"}


def test_output_goes_nowhere_and_fills_nothing(workshop: Workshop, capfd: pytest.CaptureFixture[str]) -> None:
    assert answer(workshop, "def f():\n    for _ in range(300): print('x' * (1 << 20))\n    return 1") == 1
    assert capfd.readouterr() == ("", "")


def test_nothing_of_a_box_stays(workshop: Workshop) -> None:
    source = """
        import subprocess
        def f():
            for _ in range(50):
                subprocess.Popen(["sleep", "86477"], start_new_session=True)
            return 1
    """
    assert answer(workshop, source) == 1
    until = time.monotonic() + 5
    while processes("sleep 86477") and time.monotonic() < until:
        time.sleep(0.02)
    assert processes("sleep 86477") == []


def test_a_grader_that_is_killed_leaves_no_box(tmp_path: Path) -> None:
    source = """
        import sys, time
        from harness.grading.box import Step, Workshop
        cell = "import subprocess\\nsubprocess.Popen(['sleep', '86478'])\\ndef f(): return 1"
        print(Workshop().open([Step("1.1", cell)]).of("1.1").call("f"), flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", dedent(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path, env=_with_path()) as grader:
        assert grader.stdout is not None
        said, running = grader.stdout.readline(), processes("sleep 86478")
        grader.kill()
        assert (said, len(running)) == (b"1\n", 1)
    until = time.monotonic() + 10
    while processes("sleep 86478") and time.monotonic() < until:
        time.sleep(0.05)
    assert processes("sleep 86478") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as an ordinary user already")
def test_an_ordinary_user_has_boxes_too() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)  # pytest's own would be closed to it
        _grade_as_ordinary_user(Path(folder))


def _grade_as_ordinary_user(folder: Path) -> None:
    source = f"""
        import os
        os.setgroups([]); os.setresgid(4321, 4321, 4321); os.setresuid(4321, 4321, 4321)
        os.environ.update(HOME="{folder}", HARNESS_CACHE="{folder}")
        from harness.grading.box import Step, Workshop
        with Workshop() as workshop, workshop.open([Step("1.1", "def f(): return 42")]) as work:
            print(work.of("1.1").call("f"))
    """
    # Root's home, where Python may lie, would be closed to it.
    view = [bubblewrap.program(), "--dev-bind", "/", "/", "--bind", str(folder), str(folder)]
    view += ["--perms", "0755", "--tmpfs", "/root", *_open_way_to(Path(sys.base_prefix))]
    command = [*view, "--", sys.executable, "-c", dedent(source)]
    done = subprocess.run(command, capture_output=True, text=True, env=_with_path(), timeout=120)
    assert done.stdout == "42\n", done.stderr


def _open_way_to(folder: Path) -> list[str]:
    if not folder.is_relative_to("/root"):
        return []
    above = [
        path for path in reversed(folder.parents) if path.is_relative_to("/root") and path != Path("/root")
    ]
    opened = [word for path in above for word in ("--perms", "0755", "--dir", str(path))]
    return [*opened, "--ro-bind", str(folder), str(folder)]


def _with_path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def test_a_course_that_lies_in_tmp_has_boxes_too() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "harness", Path(folder) / "course" / "harness")
        Path(folder).chmod(0o755)
        source = """
            import harness
            from harness.grading.box import Step, Workshop
            cell = "import harness, os\\ndef f(): return [harness.__file__, os.listdir('/tmp')]"
            with Workshop() as workshop, workshop.open([Step("1.1", cell)]) as work:
                assert work.of("1.1").call("f")[0] == harness.__file__
                print(harness.__file__)
        """
        environment = _with_path()
        environment["PYTHONPATH"] = f"{folder}/course{os.pathsep}{environment['PYTHONPATH']}"
        command = [sys.executable, "-c", dedent(source)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=folder, timeout=120
        )
        assert done.stdout.startswith(f"{folder}/course/harness"), done.stderr


def test_without_bubblewrap_the_reason_and_the_remedy_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise bubblewrap.NoBox("bubblewrap is not installed", remedy="Run: make env")

    monkeypatch.setattr(bubblewrap, "program", missing)
    bubblewrap.why_not.cache_clear()
    assert "bubblewrap is not installed" in bubblewrap.why_not()
    bubblewrap.why_not.cache_clear()


def test_without_name_spaces_the_reason_and_the_remedy_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refuses = tmp_path / "bwrap"
    refuses.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    refuses.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "program", lambda: str(refuses))
    bubblewrap.why_not.cache_clear()
    assert "No permissions to create new namespace" in bubblewrap.why_not()
    assert "user name spaces" in bubblewrap.why_not()
    bubblewrap.why_not.cache_clear()


def test_trusted_work_needs_no_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "program", lambda: "/nowhere")
    with Workshop(trusted=True, limits=LIMITS) as workshop:
        assert answer(workshop, "def f():\n    return 7") == 7
        with pytest.raises(Ended):
            answer(workshop, "import os\ndef f():\n    os._exit(0)")
