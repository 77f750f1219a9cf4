"""What an expert would ask of a situation beyond its specs; see `aidline.situation.rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import polars.selectors as cs

from aidline.situation.rules import goods, people, places, times
from aidline.situation.rules.rule import Facts, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aidline.situation.situation import Settings

RULES: tuple[Rule, ...] = (*people.RULES, *goods.RULES, *places.RULES, *times.RULES)
"""Every semantic rule."""


def semantic_problems(frames: Mapping[str, pl.DataFrame], settings: Settings) -> list[pl.DataFrame]:
    """Return what the rules find.

    Parameters
    ----------
    frames
        Every table with all its columns and those of `problems.ORIGIN`.
    settings
        Start date and length of the plan.
    """
    finite = {name: _finite(frame) for name, frame in frames.items()}
    facts = Facts(finite, settings)
    return [rule.problems(facts) for rule in RULES]


def _finite(frame: pl.DataFrame) -> pl.DataFrame:
    """Figures that are not finite tell nothing: the rules see them as unknown."""
    if frame.is_empty():
        return frame
    number = cs.float()
    return frame.with_columns(pl.when(number.is_finite()).then(number))
