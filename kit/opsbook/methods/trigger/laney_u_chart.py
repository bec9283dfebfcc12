"""Laney u′ chart: a rate whose events vary more (or less) than independent ones would."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.trigger.control_limits import (
    ALL_PERIODS,
    Baseline,
    ControlChart,
    control_limits,
)
from opsbook.methods.trigger.laney_p_chart import widened, with_overdispersion
from opsbook.methods.trigger.series import as_counts, as_one_series
from opsbook.methods.trigger.u_chart import poisson_fit


def laney_u_chart(
    events: ArrayLike,
    exposure: ArrayLike,
    *,
    baseline: Baseline = ALL_PERIODS,
    width: float = 3.0,
) -> ControlChart:
    """Find the periods whose rate is beyond chance and beyond the usual unrest.

    Limits are ū ± 3 σᵢ σ_z, where σᵢ = √(ū/nᵢ) and σ_z is the moving-range sigma of the
    standardised rates. The assumption that most often fails is that of `xmr_chart`: periods must
    not depend on their neighbours.

    Args:
        events: Events per period, shape (n,); NaN marks a gap.
        exposure: Orders, hours or other exposure, shape (n,); a period with none is a gap.
        baseline: Which periods set the limits.
        width: Distance of the limits in sigmas.

    Returns:
        The chart of the rates, with `overdispersion` σ_z of the last stage.

    Raises:
        DataError: If shapes differ or numbers are negative.

    References:
        Laney (2002), Quality Engineering 14, 531-537. doi:10.1081/QEN-120003555

    Examples:
        >>> chart = laney_u_chart([10, 30, 10, 30, 11, 29], [1, 1, 1, 1, 1, 1])
        >>> chart.outside, round(chart.overdispersion, 1)
        ((), 3.8)
    """
    as_one_series(events, "events")
    counts, base = as_counts(events, exposure, "exposure", at_most_size=False)
    counting, rate = poisson_fit(counts, base), counts / base
    chart = control_limits(
        "laney_u_chart",
        rate,
        widened(rate, counting),
        baseline=baseline,
        width=width,
        bounds=(0.0, np.inf),
    )
    return with_overdispersion(chart, counting)
