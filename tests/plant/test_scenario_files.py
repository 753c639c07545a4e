"""Scenarios: every shipped file runs, and a bad file is refused with the entry that is wrong."""

import tomllib

import numpy as np
import pytest

from harness import Plant
from harness.errors import BadArgument, UnknownName
from harness.plant import scenarios


@pytest.mark.parametrize("name", scenarios.names())
def test_every_shipped_scenario_loads_and_runs(name):
    story = scenarios.load(name)
    assert len(story.description) > 20
    last_min = max(
        [10.0]
        + [entry.at_min for entry in (*story.writes, *story.events)]
        + [entry.end_min or entry.start_min for entry in story.faults]
    )
    run = Plant(scenario=name, seed=1, sample_s=60).simulate(minutes=round(last_min) + 60)
    assert np.isfinite(run.truth.to_numpy()).all()
    assert not [event for event in run.events if "refused" in event.text]
    for entry in story.faults:
        assert (run.log["tag"] == entry.tag).any()


def test_there_are_scenarios_of_every_scope_and_kind():
    stories = scenarios.list_scenarios()
    assert {story.scope for story in stories} == {"reactor", "cooling", "plant"}
    assert any(story.faults for story in stories)
    assert any(story.writes for story in stories)
    assert any(story.events for story in stories)
    assert any(story.disturbances for story in stories)


def test_a_shipped_scenario_does_what_its_file_says():
    run = Plant(scenario="set-point-step", seed=1).simulate(hours=8)
    assert run.truth["reactor_K"].iloc[:180].max() < 350.1
    assert run.truth["reactor_K"].iloc[-360:].mean() == pytest.approx(352.0, abs=0.05)


def write_file(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """
description = "A bias of two kelvin."
[[faults]]
tag = "TT-101"
kind = "bias"
start_min = 5
sizes = { bias_K = 2 }
[[writes]]
at_min = 10
loop = "TIC-101"
value = 351
[[events]]
at_min = 20
kind = "pump_failure"
minutes = 1
"""


@pytest.mark.parametrize("as_text", [True, False])
def test_a_file_of_ones_own_is_found_by_its_path(tmp_path, as_text):
    path = write_file(tmp_path, GOOD)
    run = Plant(scenario=str(path) if as_text else path).simulate(minutes=30)
    tt = run.log.query("tag == 'TT-101'")["value"].to_numpy()
    assert tt[31:50].mean() - tt[:30].mean() > 1.0
    assert (run.truth["coolant_kg_per_min"] == 0).any()


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (("start_min = 5", 'start_min = "soon"'), "faults.0.start_min"),
        (("start_min = 5", 'start_min = "5"'), "faults.0.start_min"),
        (("start_min = 5", "start_min = -5"), "faults.0.start_min"),
        (("start_min = 5", "start_min = nan"), "faults.0.start_min"),
        (("start_min = 5", "start_min = true"), "faults.0.start_min"),
        (("start_min = 5", "start_min = 5\nend_min = 5"), "faults.0"),
        (('tag = "TT-101"', 'tag = "TT-100"'), "faults.0"),
        (('tag = "TT-101"', "tag = 101"), "faults.0.tag"),
        (('tag = "TT-101"', 'tag = "TT-201"'), "faults.0"),
        (('tag = "TT-101"\n', ""), "faults.0.tag"),
        (('kind = "bias"', 'kind = "biased"'), "faults.0"),
        (("bias_K = 2", "bias_C = 2"), "faults.0"),
        (("bias_K = 2", "bias_K = nan"), "faults.0"),
        (("bias_K = 2", "bias_K = true"), "faults.0.sizes"),
        (("bias_K = 2", 'bias_K = "2"'), "faults.0.sizes"),
        (('loop = "TIC-101"', 'loop = "TIC-100"'), "writes.0"),
        (('loop = "TIC-101"', 'loop = "TIC-101"\nitem = "PV"'), "writes.0.item"),
        (("value = 351", "value = 999"), "writes.0"),
        (("value = 351", 'value = "351"'), "writes.0"),
        (("value = 351", "value = true"), "writes.0"),
        (("value = 351", "value = inf"), "writes.0"),
        (("at_min = 10", "at_time = 10"), "writes.0"),
        (('kind = "pump_failure"', 'kind = "explosion"'), "events.0.kind"),
        (("minutes = 1", "minutes = -1"), "events.0.minutes"),
        (('description = "A bias of two kelvin."', ""), "description"),
        (('description = "', 'colour = "red"\ndescription = "'), "colour"),
        (('description = "', 'scope = "column"\ndescription = "'), "scope"),
        (('description = "', 'disturbances = ["rain"]\ndescription = "'), "disturbances"),
        (('description = "', 'disturbances = "cooling_water"\ndescription = "'), "disturbances"),
        (('description = "', 'age_d = -1\ndescription = "'), "age_d"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, change, names):
    assert change[0] in GOOD
    path = write_file(tmp_path, GOOD.replace(*change))
    with pytest.raises(BadArgument) as refused:
        Plant(scenario=path)
    assert names in str(refused.value)
    assert "own" in str(refused.value)


def test_a_wrong_entry_offers_the_right_name(tmp_path):
    path = write_file(tmp_path, GOOD.replace('"TT-101"', '"TT-110"'))
    with pytest.raises(BadArgument, match="TT-101"):
        Plant(scenario=path)


@pytest.mark.parametrize("text", ["faults = [", "description = unquoted", '[[faults]\ntag = "x"'])
def test_a_file_that_is_not_toml_is_refused_with_its_line(tmp_path, text):
    with pytest.raises(BadArgument, match=r"own\.toml is not TOML.*(line 1|end of document)"):
        Plant(scenario=write_file(tmp_path, text))


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(b"\xff\xfe\x00description")
    with pytest.raises(BadArgument, match="not TOML"):
        Plant(scenario=path)


@pytest.mark.parametrize("name", ["calmm", "no-such.toml", "", ".."])
def test_an_unknown_scenario_is_refused_with_those_there_are(name):
    with pytest.raises(UnknownName, match="scenario"):
        scenarios.load(name)


@pytest.mark.parametrize("name", [5, ["calm"], True, b"calm"])
def test_a_scenario_that_is_no_name_is_refused(name):
    with pytest.raises(BadArgument, match="name or a path"):
        Plant(scenario=name)


def test_a_scenario_needs_its_scope():
    with pytest.raises(BadArgument, match="needs the scope 'plant'"):
        Plant(scenario="whole-plant-day", scope="reactor")


def test_a_scenario_brings_its_scope():
    assert len(Plant(scenario="whole-plant-day").loops) == 4


def test_a_larger_scope_may_play_a_smaller_scenario():
    run = Plant(scenario="pump-failure", scope="plant", seed=1).simulate(hours=1)
    assert [event.text for event in run.events] == ["safety system tripped"]


def test_a_write_that_the_plant_declines_becomes_an_event_and_the_run_goes_on(plant):
    run = plant(
        {
            "events": ({"at_min": 0, "kind": "pump_failure"},),
            "writes": ({"at_min": 60, "loop": "TIC-101", "item": "MODE", "value": "MAN"},),
        },
        seed=1,
    )
    run.run(2 * 3600)
    texts = [event.text for event in run.events]
    assert texts[0] == "safety system tripped"
    assert "write was refused" in texts[1]
    assert "held by the safety system" in texts[1]
    assert len(run.truth()) == 721


def test_the_files_say_nothing_that_is_not_read():
    for name in scenarios.names():
        path = scenarios._FOLDER / f"{name}.toml"
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        assert set(given) <= set(scenarios.Scenario.model_fields)
