import json
from datetime import UTC

import pandas as pd
from pydantic import TypeAdapter
from twin.readings import STATE_MAP, Reading, as_table

ONE_LINE = TypeAdapter(list[Reading])


def to_lines(readings):
    renamed = [{("timestamp" if k == "time" else k): v for k, v in r.items()} for r in readings]
    table = as_table(ONE_LINE.validate_python(renamed))
    table["timestamp"] = table.pop("time").map(lambda time: time.isoformat())
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)


def from_lines(text):
    array = "[" + ",".join(line for line in text.splitlines() if line.strip()) + "]"
    return [
        {**reading.model_dump(), "time": reading.time.astimezone(UTC)}
        for reading in ONE_LINE.validate_json(array)
    ]


def in_kelvin(readings):
    table = pd.DataFrame(readings, dtype=object)
    for at in table.index[table["unit"] == "degC"]:
        value = table.at[at, "value"]
        table.at[at, "value"] = None if value is None else STATE_MAP["reactor_K"].convert(value, "degC")
        table.at[at, "unit"] = "K"
    return table.to_dict("records")
