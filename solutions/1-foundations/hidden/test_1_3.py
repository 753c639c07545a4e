"""Hidden checks of exercise 1.3: unseen readings, lines of other programs, what must be refused, kelvin."""

import builtins
import functools
import json
import math
from datetime import datetime, timedelta, timezone

import numpy as np

from harness import Plant
from harness.grading.points import points
from harness.grading.submission import Raised

KINDS = {"tag": str, "unit": str, "quality": str, "sequence": int, "time": datetime}
ZONES = [timezone(timedelta(minutes=m)) for m in (0, 345, -210, 600, 60)]
ODD_VALUES = (0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3)
CHANGED = "A reading did not come back whole: compare every field, the value to its last bit."


@functools.lru_cache(maxsize=3)  # several checks look at the same readings; none changes them
def _readings_of(seed):
    """Three minutes of R-101, with odd values, long counts and zones that are in no visible check."""
    plant = Plant(seed=seed, sample_s=20).offline()
    plant.fault("TT-101", "missing", start_min=1)
    plant.fault("FT-101", "stuck", start_min=1)
    plant.run(minutes=3)
    rng = np.random.default_rng(seed)
    log = plant.log().astype({"unit": str})
    readings = [_reading(row, rng) for row in log.to_dict("records")]
    for at, value in zip(
        rng.choice(np.arange(7, 14), len(ODD_VALUES), replace=False), ODD_VALUES, strict=True
    ):
        readings[at] |= {"value": value, "sequence": int(rng.integers(2**54, 2**62)) | 1}
    return readings


def _reading(row, rng):
    later = timedelta(microseconds=int(rng.integers(1, 1_000_000)))
    time = (row["time"].to_pydatetime() + later).astimezone(ZONES[rng.integers(len(ZONES))])
    return {**row, "time": time, "value": None if row["quality"] == "Bad" else row["value"]}


def _whole(got, count):
    """Fail unless these are so many readings, each field of its kind."""
    assert isinstance(got, list), "A list of readings must come back."
    assert all(isinstance(r, dict) for r in got), "Each reading must be a dict."
    assert len(got) == count, "Another number of readings came back than went in."
    for field, kind in KINDS.items():
        assert all(isinstance(r.get(field), kind) for r in got), "A field is lacking, or is of another kind."
    values = [r.get("value", ...) for r in got]
    assert all(v is None or type(v) in (int, float) for v in values), "A value is neither a number nor None."
    assert all(r["time"].tzinfo for r in got), "A time came back without its zone."
    assert not any(v is not None and math.isnan(v) for v in values), "A missing value came back as NaN."


def _same(got, want):
    """Fail unless the readings are the same, to the last bit."""
    _whole(got, len(want))
    off_s = [abs((a["time"] - b["time"]).total_seconds()) for a, b in zip(got, want, strict=True)]
    assert not any(off_s), "A time came back as another moment: mind its zone and its microseconds."
    keys = ("tag", "unit", "quality", "sequence")
    for a, b in zip(got, want, strict=True):
        assert [a[key] for key in keys] == [b[key] for key in keys], CHANGED
        assert _same_bits(a["value"], b["value"]), CHANGED


def _same_bits(a, b):
    return (a is None and b is None) or (None not in (a, b) and float(a).hex() == float(b).hex())


@points(2, hint="Digits: `repr` of a float has them all. Zones: an offset need not be whole hours.")
def test_unseen_readings_come_back(submission, seeds):
    """Readings that no visible check uses come back as they were, and so do two texts put together."""
    first, second = _readings_of(seeds[0]), _readings_of(seeds[1])
    texts = [submission.call("to_lines", part) for part in (first, second, [])]
    assert all(isinstance(text, str) for text in texts), "`to_lines` must give text."
    assert texts[2] == "", "No reading must give an empty text."
    _same(submission.call("from_lines", "".join(texts)), first + second)
    _same(submission.call("from_lines", ""), [])


def _line(reading, rng, **others):
    """A line as another program would write it: keys in any order, more of them, blanks, Z for UTC."""
    fields = {
        **reading,
        "timestamp": _stamp(reading.get("time")),
        "site": "north",
        "raw": [1, None],
        **others,
    }
    fields.pop("time", None)
    names = rng.permutation([name for name in fields if fields[name] is not ...])
    return json.dumps({str(name): fields[name] for name in names}, separators=(" , ", " : ")) + "\n"


def _stamp(time):
    return time.isoformat().replace("+00:00", "Z")


@points(1, hint="Rely on what the text of the exercise promises of a line, and on nothing else.")
def test_reads_what_another_program_wrote(submission, seeds):
    """Lines in another order of keys, with unknown keys and other zones, are read right."""
    rng = np.random.default_rng(seeds[1])
    want = _readings_of(seeds[1])
    _same(submission.call("from_lines", "".join(_line(r, rng) for r in want)), want)


