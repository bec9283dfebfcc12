"""Mixtures of t distributions: what is known once the error covariance is averaged out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit


@dataclass(frozen=True, kw_only=True)
class CovarianceMixture:
    """Mixtures of t distributions with common degrees of freedom.

    Attributes:
        weight: Weight of each member, shape (K, ...); sums to one over the members.
        centre: Centre of each member, same shape.
        scale: Scale of each member, same shape.
        freedom: Degrees of freedom.
    """

    weight: NDArray[np.float64]
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    freedom: int

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean of each mixture."""
        mean: NDArray[np.float64] = (self.weight * self.centre).sum(axis=0)
        return mean

    def below(self, point: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the probability of a value below `point`."""
        probability: NDArray[np.float64] = (
            self.weight * stdtr(self.freedom, (point - self.centre) / self.scale)
        ).sum(axis=0)
        return probability

    def above(self, point: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the probability of a value above `point`, exact also in the far tail."""
        probability: NDArray[np.float64] = (
            self.weight * stdtr(self.freedom, (self.centre - point) / self.scale)
        ).sum(axis=0)
        return probability

    def p_value(self, point: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
        """Return the two-sided p-value of the hypothesis that the value is `point`."""
        return np.minimum(1.0, 2 * np.minimum(self.below(point), self.above(point)))

    def quantile(self, probability: float) -> NDArray[np.float64]:
        """Return the point below which lies `probability`, by bisection between the members'."""
        members = self.centre + self.scale * stdtrit(self.freedom, probability)
        low = np.min(members, axis=0)
        high = np.max(members, axis=0)
        for _ in range(100):
            middle = (low + high) / 2
            if np.all(high - low <= 1e-13 * np.maximum(np.abs(low), np.abs(high))):
                break
            short = self.below(middle) < probability
            low = np.where(short, middle, low)
            high = np.where(short, high, middle)
        return (low + high) / 2
