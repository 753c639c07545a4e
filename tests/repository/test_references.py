"""Every reference can be looked up: it has a DOI, an ISBN or a standard's number, each well formed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pybtex.database import Entry, parse_file

DOI = re.compile(r"10\.\d{4,9}/[-._;()/:A-Za-z0-9]+")
PRINTED = ("journal", "volume", "pages", "year")
FIRST_DOIS = 2000


@pytest.fixture(scope="module")
def entries(root: Path) -> dict[str, Entry]:
    return dict(parse_file(str(root / "book" / "references.bib")).entries)


def is_isbn(text: str) -> bool:
    """Whether a text is an ISBN of 10 or 13 digits whose last one checks the others."""
    digits = text.replace("-", "")
    if re.fullmatch(r"\d{13}", digits):
        return sum(int(digit) * (1, 3)[n % 2] for n, digit in enumerate(digits)) % 10 == 0
    if re.fullmatch(r"\d{9}[\dX]", digits):
        return (
            sum((10 - n) * (10 if digit == "X" else int(digit)) for n, digit in enumerate(digits)) % 11 == 0
        )
    return False


def fault_of(entry: Entry) -> str:
    """What keeps a reader from finding it, or nothing."""
    fields = {name.lower(): value for name, value in entry.fields.items()}
    if "doi" in fields:
        return "" if DOI.fullmatch(fields["doi"]) else "not a DOI"
    if "isbn" in fields:
        return "" if is_isbn(fields["isbn"]) else "not an ISBN"
    if entry.type == "techreport":
        return "" if re.search(r"\d", fields.get("number", "")) else "a standard without a number"
    if fields.keys() >= set(PRINTED) and int(fields["year"]) < FIRST_DOIS:
        return ""
    return "neither DOI nor ISBN nor a standard's number, nor an old printed article"


def test_every_reference_can_be_found(entries):
    assert len(entries) >= 10
    assert {key: fault for key, entry in entries.items() if (fault := fault_of(entry))} == {}


def test_no_two_references_are_the_same(entries):
    marks = [
        entry.fields.get("doi") or entry.fields.get("isbn") or entry.fields["title"]
        for entry in entries.values()
    ]
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize(
    ("kind", "fields", "fault"),
    [
        ("article", {"doi": "https://doi.org/10.1000/1"}, "not a DOI"),
        ("article", {"doi": "10.3390/pr5010008"}, ""),
        ("book", {"isbn": "978-0-470-01167-5"}, "not an ISBN"),
        ("book", {"isbn": "0-13-206889-3"}, ""),
        ("book", {"isbn": "0-13-206889-4"}, "not an ISBN"),
        ("techreport", {"number": "draft"}, "a standard without a number"),
        ("article", {"journal": "J", "volume": "1", "pages": "2", "year": "1959"}, ""),
        ("article", {"journal": "J", "volume": "1", "pages": "2", "year": "2019"}, "neither"),
        ("misc", {"title": "a page of the web"}, "neither"),
    ],
)
def test_a_reference_that_cannot_be_found_is_told(kind, fields, fault):
    found = fault_of(Entry(kind, fields))
    assert found.startswith(fault) if fault else found == ""
