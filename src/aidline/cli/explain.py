"""`aidline explain`: why needs stay unmet, and what would help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aidline.cli.output import json_option, show_json
from aidline.errors import UsageError

if TYPE_CHECKING:
    from aidline.formats.report_html.names import Names
    from aidline.plan.plan import Plan


@click.command()
@click.argument("plan", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--area", metavar="AREA", help="Only this area, item by item: its code or its name.")
@json_option
def explain(plan: Path, area: str | None, as_json: bool) -> None:
    """Say why needs stay unmet in PLAN, and what one more unit of each limit would give.

    Areas that no truck reaches come first, with what cuts them off.
    """
    import polars as pl

    from aidline.cli.explain_text import MET, Explained
    from aidline.formats.plan_folder import read_names
    from aidline.plan.plan import Plan

    made, names = Plan.read(plan), read_names(plan)
    code = None if area is None else _area(made, names, area)
    mine = pl.lit(value=True) if code is None else pl.col("area_id") == code
    gaps = made["fairness"].filter(mine, pl.col("share") < MET).sort("share", "area_id")
    facts = {
        "start_date": made.record.start_date,
        "days": made.record.days,
        "unreachable": made["unreachable"].filter(mine).to_dicts(),
        "gaps": gaps.to_dicts(),
        "reasons": made["reasons"].filter(mine).to_dicts(),
        "bottlenecks": made["bottlenecks"]
        .sort("gain_up", descending=True, nulls_last=True)
        .to_dicts(),
    }
    if as_json:
        show_json(facts)
    else:
        Explained(made, names).show(facts, code)


def _area(made: Plan, names: Names, given: str) -> str:
    """Return the code of an area of the plan, by its code or its name."""
    codes = sorted(set(made["fairness"]["area_id"]))
    same = [c for c in codes if given.casefold() in (c.casefold(), names.area(c).casefold())]
    if given in codes or len(same) == 1:
        return given if given in codes else same[0]
    if same:
        raise UsageError(f"{len(same)} areas are called {given!r}; give a code: {', '.join(same)}")
    from aidline.cli.explain_text import named

    known = ", ".join(named(c, names) for c in codes[:10])
    more = " …" if len(codes) > 10 else ""
    raise UsageError(f"the plan has no needs in area {given!r}; areas are {known}{more}")
