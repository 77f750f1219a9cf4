"""The one door to the LP and MIP solver (HiGHS)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import scipy.sparse as sp

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

NEAR = 1e-9  # relative distance at which a column counts as at its bound


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Minimise cost · x with row_low ≤ A x ≤ row_high and low ≤ x ≤ high.

    Attributes
    ----------
    cost, low, high
        Per column.
    matrix
        A, compressed by column.
    row_low, row_high
        Per row; infinite where open.
    integer
        Columns that must be whole, or None.
    """

    cost: Floats
    low: Floats
    high: Floats
    matrix: sp.csc_matrix
    row_low: Floats
    row_high: Floats
    integer: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Solution:
    """What the solver returned.

    Attributes
    ----------
    status
        "optimal", "time limit", "infeasible" or the solver's own word.
    x
        Columns, or None where there is no feasible point.
    duals
        Per row: change of the optimum per unit of right-hand side (0 for a MIP).
    objective
        Value of `x`.
    bound
        Proven bound of a MIP; equals `objective` for an optimal LP.
    basis
        Where the simplex method ended: a start for a model of the same shape.
    """

    status: str
    x: Floats | None
    duals: Floats
    objective: float
    bound: float
    basis: Any = None


def solve(
    model: LinearModel,
    *,
    time_limit_s: float = 1e9,
    seed: int = 0,
    gap: float = 1e-6,
    interior: bool = False,
    start: Any = None,
    point: Floats | None = None,
) -> Solution:
    """Solve a model on one thread, so that the same model gives the same answer.

    Parameters
    ----------
    model
        The model.
    time_limit_s
        Seconds after which the solver stops with what it has.
    seed
        Of the solver's random choices.
    gap
        Relative gap (0 to 1) at which a MIP counts as solved.
    interior
        Stop at the interior optimum of an LP (no crossover): its duals lie in the middle of
        the optimal ones, which makes column generation steady.
    start
        Basis to go on from with the simplex method: that of an optimum of a model of the same
        shape with a few other numbers, or a guess (`basis_near`).
    point
        Columns of a feasible answer of a MIP, which it starts with.

    Returns
    -------
    Solution
        `x` per column and `duals` per row, in the order of the model.
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", seed),
        ("time_limit", float(time_limit_s)),
        ("mip_rel_gap", gap),
        ("solver", "ipm" if interior else "choose"),
        ("run_crossover", "off" if interior else "on"),
    ):
        highs.setOptionValue(option, value)
    highs.passModel(_as_highs(model))
    if start is not None:
        highs.setBasis(start)
    if point is not None:
        known = highspy.HighsSolution()
        known.col_value = point
        highs.setSolution(known)
    highs.run()
    status = highs.modelStatusToString(highs.getModelStatus()).lower()
    status = "time limit" if "time limit" in status else status
    info, solution = highs.getInfo(), highs.getSolution()
    feasible = info.primal_solution_status == 2
    whole = model.integer is not None and bool(model.integer.any())
    return Solution(
        status,
        np.array(solution.col_value) if feasible else None,
        np.array(solution.row_dual) if solution.dual_valid else np.zeros(len(model.row_low)),
        info.objective_function_value,
        info.mip_dual_bound if whole else info.objective_function_value,
        None if whole else highs.getBasis(),
    )


def basis_near(model: LinearModel, x: Floats, busy: npt.NDArray[np.bool_]) -> highspy.HighsBasis:
    """Return the basis that a nearly optimal point suggests.

    It may be far from square: the solver makes it one. On supply plans the dual simplex method
    is done from there in a third of the time of the interior method (measured at 50 areas).

    Parameters
    ----------
    model
        The model.
    x
        The point: columns at a bound stay there, all others are basic.
    busy
        Which rows are at their limit.
    """
    status = highspy.HighsBasisStatus
    at_high, at_low = x >= model.high * (1.0 - NEAR), x <= model.low + NEAR * np.maximum(1.0, x)
    kinds = np.array([status.kBasic, status.kUpper, status.kLower], dtype=object)
    basis = highspy.HighsBasis()
    basis.col_status = kinds[np.where(at_low, 2, np.where(at_high, 1, 0))].tolist()
    equal = model.row_low == model.row_high
    basis.row_status = kinds[np.where(equal, 2, np.where(busy, 1, 0))].tolist()
    basis.valid = basis.alien = True
    return basis


def grown_basis(basis: Any, columns: int, kept: Ints) -> highspy.HighsBasis:
    """Return the basis of a model that has got more columns, which start at their lower bound.

    Parameters
    ----------
    basis
        Of a solution of the smaller model, with the same rows.
    columns
        Number of columns now.
    kept
        Where the columns of the smaller model are now.
    """
    status = np.full(columns, highspy.HighsBasisStatus.kLower, dtype=object)
    status[kept] = np.array(list(basis.col_status), dtype=object)
    out = highspy.HighsBasis()
    out.col_status, out.row_status = status.tolist(), list(basis.row_status)
    out.valid = out.alien = True
    return out


def grown_rows(basis: Any, rows: int) -> highspy.HighsBasis:
    """Return the basis of a model that has got more rows at its end, which start basic.

    Parameters
    ----------
    basis
        Of a solution of the model without them.
    rows
        How many rows were added.
    """
    out = highspy.HighsBasis()
    out.col_status = list(basis.col_status)
    out.row_status = [*basis.row_status, *[highspy.HighsBasisStatus.kBasic] * rows]
    out.valid = True
    return out


def _as_highs(model: LinearModel) -> highspy.HighsLp:
    """Return the model in the form of the solver."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.cost), len(model.row_low)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = model.cost, model.low, model.high
    lp.row_lower_, lp.row_upper_ = model.row_low, model.row_high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = model.matrix.indptr
    lp.a_matrix_.index_ = model.matrix.indices
    lp.a_matrix_.value_ = model.matrix.data
    if model.integer is not None and model.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(b)] for b in model.integer]
    return lp
