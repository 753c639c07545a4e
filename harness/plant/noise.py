"""Random numbers that depend on the seed, the stream and the plant's time, and on nothing else.

A reading at a moment has the same noise whether the plant ran there in one go or in small steps,
sampled often or seldom.
"""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_BLOCK = 3600
# Most runs look at whole tens of seconds only: these have blocks of their own, without the rest.
_COARSE_S = 10


def stream_number(name: str) -> int:
    """A stable number for a stream's name, such as "TT-101/noise"."""
    return zlib.crc32(name.encode())


def reading_stream(tag: str) -> int:
    """The stream of the ordinary noise of an instrument."""
    return stream_number(f"{tag}/noise")


def normal(seed: int, stream: int, time_s: int) -> float:
    """A standard normal number for this second."""
    grid_s, block, place = _place(time_s)
    return float(_block(seed, stream, grid_s, block, "normal")[place])


def uniform(seed: int, stream: int, time_s: int) -> float:
    """A number between 0 and 1 for this second."""
    grid_s, block, place = _place(time_s)
    return float(_block(seed, stream, grid_s, block, "uniform")[place])


def normals(seed: int, stream: int, times_s: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard normal numbers for many seconds, shape like `times_s`."""
    values = np.empty(len(times_s))
    coarse = times_s % _COARSE_S == 0
    for grid_s, chosen in ((_COARSE_S, coarse), (1, ~coarse)):
        blocks, places = np.divmod(times_s // grid_s, _BLOCK)
        for block in np.unique(blocks[chosen]):
            here = chosen & (blocks == block)
            values[here] = _block(seed, stream, grid_s, int(block), "normal")[places[here]]
    return values


def _place(time_s: int) -> tuple[int, int, int]:
    grid_s = 1 if time_s % _COARSE_S else _COARSE_S
    return grid_s, *divmod(time_s // grid_s, _BLOCK)


@lru_cache(maxsize=512)
def _block(seed: int, stream: int, grid_s: int, block: int, kind: str) -> NDArray[np.float64]:
    rng = np.random.default_rng([seed, stream, grid_s, block])
    return rng.standard_normal(_BLOCK) if kind == "normal" else rng.random(_BLOCK)
