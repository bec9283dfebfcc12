"""How small a change can be seen, and how much data a change of interest needs."""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.stats import nct, norm
from scipy.stats import t as student

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate

MOST_UNITS = 1e12


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

    Examples:
        >>> wide = Estimate(method="m", effect=1.0, lower=-1.0, upper=3.0, p_value=0.3, n=50)
        >>> round(minimum_detectable_effect(wide), 2)
        2.86
    """
    _check_power(power)
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


def units_for_proportions(
    before: float, after: float, *, power: float = 0.8, confidence: float = 0.95
) -> float:
    """Return how many units per arm show that one proportion became another.

    The usual normal approximation, pooled under "no change". Assumes units that answer
    independently.

    Args:
        before: Proportion without the change, in (0, 1).
        after: Proportion with the change, in (0, 1), different.
        power: Probability to show the change, in (0.5, 1).
        confidence: Confidence level of the two-sided test, in (0, 1).

    Returns:
        Units per arm, not rounded.

    Raises:
        DataError: If the proportions are equal or not in (0, 1), or the power not in (0.5, 1).

    References:
        Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed.,
        section 4.2.

    Examples:
        >>> round(units_for_proportions(0.15, 0.20), 1)
        905.4
    """
    _check_power(power)
    if not (0 < before < 1 and 0 < after < 1 and before != after):
        raise DataError(
            f"The proportions are {before:g} and {after:g}.",
            "Pass two different proportions between 0 and 1, 0.15 for 15 %.",
        )
    mean = (before + after) / 2
    free = before * (1 - before) + after * (1 - after)
    level, reserve = norm.ppf((1 + confidence) / 2), norm.ppf(power)
    root = level * math.sqrt(2 * mean * (1 - mean)) + reserve * math.sqrt(free)
    return float(root**2 / (after - before) ** 2)


def units_for_means(
    difference: float, deviation: float, *, power: float = 0.8, confidence: float = 0.95
) -> float:
    """Return how many units per arm show that a mean moved by a difference.

    Exact for normal values of equal deviation (noncentral t). Assumes independent units.

    Args:
        difference: Change of the mean, not zero, the metric's unit.
        deviation: Standard deviation of a unit, positive, same unit.
        power: Probability to show the change, in (0.5, 1).
        confidence: Confidence level of the two-sided test, in (0, 1).

    Returns:
        Units per arm, not rounded, at least 2.

    Raises:
        DataError: If the difference is zero, the deviation not positive, or the power not in
            (0.5, 1).

    References:
        Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2nd ed., chapter 2.

    Examples:
        >>> round(units_for_means(1.0, 1.0, power=0.9), 2)
        22.02
    """
    _check_power(power)
    if not (difference != 0 and deviation > 0):
        raise DataError(
            f"The difference is {difference:g} and the deviation {deviation:g}.",
            "Pass a difference that is not zero and a positive deviation.",
        )
    size = abs(difference) / deviation

    def lack(units: float) -> float:
        freedom = 2 * (units - 1)
        level = student.ppf((1 + confidence) / 2, freedom)
        return float(nct.sf(level, freedom, size * math.sqrt(units / 2)) - power)

    if lack(2.0) >= 0:
        return 2.0
    guess = 2 * ((norm.ppf((1 + confidence) / 2) + norm.ppf(power)) / size) ** 2
    if guess > MOST_UNITS:
        raise DataError(
            f"A difference of {size:g} deviations needs more than {MOST_UNITS:g} units.",
            "State a larger difference.",
        )
    return float(brentq(lack, 2.0, 2 * guess + 10))


def _check_power(power: float) -> None:
    """Refuse a power that is none."""
    if not 0.5 < power < 1:
        raise DataError(f"The power is {power:g}.", "Pass one between 0.5 and 1, 0.8 for 80 %.")
