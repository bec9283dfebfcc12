"""Weightings drawn at random from all that keep a stated order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.solutions.circle import circle
from opsbook.methods.solutions.names import check_known, unique_names

MOST = 16
"""The most criteria that may be tied together by statements of order."""


def random_weights(
    criteria: Sequence[str],
    *,
    order: Sequence[tuple[str, str]] = (),
    draws: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Draw weightings evenly from all that keep what was said about their order.

    Without an order the weights are Dirichlet with all parameters one: any weighting is as
    likely as any other. With an order, they are the same draws given that the order holds,
    exactly: the drawn values are dealt out along an order chosen evenly among all complete
    orders that keep the statements (as the Dirichlet does not change when criteria swap
    places). What most often fails: reading "any weighting" as "no opinion"; with many criteria
    few weightings come near a single criterion's side.

    Args:
        criteria: Names of the criteria.
        order: Pairs (heavier, lighter); they may say anything from nothing to a full order.
        draws: How many weightings.
        rng: The random generator.

    Returns:
        Weightings, shape (draws, n_criteria); each row adds up to one.

    Raises:
        DataError: If a criterion is unknown or named twice, the statements contradict each
            other (the circle is named), or they tie together more than 16 criteria.

    References:
        Tervonen & Lahdelma (2007), European Journal of Operational Research 178, 500-513.
        doi:10.1016/j.ejor.2005.12.037

    Examples:
        >>> rng = np.random.default_rng(1)
        >>> drawn = random_weights(["a", "b", "c"], order=[("b", "a")], draws=100, rng=rng)
        >>> bool((drawn[:, 1] >= drawn[:, 0]).all())
        True
    """
    names = unique_names("criterion", criteria)
    check_known("criterion", [name for pair in order for name in pair], names, "the order")
    shares = rng.standard_exponential((draws, len(names)))
    shares /= shares.sum(axis=1, keepdims=True)
    tied = sorted({names.index(name) for pair in order for name in pair})
    if not tied:
        return shares
    place = {names[column]: k for k, column in enumerate(tied)}
    heavier = [0] * len(tied)
    for heavy, light in order:
        heavier[place[light]] |= 1 << place[heavy]
    around = circle({name: [heavy for heavy, light in order if light == name] for name in names})
    if around:
        raise DataError(
            f"The order of the weights runs in a circle: {' over '.join(around)}.",
            "Take one of these statements back.",
        )
    if len(tied) > MOST:
        raise DataError(
            f"The order of the weights ties {len(tied)} criteria together.",
            f"State an order for at most {MOST}, or group the criteria.",
        )
    falling = -np.sort(-shares[:, tied], axis=1)
    dealt = np.empty_like(falling)
    np.put_along_axis(dealt, _orders(heavier, draws, rng), falling, axis=1)
    shares[:, tied] = dealt
    return shares


def _orders(heavier: Sequence[int], draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw complete orders evenly, heaviest first, shape (draws, n).

    A set of criteria is a bit mask. `ways` counts the complete orders once a set is placed, so
    that the next criterion is drawn in proportion to the orders that go through it.
    """
    n = len(heavier)
    masks = np.arange(1 << n)
    size = np.array([mask.bit_count() for mask in range(1 << n)])
    ways = np.zeros(1 << n)
    ways[-1] = 1.0
    through = np.zeros((1 << n, n))
    for level in range(n - 1, -1, -1):
        here = masks[size == level]
        for k, needed in enumerate(heavier):
            may = here[((here >> k) & 1 == 0) & (here & needed == needed)]
            through[may, k] = ways[may | 1 << k]
        ways[here] = through[here].sum(axis=1)
    reach = np.cumsum(through, axis=1)
    placed = np.zeros(draws, dtype=np.int64)
    orders = np.empty((draws, n), dtype=np.int64)
    for level in range(n):
        at = rng.random(draws) * ways[placed]
        orders[:, level] = (at[:, None] >= reach[placed]).sum(axis=1)
        placed |= 1 << orders[:, level]
    return orders
