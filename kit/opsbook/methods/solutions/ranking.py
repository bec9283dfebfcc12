"""What every ranking method returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

SAME = 9
"""Scores that agree to this many decimals are a tie, not a win by rounding."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Options in order.

    Attributes:
        method: Name of the method.
        normalisation: How the method made the criteria comparable; another choice can turn
            the order, so it is printed.
        options: Names of the options, in the order given.
        scores: The method's score per option.
        ranks: Rank per option, 1 the best; tied options share the better rank.
    """

    method: str
    normalisation: str
    options: tuple[str, ...]
    scores: tuple[float, ...]
    ranks: tuple[int, ...]

    @property
    def winners(self) -> tuple[str, ...]:
        """The option of rank 1, or all that tie for it."""
        pairs = zip(self.options, self.ranks, strict=True)
        return tuple(option for option, rank in pairs if rank == 1)


def ranks_of(
    scores: ArrayLike, *, best: Literal["highest", "lowest"] = "highest"
) -> tuple[int, ...]:
    """Rank scores, 1 the best; ties share the better rank.

    Args:
        scores: One score per option.
        best: ``highest`` or ``lowest``.

    Returns:
        The ranks.

    Examples:
        >>> ranks_of([2.0, 3.0, 3.0])
        (3, 1, 1)
    """
    values = np.round(np.asarray(scores, dtype=float), SAME)
    gains = values if best == "highest" else -values
    return tuple(1 + int((gains > gain).sum()) for gain in gains)


def floats(values: Sequence[float] | np.ndarray) -> tuple[float, ...]:
    """Return plain floats, as results keep them."""
    return tuple(float(value) for value in values)
