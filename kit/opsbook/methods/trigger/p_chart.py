"""p chart: a share of counted cases, each period with its own number of cases."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.trigger.control_limits import (
    ALL_PERIODS,
    Baseline,
    ControlChart,
    Fit,
    control_limits,
)
from opsbook.methods.trigger.series import Bools, Floats, as_counts, as_one_series


def binomial_fit(events: Floats, trials: Floats) -> Fit:
    """Return how a reference sets centre and sigma if cases are independent.

    Args:
        events: Shape (n,), gaps NaN.
        trials: Shape (n,), gaps NaN.

    Examples:
        >>> centre, sigma = binomial_fit(np.array([5.0]), np.array([25.0]))(np.array([True]))
        >>> centre.round(2), sigma.round(2)
        (array([0.2]), array([0.08]))
    """

    def fit(reference: Bools) -> tuple[Floats, Floats]:
        if not reference.any():
            return np.full(len(events), np.nan), np.full(len(events), np.nan)
        share = events[reference].sum() / trials[reference].sum()
        return np.full(len(events), share), np.sqrt(share * (1 - share) / trials)

    return fit


def p_chart(
    events: ArrayLike,
    trials: ArrayLike,
    *,
    baseline: Baseline = ALL_PERIODS,
    width: float = 3.0,
) -> ControlChart:
    """Find the periods whose share chance alone does not explain.

    Limits are p̄ ± 3 √(p̄(1 - p̄)/nᵢ), within 0 and 1. The assumption that most often fails: cases
    must be independent with one common probability. With thousands of cases they rarely are, and
    almost every period is flagged: `chart_choice` then takes `laney_p_chart`.

    Args:
        events: Cases that count, shape (n,); NaN marks a gap.
        trials: All cases, shape (n,); a period with none is a gap, not 0 %.
        baseline: Which periods set the limits.
        width: Distance of the limits in sigmas.

    Returns:
        The chart of the shares (0 to 1); no limits if the reference has only or no events.

    Raises:
        DataError: If shapes differ, counts are negative, or events exceed trials.

    References:
        NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2.

    Examples:
        >>> chart = p_chart([10, 12, 9, 30], [100, 110, 95, 105])
        >>> chart.outside
        (3,)
    """
    as_one_series(events, "events")
    counts, cases = as_counts(events, trials, "trials", at_most_size=True)
    return control_limits(
        "p_chart",
        counts / cases,
        binomial_fit(counts, cases),
        baseline=baseline,
        width=width,
        bounds=(0.0, 1.0),
    )
