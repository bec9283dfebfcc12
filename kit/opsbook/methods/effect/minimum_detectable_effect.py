"""How small a change a measurement can show."""

from __future__ import annotations

import math

from scipy.stats import t as student

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate


def minimum_detectable_effect(
    estimate: Estimate, *, power: float = 0.8, freedom: float = math.inf
) -> float:
    """Return the smallest change that a measurement as precise as this one would show.

    Taken from the width of the interval: in `power` of repetitions, a true change of this size
    gives an interval that excludes "no change". Assumes that repetitions are as precise as this
    measurement, whose own width is an estimate.

    Args:
        estimate: A measurement with an interval; on the ``ratio`` scale its logarithm is used.
        power: Probability to show the change, in (0.5, 1).
        freedom: Degrees of freedom of the interval, if it is a t interval.

    Returns:
        The size of the change, positive, in the unit of the estimate; on the ``ratio`` scale the
        ratio above 1 (its inverse is the one below).

    Raises:
        DataError: If the estimate has no interval, or the power is not in (0.5, 1).

    References:
        Bloom (1995), Evaluation Review 19, 547-556. doi:10.1177/0193841X9501900504

    Examples:
        >>> wide = Estimate(method="m", effect=1.0, lower=-1.0, upper=3.0, p_value=0.3, n=50)
        >>> round(minimum_detectable_effect(wide), 2)
        2.86
    """
    if not 0.5 < power < 1:
        raise DataError(f"The power is {power:g}.", "Pass one between 0.5 and 1, 0.8 for 80 %.")
    if estimate.lower is None or estimate.upper is None:
        raise DataError(
            f"The estimate of {estimate.method} has no interval.",
            "Use a method that gives one.",
        )
    ratio = estimate.scale == "ratio"
    if ratio and estimate.lower <= 0:
        raise DataError(
            f"The interval of {estimate.method} reaches down to 0.", "Wait for more counts."
        )
    lower, upper = (
        (math.log(estimate.lower), math.log(estimate.upper))
        if ratio
        else (estimate.lower, estimate.upper)
    )
    reach = float(student.ppf((1 + estimate.confidence) / 2, freedom))
    size = (upper - lower) / 2 * (1 + float(student.ppf(power, freedom)) / reach)
    return math.exp(size) if ratio else size
