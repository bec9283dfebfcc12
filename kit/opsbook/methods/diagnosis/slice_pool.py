"""What do the leaves of a slice say together, where each of them says too little alone?"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.slice_cube import Floats

_ROUNDING = 1e-12
_HALF = 0.4549  # median of the square of a standard normal variable


class Pool(Protocol):
    """Amounts of leaves that add up, and what their sums say."""

    @property
    def leaves(self) -> tuple[Floats, ...]:
        """The amounts, each of shape (n_leaves,)."""

    def evidence(self, sums: tuple[Floats, ...]) -> Floats:
        """Weigh each slice of one cuboid, given the sums of its leaves' amounts."""

    def unmoved(self, parts: tuple[Floats, ...], refuted: float) -> NDArray[np.bool_]:
        """Mark the parts of a slice that did not move with it, as strongly as `refuted` says."""


class ChangePool:
    """Changes of counts, added up.

    Where noise is as likely up as down, the sum of n changes exceeds x times the root of the
    sum of their squares with a probability of exp(-x^2 / 2) at most, whatever their sizes. If
    the typical slice of the same dimensions reaches further than that by itself, because leaves
    share shocks, x shrinks accordingly.

    Args:
        change: Change of each leaf, negative for what is looked for, shape (n_leaves,).
        size: What it is a change of, same shape and unit.

    References:
        Efron (1969), J. Am. Stat. Assoc. 64, 1278-1302, on sums over the root of their squares.
    """

    def __init__(self, change: Floats, size: Floats) -> None:
        self.leaves = (change, change * change, size)
        self._nothing = _ROUNDING * float(self.leaves[1].sum())

    def evidence(self, sums: tuple[Floats, ...]) -> Floats:
        """Minus the logarithm of the probability of such a fall, negative for rises."""
        change, squares, _ = sums
        told = squares > self._nothing
        x = np.where(told, change / np.sqrt(np.where(told, squares, 1.0)), 0.0)
        reach = np.sort(x[told] ** 2)
        if len(reach) < 2:
            return np.zeros(len(x))
        usual = max(float(reach[(len(reach) - 1) // 2]) / _HALF, 1.0) * (1.0 + 2.0 / len(reach))
        return np.asarray(-x * np.abs(x) / (2.0 * usual))

    def unmoved(self, parts: tuple[Floats, ...], refuted: float) -> NDArray[np.bool_]:
        """Parts nearer to no change than to the slice's, and clearly apart from it."""
        change, squares, size = parts
        share = float(change.sum()) / max(float(size.sum()), 1e-300)
        missing = change - share * size
        clear = missing**2 > 2.0 * refuted * squares
        return np.asarray(clear & (change > share * size / 2.0))
