"""Plain data: what passes comes back the same; what is not plain, or no message, is refused."""

import datetime as dt
import math
from typing import Any

import msgpack
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.grading.plain import DEEPEST, NotPlainData, pack, unpack

scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=20)
    | st.binary(max_size=20)
)  # fmt: skip
plain = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers(0, 99), inner, max_size=4)
    ),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    """Equal in value and in type, NaN equal to NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return bool(a == b)


@given(plain)
def test_what_is_plain_comes_back_the_same(value: Any) -> None:
    assert same(unpack(pack(value)), value)


@given(
    hnp.arrays(
        st.sampled_from(["f8", "f4", "i8", "i4", "u1", "?", "M8[ns]", "m8[us]"]), hnp.array_shapes(min_side=0)
    )
)
def test_arrays_come_back_the_same(array: np.ndarray[Any, Any]) -> None:
    back = unpack(pack(array))
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)
    assert back.flags.writeable


def test_tables_come_back_the_same() -> None:
    table = pd.DataFrame(
        {
            "time": pd.date_range("2026-01-01", periods=3, freq="10s", tz="UTC"),
            "value": [353.1, np.nan, 354.0],
            "quality": ["Good", "Bad", None],
            "count": [1, 2, 3],
            "ok": [True, False, True],
        },
        index=pd.Index([5, 7, 9], name="row"),
    )
    pd.testing.assert_frame_equal(unpack(pack(table)), table)
    pd.testing.assert_series_equal(unpack(pack(table.value)), table.value)
    pd.testing.assert_frame_equal(unpack(pack(table.iloc[:0])), table.iloc[:0])


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(2026, 1, 1, 12, 30, 5, 123456),
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        pd.Timestamp("2026-01-01T12:00:00.123456789", tz="Europe/Berlin"),
        dt.timedelta(days=1, microseconds=5),
        pd.Timedelta("1ns"),
    ],
    ids=str,
)
def test_times_come_back_the_same(moment: Any) -> None:
    back = unpack(pack(moment))
    assert (back, type(back)) == (moment, type(moment))


class Sly(float):
    """Equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class SlyList(list[int]):
    pass


def _deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def _endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        Sly(1.0), SlyList(), object(), Sly, len, 10**30, -(10**30), 10 ** (10**5), {1, 2}, 1j, range(3),
        [Sly(1.0)], {"a": Sly(1.0)}, {(1, 2): 3}, {None: [1, 2]}, np.array([Sly(1.0)], dtype=object),
        np.zeros(2, dtype="f8,i4"), np.zeros(1).view(type("A", (np.ndarray,), {})), _deep(DEEPEST + 1),
        _endless(), iter([]), "\ud800", np.zeros(5_000_000),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_not_plain_is_refused(value: Any) -> None:
    with pytest.raises(NotPlainData):
        pack(value)


@given(st.binary(max_size=300))
def test_any_bytes_give_plain_data_or_are_refused(data: bytes) -> None:
    try:
        unpack(data)
    except NotPlainData:
        return


@given(plain, st.data())
def test_a_damaged_message_gives_plain_data_or_is_refused(value: Any, data: st.DataObject) -> None:
    message = bytearray(
        pack([value, np.arange(3.0), pd.DataFrame({"t": pd.date_range("2026", periods=2, tz="UTC")})])
    )
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpack(bytes(message))
    except NotPlainData:
        return


leaves = st.integers(-2, 12) | st.text(max_size=4) | st.none() | st.binary(max_size=9)


@given(st.recursive(leaves, lambda inner: st.lists(inner, max_size=5), max_leaves=15), st.integers(0, 12))
def test_a_forged_wrapper_gives_plain_data_or_is_refused(content: Any, kind: int) -> None:
    try:
        unpack(msgpack.packb({None: [kind, content]}))
    except NotPlainData:
        return


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x91" * 100_000,
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        msgpack.packb(msgpack.ExtType(5, b"x")),
        msgpack.packb({None: [1, ["f8", [2**40], b""]]}),
        msgpack.packb({None: [1, ["O", [2**31], []]]}),
        msgpack.packb({None: [1, ["V8", [1], b"12345678"]]}),
        msgpack.packb({None: [3, [0, "../../etc/passwd", True]]}),
    ],
    ids=lambda message: repr(message[:20]),
)
def test_malformed_messages_are_refused(message: bytes) -> None:
    with pytest.raises(NotPlainData):
        unpack(message)


def forged(value: Any) -> bytes:
    return bytes(msgpack.packb(value))


EMPTY_COLUMN = [{None: [1, ["f8", [0], b""]]}, None]
EMPTY_INDEX = {None: [8, [None, EMPTY_COLUMN]]}
MANY_DICTS = b"\xdd" + (3_900_000).to_bytes(4, "big") + b"\x80" * 3_900_000


@pytest.mark.parametrize(
    "data",
    [
        forged([{None: [5, [EMPTY_INDEX, [], []]]}] * 100_000),
        forged({None: [5, [EMPTY_INDEX, list(range(100_000)), [EMPTY_COLUMN] * 100_000]]}),
        forged([{None: [3, [0, "Europe/Berlin", False]]}] * 1_000_000),
        b"\x98" + MANY_DICTS * 8,
    ],
    ids=["tables", "columns", "times", "dicts"],
)
def test_a_small_message_cannot_make_its_reader_build_a_huge_thing(data: bytes) -> None:
    with pytest.raises(NotPlainData, match="too much"):
        unpack(data)


def test_a_class_s_worth_of_honest_data_passes() -> None:
    assert len(unpack(pack(list(range(3_900_000))))) == 3_900_000
    assert (
        len(unpack(pack([{"time": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "value": 1.0}] * 20_000))) == 20_000
    )
    assert unpack(pack(pd.DataFrame(np.zeros((1000, 500))))).shape == (1000, 500)


@pytest.mark.parametrize(
    "zone", ["dateutil//proc/kmsg", "DATEUTIL/etc/passwd", "tzlocal()", "/etc/passwd", "../x", "", "a b"]
)
def test_a_time_zone_that_would_open_another_file_is_refused(zone: str) -> None:
    with pytest.raises(NotPlainData):
        unpack(forged({None: [3, [0, zone, False]]}))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Port-au-Prince", "Etc/GMT+5", "UTC+05:45"])
def test_time_zones_pass(zone: str) -> None:
    assert str(unpack(pack(pd.Timestamp("2026-01-01", tz=zone))).tz) == zone
