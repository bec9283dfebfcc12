"""Whether the order of two options hangs on a third."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from opsbook.methods.solutions.decision_matrix import DecisionMatrix
from opsbook.methods.solutions.ranking import Ranking
from opsbook.methods.solutions.weights import Weights

RankingMethod = Callable[[DecisionMatrix, Weights], Ranking]


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """Two options whose order turns when a third is left out.

    Attributes:
        left_out: The option left out.
        before: The one that was ahead with it.
        after: The one that is ahead without it.
    """

    left_out: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class RankReversal:
    """What leaving out each option in turn does to the order of the others.

    Attributes:
        method: The ranking method.
        reversals: Every pair turned, option left out by option left out.
        winner_hangs_on: Options whose absence turns the winner out of the first place, though
            they did not win themselves.
    """

    method: str
    reversals: tuple[Reversal, ...]
    winner_hangs_on: tuple[str, ...]


def rank_reversal(matrix: DecisionMatrix, weights: Weights, rank: RankingMethod) -> RankReversal:
    """Tell whether leaving out one option turns the order of two others.

    A weighted sum over fixed value functions never does; methods that measure the options
    against each other may. A tie that opens or closes is no reversal.

    Args:
        matrix: Options by criteria.
        weights: The weights of the same criteria.
        rank: The ranking method, called once per option left out.

    Returns:
        The pairs that turn, and the options on which the winner hangs.

    Raises:
        DataError: Whatever the ranking method raises.

    References:
        Belton & Gear (1983), Omega 11, 228-230. doi:10.1016/0305-0483(83)90047-6

    Examples:
        >>> from opsbook.methods.solutions.decision_matrix import decision_matrix
        >>> from opsbook.methods.solutions.equal_weights import equal_weights
        >>> from opsbook.methods.solutions.weighted_sum import weighted_sum
        >>> matrix = decision_matrix([[3], [2], [1]], options=["A", "B", "C"], criteria=["x"])
        >>> rank_reversal(matrix, equal_weights(["x"]), weighted_sum).reversals
        ()
    """
    whole = rank(matrix, weights)
    place = dict(zip(whole.options, whole.ranks, strict=True))
    reversals: list[Reversal] = []
    hangs: list[str] = []
    for left_out in matrix.options if len(matrix.options) > 2 else ():
        rest = rank(matrix.without(left_out), weights)
        without = dict(zip(rest.options, rest.ranks, strict=True))
        reversals.extend(
            Reversal(left_out=left_out, before=ahead, after=behind)
            for ahead in rest.options
            for behind in rest.options
            if place[ahead] < place[behind] and without[ahead] > without[behind]
        )
        if left_out not in whole.winners and not set(whole.winners) & set(rest.winners):
            hangs.append(left_out)
    return RankReversal(
        method=whole.method, reversals=tuple(reversals), winner_hangs_on=tuple(hangs)
    )
