"""What a rule is: a code, a level, advice, and a function that finds the rows that break it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from aidline.situation.defaults import Ledger
from aidline.situation.problems import ORIGIN, no_problems, problems_of
from aidline.situation.standards import fill_measures, fill_per_person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aidline.situation.situation import Settings


@dataclass(frozen=True)
class Facts:
    """The tables that the rules look at.

    Attributes
    ----------
    frames
        Every table, with the columns of `problems.ORIGIN`; figures that are not finite are null.
    settings
        Start date and length of the plan.
    distinct
        What `ids` has worked out so far.
    """

    frames: Mapping[str, pl.DataFrame]
    settings: Settings
    distinct: dict[tuple[str, str], pl.Series] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return a table by name."""
        return self.frames[table]

    @cached_property
    def needs(self) -> pl.DataFrame:
        """Needs with `population`, `households` of the area and `kind`, `per_person`, `pack_units`.

        People are counted by the largest row where an area has several.
        """
        population = (
            self["population"]
            .group_by("area_id")
            .agg(pl.col("people").max().alias("population"), pl.col("households").max())
        )
        items = first_of(self["items"], "item_id")
        return (
            self["needs"]
            .join(population, on="area_id", how="left")
            .join(
                items.select("item_id", "kind", "per_person", "pack_units"),
                on="item_id",
                how="left",
            )
        )

    @cached_property
    def items(self) -> pl.DataFrame:
        """Items, completed from the catalogue and the standards where they say less."""
        spare = Ledger()
        return fill_per_person(fill_measures(self["items"].sort(ORIGIN), spare), spare)

    @cached_property
    def based(self) -> pl.DataFrame:
        """Places with `base_id`: the place whose trucks load there."""
        base = pl.coalesce("fleet_base_id", "place_id").alias("base_id")
        return self["places"].with_columns(base)

    def ids(self, table: str, column: str) -> pl.Series:
        """Return the distinct known values of a column; each is worked out once."""
        if (table, column) not in self.distinct:
            self.distinct[table, column] = self[table][column].drop_nulls().unique()
        return self.distinct[table, column]


@dataclass(frozen=True, slots=True)
class Rule:
    """One question that an expert would ask.

    Attributes
    ----------
    code
        Short name, stable between versions.
    level
        "error" where no plan can rest on it, else "warning".
    where
        Table and column to look at, "needs.quantity"; "*.latitude" for several tables.
    mend
        What to do, in plain words.
    find
        Returns the rows that break the rule, with the columns of `problems.ORIGIN`, `found`
        and `expected` (see `faulty`).
    """

    code: str
    level: str
    where: str
    mend: str
    find: Callable[[Facts], pl.DataFrame]

    @property
    def meaning(self) -> str:
        """What breaks the rule, in one sentence."""
        return (self.find.__doc__ or "").strip().split("\n")[0]

    def problems(self, facts: Facts) -> pl.DataFrame:
        """Return the problems that this rule finds."""
        table, column = self.where.split(".")
        if table != "*" and facts[table].is_empty():
            return no_problems()
        rows = self.find(facts)
        return problems_of(
            rows,
            self.level,
            self.code,
            column=column,
            found=pl.col("found"),
            expected=pl.col("expected"),
            mend=self.mend,
        )


def rule(
    code: str, level: str, where: str, mend: str
) -> Callable[[Callable[[Facts], pl.DataFrame]], Rule]:
    """Make a rule of a function; see `Rule` for the parameters."""
    return lambda find: Rule(code, level, where, mend, find)


def faulty(rows: pl.DataFrame, found: pl.Expr, expected: pl.Expr | str) -> pl.DataFrame:
    """Return faulty rows in the shape that `Rule.find` asks for.

    Parameters
    ----------
    rows
        The rows that break the rule.
    found, expected
        What to say of each.
    """
    said = pl.lit(expected) if isinstance(expected, str) else expected
    return rows.select(*ORIGIN, found.alias("found"), said.alias("expected"))


def first_of(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return the first row, as the user counts, of each group."""
    return rows.sort(ORIGIN).unique(by, keep="first", maintain_order=True)


def whole(name: str) -> pl.Expr:
    """Return a figure rounded to whole units, for messages."""
    return pl.col(name).round(0).cast(pl.Int64)
