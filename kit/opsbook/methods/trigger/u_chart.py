"""u chart: events per unit of exposure, each period with its own exposure."""

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


def poisson_fit(events: Floats, exposure: Floats) -> Fit:
    """Return how a reference sets centre and sigma if events are independent.

    Args:
        events: Shape (n,), gaps NaN.
        exposure: Shape (n,), gaps NaN.

    Examples:
        >>> centre, sigma = poisson_fit(np.array([8.0]), np.array([2.0]))(np.array([True]))
        >>> float(centre[0]), float(sigma[0].round(3))
        (4.0, 1.414)
    """

    def fit(reference: Bools) -> tuple[Floats, Floats]:
        if not reference.any():
            return np.full(len(events), np.nan), np.full(len(events), np.nan)
        rate = events[reference].sum() / exposure[reference].sum()
        return np.full(len(events), rate), np.sqrt(rate / exposure)

    return fit


def u_chart(
    events: ArrayLike,
    exposure: ArrayLike,
    *,
    baseline: Baseline = ALL_PERIODS,
    width: float = 3.0,
) -> ControlChart:
    """Find the periods whose rate of events chance alone does not explain.

    Limits are ū ± 3 √(ū/nᵢ), not below 0. The assumption that most often fails: events must come
    one by one at one rate; complaints about one outage do not. `chart_choice` then takes
    `laney_u_chart`. Below about five events a period the normal limits are rough.

    Args:
        events: Events per period, shape (n,); NaN marks a gap.
        exposure: Orders, hours or other exposure, shape (n,); a period with none is a gap.
        baseline: Which periods set the limits.
        width: Distance of the limits in sigmas.

    Returns:
        The chart of the rates, events per unit of exposure; no limits if there are no events.

    Raises:
        DataError: If shapes differ or numbers are negative.

    References:
        Montgomery (2013), Introduction to Statistical Quality Control, 7.3.2.

    Examples:
        >>> u_chart([10, 12, 9, 30], [5, 5.5, 4.8, 5.2]).outside
        (3,)
    """
    as_one_series(events, "events")
    counts, base = as_counts(events, exposure, "exposure", at_most_size=False)
    return control_limits(
        "u_chart",
        counts / base,
        poisson_fit(counts, base),
        baseline=baseline,
        width=width,
        bounds=(0.0, np.inf),
    )
