"""Visible checks of exercise 1.3: readings go out as JSON lines and come back without loss."""

import builtins
import functools
import json
import math
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np

from harness import Plant
from harness.grading.points import points
from harness.grading.submission import Raised

FIELDS = ("tag", "time", "value", "unit", "quality", "sequence")
ON_THE_WIRE = {"tag", "timestamp", "value", "unit", "quality", "sequence"}
ZONES = (UTC, timezone(timedelta(hours=5, minutes=30)), ZoneInfo("Asia/Tokyo"))
ZERO_CELSIUS_K = 273.15


@functools.lru_cache(maxsize=1)  # the same readings for every check and every student; nothing changes them
def _readings_of(seed):
    """Four minutes of R-101; its stamps are in several zones, and TT-103 speaks degrees Celsius."""
    plant = Plant(seed=seed, sample_s=30).offline()
    plant.fault("TT-102", "missing", start_min=2)
    plant.fault("PT-101", "stuck", start_min=1)
    plant.run(minutes=4)
    rng = np.random.default_rng(seed)
    return [_reading(row, rng) for row in plant.log().astype({"unit": str}).to_dict("records")]


def _reading(row, rng):
    """A row of a log as a reading, a little off the plant's beat."""
    later = timedelta(microseconds=int(rng.integers(1, 1_000_000)))
    time = (row["time"].to_pydatetime() + later).astimezone(ZONES[rng.integers(len(ZONES))])
    value = None if row["quality"] == "Bad" else row["value"]
    if row["tag"] == "TT-103":
        value, row["unit"] = value - ZERO_CELSIUS_K, "degC"
    return {**row, "time": time, "value": value}


KINDS = {"tag": str, "unit": str, "quality": str, "sequence": int, "time": datetime}


def _same_readings(got, want):
    """Fail with the field that differs, and how."""
    _whole_readings(got, len(want))
    _same_times([r["time"] for r in got], [r["time"] for r in want])
    _same_values([r["value"] for r in got], [r["value"] for r in want])
    for field in ("unit", "quality", "tag", "sequence"):
        assert [r[field] for r in got] == [r[field] for r in want], (
            f"The {field} did not come back as it was."
        )


def _whole_readings(got, count):
    """Fail unless these are so many readings, each field of its kind."""
    assert isinstance(got, list), "A list of readings must come back."
    assert all(isinstance(r, dict) for r in got), "Each reading must be a dict."
    assert len(got) == count, f"{count} readings went in, {len(got)} came back."
    lost = {field for field in FIELDS for r in got if field not in r}
    assert not lost, f"A reading came back without {', '.join(sorted(lost))}."
    for field, kind in KINDS.items():
        right = all(isinstance(r[field], kind) for r in got)
        assert right, f"The {field} of a reading must be a {kind.__name__}."
    right = all(r["value"] is None or _is_number(r["value"]) for r in got)
    assert right, "The value of a reading must be a number or None."


def _is_number(value):
    return type(value) is float or (type(value) is int and abs(value) < 2**63)


def _same_times(got, want):
    assert all(t.tzinfo for t in got), "A time came back without its zone."
    off_s = [abs((a - b).total_seconds()) for a, b in zip(got, want, strict=True)]
    shift = max(off_s) > 0 and all(s % 900 == 0 for s in off_s)
    assert not shift, (
        "Times have moved by hours: the digits of the clock were kept and another zone put to them."
    )
    assert max(off_s, default=0) < 1, (
        "Times are off by seconds: too few bits for seconds since 1970, or a rounding."
    )
    assert not any(off_s), "Times have lost their microseconds."


def _same_values(got, want):
    missing = [a for a, b in zip(got, want, strict=True) if b is None]
    nan = any(isinstance(a, float) and math.isnan(a) for a in missing)
    assert not nan, "A missing value came back as NaN: `None` says that nothing was measured."
    assert all(a is None for a in missing), "A missing value came back as a value."
    pairs = [(a, b) for a, b in zip(got, want, strict=True) if b is not None]
    kelvin = any(math.isclose(a, b + ZERO_CELSIUS_K) for a, b in pairs)
    assert not kelvin, "A temperature came back in another unit than it was kept in."
    wrong = [(a, b) for a, b in pairs if a != b]
    assert not wrong, f"A value came back changed: {wrong[0][1]!r} became {wrong[0][0]!r}."


