"""How the innermost kernels are compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba as nb

if TYPE_CHECKING:
    from collections.abc import Callable

Kernel = TypeVar("Kernel", bound="Callable[..., Any]")


def leaf(function: Kernel) -> Kernel:
    """Compile a kernel that makes no arrays of its own.

    It needs no counting of references to the arrays that it is given; without that a sweep takes
    half the time, a repair a quarter (measured at 500 and 3,000 areas).
    """
    how: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
    return cast("Kernel", nb.njit(**how)(function))
