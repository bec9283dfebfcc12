"""Which error covariance a series has, and what its launches changed under each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.effect.covariance_grid import CovarianceGrid
from opsbook.methods.effect.covariance_mixture import CovarianceMixture
from opsbook.methods.effect.error_whitening import error_whitening


@dataclass(frozen=True, kw_only=True)
class CovariancePosterior:
    """Generalised least squares under every member of the covariance grid.

    Attributes:
        weight: Posterior weight of each member, shape (K, launches, series).
        effects: Estimated changes, shape (K, launches, effects, series).
        spread: Covariance of the changes for errors of variance one, shape
            (K, launches, effects, effects).
        variance: Error variance, shape (K, launches, series).
        freedom: Degrees of freedom.
    """

    weight: NDArray[np.float64]
    effects: NDArray[np.float64]
    spread: NDArray[np.float64]
    variance: NDArray[np.float64]
    freedom: int

    def mixture(self, contrast: NDArray[np.float64]) -> CovarianceMixture:
        """Return the distribution of a contrast, of each launch and series.

        Args:
            contrast: Weights of the changes, shape (effects,) or (launches, effects).

        Returns:
            Mixtures of shape (launches, series).
        """
        weights = np.broadcast_to(contrast, self.spread.shape[1:3])
        centre = np.einsum("lq,klqm->klm", weights, self.effects)
        spread = np.einsum("lp,klpq,lq->kl", weights, self.spread, weights)
        return CovarianceMixture(
            weight=self.weight,
            centre=centre,
            scale=np.sqrt(spread[:, :, None] * self.variance),
            freedom=self.freedom,
        )


def covariance_posterior(
    values: NDArray[np.float64],
    time: NDArray[np.int64],
    nuisance: NDArray[np.float64],
    changes: NDArray[np.float64],
    grid: CovarianceGrid,
) -> CovariancePosterior:
    """Fit every launch to every series under every covariance of the grid.

    The whitening is shared by all launches and series; each further one costs a few products.
    A member's weight is its prior times its restricted likelihood.

    Args:
        values: Series over the same periods, shape (n, series), of the order of one; may be none.
        time: Increasing positions of the rows, shape (n,), in periods.
        nuisance: Level, trend and covariates, of full rank, shape (n, nuisances).
        changes: What each launch may have changed, shape (n, launches, effects).
        grid: The error covariances and their prior.

    Returns:
        Effects, their spread and the weight of each member.

    References:
        Harville (1974), Biometrika 61, 383-385 (restricted likelihood as a marginal posterior).
        doi:10.1093/biomet/61.2.383
    """
    rows, launches, effects = changes.shape
    basis = np.linalg.qr(nuisance)[0]
    columns = np.column_stack([basis, values, changes.reshape(rows, -1)])
    whitened, log_covariance = error_whitening(columns, time, grid)
    held, triangle = np.linalg.qr(whitened[:, :, : basis.shape[1]])
    free = whitened[:, :, basis.shape[1] :]
    free = free - held @ (np.swapaxes(held, 1, 2) @ free)
    series, steps = np.split(free, [values.shape[1]], axis=2)
    products = np.swapaxes(steps, 1, 2) @ series
    products = products.reshape(grid.prior.size, launches, effects, values.shape[1])
    steps = steps.reshape(*steps.shape[:2], launches, effects)
    information = np.einsum("knlp,knlq->klpq", steps, steps)
    spread = np.linalg.inv(information)
    estimates = spread @ products
    left = (series**2).sum(axis=1)[:, None, :] - (estimates * products).sum(axis=2)
    freedom = rows - basis.shape[1] - effects
    log_design = np.log(np.abs(np.diagonal(triangle, axis1=1, axis2=2))).sum(axis=1)
    log_weight = (
        (np.log(grid.prior) - log_covariance / 2 - log_design)[:, None]
        - np.linalg.slogdet(information)[1] / 2
    )[:, :, None] - freedom / 2 * np.log(left)
    weight = np.exp(log_weight - log_weight.max(axis=0))
    return CovariancePosterior(
        weight=weight / weight.sum(axis=0),
        effects=estimates,
        spread=spread,
        variance=left / freedom,
        freedom=freedom,
    )
