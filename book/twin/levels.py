# Generated from book/1-foundations/4-fidelity-levels.md by `harness tangle`: edit the page, not this file.
"""Five levels of twin behind one question; what will the reactor's temperature be if these set values are
written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.optimize import least_squares
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from twin.reactor import Reactor, rates
from twin.readings import STATE_MAP

# What 1 m3/h of liquid is, in kmol/min.
KMOL_PER_MIN = STATE_MAP["feed_kmol_per_min"].convert(1.0, "m3/h")
Minute = dict[str, float]  # by tag; "SV" is the set value of TIC-101
Run = list[Minute]


class Level(Protocol):
    """What a twin of any level answers."""

    def predict(self, past: Run, planned_K: Sequence[float]) -> np.ndarray:
        """Temperature at the end of each minute of a plan of set values."""


TAGS = ["TT-101", "TT-102", "TT-103", "FT-101", "FT-102"]


def by_minute(log: pd.DataFrame, set_values: dict[datetime, float], *, first_K: float) -> Run:
    """Means of each minute; `set_values` are what was written, and when."""
    good = log[(log.quality == "Good") & log.tag.isin(TAGS)]
    ends = good.time.dt.ceil("min").rename("end")
    table = good.pivot_table(values="value", index=ends, columns="tag")
    table = table.asfreq("min").ffill()
    table["SV"] = first_K
    for written, set_K in sorted(set_values.items()):
        table.loc[table.index > written, "SV"] = set_K
    return table.to_dict("records")


HORIZON_MIN = 10


def errors_K(level: Level, run: Run, *, every: int = 5) -> np.ndarray:
    """Predicted less measured, for minutes 1 to 10 ahead of each start."""
    rows = []
    for now in range(40, len(run) - HORIZON_MIN, every):
        ahead = run[now + 1 : now + 1 + HORIZON_MIN]
        planned_K = [minute["SV"] for minute in ahead]
        measured_K = [minute["TT-101"] for minute in ahead]
        rows.append(level.predict(run[: now + 1], planned_K) - measured_K)
    return np.array(rows)


def rmse_K(level: Level, run: Run) -> float:
    """Root-mean-square error ten minutes ahead."""
    return float(np.sqrt(np.mean(errors_K(level, run)[:, -1] ** 2)))


class Log:
    """L1: the last value persists."""

    def predict(self, past: Run, planned_K: Sequence[float]) -> np.ndarray:
        return np.full(len(planned_K), past[-1]["TT-101"])


def features(past: Run, planned_K: Sequence[float]) -> list[float]:
    """What a statistical model looks at, as differences where it can."""
    now, one, three, eight = (past[-1 - back] for back in (0, 1, 3, 8))
    here_K, jacket_K = now["TT-101"], now["TT-102"]
    moved = [here_K - old["TT-101"] for old in (one, three, eight)]
    cooled = [jacket_K - old["TT-102"] for old in (one, three)]
    coolant = [minute["FT-102"] for minute in (now, one, three)]
    level = [here_K, here_K - now["SV"], jacket_K, now["TT-103"]]
    plan = [set_K - now["SV"] for set_K in planned_K]
    return [*moved, *cooled, *coolant, *level, now["FT-101"], *plan]


class Statistical:
    """L2: any regressor of scikit-learn, for ten minutes ahead."""

    def __init__(self, regressor: Any) -> None:
        self.regressor = regressor

    def fit(self, runs: list[Run]) -> "Statistical":
        """Learn the rises of the next ten minutes from every start."""
        inputs, rises_K = [], []
        for run in runs:
            for now in range(40, len(run) - HORIZON_MIN):
                ahead = run[now + 1 : now + 1 + HORIZON_MIN]
                planned_K = [minute["SV"] for minute in ahead]
                inputs.append(features(run[: now + 1], planned_K))
                here_K = run[now]["TT-101"]
                rises_K.append([m["TT-101"] - here_K for m in ahead])
        self.regressor.fit(np.array(inputs), np.array(rises_K))
        return self

    def predict(self, past: Run, planned_K: Sequence[float]) -> np.ndarray:
        rises_K = self.regressor.predict([features(past, planned_K)])[0]
        return past[-1]["TT-101"] + rises_K


def half_width_K(level: Level, run: Run, *, share: float = 0.9) -> np.ndarray:
    """Half an interval that held this share of a run, for each minute."""
    return np.quantile(np.abs(errors_K(level, run)), share, axis=0)


def coverage(level: Level, run: Run, half_K: np.ndarray) -> float:
    """Share of a run's temperatures ten minutes ahead that it holds."""
    return float(np.mean(np.abs(errors_K(level, run)[:, -1]) <= half_K[-1]))


