"""The gate, the calibration and the ladder of section 1.5."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from twin.calibration import (
    Ladder,
    Report,
    Requirement,
    Rung,
    as_record,
    calibrate,
    digest,
    examine,
    forecast,
    rms,
    slip,
)
from twin.reactor import Reactor

from harness import Plant

GATE = (
    Requirement("T error, RMS", "K", "test", 0.0, 0.5),
    Requirement("span of TT-101", "K", "test", low=4.0),
)


def record(seed: int, *set_values_K: float):
    """A test run of three hours with moves of the set value every 45 min."""
    plant = Plant(seed=seed, sample_s=60).offline()
    plant.run(minutes=20)
    for value in set_values_K:
        plant.write("TIC-101", "SV", value)
        plant.run(minutes=45)
    return as_record(plant.log())


@pytest.fixture(scope="module")
def moved():
    return record(1, 353.0, 347.0, 352.0)


def report(
    *, gate: tuple[Requirement, ...] = GATE, reactor: Reactor | None = None, error_K: float = 0.1
) -> Report:
    values = (error_K, 6.0)
    return Report(digest(gate), reactor or Reactor(), tuple(zip(gate, values, strict=True)))


@pytest.mark.parametrize("seed", range(3))
def test_a_sound_run_gives_ua_within_three_per_cent(seed):
    fitted = calibrate(record(seed, 353.0, 347.0, 352.0)).reactor
    assert fitted.ua_kJ_per_min_K == pytest.approx(313.8, rel=0.03)


def test_the_fit_is_better_than_its_start_and_does_not_hand_it_back(moved):
    fit = calibrate(moved)
    start_K = forecast(Reactor(), moved)[:, 1] - moved.reactor_K
    assert rms(fit.residuals_K) < 0.5 * rms(start_K)
    assert 0 < fit.standard_error["ua_kJ_per_min_K"] < 1


def test_the_start_of_a_fit_does_not_decide_its_end(moved):
    ends = [
        calibrate(moved, start=Reactor(ua_kJ_per_min_K=ua)).reactor.ua_kJ_per_min_K for ua in (280.0, 340.0)
    ]
    assert ends[0] == pytest.approx(ends[1], rel=2e-3)


def test_a_log_in_another_unit_is_refused():
    log = Plant(seed=1, sample_s=60).simulate(hours=1).log
    celsius = log.assign(unit=log.unit.astype(str).where(log.tag != "TT-101", "degC"))
    with pytest.raises(ValueError, match="TT-101"):
        as_record(celsius)


def test_analyses_are_dated_by_their_samples(moved):
    assert set(moved.sampled_min % 10) == {0.0}  # a sample every ten minutes, a result six later
    assert moved.sampled_min.max() <= moved.times_min.max() - 6


@pytest.mark.parametrize(("value", "met"), [(0.0, True), (0.5, True), (0.51, False), (math.nan, False)])
def test_bounds_belong_to_a_requirement_and_nan_does_not_meet_it(value, met):
    assert GATE[0].met(value) is met


def test_a_run_at_rest_proves_nothing():
    rest = record(2, 350.0)
    assert "span of TT-101" in examine(GATE, Reactor(), rest).failed


def test_any_change_of_a_gate_changes_its_digest():
    moved_limit = (replace(GATE[0], high=0.6), GATE[1])
    other_reason = (replace(GATE[0], why="because"), GATE[1])
    assert len({digest(GATE), digest(moved_limit), digest(other_reason), digest(GATE[:1])}) == 4
    assert digest(GATE) == digest(tuple(GATE))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (report(error_K=0.9), "failed"),
        (report(gate=(replace(GATE[0], high=9.0), GATE[1])), "another gate"),
        (report(reactor=Reactor(ua_kJ_per_min_K=310.0)), "another model"),
    ],
)
def test_the_ladder_refuses_what_proves_nothing(wrong, said):
    ladder = Ladder(gate=digest(GATE), reactor=Reactor())
    with pytest.raises(PermissionError, match=said):
        ladder.climb(wrong, approved_by="shift leader")
    assert ladder.rung is Rung.MONITOR


def test_a_report_opens_one_rung_and_an_unsigned_one_none():
    ladder = Ladder(gate=digest(GATE), reactor=Reactor())
    once = report()
    ladder.climb(once, approved_by="shift leader")
    for again, name in ((once, "shift leader"), (report(error_K=0.2), "")):
        with pytest.raises(PermissionError):
            ladder.climb(again, approved_by=name)
    assert ladder.rung is Rung.OFFLINE


def test_a_fall_goes_all_the_way_down_and_is_written_down():
    ladder = Ladder(gate=digest(GATE), reactor=Reactor())
    for error_K in (0.1, 0.2, 0.3):
        ladder.climb(report(error_K=error_K), approved_by="plant manager")
    ladder.need(Rung.CLOSED_LOOP)
    ladder.fall("stale data")
    with pytest.raises(PermissionError, match="MONITOR"):
        ladder.need(Rung.OFFLINE)
    assert "stale data" in ladder.history[-1]


def test_slips_of_units_are_named_and_a_sound_value_is_not():
    assert "kW" in slip(313.8 / 60, expected=300.0)
    assert "hour" in slip(313.8 * 60, expected=300.0)
    assert slip(313.8, expected=300.0) == ""
