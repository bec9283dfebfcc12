"""Laney p′ chart: a share whose cases vary more (or less) than independent ones would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.trigger.control_limits import (
    ALL_PERIODS,
    Baseline,
    ControlChart,
    Fit,
    control_limits,
)
from opsbook.methods.trigger.p_chart import binomial_fit
from opsbook.methods.trigger.series import Bools, Floats, as_counts, as_one_series
from opsbook.methods.trigger.xmr_chart import moving_range_sigma


def standardised(values: Floats, centre: Floats, sigma: Floats) -> Floats:
    """Return (value - centre) / sigma, NaN where sigma is zero or missing.

    Examples:
        >>> standardised(np.array([1.0, 2.0]), np.array([0.0, 0.0]), np.array([0.5, 0.0]))
        array([ 2., nan])
    """
    positive = sigma > 0
    return np.where(positive, (values - centre) / np.where(positive, sigma, 1.0), np.nan)


def widened(values: Floats, counting: Fit) -> Fit:
    """Return a fit whose sigmas are those of `counting` times Laney's sigma of z.

    Args:
        values: The plotted rates, shape (n,), gaps NaN.
        counting: The fit of the plain p or u chart.

    Examples:
        >>> share = np.array([0.1, 0.3, 0.1, 0.3])
        >>> counting = binomial_fit(100 * share, np.full(4, 100.0))
        >>> centre, sigma = widened(share, counting)(np.full(4, True))
        >>> float(sigma[0].round(3))
        0.177
    """

    def fit(reference: Bools) -> tuple[Floats, Floats]:
        centre, sigma = counting(reference)
        z = standardised(values, centre, sigma)
        return centre, sigma * moving_range_sigma(np.where(reference, z, np.nan))

    return fit


def with_overdispersion(chart: ControlChart, counting: Fit) -> ControlChart:
    """Return the chart with the sigma of z of its last stage written into it.

    Examples:
        >>> laney_p_chart([10, 30, 10, 30], [100, 100, 100, 100]).overdispersion > 4
        True
    """
    n = len(chart.values)
    reference = np.zeros(n, dtype=bool)
    reference[[i for i in chart.reference if i >= chart.stages[-1]]] = True
    _, plain = counting(reference)
    ratios = [s / p for s, p in zip(chart.sigma, plain, strict=True) if s is not None and p > 0]
    return replace(chart, overdispersion=float(ratios[-1]) if ratios else None)


def laney_p_chart(
    events: ArrayLike,
    trials: ArrayLike,
    *,
    baseline: Baseline = ALL_PERIODS,
    width: float = 3.0,
) -> ControlChart:
    """Find the periods whose share is beyond chance and beyond the usual unrest.

    Limits are p̄ ± 3 σᵢ σ_z, where σᵢ = √(p̄(1 - p̄)/nᵢ) and σ_z is the moving-range sigma of the
    standardised shares. The assumption that most often fails is that of `xmr_chart`: periods must
    not depend on their neighbours.

    Args:
        events: Cases that count, shape (n,); NaN marks a gap.
        trials: All cases, shape (n,); a period with none is a gap, not 0 %.
        baseline: Which periods set the limits.
        width: Distance of the limits in sigmas.

    Returns:
        The chart of the shares (0 to 1), with `overdispersion` σ_z of the last stage.

    Raises:
        DataError: If shapes differ, counts are negative, or events exceed trials.

    References:
        Laney (2002), Quality Engineering 14, 531-537. doi:10.1081/QEN-120003555

    Examples:
        >>> chart = laney_p_chart([10, 30, 10, 30, 11, 29], [100] * 6)
        >>> chart.outside, round(chart.overdispersion, 1)
        ((), 4.3)
    """
    as_one_series(events, "events")
    counts, cases = as_counts(events, trials, "trials", at_most_size=True)
    counting, share = binomial_fit(counts, cases), counts / cases
    chart = control_limits(
        "laney_p_chart",
        share,
        widened(share, counting),
        baseline=baseline,
        width=width,
        bounds=(0.0, 1.0),
    )
    return with_overdispersion(chart, counting)