GAIN_KG_PER_MIN_K, INTEGRAL_MIN, COOLANT_MAX = 60.0, 60.0, 1200.0
COOLANT_KJ_PER_KG_K = 4.18
STEPS_PER_MIN = 6


@dataclass(frozen=True)
class Physics:
    """L3: reactor, jacket and TIC-101; kmol, min, K and kJ."""

    reactor: Reactor = Reactor()
    exchange_kJ_per_min_K: float = 1500.0
    jacket_kJ_per_K: float = 6270.0

    def predict(self, past: Run, planned_K: Sequence[float]) -> np.ndarray:
        return path(self, past[-1], planned_K)[:, 0]


def tic(T_K: float, set_K: float, integral: float) -> tuple[float, float]:
    """Coolant flow and integral of TIC-101 after one scan."""
    wanted = GAIN_KG_PER_MIN_K * (T_K - set_K)
    step = wanted / (INTEGRAL_MIN * STEPS_PER_MIN)
    if 0.0 < wanted + integral + step < COOLANT_MAX:
        integral += step
    return min(max(wanted + integral, 0.0), COOLANT_MAX), integral


def path(
    model: Physics,
    now: Minute,
    planned_K: Sequence[float],
    missing_K_per_min: float = 0.0,
) -> np.ndarray:
    """Reactor and jacket at each minute's end, in K, shape (n, 2)."""
    z_a, integral = now["z_a"], now["integral"]
    T_K, jacket_K = now["TT-101"], now["TT-102"]
    feed, water_K = now["FT-101"] * KMOL_PER_MIN, now["TT-103"]
    late = STEPS_PER_MIN // 2  # a mean stands for the middle of its minute
    each = [s for s in planned_K for _ in range(STEPS_PER_MIN)]
    ends = []
    for set_K in ([now["SV"]] * late + each)[: len(each)]:
        flow, integral = tic(T_K, set_K, integral)
        inputs = {"feed_kmol_per_min": feed, "jacket_K": jacket_K}
        dz_a, dT_K = rates(model.reactor, z_a, T_K, **inputs)
        dj_K = jacket_rate(model, T_K, jacket_K, flow, water_K)
        z_a += dz_a / STEPS_PER_MIN
        T_K += (dT_K + missing_K_per_min) / STEPS_PER_MIN
        jacket_K += dj_K / STEPS_PER_MIN
        ends.append((T_K, jacket_K))
    return np.array(ends[STEPS_PER_MIN - 1 :: STEPS_PER_MIN])


def jacket_rate(model: Physics, T_K: float, jacket_K: float, flow: float, water_K: float) -> float:
    """Rate of the jacket temperature, in K/min; flow in kg/min."""
    capacity = max(flow, 1e-6) * COOLANT_KJ_PER_KG_K
    used = 1.0 - math.exp(-model.exchange_kJ_per_min_K / capacity)
    cooled = capacity * used * (jacket_K - water_K)
    heated = model.reactor.ua_kJ_per_min_K * (T_K - jacket_K)
    return (heated - cooled) / model.jacket_kJ_per_K


