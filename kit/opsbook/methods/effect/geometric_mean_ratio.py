"""Durations and amounts: by what factor did the typical one change?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import as_ratio, mean_difference, per_user
from opsbook.methods.estimate import Estimate


def geometric_mean_ratio(
    control: ArrayLike, treatment: ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Estimate by what factor durations or amounts differ between two groups.

    Handling times are skewed, so that a mean follows a few long cases; in logs they are nearly
    normal, and the ratio of geometric means says "15 % shorter" of the typical case. Assumes
    independent cases and a shape that the change merely stretches: if only the tail moved, see
    `quantile_change`.

    Args:
        control: One positive number per case, shape (n_control,); before, or the control arm.
        treatment: The same after, or in the treatment arm.
        confidence: Confidence level of the interval, in (0, 1).

    Returns:
        Geometric mean of the treatment over that of the control, on the ratio scale.

    Raises:
        DataError: If a group has fewer than two cases, a gap, or a value that is not above 0, or
            if the ratio is beyond what a number can hold.

    References:
        Bland & Altman (1996), BMJ 312, 1153. doi:10.1136/bmj.312.7039.1153

    Examples:
        >>> round(geometric_mean_ratio([10, 20, 40], [5, 10, 20]).effect, 2)
        0.5
    """
    logs = []
    for name, values in (("control", control), ("treatment", treatment)):
        column = per_user(values, f"{name} group")
        if (column <= 0).any():
            raise DataError(
                f"The {name} group has {int((column <= 0).sum())} values that are not above 0.",
                "A duration or amount of 0 has no logarithm: count such cases apart.",
            )
        logs.append(np.log(column))
    compared = mean_difference(*logs, confidence=confidence)
    ratio = as_ratio(replace(compared.difference, method="geometric_mean_ratio"))
    if ratio is None:
        raise DataError(
            "The ratio of the geometric means has no interval that a number can hold.",
            "Give more cases.",
        )
    return ratio
