"""What a header row leaves open: unknown names, names twice, units, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aidline.formats.headers import Header, Match, wrong_unit
from aidline.formats.units import is_unit
from aidline.situation.tables import BY_NAME

if TYPE_CHECKING:
    from aidline.formats.findings import Findings, Level
    from aidline.formats.grid import Grid


def tell_columns(findings: Findings, grid: Grid, header: Header) -> None:
    """Add what is wrong or open in a header row.

    Parameters
    ----------
    findings
        Where to add it.
    grid, header
        The sheet and its header.
    """
    row = grid.number(header.row) or None  # layers have no header row

    def add(rule: str, column: str, *words: str, level: Level = "warning") -> None:
        found, expected, mend = words
        findings.add(
            level,
            rule,
            file=grid.file,
            sheet=grid.sheet,
            row=row,
            column=column,
            found=found,
            expected=expected,
            mend=mend,
        )

    for text, hit in header.unknown.values():
        mend = f"did you mean {hit}?" if hit else "it was not read; the template lists the columns"
        add("unknown-column", text, text, f"a column of {header.table}", mend)
    for text, column in header.twice.values():
        mend = "only the first was read; delete or rename the other"
        add("header-twice", column, text, "each column once", mend)
    for match in header.matches.values():
        if match.rivals:
            rivals = " or ".join(match.rivals)
            mend = f"it was read as {match.column}; name it {rivals} if it is that"
            add(
                "ambiguous-header",
                match.column,
                match.column,
                f"{match.column} or {rivals}",
                mend,
            )
        if match.unit:
            wanted = BY_NAME[header.table][match.column].unit or "no unit"
            level, rule, mend = _unit(header, match)
            add(rule, match.column, match.unit, wanted, mend, level=level)


def _unit(header: Header, match: Match) -> tuple[Level, str, str]:
    if wrong_unit(header, match):
        return "error", "unit", "turn the figures into the expected unit and name it in the header"
    if is_unit(match.unit):
        return "warning", "unit-converted", "the figures were converted"
    mend = (
        "the figures were read as they stand: if they are in another unit (packs, thousands), "
        "turn them into the expected one"
    )
    return "warning", "unknown-unit", mend
