"""A class's submissions, in every form that students and learning platforms give them."""

import io
import json
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import jupytext
import nbformat
import pytest

from harness.errors import BadArgument
from harness.grading.handed_in import HandedIn, read_handed_in
from harness.grading.handed_in import files as files_module
from harness.grading.lab import Lab, read_cells
from labs import ANSWERS, STUBS, as_ipynb, as_myst, cells_of, write_lab

MYST, IPYNB = as_myst(cells_of(ANSWERS)), as_ipynb(cells_of(ANSWERS))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return write_lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "handed-in").mkdir()
    return tmp_path / "handed-in"


def put(path: Path, data: str | bytes = MYST) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def zipped(entries: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return data.getvalue()


def only(folder: Path, lab: Lab) -> HandedIn:
    (student,) = read_handed_in(folder, lab)
    return student


def sources(student: HandedIn) -> dict[str, str]:
    return {name: "\n".join(answer.cells) for name, answer in student.answers.items()}


# --- whose --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("alice/lab-1.md", "alice"),
        ("alice/work/Untitled3.md", "alice"),
        ("alice.md", "alice"),
        ("lab-1_alice.md", "alice"),
        ("alice-lab1.md", "alice"),
        ("Alice Smith_12345_assignsubmission_file_/lab-1.md", "Alice-Smith"),
        ("Alice Smith_12345_assignsubmission_file_my lab.md", "Alice-Smith"),
        ("smithalice_123_456_lab-1.md", "smithalice"),
        ("smithalice_LATE_123_456_lab-1-2.md", "smithalice"),
        ("=HYPERLINK(1)/lab-1.md", "HYPERLINK-1"),
        ('O\'Neil, "Bob"\n/lab-1.md', "O-Neil-Bob"),
        ("Zoe\u0308 Mu\u0308ller/lab-1.md", "Zo\u00eb-M\u00fcller"),
        ("con/lab-1.md", "con_"),
        ("alice.md.txt", "alice"),
        ("grades-smith.md", "grades-smith"),
    ],
)
def test_student_is_told_by_the_name(folder: Path, lab: Lab, path: str, student: str) -> None:
    put(folder / path)
    read = only(folder, lab)
    assert (read.student, read.state) == (student, "read")
    assert sources(read) == ANSWERS


def test_folder_of_the_labs_name_is_looked_into_and_other_labs_are_not(folder: Path, lab: Lab) -> None:
    put(folder / "lab-1" / "alice.md")
    put(folder / "lab-1" / "bob" / "x.ipynb", IPYNB)
    put(folder / "lab-2" / "carl.md")
    assert [student.student for student in read_handed_in(folder, lab)] == ["alice", "bob"]


def test_download_of_a_whole_class_is_not_taken_for_one_student(folder: Path, lab: Lab) -> None:
    put(folder / "submissions.zip", zipped({f"smith{n}_{n}_1_lab-1.md": MYST for n in (1, 2)}))
    student = only(folder, lab)
    assert student.state == "unreadable"
    assert "several students: unpack it" in student.notes[0]


def test_names_without_a_letter_and_very_long_ones_stay_apart(folder: Path, lab: Lab) -> None:
    for name in ("'''", '"""', "x" * 200 + "1", "x" * 200 + "2"):
        put(folder / name / "lab-1.md")
    names = [student.student for student in read_handed_in(folder, lab)]
    assert len(set(names)) == 4
    assert max(map(len, names)) < 140


def test_files_of_the_instructor_and_of_other_labs_are_no_students(folder: Path, lab: Lab) -> None:
    for name in ("README.md", "roster.csv", ".DS_Store", "__MACOSX/._x.md", "lab-2_alice.md", "grades.csv"):
        put(folder / name)
    put(folder / "lab-1_alice.md")
    assert only(folder, lab).student == "alice"


def test_two_of_one_name_are_told_apart_by_the_platforms_number(folder: Path, lab: Lab) -> None:
    for number in (12, 34):
        put(folder / f"Alice Smith_{number}_assignsubmission_file_" / "lab-1.md")
    assert [s.student for s in read_handed_in(folder, lab)] == ["Alice-Smith_12", "Alice-Smith_34"]