@points(2, hint="Try one reading by hand, and compare field by field.")
def test_readings_come_back(submission):
    """Four minutes of R-101 come back as they were."""
    want = _readings_of(7)
    _same_readings(submission.call("from_lines", submission.call("to_lines", want)), want)


@points(1, hint="How does JSON spell it? Look at what `json.dumps` makes of None, and of float('nan').")
def test_missing_is_null(submission):
    """A missing reading is written as null."""
    text = submission.call("to_lines", [r for r in _readings_of(7) if r["value"] is None])
    values = [line.get("value", ...) for line in _parsed(text)]
    assert values, "The missing readings were left out."
    assert all(value is None for value in values), "A missing value must be written as null."


@points(2, hint="The wire's form is on page 1.3, under 'A reading, checked at the door'.")
def test_anyone_can_read_it(submission):
    """Another program reads the same from the text."""
    want = _readings_of(7)
    text = submission.call("to_lines", want)
    lines = _parsed(text)
    assert text.endswith("\n"), "The last line must end with a newline too, so that more can be put after it."
    assert len(lines) == len(want), f"{len(want)} readings should give {len(want)} lines, not {len(lines)}."
    for line in lines:
        lack = ON_THE_WIRE - line.keys()
        assert not lack, f"A line lacks {', '.join(sorted(lack))}."
    _same_readings([{**line, "time": _moment(line["timestamp"])} for line in lines], want)


def _parsed(text):
    """The lines of a text, by Python's own JSON reader, held to the standard."""
    assert isinstance(text, str), "`to_lines` must give text."
    try:
        lines = [json.loads(line, parse_constant=_no_number) for line in text.split("\n") if line]
    except (ValueError, RecursionError):
        raise AssertionError("A line is not standard JSON.") from None
    assert all(isinstance(line, dict) for line in lines), "Each line must hold one JSON object."
    return lines


def _no_number(name):
    raise AssertionError(f"{name} is not JSON: other programs refuse the whole line.")


def _moment(text):
    """A time stamp as a moment."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise AssertionError("A timestamp is not in the form of ISO 8601.") from None


@points(1, hint="A reading is a number and a unit: both change, or none.")
def test_celsius_becomes_kelvin(submission):
    """Readings in degrees Celsius become kelvin, and nothing else changes."""
    given = _readings_of(7)
    got = submission.call("in_kelvin", given)
    _whole_readings(got, len(given))
    for new, old in zip(got, given, strict=True):
        if old["unit"] != "degC":
            assert new == old, f"A reading in {old['unit']} was changed."
            continue
        assert new["unit"] == "K", "The unit must say K after the conversion."
        right = math.isclose(new["value"] or 0.0, old["value"] + ZERO_CELSIUS_K, abs_tol=1e-9)
        assert right, f"{old['value']:.4f} degC is not {new['value']} K."


@points(
    1,
    needs="test_readings_come_back",
    hint="What does the text say of both doors? Each can refuse by itself.",
)
def test_the_doors_are_guarded(submission):
    """NaN and a time without a zone are refused, on the way out and on the way in."""
    good = _readings_of(10)[0] | {"value": 350.25}
    naive = good["time"].replace(tzinfo=None)
    line = _parsed(submission.call("to_lines", [good]))[0]
    lines = [line | {"timestamp": naive.isoformat()}, line | {"value": math.nan}]
    _refused(submission, "to_lines", [good | {"time": naive}], "writes a time without a zone")
    _refused(submission, "to_lines", [good | {"value": math.nan}], "writes NaN")
    _refused(submission, "from_lines", json.dumps(lines[0]) + "\n", "accepts a time without a zone")
    _refused(submission, "from_lines", json.dumps(lines[1]) + "\n", "accepts NaN")


def _refused(submission, name, given, does):
    kind = None
    try:
        submission.call(name, given)
    except Raised as fault:
        kind = fault.kind
    assert kind is not None, f"`{name}` {does}, and should raise ValueError."
    other = getattr(
        builtins, kind, ValueError
    )  # an exception of the learner's own is taken for a fitting one
    right = not isinstance(other, type) or issubclass(other, ValueError)
    assert right, f"`{name}` refuses with {kind}; a ValueError is asked for."
