"""The weighted sum: the base ranking."""

from __future__ import annotations

from dataclasses import dataclass

from opsbook.errors import DataError
from opsbook.methods.solutions.decision_matrix import DecisionMatrix
from opsbook.methods.solutions.ranking import Ranking, floats, ranks_of
from opsbook.methods.solutions.weights import Weights


@dataclass(frozen=True, kw_only=True)
class WeightedSum(Ranking):
    """The weighted sum of each option, and what it is made of.

    Attributes:
        criteria: Names of the criteria.
        contributions: Per option the points that each criterion brings; a row adds up to the
            option's score.
    """

    criteria: tuple[str, ...]
    contributions: tuple[tuple[float, ...], ...]


def weighted_sum(matrix: DecisionMatrix, weights: Weights) -> WeightedSum:
    """Rank the options by their weighted points.

    The points come from fixed value functions, so that another option never moves a score.
    What most often fails: criteria that do not add up, as when a bad score on one cannot be
    made good on another; make that one a gate.

    Args:
        matrix: Options by criteria, in points of one scale, more being better.
        weights: The weights of the same criteria.

    Returns:
        Score (points), rank and contributions per option.

    Raises:
        DataError: If the weights name other criteria, or a criterion is still better lower.

    References:
        Keeney & Raiffa (1976), Decisions with Multiple Objectives, chapter 3.

    Examples:
        >>> from opsbook.methods.solutions.decision_matrix import decision_matrix
        >>> from opsbook.methods.solutions.equal_weights import equal_weights
        >>> criteria = ["effect", "ease"]
        >>> matrix = decision_matrix([[80, 30], [40, 60]], options=["A", "B"], criteria=criteria)
        >>> weighted_sum(matrix, equal_weights(criteria)).scores
        (55.0, 50.0)
    """
    lower = [
        f"'{c}'" for c, way in zip(matrix.criteria, matrix.better, strict=True) if way == "lower"
    ]
    if lower:
        raise DataError(
            f"A weighted sum adds points, of which more is better; lower is better for "
            f"{', '.join(lower)}.",
            "Turn natural units into points with a value function first.",
        )
    contributions = matrix.values * weights.of(matrix.criteria)
    scores = contributions.sum(axis=1)
    return WeightedSum(
        method="weighted_sum",
        normalisation="value_function",
        options=matrix.options,
        scores=floats(scores),
        ranks=ranks_of(scores),
        criteria=matrix.criteria,
        contributions=tuple(floats(row) for row in contributions),
    )
