"""Chances over time of people under a collapsed building.

The hazard falls with time and has no cliff: nobody is given up at 72 hours, and ending a search
is for the authorities to decide. All figures stand in `aidline/data/standards/survival.csv`,
with their source and status, to be replaced by whoever knows better. They are assumptions
fitted to published shares of people found alive by day; those shares are biased by who was
easy to reach.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from aidline.situation.defaults import Default

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aidline.situation.defaults import Ledger

    Floats = NDArray[np.float64]

ENDS = ("low", "mid", "high")  # of the chance to be alive
_TEXT = ("kind", "code", "source", "edition_year", "section", "valid_context")


@dataclass(frozen=True, eq=False)
class Survival:
    """Hazard of death by days since the event, or since the last contact.

    Attributes
    ----------
    from_day
        [pieces] days from which each hazard holds, the first is 0.
    hazard
        [low / mid / high, pieces] chance per day; "low" is the low end of the chance to live.
    ratio
        (kind, code) -> [low / mid / high] factor of the hazard: structure, void, contact.
    inside
        [low / mid / high] share of the missing who are inside, where nobody was heard.
    """

    from_day: Floats
    hazard: Floats
    ratio: dict[tuple[str, str], Floats]
    inside: Floats

    def alive(self, days: Floats, structure: str, void: str, *, contact: bool) -> Floats:
        """Return [low / mid / high, ...]: the chance to be alive after some days.

        S(t) = exp(−r ∫ h), with the piecewise constant hazard h and r the product of the
        factors of structure, void and contact.

        Parameters
        ----------
        days
            Since the event, or since the last contact where `contact` is true; before it all
            are alive.
        structure, void
            Codes as in the table `worksites`.
        contact
            Were they heard or seen alive at the beginning of these days?
        """
        ends = np.append(self.from_day[1:], np.inf)
        spent = np.clip(days[..., None] - self.from_day, 0.0, ends - self.from_day)
        factor = np.ones(3)
        for key in (("structure", structure), ("void", void), ("contact", _yes(contact))):
            factor = factor * self.ratio[key]
        total = np.einsum("...p,ep->e...", spent, self.hazard)
        shape = (3,) + (1,) * days.ndim
        chance: Floats = np.exp(-total * factor.reshape(shape))
        return chance

    def note(self, ledger: Ledger, structure: str, void: str, site: str) -> None:
        """Note in the ledger every figure that the chances at a site rest on."""
        for row in _rows():
            code = row["code"]
            if row["kind"] in {"hazard", "inside", "contact"} or code in {structure, void}:
                ledger.note(_default(row), f"worksite {site}")

    def replace(self, **changes: Any) -> Survival:
        """Return a copy with other figures."""
        return dataclasses.replace(self, **changes)


@cache
def survival() -> Survival:
    """Return the shipped chances."""
    rows = pl.DataFrame(_rows())
    hazard = rows.filter(kind="hazard").sort("from_day")
    ends = [np.array([row[e] for e in ENDS]) for row in _rows()]
    ratio = {
        (row["kind"], row["code"]): end
        for row, end in zip(_rows(), ends, strict=True)
        if row["kind"] in {"structure", "void", "contact"}
    }
    inside = next(end for row, end in zip(_rows(), ends, strict=True) if row["kind"] == "inside")
    return Survival(hazard["from_day"].to_numpy(), hazard.select(ENDS).to_numpy().T, ratio, inside)


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    text = (files("aidline") / "data" / "standards" / "survival.csv").read_bytes()
    types = dict.fromkeys(_TEXT, pl.String) | dict.fromkeys(("from_day", *ENDS), pl.Float64)
    return tuple(pl.read_csv(text, schema_overrides=types).iter_rows(named=True))


def _default(row: dict[str, Any]) -> Default:
    part = row["code"] or (f"{row['from_day']:g}" if row["from_day"] is not None else "")
    code = ".".join(p for p in ("survival", row["kind"], part) if p)
    meaning = f"{row['meaning']} (low {row['low']:g}, high {row['high']:g})"
    source = f"{row['source']} {row['edition_year']}"
    return Default(code, row["mid"], row["unit"], row["status"], source, meaning)


def _yes(contact: bool) -> str:
    return "yes" if contact else "no"
