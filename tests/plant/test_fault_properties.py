"""Whatever faults come together: a value that is no number is Bad, and a Bad one is no number."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import BadArgument
from harness.plant import instruments
from harness.plant.faults import CATALOGUE, make, unit_token
from harness.plant.simulation import Simulation

TAGS = [row.tag for row in instruments.instruments("reactor")]


@st.composite
def faults(draw):
    """One fault that the catalogue takes, with sizes up to its limits and beyond all reason."""
    tag, kind = draw(st.sampled_from(TAGS)), draw(st.sampled_from(sorted(CATALOGUE)))
    unit = unit_token(instruments.instrument(tag).unit)
    sizes = {
        size.name.format(unit=unit): draw(
            st.floats(max(size.low, -1e308), min(size.high, 1e308), allow_nan=False)
        )
        for size in CATALOGUE[kind].sizes
        if draw(st.booleans())
    }
    start_s = draw(st.integers(0, 900))
    end_s = start_s + draw(st.integers(1, 900) | st.just(math.inf))
    return tag, kind, start_s, end_s, sizes


def faulty(chosen, sample_s, pieces):
    plant = Simulation(scope="reactor", seed=1, sample_s=sample_s)
    for tag, kind, start_s, end_s, sizes in chosen:
        try:
            plant.put_fault(tag, kind, start_s=start_s, end_s=end_s, **sizes)
        except BadArgument as refused:
            assert "fault of this kind" in str(refused)  # noqa: PT017 - the only refusal there may be
    for _ in range(pieces):
        plant.run(1200 // pieces)
    return plant


@settings(max_examples=60)
@given(st.lists(faults(), max_size=8), st.sampled_from([10, 30]), st.sampled_from([1, 4]))
def test_no_combination_of_faults_makes_nan_good(chosen, sample_s, pieces):
    plant = faulty(chosen, sample_s, pieces)
    log = plant.log()
    assert (log["value"].isna() == (log["quality"] == "Bad")).all()
    assert np.isfinite(log["value"].dropna()).all()
    rows = instruments.instruments("reactor")
    for row in rows:
        mine = log[log["tag"] == row.tag]
        outside = (mine["value"] < row.low) | (mine["value"] > row.high)
        assert not (outside & (mine["quality"] == "Good")).any()
    for sample in plant.telemetry.samples(np.concatenate(plant.telemetry._delivered)):
        assert (sample.value is None) == (sample.quality == "Bad")


@settings(max_examples=30)
@given(st.lists(faults(), max_size=6))
def test_the_physics_stays_finite_whatever_the_instruments_say(chosen):
    plant = faulty(chosen, 10, 1)
    assert np.isfinite(plant.truth().to_numpy()).all()
    assert plant.truth()["coolant_kg_per_min"].between(0, 1200).all()


@settings(max_examples=40)
@given(st.lists(faults(), max_size=5), st.sampled_from([2, 5, 24]))
def test_pieces_deliver_what_one_go_delivers(chosen, pieces):
    assert faulty(chosen, 10, 1).log().equals(faulty(chosen, 10, pieces).log())


@settings(max_examples=60)
@given(faults())
def test_every_reading_is_delivered_at_least_once(chosen):
    plant = faulty([chosen], 30, 1)
    tag, _, _, _, _ = chosen
    log = plant.log()
    mine = set(log.loc[log["tag"] == tag, "sequence"])
    pending = np.concatenate(plant.telemetry._pending)
    late = set(pending["sequence"][pending["tag"] == TAGS.index(tag)])
    expected = 41 if not instruments.instrument(tag).period_s else 3
    assert mine | late == set(range(expected))


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_fault_is_active_from_its_start_until_before_its_end(start_s, end_s):
    row = instruments.instrument("TT-101")
    if not start_s < end_s:
        return
    fault = make(row, "bias", start_s=start_s, end_s=end_s)
    assert fault.is_active(start_s)
    assert not fault.is_active(end_s)
    assert not fault.is_active(np.nextafter(start_s, -np.inf))
    assert fault.overlaps(fault)
