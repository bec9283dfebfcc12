"""Which guess, if better known, would decide the choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.solutions.guess_matrix import GuessMatrix
from opsbook.methods.solutions.ranking import SAME, floats
from opsbook.methods.solutions.weights import Weights

GRID = 1_001
"""Quantiles at which a single guess is looked at."""


@dataclass(frozen=True, kw_only=True)
class GuessWorth:
    """What it is worth to know one guess before choosing.

    Attributes:
        option: The option guessed at.
        criterion: On which criterion.
        worth: Expected gain of the choice, in the unit of the scores.
        flips: Probability that knowing it changes the choice.
    """

    option: str
    criterion: str
    worth: float
    flips: float


@dataclass(frozen=True, kw_only=True)
class ValueOfInformation:
    """What knowing more is worth.

    Attributes:
        best: The option of highest expected score, the choice without knowing more.
        expected: Expected score per option.
        perfect: Expected gain if every guess were known before choosing: no study, survey or
            pilot can be worth more.
        guesses: What each single guess is worth, the most worth first.
    """

    best: str
    expected: tuple[float, ...]
    perfect: float
    guesses: tuple[GuessWorth, ...]

    @property
    def worth_knowing(self) -> GuessWorth | None:
        """The guess most worth knowing, or None if no single one can change the choice."""
        return self.guesses[0] if self.guesses and self.guesses[0].worth > 0 else None


def value_of_information(
    guesses: GuessMatrix, weights: Weights, *, draws: int = 10_000, seed: int
) -> ValueOfInformation:
    """Tell which guess is worth finding out before the choice is made.

    Expected value of (partial) perfect information under the weighted sum. As scores add up
    over criteria, a single guess needs no simulation: knowing it moves one option's expected
    score and leaves the others'. What most often fails: guesses that hang together; knowing one
    then tells about others too, and is worth more than is shown here.

    Args:
        guesses: Options by criteria with low, most likely and high measure.
        weights: The weights of the same criteria.
        draws: Number of draws for the value of perfect information.
        seed: The seed of these draws.

    Returns:
        The worth of perfect information and of each guess, in the unit of the scores.

    Raises:
        DataError: If the weights name other criteria, or there are no draws.

    References:
        Raiffa & Schlaifer (1961), Applied Statistical Decision Theory, chapter 4. Felli &
        Hazen (1998), Medical Decision Making 18, 95-109. doi:10.1177/0272989X9801800117

    Examples:
        >>> from opsbook.methods.solutions.equal_weights import equal_weights
        >>> from opsbook.methods.solutions.guess_matrix import guess_matrix
        >>> guesses = guess_matrix(
        ...     [[50], [20]], [[50], [45]], [[50], [80]], options=["A", "B"], criteria=["effect"]
        ... )
        >>> result = value_of_information(guesses, equal_weights(["effect"]), seed=1)
        >>> result.best, result.worth_knowing.option, round(result.worth_knowing.worth, 1)
        ('A', 'B', 4.3)
    """
    if draws < 1:
        raise DataError(f"{draws} draws were asked for.", "Ask for at least one.")
    shares = weights.of(guesses.criteria)
    grid = (np.arange(GRID) + 0.5) / GRID
    n, m = len(guesses.options), len(guesses.criteria)
    points = np.stack([guesses.points(j, np.broadcast_to(grid, (n, GRID))) for j in range(m)])
    means = points.mean(axis=2)
    expected = shares @ means
    best = int(np.argmax(np.round(expected, SAME)))
    found = [
        _worth(guesses, expected, best, (i, j), shares[j] * (points[j, i] - means[j, i]))
        for j in range(m)
        for i in range(n)
        if guesses.uncertain(j)[i]
    ]
    return ValueOfInformation(
        best=guesses.options[best],
        expected=floats(expected),
        perfect=_perfect(guesses, shares, draws, np.random.default_rng(seed)),
        guesses=tuple(sorted(found, key=lambda guess: (-guess.worth, -guess.flips))),
    )


def _worth(
    guesses: GuessMatrix,
    expected: NDArray[np.float64],
    best: int,
    cell: tuple[int, int],
    shift: NDArray[np.float64],
) -> GuessWorth:
    option, criterion = cell
    others = np.delete(expected, option)
    rival = float(others.max()) if others.size else -np.inf
    moved = expected[option] + shift
    edge = 10.0**-SAME
    flips = moved < rival - edge if option == best else moved > rival + edge
    worth = float(np.maximum(moved, rival).mean() - expected[best])
    return GuessWorth(
        option=guesses.options[option],
        criterion=guesses.criteria[criterion],
        worth=max(0.0, round(worth, SAME)),
        flips=float(flips.mean()),
    )


def _perfect(
    guesses: GuessMatrix, shares: NDArray[np.float64], draws: int, rng: np.random.Generator
) -> float:
    scores = np.zeros((len(guesses.options), draws))
    for j, share in enumerate(shares):
        scores += share * guesses.points(j, rng.random(scores.shape))
    gain = float(scores.max(axis=0).mean() - scores.mean(axis=1).max())
    return max(0.0, round(gain, SAME))
