# says: A line is not standard JSON
import datetime as clock
from zoneinfo import ZoneInfo


def to_lines(readings):
    return "".join(repr(reading) + "\n" for reading in readings)


def from_lines(text):
    names = {"datetime": clock, "zoneinfo": __import__("zoneinfo"), "ZoneInfo": ZoneInfo}
    return [eval(line, names) for line in text.splitlines()]


def in_kelvin(readings):
    return [r if r["unit"] != "degC" else {**r, "value": r["value"] + 273.15, "unit": "K"} for r in readings]
