"""What care is worth when it comes late: benefit against delay, by triage class and specialty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from aidline.errors import UsageError
from aidline.situation.defaults import Default, Ledger
from aidline.situation.standards import care_benefit

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

Level = Literal["low", "mid", "high"]


@dataclass(frozen=True, slots=True)
class Curve:
    """Benefit of care for one person against the delay, linear between the corners.

    Attributes
    ----------
    delay_h
        [corners] hours from the day on which people come up (from the first day of the plan
        where they came before) to the start of treatment.
    low, mid, high
        [corners] expected lives saved or disability avoided per person, 0 to 1.
    status, source
        How sure the figures are, and where they come from.
    """

    delay_h: Floats
    low: Floats
    mid: Floats
    high: Floats
    status: str
    source: str

    def benefit(self, delay_h: Floats, level: Level = "mid") -> Floats:
        """Return the benefit at delays in hours; after the last corner it stays."""
        corners: Floats = {"low": self.low, "mid": self.mid, "high": self.high}[level]
        return np.interp(delay_h, self.delay_h, corners)


@dataclass(frozen=True, slots=True)
class Curves:
    """The curves by triage class and specialty."""

    by_class: dict[tuple[str, str], Curve]

    @classmethod
    def of(cls, table: pl.DataFrame | None = None) -> Curves:
        """Read curves from a table as `aidline.situation.standards.care_benefit` gives it.

        Parameters
        ----------
        table
            The user's own curves; None = those that are shipped.

        Raises
        ------
        UsageError
            A curve that does not fall all the way or does not stay above 0: it would make
            somebody's waiting free, or leave somebody out for good.
        """
        rows = (care_benefit() if table is None else table).sort("triage", "specialty", "delay_h")
        curves = {}
        for (triage, specialty), part in rows.group_by(
            ["triage", "specialty"], maintain_order=True
        ):
            curves[str(triage), str(specialty)] = _curve(part, f"{triage}, {specialty}")
        return cls(curves)

    def find(self, triage: str, specialty: str, ledger: Ledger | None = None) -> Curve:
        """Return the curve of a class: its own, or that of any specialty of the triage class.

        Raises
        ------
        UsageError
            There is neither.
        """
        of = specialty if (triage, specialty) in self.by_class else "any"
        curve = self.by_class.get((triage, of))
        if curve is None:
            raise UsageError(f"no benefit curve for triage class {triage}")
        if ledger is not None:
            code = f"care_benefit.{triage}.{of}"
            first = float(curve.mid[0])
            meaning = "Benefit of care per person without delay; the whole curve is in the table"
            default = Default(code, first, "benefit/person", curve.status, curve.source, meaning)
            ledger.note(default, f"{triage} {specialty}")
        return curve


def _curve(part: pl.DataFrame, where: str) -> Curve:
    columns = ("delay_h", "benefit_low", "benefit_mid", "benefit_high")
    delay, low, mid, high = (part[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in columns)
    sound = bool((np.diff(delay) > 0).all()) and all(
        bool((np.diff(level) < 0).all()) and bool((level > 0).all()) for level in (low, mid, high)
    )
    if not sound:
        raise UsageError(
            f"benefit curve of {where}: it must fall from corner to corner and stay above 0, so "
            "that waiting is never free and care never without worth"
        )
    first = part.row(0, named=True)
    source = " ".join(str(first[c]) for c in ("source", "edition_year") if first.get(c))
    return Curve(delay, low, mid, high, str(first["status"]), source)
