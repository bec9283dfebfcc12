"""How surely the winner wins when weights and guesses move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.solutions.guess_matrix import GuessMatrix
from opsbook.methods.solutions.random_weights import random_weights
from opsbook.methods.solutions.ranking import SAME, floats

Verdict = Literal["clear", "leaning", "toss_up"]

CLEAR = 0.80
"""First under at least four draws of five: the order may be announced."""

LEANING = 0.50
"""First more often than all the others together."""


@dataclass(frozen=True, kw_only=True)
class Smaa:
    """What random weights and guesses make of the ranking.

    Attributes:
        options: Names of the options.
        criteria: Names of the criteria.
        acceptability: Share of the draws in which each option (row) takes each rank (column,
            rank 1 first); rows and columns add up to one. Ties share their ranks.
        central_weights: Per option the mean of the weightings that put it first, or None where
            none does: the opinion one would hold to prefer it.
        confidence: Per option how often it is first under its central weights, or None: low
            even there means that the guesses, not the weights, decide.
        best: The option most often first.
        share: How often it is first.
        standard_error: Standard error of that share from the number of draws.
        verdict: ``clear`` from 80 % on, ``leaning`` from 50 % on, else ``toss_up``.
        draws: Number of draws.
        seed: The seed.
    """

    options: tuple[str, ...]
    criteria: tuple[str, ...]
    acceptability: tuple[tuple[float, ...], ...]
    central_weights: tuple[tuple[float, ...] | None, ...]
    confidence: tuple[float | None, ...]
    best: str
    share: float
    standard_error: float
    verdict: Verdict
    draws: int
    seed: int

    def first(self, option: str) -> float:
        """Return how often an option is first: "still first under 84 % of weightings"."""
        return self.acceptability[self.options.index(option)][0]


def smaa(
    guesses: GuessMatrix,
    *,
    order: Sequence[tuple[str, str]] = (),
    draws: int = 10_000,
    seed: int,
) -> Smaa:
    """Tell under what share of weightings and guesses each option comes first.

    Stochastic multicriteria acceptability analysis: the weighted sum under weights drawn evenly
    from all that keep the stated order, and cells drawn from their triangular guesses. What
    most often fails: guesses that are wrong together (one supplier, one estimator) are drawn
    here as if each stood alone, which makes the verdict look surer than it is.

    Args:
        guesses: Options by criteria with low, most likely and high measure.
        order: What is known of the weights, as pairs (heavier, lighter).
        draws: Number of draws.
        seed: The seed; the same one gives the same result.

    Returns:
        Rank acceptability, central weights, confidence factors and a verdict.

    Raises:
        DataError: If there are no draws, or the order contradicts itself or names an unknown
            criterion.

    References:
        Lahdelma & Salminen (2001), Operations Research 49, 444-454.
        doi:10.1287/opre.49.3.444.11220

    Examples:
        >>> from opsbook.methods.solutions.guess_matrix import guess_matrix
        >>> known = [[80, 30], [40, 60]]
        >>> guesses = guess_matrix(
        ...     known, known, known, options=["A", "B"], criteria=["effect", "ease"]
        ... )
        >>> smaa(guesses, order=[("effect", "ease")], seed=1).verdict
        'clear'
    """
    if draws < 1:
        raise DataError(f"SMAA was asked for {draws} draws.", "Ask for at least one.")
    rng = np.random.default_rng(seed)
    n, m = len(guesses.options), len(guesses.criteria)
    weights = random_weights(guesses.criteria, order=order, draws=draws, rng=rng).T.copy()
    points = np.empty((m, n, draws))
    for criterion in range(m):
        quantiles = np.full((n, draws), 0.5)
        guessed = guesses.uncertain(criterion)
        quantiles[guessed] = rng.random((int(guessed.sum()), draws))
        points[criterion] = guesses.points(criterion, quantiles)
    first, acceptability = _ranks(_weighted(weights, points))
    often = first.sum(axis=1)
    central = [
        weights @ first[option] / often[option] if often[option] > 0 else None
        for option in range(n)
    ]
    top = int(np.argmax(acceptability[:, 0]))
    share = float(acceptability[top, 0])
    return Smaa(
        options=guesses.options,
        criteria=guesses.criteria,
        acceptability=tuple(floats(row) for row in acceptability),
        central_weights=tuple(None if w is None else floats(w) for w in central),
        confidence=tuple(
            None if w is None else _confidence(_weighted(w, points), option)
            for option, w in enumerate(central)
        ),
        best=guesses.options[top],
        share=share,
        standard_error=math.sqrt(share * (1 - share) / draws),
        verdict="clear" if share >= CLEAR else "leaning" if share >= LEANING else "toss_up",
        draws=draws,
        seed=seed,
    )


def _weighted(weights: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up points (m, n, draws) by weights (m,) or (m, draws), rounded so that ties are ties."""
    scores = np.zeros(points.shape[1:])
    for share, column in zip(weights, points, strict=True):
        scores += share * column
    return np.round(scores, SAME, out=scores)


def _ranks(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each option's part of the first place per draw, and of every rank over all draws."""
    n, draws = scores.shape
    ahead = np.zeros((n, draws), dtype=np.int16)
    level = np.zeros((n, draws), dtype=np.int16)
    for rival in scores:
        ahead += rival > scores
        level += rival == scores
    first = np.where(ahead == 0, 1.0 / level, 0.0)
    place = ahead + n * np.arange(n)[:, None]
    counts = np.zeros(n * n)
    for tied in range(int(level.max())):
        among = level > tied
        counts += np.bincount(place[among] + tied, weights=1.0 / level[among], minlength=n * n)
    return first, counts.reshape(n, n) / draws


def _confidence(scores: NDArray[np.float64], option: int) -> float:
    best = scores == scores.max(axis=0)
    return float((best[option] / best.sum(axis=0)).mean())
