"""Tables of other libraries at the door: pandas, Arrow, and whatever speaks Arrow.

Inside everything is Polars. On the way out every Polars table has `to_pandas()` and
`to_arrow()` of its own.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from aidline.errors import UsageError


def as_polars(frame: Any) -> pl.DataFrame:
    """Return a table as a Polars frame.

    Parameters
    ----------
    frame
        A Polars frame or lazy frame, a pandas frame (its index is left out; NaN, NaT and None
        become null), an Arrow table, or any object with the Arrow C stream interface.

    Raises
    ------
    UsageError
        It is no table.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    try:
        if type(frame).__module__.partition(".")[0] == "pandas":
            return pl.DataFrame(pl.from_pandas(frame, nan_to_null=True, include_index=False))
        if hasattr(frame, "__arrow_c_stream__"):
            return pl.DataFrame(frame)
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        raise UsageError(f"a table cannot be taken over: {error}") from error
    raise UsageError(f"{type(frame).__name__} is no table: give a Polars, pandas or Arrow frame")
