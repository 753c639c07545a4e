"""The metrics of section 1.6: their values on cases done by hand, and their refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from twin import metrics
from twin.metrics import MetricError

START = pd.Timestamp("2026-01-01T00:00:00Z")
MOMENTS = pd.date_range(START, periods=5, freq="60s")


def readings(*rows: tuple[Any, ...], tag: str = "TT-101") -> pd.DataFrame:
    """Rows of (made in s, arrived in s, value, quality, sequence) as a table."""
    made, arrived, value, quality, sequence = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "tag": tag,
            "time": START + pd.to_timedelta(made, unit="s"),
            "arrived": START + pd.to_timedelta(arrived, unit="s"),
            "value": value,
            "quality": quality,
            "sequence": sequence,
        }
    )


STEADY = [(60 * n, 60 * n, 350.0 + n, "Good", n) for n in range(5)]


def test_a_constant_offset_has_a_correlation_of_one_but_a_negative_r2() -> None:
    truth = np.array([1.0, 2.0, 3.0])
    assert np.corrcoef(truth, truth + 5)[0, 1] ** 2 == pytest.approx(1.0)
    assert metrics.r2(truth, truth + 5) == pytest.approx(1 - 75 / 2)


def test_skill_is_the_share_of_squared_error_that_is_removed() -> None:
    assert metrics.skill([0.0, 0.0], [1.0, 1.0], [2.0, 2.0]) == pytest.approx(0.75)
    assert metrics.skill([0.0, 0.0], [2.0, 2.0], [1.0, 1.0]) == pytest.approx(-3.0)


def test_a_late_reading_never_replaces_a_newer_one() -> None:
    log = readings((0, 0, 1.0, "Good", 0), (60, 60, 3.0, "Good", 2), (30, 100, 2.0, "Good", 1))
    found = metrics.known_at(log, "TT-101", MOMENTS)
    assert found["value"].tolist() == [1.0, 3.0, 3.0, 3.0, 3.0]
    assert found.age_s.tolist() == [0, 0, 60, 120, 180]


def test_order_of_rows_and_duplicates_change_nothing() -> None:
    log = readings(*STEADY)
    shuffled = pd.concat([log, log.assign(arrived=log.arrived + pd.Timedelta("30s"))]).sample(
        frac=1, random_state=1
    )
    assert metrics.known_at(shuffled, "TT-101", MOMENTS).equals(metrics.known_at(log, "TT-101", MOMENTS))
    assert metrics.updates_per_min(shuffled, "TT-101", MOMENTS) == 1.0
    assert metrics.latency_s(shuffled, "TT-101") == 0.0


def test_times_in_nanoseconds_are_understood() -> None:
    log = readings(*STEADY)
    columns = ["time", "arrived"]
    log[columns] = log[columns].astype("datetime64[ns, UTC]")
    assert metrics.age_percentile_s(log, "TT-101", MOMENTS.as_unit("ns")) == 0.0


@pytest.mark.parametrize("quality", ["Bad", "Uncertain"])
def test_what_is_not_good_is_not_known(quality: str) -> None:
    log = readings((0, 0, 1.0, "Good", 0), (60, 60, 2.0, quality, 1))
    assert metrics.known_at(log, "TT-101", MOMENTS[1:2]).age_s.tolist() == [60.0]


def test_a_tag_that_never_sent_is_infinitely_old_and_never_live() -> None:
    log = readings(*STEADY)
    assert metrics.age_percentile_s(log, "TT-999", MOMENTS) == np.inf
    assert metrics.coverage(log, {"T": ["TT-999"]}, MOMENTS, limit_s=1e9) == 0.0


def test_coverage_counts_stale_as_not_live_and_a_need_without_tags_never() -> None:
    log = readings((0, 0, 1.0, "Good", 0))
    assert metrics.coverage(log, {"T": ["TT-101"]}, MOMENTS, limit_s=60) == pytest.approx(2 / 5)
    needs: dict[str, list[str]] = {"T": ["TT-101"], "z_B": []}
    assert metrics.coverage(log, needs, MOMENTS, limit_s=60) == pytest.approx(1 / 5)


def test_a_need_is_live_only_when_all_its_tags_are() -> None:
    log = pd.concat([readings(*STEADY), readings((0, 0, 4.2, "Good", 0), tag="FT-101")])
    both = metrics.coverage(log, {"z_A": ["TT-101", "FT-101"]}, MOMENTS, limit_s=60)
    assert both == pytest.approx(2 / 5)


def test_savings_are_paired() -> None:
    mean, error = metrics.saving([10.0, 20.0, 30.0], [9.0, 19.0, 29.0])
    assert mean == pytest.approx(1.0)
    assert error == pytest.approx(0.0)


def test_availability_is_the_share_of_time_that_is_left() -> None:
    assert metrics.availability(6.0, 24.0) == 0.75


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: metrics.rmse([], []), "Not one estimate"),
        (lambda: metrics.rmse([1.0, 2.0], [1.0]), "Not one estimate"),
        (lambda: metrics.rmse([1.0, None], [1.0, 2.0]), r"No number at \[1\]"),
        (lambda: metrics.rmse([1.0, 2.0], [np.nan, 2.0]), r"No number at \[0\]"),
        (lambda: metrics.r2([350.0, 350.0], [349.0, 351.0]), "350 throughout"),
        (lambda: metrics.r2([350.0], [350.0]), "350 throughout"),
        (lambda: metrics.skill([1.0], [1.0], [1.0]), "no error left"),
        (lambda: metrics.relative_error([76.85], [77.0], unit="degC"), "degC"),
        (lambda: metrics.relative_error([0.0], [0.1], unit="m3/h"), "true value is 0"),
        (lambda: metrics.known_at(readings(*STEADY), "TT-101", MOMENTS[:0]), "0 moments"),
        (lambda: metrics.known_at(readings(*STEADY), "TT-101", MOMENTS[::-1]), "not in order"),
        (lambda: metrics.known_at(readings(*STEADY), "TT-101", MOMENTS.tz_localize(None)), "zone None"),
        (
            lambda: metrics.known_at(readings((60, 30, 1.0, "Good", 0)), "TT-101", MOMENTS),
            "after its arrival",
        ),
        (lambda: metrics.latency_s(readings(*STEADY), "TT-999"), "TT-999"),
        (lambda: metrics.latency_s(readings(*STEADY), "TT-101", percent=950), "950"),
        (lambda: metrics.updates_per_min(readings(*STEADY), "TT-101", MOMENTS[:1]), "two different"),
        (lambda: metrics.coverage(readings(*STEADY), {}, MOMENTS, limit_s=60), "0 needs"),
        (lambda: metrics.coverage(readings(*STEADY), {"T": ["TT-101"]}, MOMENTS, limit_s=np.nan), "nan s"),
        (lambda: metrics.saving([1.0], [0.0]), "at least two"),
        (lambda: metrics.availability(25.0, 24.0), "25.0 h down"),
    ],
)
def test_what_has_no_value_is_refused_by_name(wrong: Callable[[], object], message: str) -> None:
    with pytest.raises(MetricError, match=message):
        wrong()
