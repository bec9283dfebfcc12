"""TOPSIS: near to the best of everything, far from the worst."""

from __future__ import annotations

from typing import Literal

import numpy as np

from opsbook.methods.solutions.decision_matrix import DecisionMatrix
from opsbook.methods.solutions.ranking import Ranking, floats, ranks_of
from opsbook.methods.solutions.weights import Weights

Normalisation = Literal["vector", "min_max"]


def topsis(
    matrix: DecisionMatrix, weights: Weights, *, normalisation: Normalisation = "vector"
) -> Ranking:
    """Rank the options by their closeness to an ideal option, as a cross-check.

    What most often fails: the answer hangs on the normalisation, and the ideal on the options
    at hand, so that another option can turn the order of two others. Print the one, and run
    `rank_reversal` for the other.

    Args:
        matrix: Options by criteria, points or natural units, either way better.
        weights: The weights of the same criteria.
        normalisation: ``vector`` divides a column by its length; ``min_max`` stretches it from
            its worst to its best.

    Returns:
        Closeness per option, 0 to 1, more being better. A criterion on which all options agree
        counts for nothing; where they agree on all, every closeness is 0.5.

    Raises:
        DataError: If the weights name other criteria.

    References:
        Hwang & Yoon (1981), Multiple Attribute Decision Making. Opricovic & Tzeng (2004),
        European Journal of Operational Research 156, 445-455, on what the normalisation does.
        doi:10.1016/S0377-2217(03)00020-1

    Examples:
        >>> from opsbook.methods.solutions.decision_matrix import decision_matrix
        >>> from opsbook.methods.solutions.equal_weights import equal_weights
        >>> criteria = ["risk", "height"]
        >>> matrix = decision_matrix(
        ...     [[1, 3000], [2, 3750], [5, 4500]],
        ...     options=["A", "B", "C"], criteria=criteria, better=["lower", "higher"],
        ... )
        >>> [round(score, 3) for score in topsis(matrix, equal_weights(criteria)).scores]
        [0.762, 0.722, 0.238]
    """
    gains = matrix.gains
    size = np.sqrt((gains**2).sum(axis=0)) if normalisation == "vector" else np.ptp(gains, axis=0)
    scaled = gains / np.where(size > 0, size, 1.0) * weights.of(matrix.criteria)
    to_best = np.sqrt(((scaled - scaled.max(axis=0)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((scaled - scaled.min(axis=0)) ** 2).sum(axis=1))
    span = to_best + to_worst
    closeness = np.where(span > 0, to_worst / np.where(span > 0, span, 1.0), 0.5)
    return Ranking(
        method="topsis",
        normalisation=normalisation,
        options=matrix.options,
        scores=floats(closeness),
        ranks=ranks_of(closeness),
    )
