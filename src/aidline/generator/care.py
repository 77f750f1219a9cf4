"""Hospitals, sites, casualties and teams of a generated situation."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from aidline.generator.people import Demand

INJURED = {"red": 0.0008, "yellow": 0.002, "green": 0.006}
"""Injured per affected person, by triage class (assumption)."""


def care_tables(
    demand: Demand,
    ids: list[str],
    *,
    hospitals: list[str],
    sites: list[str],
    start: dt.date,
    rng: np.random.Generator,
) -> dict[str, pl.DataFrame]:
    """Return the tables `hospitals`, `candidate_sites` and `casualties`.

    Parameters
    ----------
    ids
        Codes of the areas.
    hospitals, sites
        Codes of the places.
    """
    beds = np.round(rng.lognormal(4.3, 0.6, len(hospitals)))
    working = pl.DataFrame(
        {
            "place_id": hospitals,
            "functioning": rng.choice(["full", "partial"], len(hospitals)),
            "beds": beds,
            "beds_free": np.round(beds * 0.15),
            "theatres": np.maximum(1, np.round(beds / 50)),
            "major_operations_per_day": np.maximum(3, np.round(beds / 8)),
            "specialties": "surgery orthopaedic maternity",
            "source_id": "SYNTHETIC",
        },
        strict=False,
    )
    candidates = pl.DataFrame(
        {
            "place_id": sites,
            "footprint_m2": np.round(rng.uniform(2000, 12000, len(sites))),
            "access": "truck",
            "source_id": "SYNTHETIC",
        },
        strict=False,
    )
    return {
        "hospitals": working,
        "candidate_sites": candidates,
        "casualties": _casualties(demand, ids, start),
    }


def team_table(count: int, bases: list[str], start: dt.date) -> pl.DataFrame:
    """Return the table `teams`: road crews, spread over the bases in turn."""
    return pl.DataFrame(
        {
            "team_id": [f"CREW-{i:03d}" for i in range(1, count + 1)],
            "kind": "road_crew",
            "place_id": [bases[i % len(bases)] for i in range(count)],
            "available_from": start,
            "hours_per_day": 10.0,
            "staff": 18,
            "source_id": "SYNTHETIC",
        },
        strict=False,
        schema_overrides={"team_id": pl.String, "place_id": pl.String},
    )


def _casualties(demand: Demand, ids: list[str], start: dt.date) -> pl.DataFrame:
    """Injured of the areas that were hit hardest, by day and triage class."""
    hit = demand.affected / demand.population
    struck = np.flatnonzero(hit >= np.quantile(hit, 0.6))
    parts = []
    for day, fraction in enumerate((0.6, 0.3, 0.1)):
        for triage, rate in INJURED.items():
            people = np.round(demand.affected[struck] * hit[struck] * rate * fraction)
            parts.append(
                pl.DataFrame(
                    {
                        "area_id": np.array(ids)[struck],
                        "date": start + dt.timedelta(days=day),
                        "triage": triage,
                        "specialty": "general" if triage == "green" else "orthopaedic",
                        "people": people,
                        "source_id": "SYNTHETIC",
                    },
                    strict=False,
                ).filter(pl.col("people") > 0)
            )
    return pl.concat(parts)
