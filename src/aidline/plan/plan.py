"""The plan: what to do, day by day, with the record of how it was made."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from aidline.errors import FormatError, UsageError
from aidline.plan.tables import PLAN_BY_NAME, PLAN_TABLES
from aidline.situation.row_keys import in_order

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAY_BE_LEFT_OUT = (
    "stocks", "usage", "prices", "tasks", "rescues", "road_openings", "baselines",
    "field_sites", "care", "waiting", "facility_days", "care_reasons",
)  # fmt: skip
"""Tables that a plan can do without: they follow from the others, or prove its bound."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """How a plan came about.

    Attributes
    ----------
    situation_digest, situation_name, start_date, days
        What was planned; the digest names the exact input.
    version
        Version of Aidline.
    options
        The options that were set.
    seed
        Seed of everything random.
    method
        "exact" or "auction".
    stopped
        Why it stopped: "optimal", "gap reached", "time limit", "cancelled".
    value
        Main objective of the plan by `aidline.plan.check` (smaller is better, weighted
        person-days unmet).
    bound
        Proven lower bound on the main objective of any plan, or None.
    bound_scope
        In words: relative to what the bound holds.
    value_without_fairness, value_with_fairness
        Weighted person-days of need left unmet by the best plan found without fairness and with
        it, in the same way (exact: both in fractions of trips); None where not asked. The price
        of fairness is the difference.
    fairness_margin
        How much of that difference the gaps of both explain: less says nothing.
    lowest_share_bound
        No plan whatsoever has a lowest share of an area and need group above this; None where
        not worked out.
    timings_s
        Wall seconds by step.
    progress
        Rows (seconds, value, bound) as the plan improved.
    notice
        A line every output must carry.
    rescue
        People expected to be found alive by the work at worksites: `found_alive` and its low and
        high ends, `found_alive_bound` that no schedule exceeds, and of those confirmed alive
        `confirmed` and `confirmed_bound`; empty where there are no worksites.
    care
        Benefit of the care, by the middle and both ends of the curves, and what it cannot exceed
        (`benefit`, `benefit_low`, `benefit_high`, `bound`); empty where nobody needs care.
    row_families
        Per family of limits its first row in table `prices`, the row after its last one, and a
        digest of what the rows stand for: whether a later search can start from these prices.
    """

    situation_digest: str
    situation_name: str
    start_date: str
    days: int
    version: str
    options: Mapping[str, Any]
    seed: int
    method: str
    stopped: str
    value: float
    bound: float | None
    bound_scope: str = ""
    value_without_fairness: float | None = None
    value_with_fairness: float | None = None
    fairness_margin: float | None = None
    lowest_share_bound: float | None = None
    timings_s: Mapping[str, float] = field(default_factory=dict)
    progress: tuple[tuple[float, float | None, float | None], ...] = ()
    notice: str = ""
    rescue: Mapping[str, float] = field(default_factory=dict)
    care: Mapping[str, float] = field(default_factory=dict)
    row_families: Mapping[str, tuple[int, int, str]] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """(value − bound) / |value|, or None where there is no bound; 0 when both are 0."""
        if self.bound is None:
            return None
        if self.value == 0:
            return 0.0
        return max(0.0, (self.value - self.bound) / abs(self.value))


@dataclass(frozen=True)
class Plan:
    """A plan: frozen tables (see `aidline.plan.tables`) and a run record."""

    record: RunRecord
    tables: Mapping[str, pl.DataFrame]

    @classmethod
    def of(cls, record: RunRecord, tables: Mapping[str, pl.DataFrame]) -> Plan:
        """Build a plan; missing tables become empty, rows are sorted by key."""
        unknown = sorted(set(tables) - set(PLAN_BY_NAME))
        if unknown:
            raise UsageError(f"no such plan table: {', '.join(unknown)}")
        shaped = {}
        for table in PLAN_TABLES:
            frame = tables.get(table.name)
            if frame is None:
                shaped[table.name] = table.empty()
                continue
            cast = frame.select(pl.col(c.name).cast(c.dtype) for c in table.columns)
            # text is slow to sort, and the planner's tables are sorted
            shaped[table.name] = cast if in_order(cast, table.key) else cast.sort(table.key)
        return cls(record, shaped)

    def __getitem__(self, table: str) -> pl.DataFrame:
        """Return a table by name."""
        return self.tables[table]

    def replace(self, record: RunRecord | None = None, **tables: pl.DataFrame) -> Plan:
        """Return a copy with some tables replaced."""
        return Plan.of(record or self.record, {**self.tables, **tables})

    def write(self, folder: Path) -> None:
        """Write the plan as a folder: one CSV per table and `record.json`.

        Parameters
        ----------
        folder
            Made where it does not exist; files of the same names are replaced.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.tables.items():
            frame.write_csv(folder / f"{name}.csv")
        text = json.dumps(
            dataclasses.asdict(self.record), indent=2, ensure_ascii=False, default=str
        )
        (folder / "record.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Plan:
        """Read a plan that `write` wrote.

        Raises
        ------
        FormatError
            The folder holds no plan, or a table of it is missing or damaged.
        """
        if not (folder / "record.json").is_file():
            raise FormatError(
                "this folder holds no plan (it has no record.json): `aidline plan` makes one",
                file=str(folder),
            )
        try:
            raw = json.loads((folder / "record.json").read_text(encoding="utf-8"))
            raw["progress"] = tuple(tuple(p) for p in raw["progress"])
            record = RunRecord(**raw)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise FormatError(
                f"record.json cannot be read ({error}): copy the whole folder again, or plan again",
                file=str(folder),
            ) from error
        tables = {}
        for table in PLAN_TABLES:
            path = folder / f"{table.name}.csv"
            if not path.exists():
                if table.name not in MAY_BE_LEFT_OUT:
                    raise FormatError(
                        "this table of the plan is missing: copy the whole folder again, or plan "
                        "again",
                        file=str(path),
                    )
                continue
            try:
                if _cut_short(path):
                    raise FormatError(
                        "the last line of this table is cut short: copy the whole folder again, "
                        "or plan again",
                        file=str(path),
                    )
                tables[table.name] = pl.read_csv(path, schema=table.schema)
            except pl.exceptions.PolarsError as error:
                raise FormatError(f"damaged table: {error}", file=str(path)) from error
        return cls.of(record, tables)


def _cut_short(path: Path) -> bool:
    """Tell whether a table ends in the middle of a line; every line that is written is ended."""
    with path.open("rb") as file:
        file.seek(0, 2)
        if file.tell() == 0:
            return False
        file.seek(-1, 2)
        return file.read(1) not in b"\r\n"
