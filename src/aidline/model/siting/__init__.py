"""Where to open sites of limited capacity so that all demand is served at least cost."""

from aidline.model.siting.problem import Sited, Siting
from aidline.model.siting.search import solve_siting

__all__ = ["Sited", "Siting", "solve_siting"]
