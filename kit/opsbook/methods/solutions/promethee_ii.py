"""PROMETHEE II: who beats whom, and by how much of the weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.solutions.decision_matrix import DecisionMatrix
from opsbook.methods.solutions.ranking import Ranking, floats, ranks_of
from opsbook.methods.solutions.weights import Weights


@dataclass(frozen=True, kw_only=True)
class PrometheeII(Ranking):
    """Net flow per option (the score) and what it is made of.

    Attributes:
        leaving: How strongly it beats the others, on average, 0 to 1.
        entering: How strongly the others beat it, on average, 0 to 1.
    """

    leaving: tuple[float, ...]
    entering: tuple[float, ...]


def promethee_ii(
    matrix: DecisionMatrix,
    weights: Weights,
    *,
    indifference: ArrayLike = 0.0,
    preference: ArrayLike = 0.0,
) -> PrometheeII:
    """Rank the options by pairwise duels, as a cross-check.

    On each criterion the better of two wins: fully from the preference threshold on, not at
    all up to the indifference threshold, and in proportion between. With both at zero any
    difference wins. What most often fails: as every option is judged by the duels at hand,
    another option can turn the order of two others; run `rank_reversal`.

    Args:
        matrix: Options by criteria, points or natural units, either way better.
        weights: The weights of the same criteria.
        indifference: q, a difference too small to matter, in the criterion's unit; one for
            all criteria or one each.
        preference: p, a difference that wins fully, at least q; likewise.

    Returns:
        Net, leaving and entering flow per option; net flows run from -1 to 1 and add up to 0.

    Raises:
        DataError: If the weights name other criteria, or the thresholds are negative or p
            lies under q.

    References:
        Brans & Vincke (1985), Management Science 31, 647-656. doi:10.1287/mnsc.31.6.647

    Examples:
        >>> from opsbook.methods.solutions.decision_matrix import decision_matrix
        >>> from opsbook.methods.solutions.point_allocation import point_allocation
        >>> criteria = ["effect", "ease", "risk"]
        >>> matrix = decision_matrix(
        ...     [[4, 3, 2], [3, 2, 4], [5, 1, 3]], options=["A", "B", "C"], criteria=criteria
        ... )
        >>> weights = point_allocation({"effect": 50, "ease": 30, "risk": 20}, criteria)
        >>> [round(score, 2) for score in promethee_ii(matrix, weights).scores]
        [0.1, -0.3, 0.2]
    """
    n, m = len(matrix.options), len(matrix.criteria)
    q = np.broadcast_to(np.asarray(indifference, dtype=float), (m,))
    p = np.broadcast_to(np.asarray(preference, dtype=float), (m,))
    if not ((q >= 0) & (p >= q) & np.isfinite(p)).all():
        raise DataError(
            f"PROMETHEE II's thresholds are {list(map(float, q))} and {list(map(float, p))}.",
            "Give 0 <= indifference <= preference for each criterion.",
        )
    gains = matrix.gains
    lead = gains[:, None, :] - gains[None, :, :]
    slope = np.where(p > q, p - q, 1.0)
    partly = np.clip((lead - q) / slope, 0.0, 1.0)
    wins = np.where(p > q, partly, lead > q) @ weights.of(matrix.criteria)
    others = max(n - 1, 1)
    leaving, entering = wins.sum(axis=1) / others, wins.sum(axis=0) / others
    return PrometheeII(
        method="promethee_ii",
        normalisation="linear" if (p > 0).any() else "usual",
        options=matrix.options,
        scores=floats(leaving - entering),
        ranks=ranks_of(leaving - entering),
        leaving=floats(leaving),
        entering=floats(entering),
    )
