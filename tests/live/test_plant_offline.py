"""A plant without protocols: the same plant, moved step by step by its owner alone."""

import pytest

from harness import Plant
from harness.errors import WriteRefused, WrongState


def test_offline_it_gives_the_log_of_a_pure_simulation():
    plant = Plant(seed=3, scenario="ordinary-day").offline()
    for minutes in (10, 20, 30):
        plant.run(minutes=minutes)
    assert plant.log().equals(Plant(seed=3, scenario="ordinary-day").simulate(minutes=60).log)


def test_offline_it_gives_the_log_of_a_plant_on_the_wire_with_faults_and_writes():
    def story(plant: Plant):
        plant.fault("TT-101", "bias", bias_K=1.0)
        plant.run(minutes=5)
        plant.write("TIC-101", "SV", 352.0)
        plant.run(minutes=5)
        return plant.log()

    with Plant(seed=3) as live:
        assert story(live).equals(story(Plant(seed=3).offline()))


def test_offline_the_plant_still_declines_what_it_would_decline_on_the_wire():
    plant = Plant().offline()
    with pytest.raises(WriteRefused):
        plant.write("TIC-101", "SV", 400.0)


def test_offline_the_latest_samples_are_those_of_the_log():
    plant = Plant(seed=3).offline()
    plant.run(minutes=1)
    assert plant.latest()["TT-101"].value == plant.log().query("tag == 'TT-101'").value.iloc[-1]


@pytest.mark.parametrize(
    "call", [lambda p: p.start(), lambda p: p.play(), lambda p: p.opcua, lambda p: p.mqtt]
)
def test_offline_what_needs_the_wire_is_refused(call):
    with pytest.raises(WrongState, match="Make a new Plant"):
        call(Plant().offline())


def test_a_plant_on_the_wire_does_not_go_offline():
    with Plant() as plant, pytest.raises(WrongState):
        plant.offline()
    with pytest.raises(WrongState):
        plant.offline()


def test_a_stopped_plant_does_not_run_offline():
    with Plant().offline() as plant:
        plant.run(minutes=1)
    with pytest.raises(WrongState):
        plant.run(minutes=1)
