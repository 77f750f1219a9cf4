"""`aidline explain`: why needs stay unmet, and what would help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aidline.cli.output import json_option, number, percent, show, show_json, text_table


@click.command()
@click.argument("plan", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--area", metavar="ID", help="Only this area.")
@json_option
def explain(plan: Path, area: str | None, as_json: bool) -> None:
    """Say why needs stay unmet in PLAN, and what one more unit of each limit would give.

    Areas that no truck reaches come first, with what cuts them off.
    """
    import polars as pl

    from aidline.errors import UsageError
    from aidline.plan.plan import Plan

    made = Plan.read(plan)
    mine = pl.lit(value=True) if area is None else pl.col("area_id") == area
    if area is not None and made["fairness"].filter(mine).is_empty():
        known = ", ".join(sorted(set(made["fairness"]["area_id"]))[:10])
        raise UsageError(f"the plan has no needs in area {area!r}; areas are {known} …")
    gaps = made["fairness"].filter(mine, pl.col("share") < 1 - 1e-9).sort("share", "area_id")
    facts = {
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
        _print(facts)


def _print(facts: dict[str, Any]) -> None:
    if not facts["gaps"]:
        show("Every need is met.")
        return
    for row in facts["unreachable"]:
        show(f"{row['area_id']}, days {row['from_day']}-{row['to_day']}: {row['text']}")
    by_area: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in facts["reasons"]:
        by_area.setdefault((row["area_id"], row["item_id"]), []).append(row)
    for gap in facts["gaps"]:
        days = number(gap["person_days"] * (1 - gap["share"]))
        what = f"{gap['area_id']}, {gap['need_group']}"
        show(f"{what}: {percent(gap['share'])} met, {days} person-days not")
    for (area, item), rows in by_area.items():
        show(f"\n{area}, {item}: {number(rows[0]['unmet'])} person-days not met")
        for row in rows:
            gain = f" ({number(row['gain'])} for one more)" if row["gain"] is not None else ""
            show(f"  {row['rank']}. {row['text']}{gain}")
    if facts["bottlenecks"]:
        show("\nWhat one more unit would give, in weighted person-days")
        columns = {
            "at_id": "where", "of_id": "of", "unit": "one unit is", "gain_up": "one more",
            "loss_down": "one less", "valid_up": "holds for", "resolved": "re-solved",
        }  # fmt: skip
        show(text_table(facts["bottlenecks"], columns))
