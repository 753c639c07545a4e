"""Random numbers that depend on the seed, the stream and the plant's time, and on nothing else.

A reading at a moment has the same noise whether the plant ran there in one go or in small steps,
sampled often or seldom.
"""

from __future__ import annotations

import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_BLOCK_S = 3600


def stream_number(name: str) -> int:
    """A stable number for a stream's name, such as "TT-101/noise"."""
    return zlib.crc32(name.encode())


def normal(seed: int, stream: int, time_s: int) -> float:
    """A standard normal number for this second."""
    block, second = divmod(time_s, _BLOCK_S)
    return float(_block(seed, stream, block, "normal")[second])


def uniform(seed: int, stream: int, time_s: int) -> float:
    """A number between 0 and 1 for this second."""
    block, second = divmod(time_s, _BLOCK_S)
    return float(_block(seed, stream, block, "uniform")[second])


def normals(seed: int, stream: int, times_s: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard normal numbers for many seconds, shape like `times_s`."""
    values = np.empty(len(times_s))
    blocks = times_s // _BLOCK_S
    for block in np.unique(blocks):
        here = blocks == block
        values[here] = _block(seed, stream, int(block), "normal")[times_s[here] % _BLOCK_S]
    return values


@lru_cache(maxsize=512)
def _block(seed: int, stream: int, block: int, kind: str) -> NDArray[np.float64]:
    rng = np.random.default_rng([seed, stream, block])
    return rng.standard_normal(_BLOCK_S) if kind == "normal" else rng.random(_BLOCK_S)
