"""Compiled kernel: crews take the tasks of a list, each the first one that it can get to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

ASSESS, LANE = 0, 1
NEVER = 1e18
GRAIN = 1e-9  # days


@nb.njit(cache=True, nogil=True)
def open_up(hours: Floats, at: int, through: Floats) -> None:
    """Put an open segment between points `at` and `at + 1` into the travel times."""
    n = len(hours)
    for way in range(2):
        a, b, w = at + way, at + 1 - way, through[way]
        if w >= 1e300:
            continue
        for i in range(n):
            up_to = hours[i, a] + w
            if up_to < hours[i, b]:
                for j in range(n):
                    hours[i, j] = min(hours[i, j], up_to + hours[b, j])


@nb.njit(cache=True, nogil=True)
def run_crews(
    order: Ints, work: Floats, segment: Ints, disposal: Flags, start: Floats, end: Floats,
    per_day: Floats, based: Flags, state_of_day: Ints, ground: Floats, through: Floats,
    closed_since: Ints,
) -> tuple[Ints, Floats, Floats]:  # fmt: skip
    """Let the crews work through a list of tasks (number = 3 × blockage + kind).

    In the order of time, a team that is free takes the first task of the list that is next at
    its blockage and that it can reach on the roads of that moment and finish in time to open
    something within the plan; while there may be such a task later, it waits. Once there is
    none it does what it can still finish before its last day.

    Returns
    -------
    team
        [task], −1 where it is not done.
    times
        [task, 4]: leave, hours of travel, start, finish (days; finish `NEVER` where not done).
    opened
        [blockage's segment, grade] day from which it is open (`NEVER`), one lane and full.
    """
    teams, blockages, points = len(start), len(segment), ground.shape[1]
    days = len(state_of_day)
    team = np.full(3 * blockages, -1, np.int64)
    times = np.full((3 * blockages, 4), NEVER)
    opened = np.full((int(segment.max()) + 1 if blockages else 0, 2), NEVER)
    free, place = start.copy(), np.full(teams, -1, np.int64)
    today, hours = -1, np.empty((points, points))
    inserted = np.zeros(blockages, np.bool_)
    while True:
        c = int(np.argmin(free)) if teams else 0
        if not teams or free[c] >= min(end.max(), float(days)):
            break
        now = free[c]
        if now >= end[c] - GRAIN:
            free[c] = NEVER
            continue
        day = int(now + GRAIN)
        if day != today:
            anew = today < 0 or state_of_day[day] != state_of_day[today]
            for b in range(blockages):  # what was open and is closed again
                anew |= inserted[b] and closed_since[day, b] > opened[segment[b], 0]
            if anew:
                hours[:] = ground[state_of_day[day]]
                inserted[:] = False
            today = day
            for b in range(blockages):
                is_open = closed_since[day, b] <= opened[segment[b], 0] <= day
                if is_open and not inserted[b]:
                    open_up(hours, teams + 2 * b, through[b])
                    inserted[b] = True
        last = min(end[c], days - 1.0)  # what is done later opens nothing within the plan
        best, ride, in_time = -1, 0.0, False
        for task in order:
            b, kind = task // 3, task % 3
            if team[task] >= 0 or disposal[c] != (kind == ASSESS) or work[b, kind] <= 0.0:
                continue
            in_time |= now + work[b, kind] <= last + GRAIN
            if not _ready(task, now, work, times):
                continue
            done = now + work[b, kind]
            done += _ride(hours, teams, c, place[c], b, based) / per_day[c]
            if done <= last + GRAIN:
                best = task
                break
            if best < 0 and done <= end[c] + GRAIN:
                best = task
        if best >= 0:
            ride = _ride(hours, teams, c, place[c], best // 3, based)
            done = now + ride / per_day[c] + work[best // 3, best % 3]
        if best < 0 or (done > last + GRAIN and in_time):
            free[c] = _next_chance(now, times)
            continue
        b = best // 3
        team[best] = c
        begin = now + ride / per_day[c]
        times[best, 0], times[best, 1], times[best, 2] = now, ride, begin
        times[best, 3] = begin + work[b, best % 3]
        free[c], place[c] = times[best, 3], b
        _note_opening(b, segment, work, times, opened)
    return team, times, opened


@nb.njit(cache=True, nogil=True)
def _ready(task: int, now: float, work: Floats, times: Floats) -> bool:
    """Tell whether everything before a task at its blockage is done."""
    b, kind = task // 3, task % 3
    for before in range(kind):
        if work[b, before] > 0.0 and times[3 * b + before, 3] > now + GRAIN:
            return False
    return True


@nb.njit(cache=True, nogil=True)
def _ride(hours: Floats, teams: int, c: int, place: int, b: int, based: Flags) -> float:
    """Return the hours of travel of team `c` from where it is to blockage `b`."""
    goal = teams + 2 * b
    ride = 0.0
    if place == b:
        return ride
    if place < 0:
        if based[c]:
            ride = min(hours[c, goal], hours[c, goal + 1])
        return ride
    here, ride = teams + 2 * place, NEVER
    for point in range(here, here + 2):
        for end in range(goal, goal + 2):
            ride = min(ride, hours[point, end])
    return ride


@nb.njit(cache=True, nogil=True)
def _next_chance(now: float, times: Floats) -> float:
    """Return when something may have changed: a task is done, or a new day begins."""
    later: float = np.floor(now + GRAIN) + 1.0
    for task in range(len(times)):
        if now + GRAIN < times[task, 3] < later:
            later = times[task, 3]
    return later


@nb.njit(cache=True, nogil=True)
def _note_opening(b: int, segment: Ints, work: Floats, times: Floats, opened: Floats) -> None:
    """Note from which day the segment of a blockage is open, once all on it is done."""
    s = segment[b]
    for grade in range(2):
        latest = 0.0
        for other in range(len(segment)):
            if segment[other] == s:
                for kind in range(ASSESS, LANE + grade + 1):
                    if work[other, kind] > 0.0:
                        latest = max(latest, times[3 * other + kind, 3])
        opened[s, grade] = np.ceil(latest - GRAIN) if latest < NEVER else NEVER