def with_unmeasured(run: Run, *, z_a: float = 0.2632) -> Run:
    """Adds z_A and the integral of TIC-101 to each minute of a run."""
    integral, known = 0.0, []
    for m in run:
        inputs = {
            "feed_kmol_per_min": m["FT-101"] * KMOL_PER_MIN,
            "jacket_K": m["TT-102"],
        }
        z_a += rates(Reactor(), z_a, m["TT-101"], **inputs)[0]
        if 5.0 < m["FT-102"] < COOLANT_MAX - 5.0:
            wanted = GAIN_KG_PER_MIN_K * (m["TT-101"] - m["SV"])
            integral = m["FT-102"] - wanted
        known.append(m | {"z_a": z_a, "integral": integral})
    return known


def scaled(shares: np.ndarray) -> Physics:
    """A model whose three parameters are shares of the first guess."""
    first = Physics()
    ua, exchange, jacket = (float(share) for share in shares)
    ua_kJ_per_min_K = first.reactor.ua_kJ_per_min_K * ua
    return Physics(
        replace(first.reactor, ua_kJ_per_min_K=ua_kJ_per_min_K),
        first.exchange_kJ_per_min_K * exchange,
        first.jacket_kJ_per_K * jacket,
    )


def misfit(model: Physics, run: Run, *, every: int = 20) -> np.ndarray:
    """Errors of reactor and jacket, over 0.1 K and 0.3 K."""
    rows = []
    for now in range(40, len(run) - HORIZON_MIN, every):
        ahead = run[now + 1 : now + 1 + HORIZON_MIN]
        read_K = [(minute["TT-101"], minute["TT-102"]) for minute in ahead]
        planned_K = [minute["SV"] for minute in ahead]
        rows.append(path(model, run[now], planned_K) - read_K)
    return (np.concatenate(rows) / [0.1, 0.3]).ravel()


def estimate(runs: list[Run]) -> Physics:
    """The three parameters that fit the runs best."""

    def all_errors(shares: np.ndarray) -> np.ndarray:
        return np.concatenate([misfit(scaled(shares), run) for run in runs])

    return scaled(least_squares(all_errors, np.ones(3), diff_step=1e-4).x)


def missed(model: Physics, past: Run) -> list[float]:
    """What the model missed of the last 10 and 20 minutes, in K/min."""
    rates_K_per_min = []
    for minutes in (10, 20):
        planned_K = [minute["SV"] for minute in past[-minutes:]]
        end_K = path(model, past[-1 - minutes], planned_K)[-1, 0]
        rates_K_per_min.append((past[-1]["TT-101"] - end_K) / minutes)
    return rates_K_per_min


class Hybrid:
    """L4: physics, and a learned forecast of the heat it misses."""

    def __init__(self, model: Physics, learn: Any = missed) -> None:
        self.model, self.learn = model, learn
        ridge = RidgeCV(alphas=np.logspace(-3, 3, 13))
        self.correction = make_pipeline(StandardScaler(), ridge)

    def fit(self, runs: list[Run]) -> "Hybrid":
        """Learn what is missed of the next ten minutes from the past."""
        known, coming = [], []
        for run in runs:
            for now in range(40, len(run) - HORIZON_MIN, 4):
                end = now + HORIZON_MIN
                known.append(self.learn(self.model, run[: now + 1]))
                coming.append(missed(self.model, run[: end + 1])[0])
        self.correction.fit(known, coming)
        return self

    def missing_K_per_min(self, past: Run) -> float:
        known = [self.learn(self.model, past)]
        return float(self.correction.predict(known)[0])

    def predict(self, past: Run, planned_K: Sequence[float]) -> np.ndarray:
        missing = self.missing_K_per_min(past)
        return path(self.model, past[-1], planned_K, missing)[:, 0]


EVERY_MIN = 5
BLOCKS_MIN = (10, 10, 20)  # a planned set value holds this long


