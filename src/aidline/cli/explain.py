"""`aidline explain`: why needs stay unmet, and what would help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aidline.cli.output import json_option, number, percent, show, show_json, text_table

if TYPE_CHECKING:
    from aidline.formats.report_html.names import Names


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
    from aidline.formats.plan_folder import read_names
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
        _print(facts, read_names(plan))


def _print(facts: dict[str, Any], names: Names) -> None:
    from aidline.formats.report_html.language import language
    from aidline.formats.report_html.names import limit_words

    if not facts["gaps"]:
        show("Every need is met.")
        return
    for row in facts["unreachable"]:
        area = _named(row["area_id"], names)
        show(f"{area}, days {row['from_day']}-{row['to_day']}: {row['text']}")
    for gap in facts["gaps"]:
        days = number(gap["person_days"] * (1 - gap["share"]))
        what = f"{_named(gap['area_id'], names)}, {gap['need_group']}"
        show(f"{what}: {percent(gap['share'])} met, {days} person-days not")
    by_item: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in facts["reasons"]:
        by_item.setdefault((row["area_id"], row["item_id"]), []).append(row)
    for (area, item), rows in by_item.items():
        days = number(rows[0]["unmet"])
        show(f"\n{_named(area, names)}, {names.any(item)}: {days} person-days not met")
        for row in rows:
            gain = "" if row["gain"] is None else f" (one more gives {number(row['gain'], 1)})"
            show(f"  {row['rank']}. {row['text']}{gain}")
    if facts["bottlenecks"]:
        show("\nWhat one more unit would give, in weighted person-days")
        columns = {
            "what": "limit", "days": "days", "unit": "one unit is", "gain_up": "one more",
            "loss_down": "one less", "valid_up": "holds for", "resolved": "re-solved",
        }  # fmt: skip
        rows = [
            row
            | {"what": limit_words(language("en"), names, "resource", row)}
            | {"days": f"{row['first_day']}-{row['last_day']}"}
            for row in facts["bottlenecks"]
        ]
        show(text_table(rows, columns))


def _named(code: str, names: Names) -> str:
    name = names.any(code)
    return f"{name} ({code})" if name != code else code
