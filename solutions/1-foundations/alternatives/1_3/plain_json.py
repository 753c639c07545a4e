import json
import math
from datetime import datetime

WORDS = ("Good", "Uncertain", "Bad")
KEYS = ("tag", "time", "value", "unit", "quality", "sequence")


def checked(reading):
    if any(key not in reading for key in KEYS):
        raise ValueError(f"A reading needs {KEYS}")
    if reading["time"].tzinfo is None or reading["quality"] not in WORDS:
        raise ValueError("A time needs a zone, a quality one of three words")
    if reading["value"] is not None and not math.isfinite(reading["value"]):
        raise ValueError("A value must be finite or missing")
    return {key: reading[key] for key in KEYS}


def to_lines(readings):
    lines = []
    for reading in map(checked, readings):
        time = reading.pop("time")
        lines.append(json.dumps({**reading, "timestamp": time.isoformat()}) + "\n")
    return "".join(lines)


def from_lines(text):
    readings = []
    for line in filter(str.strip, text.splitlines()):
        fields = json.loads(line)
        if "timestamp" not in fields:
            raise ValueError("A line needs a timestamp")
        time = datetime.fromisoformat(fields["timestamp"])
        readings.append(checked({**fields, "time": time}))
    return readings


def in_kelvin(readings):
    out = []
    for reading in readings:
        reading = dict(reading)
        if reading["unit"] == "degC":
            if reading["value"] is not None:
                reading["value"] = reading["value"] + 273.15
            reading["unit"] = "K"
        out.append(reading)
    return out