def plan_move(
    hybrid: Hybrid,
    past: Run,
    *,
    set_K: float,
    target_K: float,
    limit_K: float,
) -> float:
    """The next set value for a move that shall not pass a limit."""
    now = past[-1] | {"SV": set_K}
    missing = hybrid.missing_K_per_min(past)

    def regrets(moves_K: np.ndarray) -> np.ndarray:
        plan = np.repeat(set_K + np.cumsum(moves_K), BLOCKS_MIN)
        T_K = path(hybrid.model, now, plan.tolist(), missing)[:, 0]
        too_hot_K = 10.0 * np.maximum(T_K - limit_K, 0.0)
        return np.concatenate([T_K - target_K, too_hot_K, 0.1 * moves_K])

    stay, most_K = np.zeros(len(BLOCKS_MIN)), 1.0 * EVERY_MIN
    effort = {"max_nfev": 5, "diff_step": 1e-3}
    found = least_squares(regrets, stay, bounds=(-most_K, most_K), **effort)
    return float(np.clip(set_K + found.x[0], 330.0, 370.0))


@dataclass(frozen=True)
class Economy:
    """The whole plant at rest; flows in kmol/min, prices in EUR/kmol."""

    feed: float
    x_d: float
    x_b: float
    activity: float = 1.0
    byproduct_per_min: float = 3e-4  # at 350 K
    boilup_ratio: float = 1.2  # over the least possible

    def at_rest(self, T_K: float, r: Reactor = Reactor()) -> dict[str, float]:
        """z_A, w, boil-up and profit (chilled water is left out)."""
        k1 = self.activity * r.k0_per_min * math.exp(-r.activation_K / T_K)
        z_a = self.feed * (1.0 - self.x_b) / (r.holdup_kmol * k1)
        recycle = self.feed * (z_a - self.x_b) / (self.x_d - z_a)
        boilup = self.boilup_ratio * least_boilup(z_a, recycle, self.x_d)
        hotter = -11_000.0 * (1.0 / T_K - 1.0 / 350.0)
        k2 = self.byproduct_per_min * math.exp(hotter)
        heavy = self.feed * (1.0 - self.x_b)
        odds = r.holdup_kmol * k2 * (1.0 - z_a) / heavy
        w = odds / (1.0 + odds)
        sold = heavy * (121.0 * (1.0 - w) + 22.0 * w)
        profit = sold - 88.0 * self.feed - 0.315 * boilup
        return {"z_a": z_a, "w": w, "boilup": boilup, "profit": profit}


def least_boilup(z_a: float, distillate: float, x_d: float) -> float:
    """Underwood: boiling feed, relative volatility 1.5."""
    reflux = 2.0 * (x_d / z_a - 1.5 * (1.0 - x_d) / (1.0 - z_a))
    return distillate * (1.0 + reflux)


def corrected(m: dict[str, float]) -> Economy:
    """An economy that agrees with the means of measurements, by tag."""
    plain = Economy(m["FT-101"] * KMOL_PER_MIN, m["AT-201"], m["AT-202"])
    guess, w = plain.at_rest(m["TT-101"]), m["AT-101W"]
    recycle = m["FT-202"] * KMOL_PER_MIN
    least = least_boilup(m["AT-101A"], recycle, plain.x_d)
    odds = guess["w"] / (1.0 - guess["w"])
    return replace(
        plain,
        activity=guess["z_a"] / m["AT-101A"],
        byproduct_per_min=plain.byproduct_per_min * w / (1.0 - w) / odds,
        boilup_ratio=m["FT-204"] / least,
    )


def best_K(economy: Economy) -> float:
    """The temperature that earns most with boil-up and w in bounds."""
    grid_K = np.arange(330.0, 370.5, 0.5)
    rest = [economy.at_rest(T_K) for T_K in grid_K]
    allowed = [r["boilup"] <= 3.9 and r["w"] <= 0.06 for r in rest]
    profit = [r["profit"] for r in rest]
    return float(grid_K[np.argmax(np.where(allowed, profit, -np.inf))])


def decide(means: dict[str, float], swing_K: float, set_K: float) -> float:
    """L5: the next set value; the model advises, measurements rule."""
    if means["FT-101"] < 1.8:  # no production, nothing to decide
        return set_K
    if swing_K > 1.0 or means["FT-204"] > 3.9:
        return min(set_K + 1.0, 350.0)
    if swing_K > 0.6:
        return set_K
    wanted_K = best_K(corrected(means))
    return float(np.clip(wanted_K, set_K - 0.5, set_K + 0.5))
