"""What do the leaves of a slice say together, where each of them says too little alone?"""

from __future__ import annotations

from math import log
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.slice_cube import Floats
from opsbook.methods.diagnosis.wider_slice import Move

_HALF = 0.4549  # median of the square of a standard normal variable
_ROUNDING = 1e-12  # share of all squares that is left of a slice by rounding, once taken out


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
    """Changes of counts, added up, and how many of the leaves fell.

    Where noise is as likely up as down, the sum of n changes exceeds x times the root of the
    sum of their squares with a probability of exp(-x^2 / 2) at most, whatever their sizes; the
    same holds for their signs, which large leaves do not rule. Where the typical slice of the
    same dimensions reaches further by itself, because leaves share shocks, x shrinks with it.

    Args:
        change: Change of each leaf, negative for what is looked for, shape (n_leaves,).
        size: What it is a change of, same shape and unit.
        least: Smallest change of a slice, as a share of its size, that is worth naming.

    References:
        Efron (1969), J. Am. Stat. Assoc. 64, 1278-1302, on sums over the root of their squares.
    """

    def __init__(self, change: Floats, size: Floats, *, least: float) -> None:
        sign = np.sign(change)
        self.leaves = (change, change * change, sign, np.abs(sign), size)
        self._least = least
        self._nothing = tuple(_ROUNDING * float(x.sum()) for x in (self.leaves[1], self.leaves[3]))

    def evidence(self, sums: tuple[Floats, ...]) -> Floats:
        """Minus the logarithm of the probability of such a fall; negative for rises."""
        change, squares, sign, count, size = sums
        by_amount = _surprise(change, squares, self._nothing[0])
        by_sign = _surprise(sign, count, self._nothing[1])
        told = np.maximum(by_amount, by_sign) - log(2.0)
        return np.where(-change < self._least * size, np.minimum(told, 0.0), told)

    def move(self, sums: tuple[Floats, ...]) -> Move:
        """How far slices moved as a share of their size, and what their leaves' sums say."""
        change, squares, _, _, size = sums
        there = squares > self._nothing[0]
        x = np.where(there, -change / np.sqrt(np.where(there, squares, 1.0)), 0.0)
        return Move(
            extent=np.where(there, -change / np.where(there, size, 1.0), 0.0),
            weight=np.sqrt(np.maximum(size, 0.0)),
            evidence=x * np.abs(x) / 2.0,
        )

    def unmoved(self, parts: tuple[Floats, ...], refuted: float) -> NDArray[np.bool_]:
        """Parts nearer to no change than to the slice's, and clearly apart from it."""
        change, squares, _, _, size = parts
        share = float(change.sum()) / max(float(size.sum()), 1e-300)
        missing = change - share * size
        clear = missing**2 > 2.0 * refuted * squares
        return np.asarray(clear & (change > share * size / 2.0))


def _surprise(total: Floats, squares: Floats, nothing: float) -> NDArray[np.float64]:
    told = squares > nothing
    x = np.where(told, total / np.sqrt(np.where(told, squares, 1.0)), 0.0)
    reach = x[told] ** 2
    if len(reach) < 2:
        return np.zeros(len(x))
    middle = (len(reach) - 1) // 2
    usual = max(float(np.partition(reach, middle)[middle]) / _HALF, 1.0)
    return np.asarray(-x * np.abs(x) / (2.0 * usual * (1.0 + 2.0 / len(reach))))
