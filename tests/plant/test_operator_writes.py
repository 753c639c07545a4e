"""Writes from outside: what is refused, why, and that a refused one changes nothing."""

import math
import threading
from fractions import Fraction

import numpy as np
import pytest

from harness.errors import RefusalReason as Why
from harness.errors import UnknownName, WriteRefused


def refusal(run, *write, **options):
    before = run.lanes.control.copy()
    with pytest.raises(WriteRefused) as refused:
        run.write(*write, **options)
    assert run.lanes.control == before
    return refused.value


@pytest.fixture
def reactor(plant):
    return plant(scope="reactor", seed=1)


@pytest.mark.parametrize(
    "value", [True, False, "352", b"352", None, [352.0], {}, 352 + 0j, np.array([352.0]), object()]
)
@pytest.mark.parametrize("item", ["SV", "MV"])
def test_a_value_that_is_no_number_is_refused(reactor, item, value):
    assert refusal(reactor, "TIC-101", item, value).reason is Why.WRONG_TYPE


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, np.float64("nan"), np.float32("inf"), 10**400]
)
@pytest.mark.parametrize("item", ["SV", "MV"])
def test_a_number_that_is_not_finite_is_refused(reactor, item, value):
    assert refusal(reactor, "TIC-101", item, value).reason is Why.NOT_A_NUMBER


@pytest.mark.parametrize("value", [352, 352.0, np.float32(352), np.int64(352), Fraction(704, 2)])
def test_any_kind_of_real_number_is_taken(reactor, value):
    reactor.write("TIC-101", "SV", value)
    assert reactor.operator.states()[0].sv == 352.0


@pytest.mark.parametrize("value", [329.999, 370.001, -350.0, 77.0, 1e300])
def test_a_set_value_out_of_range_is_refused_with_the_range(reactor, value):
    refused = refusal(reactor, "TIC-101", "SV", value)
    assert refused.reason is Why.OUT_OF_RANGE
    assert "330" in str(refused)
    assert "370" in str(refused)


@pytest.mark.parametrize("value", [-0.001, 1200.5])
def test_an_output_out_of_range_is_refused(reactor, value):
    reactor.write("TIC-101", "MODE", "MAN")
    assert refusal(reactor, "TIC-101", "MV", value).reason is Why.OUT_OF_RANGE


def test_the_ends_of_a_range_are_taken(reactor):
    reactor.write("TIC-101", "MODE", "MAN")
    for value in (0.0, 1200.0):
        reactor.write("TIC-101", "MV", value)


def test_an_output_is_refused_in_auto(reactor):
    refused = refusal(reactor, "TIC-101", "MV", 200.0)
    assert refused.reason is Why.WRONG_MODE
    assert "MAN" in str(refused)


@pytest.mark.parametrize(
    "mode", ["auto", "Manual", "", 1, 0, True, None, ["AUTO"], np.array(["AUTO", "MAN"])]
)
def test_an_unknown_mode_is_refused(reactor, mode):
    assert refusal(reactor, "TIC-101", "MODE", mode).reason is Why.WRONG_TYPE


@pytest.mark.parametrize(("item", "unit"), [("SV", "degC"), ("SV", "kg/min"), ("MV", "K"), ("MV", "")])
def test_a_number_in_another_unit_is_refused_with_the_right_one(reactor, item, unit):
    reactor.write("TIC-101", "MODE", "MAN")
    refused = refusal(reactor, "TIC-101", item, 340.0, unit=unit)
    assert refused.reason is Why.WRONG_UNIT
    assert ("K" if item == "SV" else "kg/min") in str(refused)


def test_a_number_in_its_own_unit_is_taken(reactor):
    reactor.write("TIC-101", "SV", 351.0, unit="K")
    reactor.write("TIC-101", "MODE", "MAN")
    reactor.write("TIC-101", "MV", 180.0, unit="kg/min")


def test_unknown_loops_and_items_are_named(reactor):
    with pytest.raises(UnknownName, match="TIC-101"):
        reactor.write("TIC-102", "SV", 350.0)
    with pytest.raises(UnknownName, match="control loop of this scope"):
        reactor.write("AIC-201", "SV", 0.95)
    with pytest.raises(UnknownName, match="item of a controller"):
        reactor.write("TIC-101", "PV", 350.0)


