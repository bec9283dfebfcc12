"""How many users does an experiment on a mean need?"""

from __future__ import annotations

import math
from collections.abc import Callable

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
    check_power(power, level)
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


def check_power(power: float, level: float) -> None:
    """Refuse a power and a level that no test can have.

    Args:
        power: Probability of seeing what is there.
        level: Probability of a false alarm.

    Raises:
        DataError: If they are not 0 < level < power < 1.
    """
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
