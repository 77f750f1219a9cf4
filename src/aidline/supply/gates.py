"""Crossings: daily slots, allowed goods, and the ways from them to places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aidline.supply.problem import Crossings

if TYPE_CHECKING:
    from aidline.network.access import TravelTimes
    from aidline.situation.defaults import Ledger
    from aidline.situation.situation import Situation
    from aidline.supply.problem import Floats, Goods

DESTINATIONS = 8  # a crossing feeds at most so many places, the nearest ones


def make_crossings(
    situation: Situation,
    starts: list[str],
    times: TravelTimes,
    goods: Goods,
    ledger: Ledger,
) -> Crossings:
    """Read the crossings.

    Parameters
    ----------
    situation
        Its tables crossings and crossing_days are read.
    starts
        Places that start lanes; in `times.to_ids` they follow the areas.
    times
        Travel times; in `times.from_ids` the crossings follow `starts`.
    goods
        The items.
    ledger
        Collects every default that is used.

    Returns
    -------
    Crossings
        Slots in trucks per day; each crossing with its nearest destinations.
    """
    gates = times.from_ids[len(starts) :]
    table = {r["place_id"]: r for r in situation["crossings"].iter_rows(named=True)}
    days = situation.settings.days
    slots = np.array([_slots(situation, table[g], ledger) for g in gates]).reshape(len(gates), days)
    payload = [
        _or_default(table[g], "truck_payload_t", "crossing.truck_payload_t", ledger) for g in gates
    ]
    volume = [
        _or_default(table[g], "truck_volume_m3", "crossing.truck_volume_m3", ledger) for g in gates
    ]
    allowed = np.array([_allowed(table[g], goods) for g in gates], dtype=bool)
    ptr: list[int] = [0]
    location: list[int] = []
    arrive: list[Floats] = []
    n_areas = len(times.to_ids) - len(starts)
    shift = ledger.take("transfer.hours_per_day", "transfers from crossings") if gates else 10.0
    for n in range(len(gates)):
        hours = times.hours[:, :, len(starts) + n, n_areas:].min(axis=1, initial=np.inf)
        nearest = np.argsort(hours.min(axis=0), kind="stable")[:DESTINATIONS]
        near = sorted(int(x) for x in nearest if np.isfinite(hours[:, x]).any())
        by_day = hours[times.state_of_day][:, near].T.astype(float)
        lead = np.maximum(1, np.ceil(np.where(np.isfinite(by_day), by_day, 0) / shift - 1e-9))
        first = np.arange(days) + lead
        arrive.append(np.where(np.isfinite(by_day), np.minimum(first, days), days))
        location += near
        ptr.append(len(location))
    return Crossings(
        ids=gates,
        slots=slots,
        payload_t=np.array(payload, dtype=float),
        volume_m3=np.array(volume, dtype=float),
        allowed=allowed.reshape(len(gates), len(goods.ids)),
        edge_ptr=np.array(ptr, dtype=np.int64),
        edge_location=np.array(location, dtype=np.int64),
        edge_arrive=(np.concatenate(arrive) if arrive else np.zeros((0, days))).astype(np.int64),
    )


def _or_default(row: dict[str, Any], column: str, default: str, ledger: Ledger) -> float:
    """Return what the crossing says, else the default."""
    if row[column] is not None:
        return float(row[column])
    return ledger.take(default, f"crossing {row['place_id']}")


def _allowed(row: dict[str, Any], goods: Goods) -> list[bool]:
    """Say for each item whether the crossing lets it pass."""
    groups = set((row["allowed_groups"] or "").split()) or set(goods.group_ids)
    refused = set((row["refused_items"] or "").split())
    return [
        goods.group_ids[g] in groups and code not in refused
        for code, g in zip(goods.ids, goods.group, strict=True)
    ]


def _hours(row: dict[str, Any]) -> float | None:
    """Return the opening hours per day, None where unknown."""
    if row["opens_at"] is None or row["closes_at"] is None:
        return None
    opens, closes = (_clock(row[c]) for c in ("opens_at", "closes_at"))
    return closes - opens if closes > opens else closes - opens + 24.0


def _clock(text: str) -> float:
    """Return the hours since midnight of "HH:MM"."""
    hour, _, minute = text.partition(":")
    return int(hour) + int(minute or 0) / 60


def _usual(row: dict[str, Any], open_h: float | None) -> float:
    """Return the slots of a usual day that is open for so many hours (infinite = no limit)."""
    limits = [] if row["slots_per_day"] is None else [row["slots_per_day"]]
    if row["slots_per_hour"] is not None and open_h is not None:
        limits.append(row["slots_per_hour"] * open_h)
    return min(limits) if limits else np.inf


def _slots(situation: Situation, row: dict[str, Any], ledger: Ledger) -> Floats:
    """Return the slots of a crossing on each day."""
    hours = _hours(row)
    slots = np.full(situation.settings.days, _usual(row, hours), dtype=float)
    for day_row in situation["crossing_days"].iter_rows(named=True):
        day = situation.settings.day_of(day_row["date"])
        if day_row["place_id"] != row["place_id"] or not 0 <= day < len(slots):
            continue
        if day_row["status"] == "closed":
            slots[day] = 0.0
        elif day_row["slots"] is not None:
            slots[day] = day_row["slots"]
        else:
            usual = _usual(row, hours if day_row["open_h"] is None else day_row["open_h"])
            share = 1.0
            if day_row["status"] == "restricted":
                share = ledger.take("crossing.restricted_share", f"crossing {row['place_id']}")
            slots[day] = usual * share
    return slots
