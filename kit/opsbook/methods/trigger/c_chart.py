"""c chart: events per period, every period with the same exposure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.trigger.control_limits import ALL_PERIODS, Baseline, ControlChart
from opsbook.methods.trigger.series import as_one_series
from opsbook.methods.trigger.u_chart import u_chart


def c_chart(
    events: ArrayLike, *, baseline: Baseline = ALL_PERIODS, width: float = 3.0
) -> ControlChart:
    """Find the periods with more or fewer events than chance alone gives.

    Limits are c̄ ± 3 √c̄, not below 0. The assumption that most often fails: every period must
    offer the same exposure. Where orders or days differ, take `u_chart`.

    Args:
        events: Events per period, shape (n,); NaN marks a gap.
        baseline: Which periods set the limits.
        width: Distance of the limits in sigmas.

    Returns:
        The chart of the counts; no limits if there are no events.

    Raises:
        DataError: If a count is negative.

    References:
        NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.1.

    Examples:
        >>> c_chart([4, 5, 3, 4, 6, 4, 5, 15]).outside
        (7,)
    """
    counts = as_one_series(events, "events")
    chart = u_chart(counts, np.ones_like(counts), baseline=baseline, width=width)
    return replace(chart, method="c_chart")
