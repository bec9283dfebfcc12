"""How many users does an experiment on a share need, and what can it see with those it has?"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, special

from opsbook.errors import DataError
from opsbook.methods.effect.sample_size_of_means import check_power


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
    check_power(power, level)
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
