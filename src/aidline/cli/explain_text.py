"""Why needs stay unmet, as text for people: days become dates, codes become names."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.cli.output import number, percent, show, text_table
from aidline.formats.report_html.language import language
from aidline.formats.report_html.names import limit_words
from aidline.plan.words import reason_text

if TYPE_CHECKING:
    from aidline.formats.report_html.names import Names
    from aidline.plan.plan import Plan

MET = 1 - 1e-9
MOST_REASONS = 3
MOST_ITEMS = 3
MOST_LIMITS = 20
LIMIT = ("at_id", "of_id")


def named(code: str, names: Names) -> str:
    """Return name and code of an area: "High Dorn (AR-11)"."""
    name = names.any(code)
    return f"{name} ({code})" if name != code else code


def _places(number: int) -> str:
    return "1 more place" if number == 1 else f"{number} more places"


class Explained:
    """The tables of a plan as text.

    Parameters
    ----------
    made
        The plan.
    names
        Of areas, places and the rest; a code without a name stands for itself.
    """

    def __init__(self, made: Plan, names: Names) -> None:
        self.made, self.names, self.language = made, names, language("en")
        self.start = dt.date.fromisoformat(made.record.start_date)

    def show(self, facts: dict[str, Any], area: str | None) -> None:
        """Print who is cut off, why needs stay unmet, and what would help."""
        if not facts["gaps"]:
            show("Every need is met.")
            return
        if facts["unreachable"]:
            show("No truck gets in")
            for row in facts["unreachable"]:
                when = self.period(row["from_day"], row["to_day"])
                show(f"  {named(row['area_id'], self.names)}, {when}: {row['text']}")
            show()
        if area is None:
            self.areas()
        else:
            self.items(area)
        self.board(facts["bottlenecks"], facts["reasons"] if area is not None else None)

    def period(self, first: int | None, last: int | None) -> str:
        """Return days of the plan as dates, "" where they are not known."""
        days = [None if d is None else self.start + dt.timedelta(days=d) for d in (first, last)]
        return self.language.period(*days)

    def heading(self, area: str) -> None:
        """Print how much of its need an area gets: in all, and of each kind that falls short."""
        rows = self.made["fairness"].filter(pl.col("area_id") == area, pl.col("person_days") > 0)
        need = float(rows["person_days"].sum())
        unmet = float((rows["person_days"] * (1 - rows["share"])).sum())
        show(
            f"{named(area, self.names)}: {percent(1 - unmet / need)} met, "
            f"{number(unmet)} person-days not met"
        )
        short = rows.filter(pl.col("share") < MET).sort("share", "need_group")
        kinds = [
            f"{self.language.plain(f'group.{group}').lower()} {percent(share)}"
            for group, share in short.select("need_group", "share").iter_rows()
        ]
        show(f"  met: {', '.join(kinds)}")

    def areas(self) -> None:
        """Print each area that falls short with its first limits, the worst-off first."""
        show("Why needs stay unmet, worst-off areas first")
        totals = (
            self.made["fairness"]
            .filter(pl.col("person_days") > 0)
            .group_by("area_id")
            .agg((pl.col("share") * pl.col("person_days")).sum() / pl.col("person_days").sum())
            .filter(pl.col("share") < MET)
            .sort("share", "area_id")
        )
        joined = (
            self.made["reasons"]
            .group_by("area_id", "cause", *LIMIT)
            .agg(
                pl.col("rank", "first_day").min(),
                pl.col("last_day").max(),
                pl.col("unmet").sum(),
                pl.col("item_id").sort_by("unmet", "item_id", descending=[True, False]),
            )
            .sort("rank", pl.col("unmet") * -1, "cause", *LIMIT)
        )
        by_area: dict[str, list[dict[str, Any]]] = {}
        for row in joined.iter_rows(named=True):
            by_area.setdefault(row["area_id"], []).append(row)
        for area in totals["area_id"]:
            self.heading(area)
            for n, row in enumerate(by_area.get(area, [])[:MOST_REASONS], start=1):
                what = limit_words(self.language, self.names, "cause", row)
                when = self.period(row["first_day"], row["last_day"])
                show(f"  {n}. {what}{f' ({when})' if when else ''}: {self.goods(row['item_id'])}")

    def goods(self, items: list[str]) -> str:
        """Name the first few items; their names may hold commas."""
        named = "; ".join(self.names.item(i) for i in items[:MOST_ITEMS])
        more = len(items) - MOST_ITEMS
        return f"{named} and {more} more" if more > 0 else named

    def items(self, area: str) -> None:
        """Print each item that an area lacks, with its limits."""
        self.heading(area)
        by_item: dict[str, list[dict[str, Any]]] = {}
        for row in self.made["reasons"].filter(pl.col("area_id") == area).iter_rows(named=True):
            by_item.setdefault(row["item_id"], []).append(row)
        for item, rows in sorted(by_item.items(), key=lambda pair: -pair[1][0]["unmet"]):
            show(f"\n{self.names.any(item)}: {number(rows[0]['unmet'])} person-days not met")
            for row in sorted(rows, key=lambda r: r["rank"]):
                text = reason_text(row, self.names.all, "en", self.start)
                show(f"  {row['rank']}. {text}")

    def board(self, limits: list[dict[str, Any]], reasons: list[dict[str, Any]] | None) -> None:
        """Print what one more unit of each limit gives; of the limits of `reasons` only."""
        if reasons is not None:
            named = {tuple(r[c] for c in LIMIT) for r in reasons}
            limits = [r for r in limits if tuple(r[c] for c in LIMIT) in named]
        lines: dict[object, list[dict[str, Any]]] = {}
        for k, row in enumerate(limits):  # the same goods at several places are one line
            goods = row["resource"] == "stock" and row["of_id"]
            lines.setdefault(row["of_id"] if goods else k, []).append(row)
        if not lines:
            return
        show("\nWhat one more unit would give, in weighted person-days over the whole plan")
        columns = {
            "what": "limit", "days": "when", "unit": "one unit is", "gain": "one more",
            "loss_down": "one less", "valid_up": "holds for", "how": "how known", "also": "",
        }  # fmt: skip
        rows = [
            row
            | {"what": limit_words(self.language, self.names, "resource", row)}
            | {"days": self.period(row["first_day"], row["last_day"])}
            | {"gain": ("" if row["resolved"] else "up to ") + number(row["gain_up"])}
            | {"how": "planned again" if row["resolved"] else "estimate"}
            | {"also": "" if len(same) == 1 else f"or at {_places(len(same) - 1)}"}
            for row, same in ((same[0], same) for same in list(lines.values())[:MOST_LIMITS])
        ]
        show(text_table(rows, columns))
        show("Gains do not add up. An estimate holds for small amounts. All lines: --json")
