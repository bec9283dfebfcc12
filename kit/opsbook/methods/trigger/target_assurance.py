"""Target assurance: whether a process as it runs will meet its target."""

from __future__ import annotations

from typing import Literal

import numpy as np

from opsbook.methods.trigger.control_limits import ControlChart
from opsbook.methods.trigger.series import Better, as_one_series, towards_better

Assurance = Literal["will_hit", "will_miss", "may_do_either", "cannot_tell"]


def target_assurance(chart: ControlChart, target: float, *, better: Better) -> Assurance:
    """Say whether the target will be hit, missed, or now one and now the other.

    Compares the target with the limits of the chart's last period with data: chance moves the
    process between them, so a target outside them is hit always or never until something changes.
    The assumption that most often fails: the process must be stable; a chart with points outside
    its limits promises nothing.

    Args:
        chart: A control chart of the metric, whose limits are still valid.
        target: The target, the chart's unit.
        better: Direction of the metric; meeting the target exactly is a hit.

    Returns:
        ``cannot_tell`` if the chart has no limits or the target is NaN, else one of the three
        answers.

    Raises:
        DataError: If the target is infinite or the direction is not known.

    References:
        Wheeler (2000), Understanding Variation; NHS England, Making Data Count (assurance icons).

    Examples:
        >>> from opsbook.methods.trigger.xmr_chart import xmr_chart
        >>> chart = xmr_chart([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
        >>> [target_assurance(chart, target, better="higher") for target in (45, 50, 56)]
        ['will_hit', 'may_do_either', 'will_miss']
    """
    goal = towards_better(as_one_series([target], "target"), better)[0]
    limits = [
        (low, high)
        for low, high in zip(chart.lower, chart.upper, strict=True)
        if low is not None and high is not None
    ]
    if not limits or np.isnan(goal):
        return "cannot_tell"
    worst, best = sorted(towards_better(as_one_series(limits[-1], "limits"), better))
    if worst >= goal:
        return "will_hit"
    return "will_miss" if best < goal else "may_do_either"
