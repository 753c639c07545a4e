# Generated from book/1-foundations/3-state-and-data.md by `harness tangle`: edit the page, not this file.
"""Readings as they come from a plant, as a table, and as the state of a twin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Literal

import pandas as pd
import pint
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Reading(BaseModel):
    """One reading as it comes over MQTT; checked when it is read."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    tag: str
    time: AwareDatetime = Field(alias="timestamp")
    value: float | None
    unit: str
    quality: Literal["Good", "Uncertain", "Bad"]
    sequence: int


COLUMNS = {
    "time": "datetime64[us, UTC]",
    "tag": "str",
    "value": "Float64",
    "unit": "str",
    "quality": "str",
    "sequence": "int64",
}


def as_table(readings: Iterable[Reading]) -> pd.DataFrame:
    """Readings as a long table, in their order, typed by `COLUMNS`."""
    rows = [attrgetter(*COLUMNS)(reading) for reading in readings]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["time"] = pd.to_datetime(table["time"], utc=True)
    return table.astype(COLUMNS)


UNITS = pint.UnitRegistry()
UNITS.define("m3 = meter ** 3")  # as the plant spells it
LIQUID = UNITS.Quantity(10.0, "kmol/m3")


@dataclass(frozen=True)
class Source:
    """Where a variable of the twin comes from.

    Attributes:
        tag: The instrument.
        unit: Unit of the variable; readings are converted to it.
        times: What a reading is multiplied by, such as a molar density.
        max_age_s: How old it may be and still count as known.
        lag_s: By how much the time stamp is later than the sample.
    """

    tag: str
    unit: str
    times: pint.Quantity | None = None
    max_age_s: float = 60.0
    lag_s: float = 0.0

    def convert(self, value: float, unit: str) -> float:
        """A reading in the variable's unit."""
        quantity = UNITS.Quantity(value, unit)
        if self.times is not None:
            quantity = quantity * self.times
        return float(quantity.to(self.unit).magnitude)


STATE_MAP = {
    "reactor_K": Source("TT-101", "K"),
    "z_a": Source("AT-101A", "mol/mol", max_age_s=1200.0, lag_s=360.0),
    "feed_kmol_per_min": Source("FT-101", "kmol/min", times=LIQUID),
    "jacket_K": Source("TT-102", "K"),
    "cooling_water_K": Source("TT-103", "K"),
    "coolant_kg_per_min": Source("FT-102", "kg/min"),
    "pressure_MPa": Source("PT-101", "MPa"),
}


@dataclass(frozen=True)
class Known:
    """What is known of a variable; without value if too old or absent."""

    value: float | None
    age_s: float | None


def known(
    source: Source,
    reading: pd.Series | None,
    moment: datetime,
    max_age_s: float,
) -> Known:
    """What a reading tells of its variable at a moment."""
    if reading is None:
        return Known(None, None)
    age_s = (moment - reading["time"]).total_seconds() + source.lag_s
    if age_s > max_age_s:
        return Known(None, age_s)
    value = source.convert(reading["value"], reading["unit"])
    return Known(value, age_s)


def state_at(
    table: pd.DataFrame,
    moment: datetime,
    *,
    max_age_s: float | None = None,
    sources: Mapping[str, Source] = STATE_MAP,
) -> dict[str, Known]:
    """What a table of readings tells of each variable at a moment.

    Args:
        table: Readings as `as_table` gives them.
        moment: When; it must have a time zone.
        max_age_s: One limit for all variables, in place of the map's.
        sources: Where each variable comes from.
    """
    usable = (table["quality"] == "Good") & table["value"].notna()
    past = table[usable & (table["time"] <= moment)]
    newest = past.groupby("tag", observed=True)["time"].idxmax()
    rows = past.loc[newest].set_index("tag")
    return {
        name: known(
            source,
            rows.loc[source.tag] if source.tag in rows.index else None,
            moment,
            source.max_age_s if max_age_s is None else max_age_s,
        )
        for name, source in sources.items()
    }
