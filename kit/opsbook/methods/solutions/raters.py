"""Several people score one cell: their middle and how far they disagree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from opsbook.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Raters:
    """What several raters say together.

    Attributes:
        median: The middle score.
        low: The lowest score.
        high: The highest score.
        spread: High minus low, in the unit of the scores.
        n: How many raters scored.
        missing: The raters who did not.
    """

    median: float
    low: float
    high: float
    spread: float
    n: int
    missing: tuple[str, ...]


def raters(scores: Mapping[str, float | None], *, cell: str = "the cell") -> Raters:
    """Find the middle of several raters' scores and how far they lie apart.

    A missing rater is missing, not a zero. The spread is the full range, as quartiles of three
    people mean nothing. What most often fails: raters who sat in one room; let each write first.

    Args:
        scores: Score per rater, None or NaN where that rater gave none.
        cell: What was scored, for the error.

    Returns:
        Median, range, how many scored, and who did not.

    Raises:
        DataError: If nobody scored, or a score is infinite.

    Examples:
        >>> result = raters({"Li": 3, "Wang": 4, "Zhao": None})
        >>> result.median, result.n, result.missing
        (3.5, 2, ('Zhao',))
    """
    given = [s for s in scores.values() if s is not None and not math.isnan(s)]
    missing = tuple(name for name, s in scores.items() if s is None or math.isnan(s))
    if not given:
        raise DataError(
            f"Nobody has scored {cell}.", "Score it, or take the option or the criterion out."
        )
    if not all(map(math.isfinite, given)):
        raise DataError(f"A score of {cell} is infinite.", "Give a finite number.")
    return Raters(
        median=float(median(given)),
        low=float(min(given)),
        high=float(max(given)),
        spread=float(max(given) - min(given)),
        n=len(given),
        missing=missing,
    )
