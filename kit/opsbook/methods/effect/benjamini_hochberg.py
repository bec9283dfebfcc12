"""Several metrics at once: which changes are left when chance has had its share?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from opsbook.errors import DataError


@dataclass(frozen=True, kw_only=True)
class BenjaminiHochberg:
    """The p-values of a family, adjusted.

    Attributes:
        adjusted: Adjusted p-value of each test, in the order given; None where it had none.
        rejected: Whether each test is a discovery at the rate asked.
        rate: The false-discovery rate that was held.
        n_tests: Tests with a p-value.
    """

    adjusted: tuple[float | None, ...]
    rejected: tuple[bool, ...]
    rate: float
    n_tests: int


def benjamini_hochberg(
    p_values: Sequence[float | None], *, rate: float = 0.05
) -> BenjaminiHochberg:
    """Choose the discoveries among several tests, so that few of them are false.

    Of the tests declared discoveries, at most the given share is false on average. Assumes that
    the tests are independent or positively related, and that all that were looked at are in the
    list: leaving out the dull ones breaks it.

    Args:
        p_values: One per test; None for a test that could not be computed.
        rate: False-discovery rate, in (0, 1).

    Returns:
        Adjusted p-values and discoveries, in the order given.

    Raises:
        DataError: If a p-value is outside 0 to 1.

    References:
        Benjamini & Hochberg (1995), JRSS B 57, 289-300.

    Examples:
        >>> benjamini_hochberg([0.001, 0.04, None, 0.03]).adjusted
        (0.003, 0.04, None, 0.04)
    """
    places = [place for place, p in enumerate(p_values) if p is not None]
    known = np.array([p for p in p_values if p is not None], dtype=float)
    if not ((known >= 0) & (known <= 1)).all():
        raise DataError(f"The p-values {known.tolist()} leave 0 to 1.", "Correct them.")
    order = np.argsort(known)
    steps = known[order] * known.size / np.arange(1, known.size + 1)
    falling = np.minimum.accumulate(steps[::-1])[::-1]
    adjusted: list[float | None] = [None] * len(p_values)
    for rank, index in enumerate(order):
        adjusted[places[int(index)]] = min(1.0, float(falling[rank]))
    return BenjaminiHochberg(
        adjusted=tuple(adjusted),
        rejected=tuple(p is not None and p <= rate for p in adjusted),
        rate=rate,
        n_tests=known.size,
    )