def test_files_of_one_canvas_student_belong_together(folder: Path, lab: Lab) -> None:
    put(folder / "smithalice_LATE_7_1_lab-1.md")
    put(folder / "smithalice_LATE_7_2_notes.ipynb", as_ipynb(cells_of(STUBS)))
    student = only(folder, lab)
    assert sources(student) == ANSWERS
    assert "Canvas has marked it as late." in student.notes


@pytest.mark.parametrize(
    "names",
    [("alice/lab-1.md", "alice.zip"), ("alice.md", "lab-1_Alice.md"), ("zo\u00eb.md", "zoe\u0308/a.md")],
)
def test_two_that_would_be_one_student_are_refused_by_both_names(
    folder: Path, lab: Lab, names: tuple[str, str]
) -> None:
    for name in names:
        put(folder / name, zipped({"lab-1.md": MYST}) if name.endswith("zip") else MYST)
    with pytest.raises(BadArgument) as refused:
        read_handed_in(folder, lab)
    assert all(repr(Path(name).parts[0]) in str(refused.value) for name in names)


def test_roster_names_those_who_are_missing_and_those_who_are_not_in_it(folder: Path, lab: Lab) -> None:
    put(folder / "smithalice_7_1_lab-1.md")
    put(folder / "Bob Jones_5_assignsubmission_file_" / "lab-1.md")
    put(folder / "eve.md")
    read = {s.student: s for s in read_handed_in(folder, lab, roster=["Alice Smith", "Jones, Bob", "carl"])}
    assert {name: student.state for name, student in read.items()} == {
        "Alice-Smith": "read",
        "Jones-Bob": "read",
        "carl": "missing",
        "eve": "read",
    }
    assert read["eve"].notes == ("The name is not in the roster.",)
    assert {answer.found for answer in read["carl"].answers.values()} == {"missing"}


def test_no_folder_is_refused(tmp_path: Path, lab: Lab) -> None:
    with pytest.raises(BadArgument, match="no folder of submissions"):
        read_handed_in(tmp_path / "none", lab)


# --- which notebook -----------------------------------------------------------------------------------------


def test_notebook_with_most_answers_is_graded_and_said_so(folder: Path, lab: Lab) -> None:
    put(folder / "alice" / "lab-1.md", as_myst(cells_of(STUBS)))
    put(folder / "alice" / "final (2).ipynb", IPYNB)
    put(folder / "alice" / ".ipynb_checkpoints" / "lab-1.md", "rubbish")
    student = only(folder, lab)
    assert sources(student) == ANSWERS
    assert student.notes[0].startswith(
        "2 notebooks were handed in; alice/final (2).ipynb was graded, with 3 of 3"
    )


def test_of_two_with_as_many_answers_the_labs_own_name_is_preferred(folder: Path, lab: Lab) -> None:
    put(folder / "alice" / "a.md", MYST.replace("shadow", "other"))
    put(folder / "alice" / "lab-1.md")
    put(folder / "alice" / "z.md", MYST.replace("shadow", "other"))
    assert sources(only(folder, lab)) == ANSWERS


def test_time_is_that_of_the_file_used_and_the_digest_that_of_the_answers(folder: Path, lab: Lab) -> None:
    os.utime(put(folder / "alice" / "lab-1.md"), (0, 86_400))
    put(folder / "bob.ipynb", IPYNB)
    put(folder / "carl.md", MYST.replace("shadow", "twin"))
    alice, bob, carl = read_handed_in(folder, lab)
    assert alice.handed_in_at == datetime(1970, 1, 2, tzinfo=UTC)
    assert alice.digest == bob.digest != carl.digest


def test_notebook_of_another_lab_is_named(folder: Path, lab: Lab) -> None:
    put(
        folder / "alice.md",
        MYST.replace("1.1", "2.1").replace("1.2", "2.2").replace("1.3", "2.3").replace("def ", "def x"),
    )
    put(folder / "alice.md", (folder / "alice.md").read_text().replace("kinds", "sorts"))
    assert "it answers 2.1, 2.2, 2.3" in only(folder, lab).notes[0]


# --- file formats -------------------------------------------------------------------------------------------


