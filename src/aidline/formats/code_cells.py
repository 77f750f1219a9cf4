"""Codes, choices, yes and no, lists and free text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from aidline.formats.cells import Cells, Parsed, scatter
from aidline.formats.findings import Finding
from aidline.formats.folding import fold, near
from aidline.formats.grid import BOOL, DATE, ERROR, NUMBER, TEXT, TIME, broken_formula
from aidline.formats.labels import choice_key, choice_names
from aidline.formats.number_text import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

_YES = "yes y true t 1 x oui o vrai v si s verdadero نعم ✓ ✔"
_NO = "no n false f 0 non faux falso لا"
_TRUTH = {fold(w) or w: True for w in _YES.split()} | {fold(w) or w: False for w in _NO.split()}
_SHORTENED = r"^\d(\.\d+)?[eE]\+\d+$"


def parse_ids(cells: Cells) -> Parsed:
    """Return codes as text: numbers of a spreadsheet lose their ".0", with one warning."""
    text, kind = cells.text, cells.kind
    numeric = kind == NUMBER
    values = (
        text.to_frame("t")
        .select(
            pl.when(pl.lit(numeric))
            .then(pl.col("t").str.replace(r"\.0+$", ""))
            .otherwise(pl.col("t"))
        )
        .to_series()
    )
    findings: list[Finding] = []
    numbers = cells.where(numeric)
    if numbers:
        index, cell = numbers[0]
        more = f" (and {len(numbers) - 1} more)" if len(numbers) > 1 else ""
        findings.append(
            Finding(
                index,
                "id-as-number",
                cell + more,
                "a code stored as text",
                "leading zeros may be lost: format the column as text and type the codes again",
                "warning",
            )
        )
    wrong: list[int] = []
    suspect = kind.is_in([BOOL, DATE, TIME, ERROR]) | (~numeric & text.str.contains(_SHORTENED))
    suspect |= text.str.to_lowercase().is_in(sorted(MISSING)) | (text.str.len_chars() > 200)
    for index, cell in cells.where(suspect):
        wrong.append(index)
        findings.append(_odd_id(index, cell, kind[index], required=cells.column.required))
    return Parsed(scatter(values, [(i, None) for i in wrong]), findings)


def _odd_id(index: int, cell: str, kind: int, *, required: bool) -> Finding:
    if kind == ERROR:
        return Finding(
            index,
            "formula-error",
            cell,
            "a code",
            broken_formula(cell, "write the code"),
        )
    if kind in {DATE, TIME}:
        return Finding(
            index,
            "id-as-date",
            cell,
            "a code stored as text",
            "the spreadsheet made a date of it: format the column as text and type the code again",
        )
    if cell.casefold() in MISSING:
        return Finding(
            index,
            "missing-code",
            cell,
            "a code, or nothing where it is unknown",
            "write the code" if required else "read as unknown; leave the cell empty",
            "error" if required else "warning",
        )
    if len(cell) > 200:
        return Finding(index, "id", cell, "a code of at most 200 characters", "write a short code")
    return Finding(
        index,
        "id-shortened",
        cell,
        "a code stored as text",
        "the spreadsheet shortened a long code: format the column as text and type the code again",
    )


def parse_text(cells: Cells) -> Parsed:
    """Return free text."""
    broken = cells.where(cells.kind == ERROR)
    findings = [
        Finding(
            i,
            "formula-error",
            cell,
            "text",
            broken_formula(cell, "write the text"),
            "warning",
        )
        for i, cell in broken
    ]
    values = (
        cells.text.to_frame("t")
        .select(
            pl.when(pl.lit(cells.kind == NUMBER))
            .then(pl.col("t").str.replace(r"\.0$", ""))
            .otherwise(pl.col("t"))
        )
        .to_series()
    )
    return Parsed(scatter(values, [(i, None) for i, _ in broken]), findings)


def parse_yes_no(cells: Cells) -> Parsed:
    """Return true or false: yes, no, true, 1, x, oui, sí, نعم and the like."""

    def read(cell: str) -> bool | None:
        plain = re.sub(r"\.0$", "", cell)
        return _TRUTH.get(fold(plain) or plain)

    return _mapped(
        cells,
        read,
        pl.Boolean(),
        rule="yes-no",
        expected="yes or no",
        mend=lambda _: "write yes or no, or leave it empty",
    )


def parse_choice(cells: Cells) -> Parsed:
    """Return codes of a choice, from the code or its name in four languages."""
    known = choice_names(cells.column.choices)
    shown = _shown(cells.column.choices)
    return _mapped(
        cells,
        lambda cell: known.get(choice_key(re.sub(r"\.0$", "", cell))),
        pl.String(),
        rule="choice",
        expected=shown,
        mend=lambda cell: _nearest(cell, known),
    )


def parse_list(cells: Cells) -> Parsed:
    """Return lists of codes separated by single spaces."""
    choices = cells.column.choices
    known = choice_names(choices)

    def read(cell: str) -> str | None:
        if not choices:
            return " ".join(p for p in re.split(r"[\s,;|]+", cell) if p)
        if fold(cell) in known:
            return known[fold(cell)]
        parts = [p for p in re.split(r"[,;|/\n]+", cell) if p.strip()]
        codes: list[str] = []
        for part in parts:
            words = [part] if fold(part) in known else part.split()
            codes += [known.get(fold(word), "") for word in words]
        return " ".join(dict.fromkeys(codes)) if all(codes) else None

    shown = _shown(choices) if choices else "codes separated by spaces"
    return _mapped(
        cells,
        read,
        pl.String(),
        rule="choice",
        expected=shown,
        mend=lambda cell: _nearest(cell, known),
    )


def _mapped(
    cells: Cells,
    read: Callable[[str], object],
    dtype: pl.DataType,
    *,
    rule: str,
    expected: str,
    mend: Callable[[str], str],
) -> Parsed:
    """Read each distinct text once."""
    distinct = cells.text.drop_nulls().unique(maintain_order=True).to_list()
    answers = {cell: read(cell) for cell in distinct}
    good = {cell: value for cell, value in answers.items() if value is not None}
    values = cells.text.replace_strict(
        pl.Series(list(good), dtype=pl.String),
        pl.Series(list(good.values()), dtype=dtype),
        default=None,
        return_dtype=dtype,
    )
    findings = []
    for index, cell in cells.where(cells.text.is_not_null() & values.is_null()):
        if cell.casefold() in MISSING and cells.kind[index] == TEXT:
            findings.append(
                Finding(
                    index,
                    "missing-code",
                    cell,
                    f"{expected}, or nothing where it is unknown",
                    mend(cell)
                    if cells.column.required
                    else "read as unknown; leave the cell empty",
                    "error" if cells.column.required else "warning",
                )
            )
        else:
            findings.append(Finding(index, rule, cell, expected, mend(cell)))
    return Parsed(values, findings)


def _shown(choices: tuple[str, ...]) -> str:
    return "one of " + ", ".join(choices)


def _nearest(cell: str, known: dict[str, str]) -> str:
    hit = near(cell, known)
    return f"did you mean {hit}?" if hit else "write one of the codes"
