"""`harness doctor` tells what is there, what is not, and what that costs."""

import importlib.metadata
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness import doctor
from harness.cli import app
from harness.doctor import Finding, State

runner = CliRunner()


def finding(name: str) -> Finding:
    return next(one for one in doctor.examine() if one.name == name)


def pretend_absent(monkeypatch: pytest.MonkeyPatch, *absent: str) -> None:
    """Hide distributions, as if they had not been installed."""
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name in absent:
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)


def test_environment_of_this_project_is_healthy() -> None:
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 0, result.output
    assert "All that is needed is here" in result.output


def test_every_declared_dependency_has_its_cost_and_no_other_is_listed() -> None:
    assert {r.name for r in doctor.requirements()} == set(doctor.COST_OF)


def test_missing_library_is_named_with_its_cost_and_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_absent(monkeypatch, "asyncua")
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 1
    text = " ".join(result.output.split())
    assert "Missing and needed: asyncua" in text
    assert "no OPC UA server or MQTT broker can start" in text
    assert "make env" in text


def test_library_that_is_too_old_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.0" if name == "numpy" else real(name))
    assert finding("numpy").state is State.MISSING
    assert "wanted>=" in finding("numpy").detail


def test_missing_optional_program_costs_something_but_does_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda command, path: None)
    assert finding("Chromium").state is State.OPTIONAL
    assert finding("Chromium").cost
    assert "apt-get install chromium" in finding("Chromium").remedy
    assert doctor.healthy(doctor.examine())


def test_half_of_the_mosquitto_clients_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor.shutil, "which", lambda command, path: "/bin/x" if command == "mosquitto_sub" else None
    )
    assert finding("Mosquitto's clients").state is State.OPTIONAL


def test_equations_that_are_not_compiled_cost_time_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    assert finding("compiled equations").state is State.OPTIONAL
    assert "10 s" in finding("compiled equations").cost


def test_port_that_cannot_be_opened_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.socket, "create_server", refuse)
    assert finding("loopback port").state is State.MISSING


def test_folder_that_cannot_be_written_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)
    assert finding("temporary folder").state is State.MISSING
    assert "TMPDIR" in finding("temporary folder").remedy


def test_full_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 10_000_000

    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: Usage)
    assert finding("disk").state is State.MISSING


def test_whatever_is_missing_says_its_cost_and_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_absent(monkeypatch, *(r.name for r in doctor.requirements()))
    missing = [one for one in doctor.examine() if one.state is not State.OK]
    assert len(missing) >= len(doctor.COST_OF)
    assert all(one.cost and one.remedy for one in missing)


def test_json_for_programs_holds_every_finding() -> None:
    result = runner.invoke(app, ["doctor", "--json"])
    assert [one["name"] for one in json.loads(result.output)] == [one.name for one in doctor.examine()]
