"""Everything the instruments say, in the order in which it leaves the plant.

Rows are kept as columns of numbers. Faults of delivery act here: a skewed clock changes the time
stamp, a delay the moment of delivery, a duplicate delivers a row a second time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.plant import noise
from harness.plant.channel import BAD, CODES, Channel
from harness.plant.faults import Acts, Fault
from harness.plant.samples import Sample
from harness.plant.tags import Instrument

if TYPE_CHECKING:
    import pandas as pd

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_EPOCH_MS = np.datetime64("2026-01-01T00:00:00", "ms")


# One delivery; times in plant seconds, `tag` and `code` are indices.
DELIVERY = np.dtype(
    [
        ("delivered_s", "f8"),
        ("tag", "i2"),
        ("read_s", "f8"),
        ("time_s", "f8"),
        ("value", "f8"),
        ("code", "i1"),
        ("sequence", "i8"),
    ]
)


def at(time_s: float) -> datetime:
    """Plant time as a date and time in UTC."""
    return EPOCH + timedelta(seconds=time_s)


def last_of_each(deliveries: NDArray[Any]) -> NDArray[Any]:
    """The last delivery of each tag."""
    _, from_end = np.unique(deliveries["tag"][::-1], return_index=True)
    return deliveries[len(deliveries) - 1 - from_end]


class Telemetry:
    """The channels of a plant and what they have delivered.

    Args:
        rows: The instruments.
        seed: Of noise and chances.
        sample_s: Period of telemetry, in whole seconds.
        scan_s: Period of the controllers; the controlled instrument is read at their scans too.
        controlled: Tag of that instrument.
    """

    def __init__(
        self, rows: tuple[Instrument, ...], *, seed: int, sample_s: int, scan_s: int, controlled: str
    ) -> None:
        self.rows = rows
        self.channels = {
            row.tag: Channel(row, seed=seed, grid_s=scan_s if row.tag == controlled else sample_s)
            for row in rows
        }
        self._seed, self._sample_s = seed, sample_s
        self._index = {row.tag: i for i, row in enumerate(rows)}
        self._count = np.zeros(len(rows), dtype=np.int64)
        self._pending: list[NDArray[Any]] = []
        self._delivered: list[NDArray[Any]] = []

    def record(self, times_s: NDArray[np.int64], truth: NDArray[Any]) -> None:
        """Read the continuous instruments at these times; `truth` has one field for each quantity."""
        rows = [row for row in self.rows if not row.period_s]
        sent = np.empty((len(times_s), len(rows)), dtype=DELIVERY)
        for column, row in zip(sent.T, rows, strict=True):
            values, codes = self.channels[row.tag].read_many(times_s, truth[row.measures])
            self._fill(column, row.tag, times_s, values, codes)
        self._send(sent.reshape(-1), rows)

    def record_analysis(self, row: Instrument, time_s: int, taken_s: int, truth: float) -> None:
        """Put down an analyser's result that appears now, from a sample taken earlier."""
        value, code = self.channels[row.tag].read(taken_s, truth)
        sent = np.empty(1, dtype=DELIVERY)
        self._fill(sent, row.tag, np.array([time_s]), value, code)
        self._send(sent, [row])

    def deliver(self, until_s: float) -> NDArray[Any]:
        """Take out what has been delivered up to now, as `DELIVERY` rows in order of delivery."""
        pending = np.concatenate([np.empty(0, dtype=DELIVERY), *self._pending])
        due = pending["delivered_s"] <= until_s
        fresh, self._pending = pending[due], [pending[~due]]
        fresh = fresh[np.lexsort((fresh["sequence"], fresh["tag"], fresh["delivered_s"]))]
        self._delivered.append(fresh)
        return fresh

    def frame(self) -> pd.DataFrame:
        """All that has been delivered: time, tag, value, unit, quality, sequence."""
        import pandas as pd

        rows = np.concatenate([*self._delivered, np.empty(0, dtype=DELIVERY)])
        units = sorted({row.unit for row in self.rows})
        unit_codes = np.array([units.index(row.unit) for row in self.rows])
        milliseconds = np.round(rows["time_s"] * 1000).astype("timedelta64[ms]")
        return pd.DataFrame(
            {
                "time": pd.DatetimeIndex(_EPOCH_MS + milliseconds, tz="UTC"),
                "tag": _named(rows["tag"], list(self._index)),
                "value": rows["value"],
                "unit": _named(unit_codes[rows["tag"]], units),
                "quality": _named(rows["code"], [str(quality) for quality in CODES]),
                "sequence": rows["sequence"],
            }
        )

    def samples(self, deliveries: NDArray[Any]) -> list[Sample]:
        """Deliveries as samples, for a protocol."""
        return [
            Sample(
                tag=self.rows[tag].tag,
                time=at(time_s),
                value=None if code == BAD else value,
                unit=self.rows[tag].unit,
                quality=CODES[code],
                sequence=sequence,
            )
            for _, tag, _, time_s, value, code, sequence in deliveries.tolist()
        ]

    def _fill(
        self, column: NDArray[Any], tag: str, times_s: NDArray[np.int64], values: Any, codes: Any
    ) -> None:
        index = self._index[tag]
        column["tag"], column["value"], column["code"] = index, values, codes
        column["delivered_s"] = column["read_s"] = column["time_s"] = times_s
        column["sequence"] = self._count[index] + np.arange(len(column))
        self._count[index] += len(column)

    def _send(self, sent: NDArray[Any], rows: list[Instrument]) -> None:
        self._pending.append(sent)
        for row in rows:
            for fault in self.channels[row.tag].faults:
                if fault.kind.acts is Acts.ON_DELIVERY:
                    self._pending += self._disturb(fault, sent)

    def _disturb(self, fault: Fault, sent: NDArray[Any]) -> list[NDArray[Any]]:
        """Let a fault of delivery act on `sent` in place; returns further copies to send."""
        mine = np.flatnonzero((sent["tag"] == self._index[fault.tag]) & fault.is_active(sent["read_s"]))
        stream = noise.stream_number(f"{fault.tag}/{fault.kind.name}")
        chances = np.array([noise.uniform(self._seed, stream, int(t)) for t in sent["read_s"][mine]])
        match fault.kind.name:
            case "clock_skew":
                sent["time_s"][mine] += fault.sizes["skew_s"]
            case "delayed":
                sent["delivered_s"][mine] += fault.sizes["delay_s"] * chances
            case "duplicate":
                again = sent[mine[chances < fault.sizes["fraction"]]].copy()
                again["delivered_s"] += self._sample_s
                return [again]
        return []


def _named(codes: NDArray[Any], names: list[str]) -> pd.Categorical[str]:
    import pandas as pd

    return pd.Categorical.from_codes(codes.astype(np.int64), categories=pd.Index(names))
