"""The usual rules by which roads are cleared: where the search starts, and its yardstick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aidline.network.damage import INF_MS, undamaged, weights_ms
from aidline.network.network import damage_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from aidline.clearance.schedule import Site
    from aidline.network.network import Network
    from aidline.situation.situation import Situation

    Floats = npt.NDArray[np.float64]

PROFILE, GROSS_T = "truck", 18.0
LEAST_WORK = 0.1  # team-days, so that a trifle does not count as free


@dataclass(frozen=True, eq=False)
class Dependence:
    """Which areas hang on which blocked segments.

    Attributes
    ----------
    people
        [area] people, or 1 where nobody knows.
    on_way
        [area, segment] lies the segment on the best way in from the nearest place, were all
        roads open?
    cut_off
        [area] is there no way in as the roads are on the first day?
    """

    people: Floats
    on_way: npt.NDArray[np.bool_]
    cut_off: npt.NDArray[np.bool_]


def dependence(situation: Situation, network: Network, site: Site) -> Dependence:
    """Trace the best way into every area from the nearest warehouse or port."""
    roads = network.roads
    areas = situation["areas"]["area_id"].to_list()
    held = dict(situation["population"].select("area_id", "people").iter_rows())
    people = np.array([held.get(a) or 1.0 for a in areas], float)
    stores = situation["places"].filter(
        situation["places"]["kind"].is_in(["depot", "port", "airport", "hub", "crossing"])
    )
    goals, starts = network.nodes(areas), np.unique(network.nodes(stores["place_id"].to_list()))
    starts = starts[starts >= 0]
    on_way = np.zeros((len(areas), len(site.segment_ids)), bool)
    cut_off = np.zeros(len(areas), bool)
    at = np.flatnonzero(goals >= 0)
    if not len(at) or not len(starts):
        return Dependence(people, on_way, cut_off)
    open_ms = weights_ms(roads, undamaged(roads.segments), 0, PROFILE, GROSS_T)
    metric = network.router.weigh(open_ms)
    first = starts[metric.matrix(starts, goals[at]).argmin(axis=0)]
    position = {code: n for n, code in enumerate(site.segment_ids)}
    code = roads.segments.ids[roads.segment].astype(str)
    for a, way in zip(at.tolist(), metric.paths(first, goals[at]), strict=True):
        hit = [position[c] for c in set(code[way].tolist()) if c in position]
        on_way[a, hit] = True
    damage = damage_of(situation, roads)
    now = network.router.weigh(
        weights_ms(roads, damage, int(damage.state_of_day[0]), PROFILE, GROSS_T)
    )
    cut_off[at] = (now.matrix(starts, goals[at]) >= INF_MS).all(axis=0)
    return Dependence(people, on_way, cut_off)


def traffic_order(site: Site, needs: Dependence) -> tuple[int, ...]:
    """Return blockages by the people whose best way they lie on, per day of work."""
    return _by_score(site, needs.people @ needs.on_way)


def need_order(site: Site, needs: Dependence) -> tuple[int, ...]:
    """Return blockages by the people whom they cut off, per day of work on the whole way in.

    A bridge with a landslide behind it is worth little alone: each area shares its people among
    the blockages on its way, by their work. Areas that have another way in count a tenth.
    """
    work = np.zeros(len(site.segment_ids))
    np.add.at(work, site.segment, site.works.days[:, :2].sum(axis=1))
    weight = needs.people * np.where(needs.cut_off, 1.0, 0.1)
    way_work = np.maximum(LEAST_WORK, needs.on_way @ work)
    return _by_score(site, (weight / way_work) @ needs.on_way, per_day=False)


def _by_score(site: Site, score: Floats, *, per_day: bool = True) -> tuple[int, ...]:
    own = score[site.segment]
    if per_day:
        own = own / np.maximum(LEAST_WORK, site.works.days[:, :2].sum(axis=1))
    return tuple(np.argsort(-own, kind="stable").tolist())
