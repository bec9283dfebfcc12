"""How many users does an experiment need, and what can it see with those it has?"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, special

from opsbook.errors import DataError


def sample_size_of_means(
    difference: float, *, spread: float, power: float = 0.8, level: float = 0.05
) -> float:
    """Give the users each arm needs to see a difference in means, by the two-sided t-test.

    Args:
        difference: The difference to be seen, in the metric's unit, not 0.
        spread: Standard deviation of the metric over users, above 0.
        power: Probability of seeing it, in (level, 1).
        level: Probability of a false alarm, in (0, 1).

    Returns:
        Users per arm, not rounded; at least 2.

    Raises:
        DataError: If an argument is outside its range.

    References:
        Cohen (1988), Statistical Power Analysis, 2nd ed., chapter 2.

    Examples:
        >>> round(sample_size_of_means(1, spread=1, power=0.9), 2)
        22.02
    """
    _check(power, level)
    if not spread > 0 or difference == 0:
        raise DataError(
            f"A difference of {difference:g} with a spread of {spread:g} has no sample size.",
            "Give a difference that is not 0 and a spread above 0.",
        )
    size = abs(difference) / spread

    def reached(n: float) -> float:
        return power_of_means(size, n=n, level=level) - power

    return _smallest(reached, start=2.0)


def power_of_means(size: float, *, n: float, level: float = 0.05) -> float:
    """Give the probability that the two-sided t-test sees a standardised difference.

    Args:
        size: Difference as a share of the standard deviation.
        n: Users per arm, above 1.
        level: Probability of a false alarm.

    Returns:
        Probability that the interval excludes 0 on the side of the difference.

    Examples:
        >>> round(power_of_means(1, n=22.02110), 3)
        0.9
    """
    freedom = 2 * n - 2
    critical = special.stdtrit(freedom, 1 - level / 2)
    return float(1 - special.nctdtr(freedom, abs(size) * math.sqrt(n / 2), critical))


def sample_size_of_proportions(
    control: float, treatment: float, *, power: float = 0.8, level: float = 0.05
) -> float:
    """Give the users each arm needs to see a difference in proportions.

    Args:
        control: Proportion in the control arm, in [0, 1].
        treatment: Proportion to be told from it, in [0, 1].
        power: Probability of seeing it, in (level, 1).
        level: Probability of a false alarm, two-sided, in (0, 1).

    Returns:
        Users per arm, not rounded.

    Raises:
        DataError: If an argument is outside its range, or the proportions are equal.

    References:
        Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, section 4.2,
        without continuity correction.

    Examples:
        >>> round(sample_size_of_proportions(0.15, 0.20), 1)
        905.4
    """
    _check(power, level)
    if control == treatment or not (0 <= control <= 1 and 0 <= treatment <= 1):
        raise DataError(
            f"Proportions of {control:g} and {treatment:g} have no sample size.",
            "Give two different proportions in 0 to 1; 15 % is 0.15.",
        )
    middle = (control + treatment) / 2
    under_none = special.ndtri(1 - level / 2) * math.sqrt(2 * middle * (1 - middle))
    under_some = special.ndtri(power) * math.sqrt(
        control * (1 - control) + treatment * (1 - treatment)
    )
    return float(((under_none + under_some) / (treatment - control)) ** 2)


def smallest_difference_of_proportions(
    control: float, *, n: float, power: float = 0.8, level: float = 0.05
) -> float | None:
    """Give the smallest rise of a proportion that an experiment of this size can see.

    Args:
        control: Proportion in the control arm, in [0, 1).
        n: Users per arm.
        power: Probability of seeing it, in (level, 1).
        level: Probability of a false alarm, two-sided, in (0, 1).

    Returns:
        The rise, as a share (0.05 is five percentage points); None where not even a rise to 1
        would be seen.

    Raises:
        DataError: If an argument is outside its range.

    Examples:
        >>> round(smallest_difference_of_proportions(0.15, n=905.4), 3)
        0.05
    """
    if not 0 <= control < 1:
        raise DataError(f"The proportion is {control:g}.", "Give one from 0 to below 1.")

    def spare(treatment: float) -> float:
        needed = sample_size_of_proportions(control, treatment, power=power, level=level)
        return n - needed

    if spare(1.0) < 0:
        return None
    return float(optimize.brentq(spare, np.nextafter(control, 1) + 1e-9, 1.0)) - control


def _check(power: float, level: float) -> None:
    if not 0 < level < power < 1:
        raise DataError(
            f"A power of {power:g} at a level of {level:g} cannot be.",
            "Give a level above 0 and a power between it and 1.",
        )


def _smallest(reached: Callable[[float], float], *, start: float) -> float:
    """The smallest n at which a rising function is 0 or more."""
    if reached(start) >= 0:
        return start
    stop = 2 * start
    while reached(stop) < 0:
        stop *= 2
    return float(optimize.brentq(reached, stop / 2, stop, xtol=1e-8 * stop))