@points(1, needs="test_reads_what_another_program_wrote", hint="A zone is part of how a moment is written.")
def test_same_moments_elsewhere(submission, seeds):
    """The same moments told in another zone, in another order of lines, are the same readings."""
    rng = np.random.default_rng(seeds[2])
    want = _readings_of(seeds[2])
    moved = [{**r, "time": r["time"].astimezone(ZONES[rng.integers(len(ZONES))])} for r in want]
    order = rng.permutation(len(want))
    got = submission.call("from_lines", "".join(_line(moved[i], rng) for i in order))
    _same(got, [want[i] for i in order])


def _refused(submission, name, given, message):
    """Fail with a message unless it is refused, and with a ValueError."""
    try:
        got = submission.call(name, given)
    except Raised as fault:
        kind = fault.kind
    else:
        dropped = name == "from_lines" and isinstance(got, list) and len(got) < given.count("\n")
        raise AssertionError(DROPPED if dropped else message)
    assert _may_be_value_error(kind), (
        "A bad reading is refused with a ValueError, not with another exception."
    )


def _may_be_value_error(kind):
    """Whether an exception of this name may be a ValueError; of a learner's own only the name is known."""
    known = getattr(builtins, kind, None)
    return not isinstance(known, type) or issubclass(known, ValueError)


DROPPED = "A bad line was dropped in silence: one bad line refuses the whole text."
NAN_OUT = "NaN was written down: it is no reading, and not the same fact as a missing one."
INFINITE_OUT = "An infinite value was written down."
NAIVE_OUT = "A time without a zone was written down: nobody knows which moment it is."
LACKING_OUT = "A reading without its unit was written down."


@points(
    1, needs="test_unseen_readings_come_back", hint="Check each reading before the first line is written."
)
def test_refuses_to_write(submission, seeds):
    """What is no reading is not written: NaN, infinity, a time without zone, no unit."""
    good = _readings_of(seeds[0])
    at = seeds[0] % len(good)
    naive = good[at]["time"].replace(tzinfo=None)
    without_unit = {key: value for key, value in good[at].items() if key != "unit"}
    cases = [
        ({**good[at], "value": math.nan}, NAN_OUT),
        ({**good[at], "value": -math.inf}, INFINITE_OUT),
        ({**good[at], "time": naive}, NAIVE_OUT),
        (without_unit, LACKING_OUT),
    ]
    for bad, message in cases:
        _refused(submission, "to_lines", [*good[:at], bad, *good[at + 1 :]], message)


@points(1, needs="test_reads_what_another_program_wrote", hint="What is not said is not known.")
def test_refuses_to_read(submission, seeds):
    """A line is refused that lacks a field or a zone, holds NaN, or has another word for its quality."""
    rng = np.random.default_rng(seeds[0])
    good = _readings_of(seeds[0])
    at = seeds[1] % len(good)
    naive = good[at]["time"].replace(tzinfo=None).isoformat()
    lines = [_line(r, rng) for r in good]
    cases = [
        ({"quality": ...}, "A line without a quality was accepted: nobody said that the reading was Good."),
        ({"value": ...}, "A line without a value was accepted: that is no way to say that it is missing."),
        ({"unit": ...}, "A line without a unit was accepted."),
        ({"sequence": ...}, "A line without a sequence number was accepted."),
        ({"timestamp": naive}, "A timestamp without a zone was accepted, and some zone assumed."),
        ({"value": math.nan}, "A line with NaN was accepted."),
        ({"quality": "OK"}, "A line with a word that is no quality was accepted."),
    ]
    for others, message in cases:
        bad = _line(good[at], rng, **others)
        _refused(submission, "from_lines", "".join([*lines[:at], bad, *lines[at + 1 :]]), message)


KELVIN = {
    "The number was converted, but its unit still says degC.": lambda a, b: a["unit"] == "degC" != b["unit"],
    "The unit says K now, but the number is still in degrees Celsius.": lambda a, b: (
        a["value"] is not None and b["value"] is not None and math.isclose(a["value"], b["value"] - 273.15)
    ),
    "0 degC is 273.15 K: the number that was added is another one.": lambda a, b: (
        a["value"] is not None and b["value"] is not None and abs(a["value"] - b["value"]) > 1e-9
    ),
}


@points(1, hint="Ask each reading for its unit, not for its tag.")
def test_kelvin_whatever_the_unit_was(submission, seeds):
    """A run told in degrees Celsius becomes the same run in kelvin; doing it again changes nothing."""
    want = [r for r in _readings_of(seeds[2]) if r["value"] is None or abs(r["value"]) < 1e6]
    rng = np.random.default_rng(seeds[2])
    told = [_celsius(r) if r["unit"] == "K" and rng.random() < 0.6 else r for r in want]
    got = submission.call("in_kelvin", told)
    _whole(got, len(want))
    for new, old, right in zip(got, told, want, strict=True):
        if old["unit"] != "degC":
            _same([new], [old])
            continue
        missing = (new["value"] is None) == (right["value"] is None)
        assert missing, "A missing temperature must stay missing, and a measured one must stay."
        for message, mistake in KELVIN.items():
            assert not mistake(new, right), message
        _same([{**new, "value": None}], [{**right, "value": None}])
    _same(submission.call("in_kelvin", got), got)


def _celsius(reading):
    value = None if reading["value"] is None else reading["value"] - 273.15
    return {**reading, "value": value, "unit": "degC"}
