"""Mixtures of t distributions: what is known once the error covariance is averaged out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, stdtr, stdtrit

STEPS_AT_MOST = 100
PRECISION = 1e-12
TINY = 1e-300


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
        p_value: NDArray[np.float64] = np.minimum(
            1.0, 2 * np.minimum(self.below(point), self.above(point))
        )
        return p_value

    def quantile(self, probability: float) -> NDArray[np.float64]:
        """Return the point below which lies `probability`.

        Newton's method, kept inside a bracket that starts at the members' own quantiles.
        """
        members = self.centre + self.scale * stdtrit(self.freedom, probability)
        low = members.min(axis=0)
        high = members.max(axis=0)
        tolerance = PRECISION * (self.weight * self.scale).sum(axis=0)
        point = np.clip((self.weight * members).sum(axis=0), low, high)
        for _ in range(STEPS_AT_MOST):
            excess = self.below(point) - probability
            high = np.where(excess >= 0, point, high)
            low = np.where(excess <= 0, point, low)
            step = excess / np.maximum(self._density(point), TINY)
            inside = (point - step > low) & (point - step < high)
            moved = np.where(inside, point - step, (low + high) / 2)
            settled = np.abs(moved - point) <= tolerance
            point = moved
            if settled.all():
                break
        quantile: NDArray[np.float64] = point
        return quantile

    def _density(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the density at `point`."""
        distance = (point - self.centre) / self.scale
        shape = (1 + distance**2 / self.freedom) ** (-(self.freedom + 1) / 2)
        half = self.freedom / 2
        norm = np.exp(gammaln(half + 0.5) - gammaln(half)) / np.sqrt(np.pi * self.freedom)
        density: NDArray[np.float64] = norm * (self.weight * shape / self.scale).sum(axis=0)
        return density
