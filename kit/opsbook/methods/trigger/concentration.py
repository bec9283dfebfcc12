"""Concentration: whether feedback gathers on one topic more than chance would gather it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom, poisson

from opsbook.errors import DataError
from opsbook.methods.trigger.series import Floats, as_one_series

ENOUGH = 10
"""The handbook's rule: a topic needs at least ten mentions."""
EXACT_UP_TO = 5000
"""With more mentions than this the p-value is the sum of the topics' tails, never too small."""
NEGLIGIBLE_OVERLAP = 1e-6
"""When the tails sum to less, two topics never stand out at once, and the sum is exact enough."""


@dataclass(frozen=True, kw_only=True)
class Concentration:
    """The topic that stands out most.

    Attributes:
        topic: Its position; None without any mentions.
        mentions: Its mentions.
        share: Its share of all mentions; None without any.
        expected_share: The share it would have by chance.
        p_value: Chance that any topic stands out so much if all have their expected shares,
            exact; None without mentions.
        enough: Whether it has ten mentions or more.
        n: All mentions.
    """

    topic: int | None
    mentions: int
    share: float | None
    expected_share: float | None
    p_value: float | None
    enough: bool
    n: int


def chance_all_below(ceilings: Floats, shares: Floats, n: int) -> float:
    """Return the exact chance that n mentions leave every topic below its ceiling.

    The counts of a multinomial are independent Poisson counts given their sum; the sum of the
    truncated ones is found by convolution.

    Args:
        ceilings: For each topic, the least count that is too many, shape (topics,).
        shares: Probability of each topic, shape (topics,), sum one.
        n: Number of mentions.

    Examples:
        >>> chance_all_below(np.array([2.0, 2.0]), np.array([0.5, 0.5]), 2)
        0.5
    """
    total = np.ones(1)
    for ceiling, share in zip(ceilings, shares, strict=True):
        counts = np.arange(min(int(ceiling), n + 1))
        total = np.convolve(total, poisson.pmf(counts, n * share))[: n + 1]
    reached = total[n] if len(total) > n else 0.0
    return float(min(1.0, reached / poisson.pmf(n, n)))


def concentration(mentions: ArrayLike, expected: ArrayLike | None = None) -> Concentration:
    """Say which topic stands out most, and whether chance alone would do that.

    Each topic is compared with its binomial tail; the p-value is that of the most surprising one
    among all, so that having many topics is no excuse. The assumption that most often fails:
    mentions must be independent; ten tickets of one customer are one.

    Args:
        mentions: Whole counts by topic, shape (topics,); at least two topics.
        expected: Weights of the topics by chance, such as last quarter's mentions, shape
            (topics,); None for equal shares. They need not sum to one.

    Raises:
        DataError: If there are fewer than two topics, a count is no whole number from zero, or
            the weights do not fit or are not positive.

    References:
        Levin (1981), Annals of Statistics 9, 1123-1126 (the distribution of the largest count).

    Examples:
        >>> found = concentration([12, 3, 2, 3])
        >>> found.topic, found.enough, round(found.p_value, 4)
        (0, True, 0.0037)
    """
    counts = as_one_series(mentions, "mentions")
    if len(counts) < 2:
        raise DataError("There is one topic only.", "A concentration needs two or more.")
    if np.isnan(counts).any() or (counts < 0).any() or (counts % 1 != 0).any():
        raise DataError("'mentions' has a value that is no count.", "Give whole numbers from 0.")
    weights = np.ones(len(counts)) if expected is None else as_one_series(expected, "expected")
    if weights.shape != counts.shape or not (weights > 0).all():
        raise DataError(
            "'expected' must give each topic a positive weight.", "Drop topics without one."
        )
    n, shares = int(counts.sum()), weights / weights.sum()
    if n == 0:
        return Concentration(
            topic=None,
            mentions=0,
            share=None,
            expected_share=None,
            p_value=None,
            enough=False,
            n=0,
        )
    tails = binom.sf(counts - 1, n, shares)
    topic = int(np.lexsort((-counts / shares, tails))[0])
    # Each topic's ceiling: the least count as surprising for it as the one observed.
    possible = np.arange(n + 2)[:, None]
    surprising = binom.sf(possible - 1, n, shares) <= tails[topic] * (1 + 1e-9)
    ceilings = surprising.argmax(axis=0).astype(np.float64)
    union = float(binom.sf(ceilings - 1, n, shares).sum())
    exact = n <= EXACT_UP_TO and union > NEGLIGIBLE_OVERLAP
    p_value = 1.0 - chance_all_below(ceilings, shares, n) if exact else union
    return Concentration(
        topic=topic,
        mentions=int(counts[topic]),
        share=float(counts[topic] / n),
        expected_share=float(shares[topic]),
        p_value=float(min(1.0, p_value)),
        enough=bool(counts[topic] >= ENOUGH),
        n=n,
    )
