"""VIKOR: a compromise between the whole and the worst regret."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.solutions.decision_matrix import DecisionMatrix
from opsbook.methods.solutions.ranking import SAME, Ranking, floats, ranks_of
from opsbook.methods.solutions.weights import Weights


@dataclass(frozen=True, kw_only=True)
class Vikor(Ranking):
    """Q per option (the score, less being better) and what it is made of.

    Attributes:
        group_regret: S, the weighted sum of an option's regrets.
        worst_regret: R, its largest single weighted regret.
        compromise: The options that VIKOR proposes: the first alone if it leads clearly and
            holds by S or R too, else all that are too near to tell apart.
    """

    group_regret: tuple[float, ...]
    worst_regret: tuple[float, ...]
    compromise: tuple[str, ...]


def vikor(matrix: DecisionMatrix, weights: Weights, *, majority: float = 0.5) -> Vikor:
    """Rank the options by a compromise of total and worst regret, as a cross-check.

    What most often fails: regrets are measured within the options at hand (min-max), so that
    another option can turn the order of two others; run `rank_reversal`.

    Args:
        matrix: Options by criteria, points or natural units, either way better.
        weights: The weights of the same criteria.
        majority: v, the weight of the total regret against the worst, from 0 to 1.

    Returns:
        Q, S, R and ranks per option, less being better, and the compromise.

    Raises:
        DataError: If the weights name other criteria, or v leaves 0..1.

    References:
        Opricovic & Tzeng (2004), European Journal of Operational Research 156, 445-455.
        doi:10.1016/S0377-2217(03)00020-1

    Examples:
        >>> from opsbook.methods.solutions.decision_matrix import decision_matrix
        >>> from opsbook.methods.solutions.equal_weights import equal_weights
        >>> criteria = ["risk", "height"]
        >>> matrix = decision_matrix(
        ...     [[1, 3000], [2, 3750], [5, 4500]],
        ...     options=["A", "B", "C"], criteria=criteria, better=["lower", "higher"],
        ... )
        >>> vikor(matrix, equal_weights(criteria)).scores
        (1.0, 0.0, 1.0)
    """
    if not 0 <= majority <= 1:
        raise DataError(f"VIKOR's v is {majority}.", "Give a share from 0 to 1.")
    gains = matrix.gains
    span = np.ptp(gains, axis=0)
    distance = (gains.max(axis=0) - gains) / np.where(span > 0, span, 1.0)
    regret = weights.of(matrix.criteria) * distance
    total, worst = regret.sum(axis=1), regret.max(axis=1)
    q = majority * _stretched(total) + (1 - majority) * _stretched(worst)
    return Vikor(
        method="vikor",
        normalisation="min_max",
        options=matrix.options,
        scores=floats(q),
        ranks=ranks_of(q, best="lowest"),
        group_regret=floats(total),
        worst_regret=floats(worst),
        compromise=_compromise(matrix.options, q, total, worst),
    )


def _stretched(regret: NDArray[np.float64]) -> NDArray[np.float64]:
    """Stretch regrets to 0..1; all zero where they differ by rounding only."""
    above, span = regret - regret.min(), float(np.ptp(regret))
    return above / span if span > 10.0**-SAME else np.zeros_like(above)


def _compromise(
    options: tuple[str, ...],
    q: NDArray[np.float64],
    total: NDArray[np.float64],
    worst: NDArray[np.float64],
) -> tuple[str, ...]:
    order = np.argsort(np.round(q, SAME), kind="stable")
    if len(order) == 1:
        return options
    first, second = order[0], order[1]
    lead = 1 / (len(order) - 1)
    holds = total[first] <= total.min() + 10.0**-SAME or worst[first] <= worst.min() + 10.0**-SAME
    if q[second] - q[first] < lead - 10.0**-SAME:
        return tuple(options[i] for i in order if q[i] - q[first] < lead - 10.0**-SAME)
    return (options[first],) if holds else (options[first], options[second])
