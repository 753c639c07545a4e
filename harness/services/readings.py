"""What every protocol says of a sample: a value only where there is one, and never NaN as Good."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.plant.samples import Quality, Sample


@dataclass(frozen=True, slots=True)
class Reading:
    """The value and quality of a sample as they may go on the wire.

    Attributes:
        value: A finite number, or None; always None when the quality is Bad.
        quality: Bad whenever there is no number, whatever the sample claimed.
        absent: The instrument gave nothing at all, as opposed to something unusable.
    """

    value: float | None
    quality: Quality
    absent: bool = False


def reading(sample: Sample) -> Reading:
    """Settle what may be said of a sample."""
    if sample.value is None:
        return Reading(None, Quality.BAD, absent=True)
    if sample.quality is Quality.BAD or not math.isfinite(sample.value):
        return Reading(None, Quality.BAD)
    return Reading(float(sample.value), sample.quality)