def test_a_set_value_may_not_jump(reactor):
    reactor.write("TIC-101", "SV", 360.0)
    refused = refusal(reactor, "TIC-101", "SV", 361.0)
    assert refused.reason is Why.TOO_FAST


def test_the_allowance_comes_back_with_the_plants_time(reactor):
    reactor.write("TIC-101", "SV", 360.0)
    reactor.run(180)
    assert refusal(reactor, "TIC-101", "SV", 363.01).reason is Why.TOO_FAST
    reactor.write("TIC-101", "SV", 363.0)
    assert refusal(reactor, "TIC-101", "SV", 362.9).reason is Why.TOO_FAST
    reactor.run(3600)
    assert refusal(reactor, "TIC-101", "SV", 352.9).reason is Why.TOO_FAST
    reactor.write("TIC-101", "SV", 353.0)


def test_many_small_writes_move_no_faster_than_one_large_one(reactor):
    taken = 0
    for step in range(1, 200):
        try:
            reactor.write("TIC-101", "SV", 350.0 + 0.1 * step)
            taken = step
        except WriteRefused:
            break
    assert taken == 100


def test_a_refused_write_costs_no_allowance(reactor):
    for _ in range(5):
        refusal(reactor, "TIC-101", "SV", 361.0)
    reactor.write("TIC-101", "SV", 360.0)


def test_each_loop_has_an_allowance_of_its_own(plant):
    run = plant(scope="plant")
    run.write("TIC-101", "SV", 360.0)
    run.write("FIC-101", "SV", 5.4)
    run.write("AIC-201", "SV", 0.93)
    run.write("AIC-202", "SV", 0.02)


def test_a_write_takes_effect_at_the_next_scan_and_not_before(plant, still):
    run = plant(scope="reactor", seed=1, sample_s=10, parameters=still.changed("control", scan_s=60))
    run.run(70)
    run.write("FIC-101", "SV", 4.8)
    run.run(50)
    assert run.truth()["feed_m3_per_h"].to_numpy() == pytest.approx(4.2, rel=1e-12)
    run.run(10)
    assert run.truth()["feed_m3_per_h"].iloc[-1] == pytest.approx(4.8, rel=1e-12)


def test_after_a_trip_modes_and_outputs_are_refused(reactor):
    reactor.lanes.state["reactor_K"] = 386.0
    reactor.run(10)
    assert refusal(reactor, "TIC-101", "MODE", "MAN").reason is Why.TRIPPED
    assert refusal(reactor, "FIC-101", "MV", 1.0).reason is Why.TRIPPED


def test_writes_from_many_threads_while_the_plant_runs_leave_a_possible_state(plant):
    """Each thread moves its own loop up and down; no write is lost, none is half done."""
    run = plant(scope="plant", seed=1, sample_s=10)
    enough, trouble, taken = threading.Event(), [], [0] * 8
    values = {
        "TIC-101": (349.5, 350.5),
        "FIC-101": (4.15, 4.25),
        "AIC-201": (0.949, 0.951),
        "AIC-202": (0.0099, 0.0101),
    }

    def hammer(number):
        tag = list(values)[number % 4]
        step = 0
        while not enough.is_set():
            step += 1
            try:
                run.write(tag, "SV", values[tag][step % 2])
                taken[number] += 1
            except WriteRefused as refused:
                if refused.reason is not Why.TOO_FAST:
                    trouble.append(refused)
            except Exception as error:
                trouble.append(error)

    threads = [threading.Thread(target=hammer, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(60):
        run.run(60)
    enough.set()
    for thread in threads:
        thread.join()
    assert not trouble
    assert all(taken)
    assert len(run.truth()) == 361
    for state in run.operator.states():
        assert state.sv in values[state.tag]
    # The rate limit held: nothing moved by more than its allowance.
    assert run.truth()["feed_m3_per_h"].diff().abs().max() <= 0.1 + 1e-9
    assert np.isfinite(run.truth().to_numpy()).all()
