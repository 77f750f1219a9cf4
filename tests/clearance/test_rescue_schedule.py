"""The scheduler of search and rescue against the optimum by trying all, and its bound."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rescue_world import by_trying_all, random_dispatch

from aidline.clearance import rescue_search
from aidline.clearance.kernels_rescue import times_of
from aidline.clearance.rescue_problem import Dispatch
from aidline.clearance.rescue_search import best_schedule, built, lower_bound

SEEDS = st.integers(0, 10_000)


def straight(work, weight, travel, day_h=1.0):
    """Jobs with weighted times of finish, teams without a last moment."""
    work = np.array(work, float)
    teams, jobs = work.shape
    return Dispatch(
        work=work,
        start_point=np.full(teams, jobs),
        travel_of=np.zeros(teams, np.int64),
        day_h=np.full(teams, day_h),
        opens=np.zeros(teams),
        closes=np.full(teams, np.inf),
        point=np.arange(jobs),
        release=np.zeros(jobs),
        due=np.full(jobs, np.inf),
        undone=np.full(jobs, 1e5),
        cost=np.array(weight, float)[:, None] * 0.1 * np.arange(1001),
        step=0.1,
        travel_h=np.array(travel, float)[None, None],
        state_of_day=np.zeros(1, np.int64),
    )


def test_one_team_takes_the_larger_loss_per_hour_first():
    """Weights 3 and 2, work 2 and 1, no travel: 2/1 before 3/2, so 2 × 1 + 3 × 3 = 11."""
    found = best_schedule(straight([[2.0, 1.0]], [3, 2], np.zeros((3, 3))))
    assert found.order[0, :3].tolist() == [1, 0, -1]
    assert found.value == pytest.approx(11)
    assert found.proven


def test_a_long_way_can_turn_the_order():
    """From the base job 1 is 10 away and job 0 only 1; from job 0 to job 1 it is 1."""
    travel = [[0, 1, 9], [9, 0, 9], [1, 10, 0]]
    found = best_schedule(straight([[2.0, 1.0]], [3, 2], travel))
    assert found.order[0, :2].tolist() == [0, 1]
    assert found.value == pytest.approx(3 * 3 + 2 * 5)


def test_two_teams_share_the_work_by_what_they_can_do():
    """Team 0 cannot do job 1: it does the two others, the shorter one first."""
    found = best_schedule(straight([[2, np.inf, 1], [9, 4, 9]], [1, 1, 1], np.zeros((4, 4))))
    assert found.value == pytest.approx(1 + 3 + 4)
    assert found.order[0, :2].tolist() == [2, 0]


@given(SEEDS, st.integers(1, 5), st.integers(1, 2))
@settings(max_examples=60)
def test_small_problems_are_solved_to_the_optimum(seed, jobs, teams):
    """The same value as trying all, said to be proven, and no bound above it."""
    net = random_dispatch(seed, jobs, teams)
    found, best = best_schedule(net), by_trying_all(net)
    assert found.value == pytest.approx(best, abs=1e-9)
    assert found.proven
    assert found.bound <= best + 1e-9


@given(SEEDS)
@settings(max_examples=40)
def test_a_bound_from_any_schedule_is_never_above_the_optimum(seed):
    """Aimed at a poor schedule the bound holds as well."""
    net = random_dispatch(seed)
    poor = np.full_like(built(net).order, -1)
    assert lower_bound(net, poor) <= by_trying_all(net) + 1e-9
    assert lower_bound(net, built(net).order) <= by_trying_all(net) + 1e-9


@given(SEEDS, st.sampled_from([1, 2, 8]), st.sampled_from([200, 10**8]), st.booleans())
@settings(max_examples=80)
def test_a_coarser_relaxation_is_still_a_relaxation(seed, near, grid_work, calm):
    """Few near jobs, coarse steps, teams without a last moment and roads that stay as they are."""
    net = random_dispatch(seed)
    if calm:  # jobs that cost more than their price are left out then
        rng = np.random.default_rng(seed)
        weight = rng.integers(1, 6, net.jobs)
        net = net._replace(
            travel_h=rng.uniform(0.5, 4, (1, 1, 6, 6)),
            state_of_day=np.zeros(1, np.int64),
            closes=np.full(net.teams, np.inf),
            cost=weight[:, None] * net.step * np.arange(300),
            undone=np.full(net.jobs, 60.0),
        )
    with (
        mock.patch.object(rescue_search, "NEAR", near),
        mock.patch.object(rescue_search, "GRID_WORK", grid_work),
    ):
        best = by_trying_all(net)
        assert lower_bound(net, built(net).order) <= best + 1e-9
        found = best_schedule(net)
    assert found.value == pytest.approx(best, abs=1e-9)
    assert found.bound <= best + 1e-9


@given(SEEDS, st.integers(6, 12))
@settings(max_examples=25)
def test_one_more_team_worsens_neither_value_nor_bound(seed, jobs):
    """At sizes that are proven, with a third team beside two."""
    net = random_dispatch(seed, jobs, 3)
    few = net._replace(
        **{
            name: getattr(net, name)[:2].copy()
            for name in ("work", "start_point", "travel_of", "day_h", "opens", "closes")
        }
    )
    more, less = best_schedule(net), best_schedule(few)
    assert more.value <= less.value + 1e-9
    assert lower_bound(net, more.order) <= less.value + 1e-9


@given(SEEDS, st.integers(0, 4))
@settings(max_examples=25)
def test_more_people_at_a_site_never_make_it_later(seed, job):
    """The time of finish of one job with its losses doubled: no later in the optimum."""
    net = random_dispatch(seed)
    if not np.isfinite(net.work[:, job]).any():
        return
    cost, undone = net.cost.copy(), net.undone.copy()
    cost[job] *= 2
    undone[job] *= 2
    before = times_of(net, best_schedule(net).order)[2][job]
    after = times_of(net, best_schedule(net._replace(cost=cost, undone=undone)).order)[2][job]
    loss = np.append(net.cost[job], net.undone[job])
    grid = np.append(np.arange(net.cost.shape[1]) * net.step, 1e3)
    lost = np.interp([min(before, 1e3), min(after, 1e3)], grid, loss)
    assert lost[1] <= lost[0] + 1e-9


def test_the_same_seed_gives_the_same_schedule():
    """Twice the same problem."""
    net = random_dispatch(3, 12, 3)
    first, second = best_schedule(net, seed=5), best_schedule(net, seed=5)
    assert np.array_equal(first.order, second.order)


def test_alike_teams_are_interchangeable():
    """Three teams of one kind, three jobs at no distance: each does one, proven."""
    found = best_schedule(straight(np.full((3, 3), 2.0), [1, 2, 3], np.zeros((4, 4))))
    assert found.value == pytest.approx(12)
    assert found.proven
    assert (found.order[:, 0] >= 0).all()


def test_no_team_or_no_job():
    """Nothing to do is done, and nobody to do it leaves all undone."""
    net = random_dispatch(0, 3, 1)
    nobody = net._replace(
        **{
            name: getattr(net, name)[:0]
            for name in ("work", "start_point", "travel_of", "day_h", "opens", "closes")
        }
    )
    assert best_schedule(nobody).value == net.undone.sum()
