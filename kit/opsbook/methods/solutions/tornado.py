"""Which single guess moves the winner's lead most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opsbook.methods.solutions.guess_matrix import GuessMatrix
from opsbook.methods.solutions.ranking import SAME
from opsbook.methods.solutions.weights import Weights


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What one guess alone does to the leader's lead.

    Attributes:
        option: The option guessed at.
        criterion: On which criterion.
        at_low: The lead with this guess at its low measure, the others most likely.
        at_high: The lead with this guess at its high measure.
    """

    option: str
    criterion: str
    at_low: float
    at_high: float

    @property
    def turns(self) -> bool:
        """Whether this guess alone can take the lead away."""
        return min(self.at_low, self.at_high) < -(10.0**-SAME)


@dataclass(frozen=True, kw_only=True)
class Tornado:
    """The leader's lead and what moves it.

    Attributes:
        leader: The option of highest score with every guess most likely.
        lead: Its score minus that of the best other option, in points.
        bars: One bar per guess, the widest first.
    """

    leader: str
    lead: float
    bars: tuple[Bar, ...]


def tornado(guesses: GuessMatrix, weights: Weights) -> Tornado:
    """Tell which guess, moved alone from low to high, moves the winner's lead most.

    The lead is over whichever other option is then best. What most often fails: guesses that
    move together; `smaa` moves all at once, `value_of_information` also weighs how likely the
    ends are.

    Args:
        guesses: Options by criteria with low, most likely and high measure; at least two
            options, else there are no bars and no lead but the score itself.
        weights: The weights of the same criteria.

    Returns:
        The leader, its lead and the bars.

    Raises:
        DataError: If the weights name other criteria.

    Examples:
        >>> from opsbook.methods.solutions.equal_weights import equal_weights
        >>> from opsbook.methods.solutions.guess_matrix import guess_matrix
        >>> guesses = guess_matrix(
        ...     [[50], [20]], [[50], [45]], [[50], [80]], options=["A", "B"], criteria=["effect"]
        ... )
        >>> result = tornado(guesses, equal_weights(["effect"]))
        >>> result.lead, result.bars[0].at_high, result.bars[0].turns
        (5.0, -30.0, True)
    """
    shares = weights.of(guesses.criteria)
    ends = [
        np.column_stack(
            [
                table.values[:, j] if function is None else function.points(table.values[:, j])
                for j, function in enumerate(guesses.value_functions)
            ]
        )
        for table in (guesses.low, guesses.mode, guesses.high)
    ]
    at_low, likely, at_high = ends
    scores = likely @ shares
    leader = int(np.argmax(np.round(scores, SAME)))

    def lead(option: int, change: float) -> float:
        moved = scores.copy()
        moved[option] += change
        return float(moved[leader] - np.delete(moved, leader).max(initial=-np.inf))

    if len(scores) == 1:
        return Tornado(leader=guesses.options[0], lead=float(scores[0]), bars=())
    bars = [
        Bar(
            option=guesses.options[i],
            criterion=guesses.criteria[j],
            at_low=lead(i, shares[j] * (at_low[i, j] - likely[i, j])),
            at_high=lead(i, shares[j] * (at_high[i, j] - likely[i, j])),
        )
        for j in range(len(shares))
        for i in np.flatnonzero(guesses.uncertain(j)).tolist()
    ]
    bars.sort(key=lambda bar: -abs(bar.at_high - bar.at_low))
    return Tornado(leader=guesses.options[leader], lead=lead(leader, 0.0), bars=tuple(bars))