def old_notebook() -> str:
    cells = [
        {
            "cell_type": "code",
            "language": "python",
            "input": source,
            "outputs": [],
            "metadata": {},
            "collapsed": False,
        }
        for source in ANSWERS.values()
    ]
    return json.dumps(
        {
            "nbformat": 3,
            "nbformat_minor": 0,
            "metadata": {"name": ""},
            "worksheets": [{"cells": cells, "metadata": {}}],
        }
    )


def malformed_notebook() -> str:
    data = json.loads(IPYNB)
    del data["nbformat"]
    data["metadata"] = None
    for cell in data["cells"]:
        cell.pop("outputs", None)
        cell["metadata"]["tags"] = "check" if "tags" in cell["metadata"] else None
        cell["id"] = 7
    data["cells"] += ["text", {"cell_type": "code"}, {"cell_type": "odd", "source": None, "metadata": []}]
    return json.dumps(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(IPYNB.encode(), id="notebook"),
        pytest.param(old_notebook().encode(), id="nbformat 3"),
        pytest.param(malformed_notebook().encode(), id="malformed"),
        pytest.param(IPYNB.encode("utf-16"), id="UTF-16"),
        pytest.param(IPYNB.encode("utf-8-sig"), id="UTF-8 with mark"),
        pytest.param(MYST.encode("utf-16"), id="MyST in UTF-16"),
        pytest.param(MYST.encode("utf-16-le"), id="MyST in UTF-16 without mark"),
        pytest.param(MYST.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(MYST.replace("# Lab 1", "# Übung").encode("latin-1"), id="Latin-1"),
        pytest.param(MYST.replace(":label:", ":label: &a [*a] :x: {", 1).encode(), id="bad options"),
        pytest.param(MYST.replace(":tags: [check]", ":tags: check").encode(), id="tags not a list"),
        pytest.param(MYST.partition("---\n\n")[2].encode(), id="no front matter"),
        pytest.param(MYST.replace("```", "`````").encode(), id="longer fences"),
        pytest.param(MYST.rstrip().removesuffix("```").encode(), id="cut off in the last cell"),
    ],
)
@pytest.mark.parametrize("name", ["alice.md", "alice/any name.ipynb"])
def test_file_is_read_in_whatever_state(folder: Path, lab: Lab, data: bytes, name: str) -> None:
    put(folder / name, data)
    student = only(folder, lab)
    assert student.state == "read", student.notes
    assert sources(student) == ANSWERS


def test_jupytexts_other_markdown_is_read(folder: Path, lab: Lab) -> None:
    put(folder / "alice.md", jupytext.writes(nbformat.reads(IPYNB, as_version=4), fmt="md"))
    assert sources(only(folder, lab)) == ANSWERS


def test_lab_reads_as_jupytext_reads_it(folder: Path, lab: Lab, root: Path) -> None:
    from harness.grading.handed_in.notebook import read_notebook

    for file in [lab.path, *(root / "solutions").glob("*/lab-*.md")]:
        assert tuple(read_notebook(file.read_bytes()).cells) == read_cells(file)


def test_wrong_kernel_is_noted(folder: Path, lab: Lab) -> None:
    put(
        folder / "alice.ipynb",
        as_ipynb(cells_of(ANSWERS), metadata={"kernelspec": {"name": "ir", "language": "R"}}),
    )
    student = only(folder, lab)
    assert sources(student) == ANSWERS
    assert student.notes == ("Its kernel language is 'R'; it is graded as Python.",)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("alice.md", b"", "It is empty"),
        ("alice.ipynb", b"  \n", "It is empty"),
        ("alice.ipynb", IPYNB[:200].encode(), "no valid JSON"),
        ("alice.ipynb", ("{\n<<<<<<< HEAD\n" + IPYNB).encode(), "merge conflict"),
        ("alice.ipynb", b'{"nbformat": 99}', "no notebook"),
        ("alice.ipynb", b'{"nbformat": 4, "cells": {}}', "`cells` is no list"),
        ("alice.ipynb", b'{"nbformat": 3, "worksheets": 5}', "no notebook"),
        ("alice.ipynb", b"[" * 100_000, "no code cell"),
        ("alice.ipynb", b'{"a":' * 100_000, "no valid JSON"),
        ("alice.ipynb", b'{"cells": ' + b"9" * 10_000 + b"}", "no valid JSON"),
        ("alice.md", bytes(range(256)) * 50, "binary data"),
        ("alice.md", b"# An essay", "no code cell"),
        ("alice.docx", b"PK", "no notebook"),
        ("alice.zip", b"", "no readable zip"),
        ("alice.zip", b"PK\3\4" + b"x" * 500, "no readable zip"),
        ("alice/notes.txt", b"hello", "it holds alice/notes.txt"),
    ],
)
def test_unreadable_file_says_what_is_wrong(
    folder: Path, lab: Lab, name: str, data: bytes, said: str
) -> None:
    put(folder / name, data)
    put(folder / "bob.md")
    alice, bob = read_handed_in(folder, lab)
    assert alice.state == "unreadable"
    assert said in alice.notes[0], alice.notes
    assert set(alice.answers) == set(ANSWERS)
    assert sources(bob) == ANSWERS


