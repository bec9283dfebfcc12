"""Two randomised arms and a yes or no per user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import as_ratio
from opsbook.methods.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class Proportions:
    """How two proportions differ.

    Attributes:
        difference: Treatment less control, as a share (0.05 is five percentage points).
        ratio: Treatment over control; None where an arm has no success.
        control: Proportion of the control arm.
        treatment: Proportion of the treatment arm.
        exact: Whether the p-value is Fisher's, because an expected count is under 5.
    """

    difference: Estimate
    ratio: Estimate | None
    control: float
    treatment: float
    exact: bool


def proportions(
    control: tuple[int, int], treatment: tuple[int, int], *, confidence: float = 0.95
) -> Proportions:
    """Estimate how much the proportion of successes differs between two arms.

    The interval is Newcombe's hybrid of two Wilson intervals (his method 10), which stays inside
    -1 and 1 and holds its level in small cells; the p-value is the score test's, or Fisher's
    where an expected count is under 5. Assumes independent users, one row each: a share of
    sessions or orders needs `ratio_metric`.

    Args:
        control: Successes and users of the control arm.
        treatment: Successes and users of the treatment arm.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        Treatment less control, and their ratio.

    Raises:
        DataError: If an arm has no user, or successes outside 0 to its users.

    References:
        Newcombe (1998), Statistics in Medicine 17, 873-890; Katz et al. (1978), Biometrics 34,
        469-474, for the ratio.

    Examples:
        >>> result = proportions((48, 80), (56, 70))
        >>> round(result.difference.lower, 4), round(result.difference.upper, 4)
        (0.0524, 0.3339)
    """
    for name, (successes, users) in (("control", control), ("treatment", treatment)):
        if users < 1 or not 0 <= successes <= users:
            raise DataError(
                f"The {name} arm has {successes} successes of {users} users.",
                "Successes run from 0 to the number of users, and an arm has at least one.",
            )
    (x0, n0), (x1, n1) = control, treatment
    p0, p1 = x0 / n0, x1 / n1
    z = float(special.ndtri((1 + confidence) / 2))
    low0, high0 = wilson(x0, n0, z)
    low1, high1 = wilson(x1, n1, z)
    difference = p1 - p0
    total = (x0 + x1) / (n0 + n1)
    exact = min(total, 1 - total) * min(n0, n1) < 5
    p_value = _p_value(control, treatment, exact=exact)
    ratio = None
    if x0 and x1:
        log, reach = float(np.log(p1 / p0)), z * float(np.sqrt((1 - p1) / x1 + (1 - p0) / x0))
        ratio = as_ratio(
            Estimate(
                method="proportions",
                effect=log,
                lower=log - reach,
                upper=log + reach,
                confidence=confidence,
                p_value=p_value,
                n=n0 + n1,
            )
        )
    return Proportions(
        difference=Estimate(
            method="proportions",
            effect=difference,
            lower=float(difference - np.hypot(p1 - low1, high0 - p0)),
            upper=float(difference + np.hypot(high1 - p1, p0 - low0)),
            confidence=confidence,
            p_value=p_value,
            n=n0 + n1,
        ),
        ratio=ratio,
        control=p0,
        treatment=p1,
        exact=exact,
    )


def wilson(successes: int, n: int, z: float) -> tuple[float, float]:
    """Give Wilson's score interval of one proportion.

    Args:
        successes: Successes, 0 to n.
        n: Trials.
        z: Normal quantile of the confidence level, 1.96 for 95 %.

    Returns:
        Lower and upper limit.
    """
    p = successes / n
    centre = p + z**2 / (2 * n)
    reach = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    # At 0 and n successes a limit is exactly 0 or 1; rounding must not push it past.
    lower = 0.0 if successes == 0 else float((centre - reach) / scale)
    upper = 1.0 if successes == n else float((centre + reach) / scale)
    return lower, upper


def _p_value(control: tuple[int, int], treatment: tuple[int, int], *, exact: bool) -> float:
    (x0, n0), (x1, n1) = control, treatment
    if exact:
        return min(1.0, float(stats.fisher_exact(np.array([[x0, n0 - x0], [x1, n1 - x1]])).pvalue))
    total = (x0 + x1) / (n0 + n1)
    error = np.sqrt(total * (1 - total) * (1 / n0 + 1 / n1))
    return float(2 * special.ndtr(-abs(x1 / n1 - x0 / n0) / error))
