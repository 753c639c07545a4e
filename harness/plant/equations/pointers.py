"""An address as a typed pointer, which Numba has no spelling for."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic


@intrinsic
def as_pointer(_context: Any, address: Any) -> Any:
    """The void pointer of an integer address."""

    def generate(_target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from numba.core import cgutils

        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), generate
