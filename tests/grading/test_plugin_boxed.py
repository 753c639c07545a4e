"""The whole way, with real boxes: hostile work costs its own points and reaches nothing."""

from pathlib import Path

import pytest
from small_course import RIGHT, SmallCourse

from harness.grading.box import why_not


@pytest.fixture
def course(tmp_path: Path) -> SmallCourse:
    if reason := why_not():
        pytest.skip(reason)
    course = SmallCourse(tmp_path)
    (course.root / "conftest.py").unlink()  # the stand-in
    return course


def test_hostile_work_beside_honest_work(course: SmallCourse) -> None:
    trace = course.root / "trace"
    course.hand_in("alice", RIGHT)
    course.hand_in("bob", {**RIGHT, "1.2": "    import os\n    os._exit(0)"})
    course.hand_in("carol", {**RIGHT, "1.2": f"    return open({str(course.lab / 'lab-1.md')!r}).read()"})
    course.hand_in("dora", {**RIGHT, "1.2": f"    open({str(trace)!r}, 'w').close()\n    return x * x"})
    course.hand_in("emil", RIGHT)
    run = course.grade("-n", "2", "--feedback", "feedback", trust=False)
    assert run.code == 1, run.out
    points = {student: (row["1.1"], row["1.2"]) for student, row in course.gradebook.items()}
    assert points["alice"] == points["emil"] == ("5", "5")
    assert [points[name][0] for name in ("bob", "carol", "dora")] == ["5", "5", "5"]
    assert course.gradebook["bob"]["state"] == "ended"
    assert [float(course.gradebook[name]["total"]) for name in ("carol", "dora")] == [5, 5]
    assert not trace.exists()
    assert "Square it" in (course.root / "feedback" / "bob.html").read_text(encoding="utf-8")