# --- zips, links, limits ------------------------------------------------------------------------------------


def test_zip_is_read_with_folders_and_a_zip_within(folder: Path, lab: Lab) -> None:
    put(folder / "alice.zip", zipped({"work/lab-1.md": MYST, "__MACOSX/work/._lab-1.md": b"\0"}))
    put(
        folder / "Bob_7_assignsubmission_file_" / "all.zip",
        zipped({"deep/inner.zip": zipped({"a.ipynb": IPYNB})}),
    )
    for student in read_handed_in(folder, lab):
        assert sources(student) == ANSWERS
        assert student.notes == ()


def test_nothing_is_written_and_no_path_out_of_a_zip_is_taken(folder: Path, lab: Lab) -> None:
    link = zipfile.ZipInfo("lab-1.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        for name in ("../lab-1.md", "/tmp/lab-1.md", "a/../../b.md", "C:\\lab-1.md", "..\\x.md"):
            archive.writestr(name, MYST)
    put(folder / "alice.zip", data.getvalue())
    before = sorted(folder.parent.rglob("*"))
    student = only(folder, lab)
    assert student.state == "unreadable"
    assert len(student.notes) == 6
    assert sorted(folder.parent.rglob("*")) == before


def test_zip_bombs_and_huge_files_cost_little(folder: Path, lab: Lab) -> None:
    bomb = zipped({"lab-1.md": b"\0" * (64 << 20)})
    lying = bytearray(zipped({"lab-1.md": b"a" * (30 << 20)}))
    for signature, offset in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = lying.index(signature) + offset
        lying[at : at + 4] = (1000).to_bytes(4, "little")
    put(folder / "alice.zip", bomb)
    put(folder / "bob.zip", bytes(lying))
    put(folder / "carl.ipynb", b"")
    os.truncate(folder / "carl.ipynb", files_module.LARGEST_BYTES + 1)
    put(folder / "dora.zip", zipped({f"{n}.md": b" " * (15 << 20) for n in range(20)}))
    students = read_handed_in(folder, lab)
    assert [student.state for student in students] == ["unreadable"] * 4
    assert "larger than 20 MB" in students[0].notes[0]
    assert "larger than 20 MB" in students[2].notes[0]


def test_encrypted_zip_is_named(folder: Path, lab: Lab) -> None:
    data = bytearray(zipped({"lab-1.md": MYST}))
    for signature, offset in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        data[data.index(signature) + offset] |= 1
    put(folder / "alice.zip", bytes(data))
    assert "encrypted" in only(folder, lab).notes[0]


def test_time_in_a_zip_is_utc_where_it_says_so(folder: Path, lab: Lab) -> None:
    entry = zipfile.ZipInfo("lab-1.md", (2026, 5, 4, 3, 2, 0))
    entry.extra = b"UT\x05\x00\x01" + (86_400).to_bytes(4, "little")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(entry, MYST)
    put(folder / "alice.zip", data.getvalue())
    entry.extra = b""
    with zipfile.ZipFile(folder / "bob.zip", "w") as archive:
        archive.writestr(entry, MYST)
    alice, bob = read_handed_in(folder, lab)
    assert alice.handed_in_at == datetime(1970, 1, 2, tzinfo=UTC)
    assert bob.handed_in_at == datetime(2026, 5, 4, 3, 2, 0).astimezone(UTC)


def test_links_are_not_followed_to_a_peer_or_out(folder: Path, lab: Lab) -> None:
    put(folder / "alice" / "lab-1.md")
    outside = put(folder.parent / "secret" / "lab-1.md")
    (folder / "bob").mkdir()
    (folder / "bob" / "lab-1.md").symlink_to("../alice/lab-1.md")
    (folder / "carl").symlink_to(outside.parent)
    (folder / "dora.md").symlink_to(outside)
    put(folder / "eve" / "real.md")
    (folder / "eve" / "lab-1.md").symlink_to("real.md")
    (folder / "eve" / "loop").symlink_to(".")
    states = {s.student: s.state for s in read_handed_in(folder, lab)}
    assert states == {
        "alice": "read",
        "bob": "unreadable",
        "carl": "unreadable",
        "dora": "unreadable",
        "eve": "read",
    }


def test_pipe_and_endless_depth_are_passed_over(folder: Path, lab: Lab) -> None:
    put(folder / "alice" / "lab-1.md")
    os.mkfifo(folder / "alice" / "a.md")
    put(folder / "alice" / "/".join("d" * 30) / "x.md")
    assert sources(only(folder, lab)) == ANSWERS


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder that is looked at without root's rights."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        os.seteuid(os.getuid())


def test_what_may_not_be_read_is_named_with_the_remedy(as_nobody: Path, lab: Lab) -> None:
    from harness.grading.handed_in.expected import ExpectedLab
    from harness.grading.handed_in.one import read_one

    expected = ExpectedLab(lab)
    file = put(as_nobody / "alice" / "lab-1.md")
    file.chmod(0)
    put(as_nobody / "bob" / "lab-1.md").parent.chmod(0)
    if os.getuid() == 0:
        os.seteuid(65534)
    for name in ("alice", "bob"):
        student = read_one(name, [as_nobody / name], lab, expected)
        assert student.state == "unreadable"
        assert "chmod" in student.notes[0]
    os.seteuid(os.getuid())
    (as_nobody / "bob").chmod(0o755)


@pytest.mark.parametrize(
    ("data", "state"),
    [
        pytest.param("[a]: b\n" * 20_000 + MYST, "read", id="link references"),
        pytest.param("> " * 20_000 + "a\n\n" + MYST, "read", id="quotes"),
        pytest.param("- " * 20_000 + "a\n\n" + MYST, "unreadable", id="lists"),
        pytest.param("|a|b|\n|-|-|\n" + "|c|d|\n" * 20_000 + MYST, "read", id="table"),
        pytest.param("```{code-cell}\n```\n" * 20_000 + MYST, "read", id="many cells"),
    ],
)
def test_markdown_made_to_exhaust_a_parser_does_not(folder: Path, lab: Lab, data: str, state: str) -> None:
    put(folder / "alice.md", data)
    put(folder / "bob.md")
    alice, bob = read_handed_in(folder, lab)
    assert alice.state == state
    assert not [note for note in alice.notes if "takes" in note]
    assert sources(bob) == ANSWERS


def test_one_that_takes_too_long_costs_its_own_row(folder: Path, lab: Lab) -> None:
    put(
        folder / "alice.ipynb",
        json.dumps(
            {"nbformat": 4, "cells": [{"cell_type": "code", "source": f"x{n} = 1"} for n in range(200_000)]}
        ),
    )
    put(folder / "bob.md")
    alice, bob = read_handed_in(folder, lab, longest_s=0.5)
    assert alice.state == "unreadable"
    assert "takes more than 0.5 s" in alice.notes[0]
    assert sources(bob) == ANSWERS


def test_aliases_in_options_are_not_multiplied(folder: Path, lab: Lab) -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    put(
        folder / "alice.md",
        MYST.replace("---\n", f"---\n{bomb}", 1).replace(
            ":label: ex-1.1\n", f"---\n{bomb}label: ex-1.1\n---\n"
        ),
    )
    assert sources(only(folder, lab)) == ANSWERS


def test_what_was_read_goes_through_json(folder: Path, lab: Lab) -> None:
    put(folder / "alice.md")
    student = only(folder, lab)
    assert HandedIn.from_plain(json.loads(json.dumps(student.as_plain()))) == student
