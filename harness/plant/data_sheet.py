"""The plant's data as rows for people: what the book's data sheet shows.

No number stands here. Each row comes from the place where the plant itself takes it, and a unit from the
name that carries it: `ua_kJ_per_min_K` is in kJ/(min K).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from harness.plant.faults import CATALOGUE, Size
from harness.plant.instruments import INSTRUMENTS, LOOPS, instrument
from harness.plant.parameters import PlantParameters
from harness.plant.steady import solve
from harness.plant.surroundings import FIELDS, WANDERS
from harness.plant.tags import Instrument

Row = dict[str, str]

_NO_UNIT = "–"
# What the parts of a unit are written as; a name's last parts that are all in here are its unit.
_UNITS = {
    **{unit: unit for unit in ("K", "min", "s", "h", "d", "kg", "kmol", "kJ", "kW", "kWh", "MPa", "W")},
    "m2": "m²",
    "m3": "m³",
    "m2K": "m² K",
    "eur": "€",
    "per": "/",
}
_FRACTIONS = ("x_d", "x_b")  # here d and b are distillate and bottoms


def unit_of(name: str) -> str:
    """The unit that a name carries, as people write it.

    Args:
        name: Such as `ua_kJ_per_min_K` or `relative_volatility`.

    Returns:
        Such as "kJ/(min K)", "1/min" or, without a unit, a dash.
    """
    parts = name.split("_") if name not in _FRACTIONS else []
    start = len(parts)
    while start > 0 and parts[start - 1] in _UNITS:
        start -= 1
    above, _, below = (" ".join(_UNITS[part] for part in parts[start:])).partition("/")
    if not (above or below):
        return _NO_UNIT
    denominator = f"({below.strip()})" if " " in below.strip() else below.strip()
    return f"{above.strip() or '1'}/{denominator}" if denominator else above.strip()


def parameter_rows(part: str) -> list[Row]:
    """The parameters of one part of the plant, such as "reactor"."""
    values = getattr(PlantParameters(), part)
    return [
        {
            "parameter": field.metadata["meaning"],
            "value": number(getattr(values, field.name)),
            "unit": unit_of(field.name),
            "in the code": f"`{field.name}`",
            "source": field.metadata["source"].partition(",")[0].removesuffix(" for this course"),
        }
        for field in dataclasses.fields(values)
    ]


def operating_rows() -> list[Row]:
    """The steady state of the operating case, as the balances give it."""
    case, steady = PlantParameters().case, solve(PlantParameters())
    shown = (
        ("reactor temperature", case.reactor_K, 2, "K"),
        ("jacket temperature", steady.jacket_K, 2, "K"),
        ("fresh feed", case.feed_kmol_per_min, 3, "kmol/min"),
        ("recycle, which is the distillate", steady.distillate, 3, "kmol/min"),
        ("reflux", steady.reflux, 3, "kmol/min"),
        ("boil-up", steady.boilup, 3, "kmol/min"),
        ("A in the reactor", steady.z_a, 4, "mol/mol"),
        ("B in the reactor", steady.z_b, 4, "mol/mol"),
        ("share of C in the heavy product, w", steady.w, 4, "mol/mol"),
        ("coolant", steady.coolant_kg_per_min, 1, "kg/min"),
        ("heat of the reactions", steady.generated_kW, 1, "kW"),
        ("of this, into the jacket", steady.jacketed_kW, 1, "kW"),
        ("of this, into warming feed and recycle", steady.sensible_kW, 1, "kW"),
    )
    return [{"quantity": name, "value": f"{value:.{places}f}", "unit": u} for name, value, places, u in shown]


def instrument_rows() -> list[Row]:
    """The instruments, in the order of their table."""
    return [
        {
            "tag": f"`{row.tag}`",
            "measures": row.description,
            "range": _range(row.low, row.high, row.unit),
            "noise (1 σ)": _noise(row),
            "from scope": row.scope,
        }
        for row in INSTRUMENTS
    ]


def address_rows() -> list[Row]:
    """Where the instruments are found over each protocol."""
    return [
        {
            "tag": f"`{row.tag}`",
            "OPC UA node": f"`{row.address.node}.PV`",
            "MQTT topic": f"`{row.address.topic('sensor')}`",
        }
        for row in INSTRUMENTS
    ]


def loop_rows() -> list[Row]:
    """The control loops that a client may write to, and what each one takes."""
    return [
        {
            "tag": f"`{loop.tag}`",
            "holds": f"`{loop.instrument}`",
            "set value": _range(loop.sv_low, loop.sv_high, instrument(loop.instrument).unit),
            "largest step": number(loop.sv_step),
            "allowance per min": number(loop.sv_rate_per_min),
            "moves": _range(loop.mv_low, loop.mv_high, loop.mv_unit),
        }
        for loop in LOOPS
    ]


def fault_rows() -> list[Row]:
    """The faults that an instrument may have, with the sizes that they take."""
    return [
        {
            "fault": f"`{kind.name}`",
            "the instrument…": kind.meaning,
            "sizes, with their defaults": ", ".join(map(_size, kind.sizes)) or _NO_UNIT,
            "says of its readings": kind.quality.name.capitalize(),
        }
        for kind in CATALOGUE.values()
    ]


def disturbance_rows() -> list[Row]:
    """The random disturbances: how far they wander, and how fast."""
    return [
        {
            "disturbance": f"`{name}`",
            "spread (1 σ)": number(wander.sigma),
            "bounds": f"{number(wander.low)} to {number(wander.high)}",
            "daily wave": f"±{number(wander.diurnal)}" if wander.diurnal else _NO_UNIT,
            "unit": unit_of(FIELDS[name]) if unit_of(FIELDS[name]) != _NO_UNIT else "mol/mol",
            "correlation time": f"{number(wander.time_min)} min",
        }
        for name, wander in WANDERS.items()
    ]


def markdown(rows: Iterable[Row]) -> str:
    """Rows as a table in Markdown; their keys are its heads."""
    table: Sequence[Row] = list(rows)
    heads = list(table[0])
    lines = [heads, ["---"] * len(heads), *([row[head] for head in heads] for row in table)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    """A number in full: 1,091,640 and not 1.09e+06."""
    return f"{value:,.10g}"


def _range(low: float, high: float, unit: str) -> str:
    return f"{number(low)} to {number(high)} {unit}"


def _size(size: Size) -> str:
    return f"`{size.name.format(unit='UNIT')}` {number(size.default)}{' σ' if size.in_sigma else ''}"


def _noise(row: Instrument) -> str:
    size = f"{number(row.sigma)} {row.unit}" if row.sigma else f"{number(100 * row.sigma_relative)} %"
    if not row.period_s:
        return size
    return f"{size}; every {row.period_s // 60} min, {row.dead_time_s // 60} min late"
