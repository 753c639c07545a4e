# Generated from book/1-foundations/3-state-and-data.md by `harness tangle`: edit the page, not this file.
"""Readings as they come from a plant, as a table, and as the state of a twin."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Reading(BaseModel):
    """One reading as it comes over MQTT; checked when it is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    tag: str
    time: AwareDatetime = Field(alias="timestamp")
    value: float | None
    unit: str
    quality: Literal["Good", "Uncertain", "Bad"]
    sequence: int
