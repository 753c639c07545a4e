"""Plain data between the grader and the box that a learner's code runs in.

The box is not trusted: whatever it sends is bytes, and only what this module knows is made of them. Nothing
in a message can name a class, a function or a file. Both sides pack with msgpack; `pack` refuses what is not
exactly of a known type (a subclass of float is not a float), and `unpack` refuses what is too large, too
deep or malformed, whoever has written it.

What passes: None, bool, int of 64 bits, float with NaN and infinities, str, bytes, list, tuple, dict with
plain keys, datetime with and without a time zone, timedelta, NumPy arrays and numbers, pandas Timestamp,
Timedelta, Series, Index and DataFrame. Arrays may hold numbers, truth values, times, or plain objects.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np
import pandas as pd

from harness.errors import HarnessError

LARGEST_BYTES = 32 << 20
DEEPEST = 24
_MOST_ITEMS = 4_000_000
_MOST_WORK = 5_000_000
"""Of a whole message, in items of lists; what is made of it costs the side that reads it time and memory."""
_SIZED = (list, tuple, dict)
_LEAVES = frozenset((type(None), bool, int, float, str, bytes))
_ARRAY, _TUPLE, _TIME, _DURATION, _TABLE, _COLUMN, _SCALAR, _INDEX = range(1, 9)
_CONTAINER_COSTS = 2
_COSTS = {_ARRAY: 20, _TIME: 20, _DURATION: 20, _SCALAR: 20, _INDEX: 400, _COLUMN: 400, _TABLE: 2000}
"""What it takes to make one, in items of a list."""
_ZONE = re.compile(r"(?!dateutil|tzlocal)[A-Za-z0-9_+\-][A-Za-z0-9_+\-/:]{0,39}", re.IGNORECASE)
_TIME_TYPES = {f"{letter}8[{unit}]" for letter in "Mm" for unit in ("s", "ms", "us", "ns")}


class NotPlainData(HarnessError, ValueError):
    """Something that is not plain data, or bytes that are no message."""


def pack(value: Any) -> bytes:
    """A value as bytes.

    Raises:
        NotPlainData: If it, or anything in it, is not plain data, is too large or too deep.
    """
    try:
        data = msgpack.packb(_lower(value, 0), strict_types=True, use_bin_type=True)
    except NotPlainData:
        raise
    except (OverflowError, ValueError, TypeError, UnicodeError) as error:
        raise NotPlainData(f"It cannot be passed on ({error})") from None
    if len(data) > LARGEST_BYTES:
        raise NotPlainData(f"It is larger than {LARGEST_BYTES >> 20} MB", value=f"{len(data):,} bytes")
    return bytes(data)


def unpack(data: bytes) -> Any:
    """The value that bytes hold.

    Raises:
        NotPlainData: If they hold none; whatever the bytes are, nothing else is raised.
    """
    if len(data) > LARGEST_BYTES:
        raise NotPlainData(f"The message is larger than {LARGEST_BYTES >> 20} MB")
    try:
        lowered = msgpack.unpackb(
            data,
            strict_map_key=False,
            use_list=True,
            ext_hook=_no_extension,
            **_Allowance().hooks(),
            max_array_len=_MOST_ITEMS,
            max_map_len=_MOST_ITEMS,
        )
        return _raise(lowered, 0)
    except NotPlainData:
        raise
    except RecursionError:
        raise NotPlainData("The message is nested too deep") from None
    except Exception as error:  # noqa: BLE001 - the sender is not trusted, so anything may come
        raise NotPlainData(f"The message is malformed ({type(error).__name__})") from None


# --- to what msgpack knows: every container becomes a pair of its kind and its content ----------------------


def _lower(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise NotPlainData(f"It is nested deeper than {DEEPEST} levels")
    kind = type(value)
    if kind in _LEAVES:
        return value
    if kind in _SIZED and len(value) > _MOST_ITEMS:
        raise NotPlainData(f"It has more than {_MOST_ITEMS:,} items", value=f"{len(value):,}")
    if kind is list:
        return _lower_items(value, depth + 1)
    if kind is dict:
        return {_key(key): _lower(item, depth + 1) for key, item in value.items()}
    lower = _LOWER.get(kind)
    if lower is None and isinstance(value, np.generic):
        lower = _lower_scalar
    if lower is None:
        raise NotPlainData(
            f"A {kind.__module__}.{kind.__qualname__} is not plain data"
            if kind.__module__ != "builtins"
            else f"A {kind.__qualname__} is not plain data",
            remedy="Give numbers, strings, lists, dicts, arrays or tables",
        )
    return lower(value, depth)


def _lower_items(items: list[Any], depth: int) -> list[Any]:
    """Each item lowered; a list of leaves, such as a column of text, is taken as it is."""
    return items if _LEAVES.issuperset(map(type, items)) else [_lower(item, depth) for item in items]


def _key(key: Any) -> Any:
    if type(key) in (str, int, float, bool):
        return key
    if isinstance(key, np.generic) and type(key.item()) in (str, int, float, bool):
        return key.item()
    raise NotPlainData("A key of a dict must be a string or a number", value=type(key).__name__)


def _wrapped(kind: int, content: Any) -> dict[int, Any]:
    # A map with the only key None is nothing that `_lower` makes of a dict.
    return {None: [kind, content]}  # type: ignore[dict-item]


def _lower_tuple(value: tuple[Any, ...], depth: int) -> Any:
    return _wrapped(_TUPLE, [_lower(item, depth + 1) for item in value])


def _lower_array(value: np.ndarray[Any, Any], depth: int) -> Any:
    if value.nbytes > LARGEST_BYTES:
        raise NotPlainData(f"It is larger than {LARGEST_BYTES >> 20} MB", value=f"{value.nbytes:,} bytes")
    if value.dtype == object:
        content = _lower_items(value.ravel().tolist(), depth + 1)
        return _wrapped(_ARRAY, ["O", list(value.shape), content])
    if value.dtype.kind in "US":
        return _wrapped(_ARRAY, ["O", list(value.shape), value.ravel().tolist()])
    if value.dtype.kind in "Mm" and np.datetime_data(value.dtype)[0] not in ("s", "ms", "us", "ns"):
        value = value.astype(f"{value.dtype.kind}8[s]")  # days and hours, say
    code = value.dtype.newbyteorder("<").str.lstrip("<|=")
    if not _is_known(code):
        raise NotPlainData("An array must hold numbers, times or plain objects", value=str(value.dtype))
    little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    return _wrapped(_ARRAY, [code, list(value.shape), little.tobytes()])


def _lower_scalar(value: np.generic, depth: int) -> Any:
    if value.dtype.kind in "Mm":
        return _wrapped(_SCALAR, _lower_array(np.asarray(value), depth))
    return _lower(value.item(), depth)


def _lower_time(value: dt.datetime, depth: int) -> Any:
    stamp = pd.Timestamp(value)
    zone = None if stamp.tz is None else str(stamp.tz)
    naive = stamp.tz_convert(None) if zone else stamp
    return _wrapped(_TIME, [int(naive.as_unit("ns").value), zone, type(value) is dt.datetime])


def _lower_duration(value: dt.timedelta, depth: int) -> Any:
    length_ns = int(pd.Timedelta(value).as_unit("ns").value)
    return _wrapped(_DURATION, [length_ns, type(value) is dt.timedelta])


def _lower_values(values: Any, depth: int) -> list[Any]:
    """Values of a column or an index, with its time zone."""
    zone = getattr(values.dtype, "tz", None)
    if zone is not None:
        naive = pd.DatetimeIndex(values).tz_convert(None).to_numpy()
        return [_lower_array(naive, depth), str(zone)]
    if isinstance(values.dtype, pd.CategoricalDtype | pd.StringDtype):
        values = values.astype(object)
        return [_lower_array(_objects(values), depth), "str"]
    array = values.to_numpy()
    return [_lower_array(_objects(values) if array.dtype == object else array, depth), None]


def _objects(values: Any) -> np.ndarray[Any, Any]:
    items = [None if item is pd.NA or item is pd.NaT else item for item in values.tolist()]
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def _lower_column(value: pd.Series[Any], depth: int) -> Any:
    content = [_lower(value.name, depth + 1), _lower(value.index, depth + 1), _lower_values(value, depth + 1)]
    return _wrapped(_COLUMN, content)


def _lower_index(value: pd.Index[Any], depth: int) -> Any:
    if isinstance(value, pd.MultiIndex):
        raise NotPlainData("An index of several levels is not plain data", remedy="Use reset_index()")
    return _wrapped(_INDEX, [_lower(value.name, depth + 1), _lower_values(value, depth + 1)])


def _lower_table(value: pd.DataFrame, depth: int) -> Any:
    columns = [_lower_values(value.iloc[:, i], depth + 1) for i in range(value.shape[1])]
    names = [_key(name) for name in value.columns]
    return _wrapped(_TABLE, [_lower(value.index, depth + 1), names, columns])


_LOWER: dict[type, Callable[[Any, int], Any]] = {
    tuple: _lower_tuple,
    np.ndarray: _lower_array,
    dt.datetime: _lower_time,
    pd.Timestamp: _lower_time,
    dt.timedelta: _lower_duration,
    pd.Timedelta: _lower_duration,
    type(pd.NaT): lambda value, depth: _wrapped(_SCALAR, _lower_array(np.array("NaT", "M8[ns]"), depth)),
    pd.DataFrame: _lower_table,
    pd.Series: _lower_column,
    pd.Index: _lower_index,
    pd.RangeIndex: _lower_index,
    pd.DatetimeIndex: _lower_index,
    pd.TimedeltaIndex: _lower_index,
}


# --- and back: trusts nothing ----------------------------------------------------------------------------


def _no_extension(code: int, data: bytes) -> Any:
    raise NotPlainData("The message holds an unknown kind of value")


class _Allowance:
    """Counts what a message would make its reader do, while msgpack reads it: a few bytes may be a table."""

    def __init__(self) -> None:
        self._left = _MOST_WORK

    def hooks(self) -> dict[str, Callable[[Any], Any]]:
        """Options of msgpack: it tells of each list and each dict."""
        return {"list_hook": self._list, "object_hook": self._dict}

    def _list(self, items: list[Any]) -> list[Any]:
        self._take(_CONTAINER_COSTS + len(items))
        return items

    def _dict(self, items: dict[Any, Any]) -> dict[Any, Any]:
        self._take(_CONTAINER_COSTS + len(items))
        if None in items:
            kind, content = items[None]
            self._take(_COSTS.get(kind, 0))
            if kind == _TABLE:
                self._take(_COSTS[_COLUMN] * len(content[-1]))
        return items

    def _take(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise NotPlainData("It holds too much: too many values, times or tables")


def _raise(value: Any, depth: int) -> Any:
    if depth > 2 * DEEPEST + 8:
        raise NotPlainData("The message is nested too deep")
    if isinstance(value, list):
        return _raise_items(value, depth + 1)
    if not isinstance(value, dict):
        return value
    if None in value:
        kind, content = value[None]
        return _RAISE[kind](content, depth + 1)
    return {key: _raise(item, depth + 1) for key, item in value.items()}


def _raise_items(items: list[Any], depth: int) -> list[Any]:
    return items if _LEAVES.issuperset(map(type, items)) else [_raise(item, depth) for item in items]


def _is_known(code: str) -> bool:
    return code in _TIME_TYPES or (
        code[:1] in "bifu" and code[1:] in "1248" and np.dtype(code).kind in "bifu"
    )


def _raise_array(content: Any, depth: int) -> np.ndarray[Any, Any]:
    code, shape, data = content
    if not all(type(n) is int and 0 <= n <= _MOST_ITEMS for n in shape) or len(shape) > 8:
        raise NotPlainData("An array of the message has an impossible shape")
    count = int(np.prod(shape, dtype=object)) if shape else 1
    if code == "O":
        if len(data) != count:
            raise NotPlainData("An array of the message has another size than it says")
        array = np.empty(count, dtype=object)
        array[:] = _raise_items(_part(data, list), depth)
        return array.reshape(shape)
    if type(code) is not str or not _is_known(code):
        raise NotPlainData("An array of the message holds an unknown kind of number")
    if type(data) is not bytes or len(data) != count * np.dtype(code).itemsize:
        raise NotPlainData("An array of the message has another size than it says")
    return np.frombuffer(data, dtype="<" + code).reshape(shape).copy()


def _part(content: Any, kind: type) -> Any:
    if not isinstance(content, kind):
        raise NotPlainData("A part of the message is of the wrong kind")
    return content


def _raise_time(content: Any, depth: int) -> Any:
    value, zone, plain = content
    stamp = pd.Timestamp(_part(value, int), unit="ns").as_unit("ns")
    if zone is not None:
        stamp = stamp.tz_localize("UTC").tz_convert(_zone(zone))
    return stamp.to_pydatetime(warn=False) if plain is True else stamp


def _raise_duration(content: Any, depth: int) -> Any:
    value, plain = content
    length = pd.Timedelta(_part(value, int), unit="ns").as_unit("ns")
    return length.to_pytimedelta() if plain is True else length


def _zone(name: Any) -> str:
    # A time zone is looked up by name among files; no name may lead out of them, as dateutil's may.
    if type(name) is not str or not _ZONE.fullmatch(name):
        raise NotPlainData("A time zone of the message is unknown")
    return name


def _raise_values(content: Any, depth: int) -> Any:
    array, extra = _raise(content[0], depth), content[1]
    if not isinstance(array, np.ndarray) or array.ndim != 1:
        raise NotPlainData("A column of the message is no column")
    if extra == "str":
        return pd.array(array.tolist(), dtype="str")
    if extra is not None:
        return pd.DatetimeIndex(array).tz_localize("UTC").tz_convert(_zone(extra))
    return array


def _raise_index(content: Any, depth: int) -> Any:
    name, values = content
    return pd.Index(_raise_values(values, depth), name=_raise(name, depth))


def _raise_column(content: Any, depth: int) -> Any:
    name, index, values = content
    return pd.Series(
        _raise_values(values, depth), index=_part(_raise(index, depth), pd.Index), name=_raise(name, depth)
    )


def _raise_table(content: Any, depth: int) -> Any:
    index, names, columns = content
    if len(names) != len(columns):
        raise NotPlainData("A table of the message lacks a name of a column")
    index = _part(_raise(index, depth), pd.Index)
    table = pd.DataFrame(
        {i: pd.Series(_raise_values(c, depth), index=index) for i, c in enumerate(columns)}, index=index
    )
    table.columns = pd.Index(_part(names, list), dtype=None if names else object)
    return table


def _raise_scalar(content: Any, depth: int) -> Any:
    array = _part(_raise(content, depth), np.ndarray)
    return array[()] if array.ndim == 0 else array


_RAISE: dict[Any, Callable[[Any, int], Any]] = {
    _ARRAY: _raise_array,
    _TUPLE: lambda content, depth: tuple(_raise(item, depth) for item in _part(content, list)),
    _TIME: _raise_time,
    _DURATION: _raise_duration,
    _TABLE: _raise_table,
    _COLUMN: _raise_column,
    _SCALAR: _raise_scalar,
    _INDEX: _raise_index,
}
