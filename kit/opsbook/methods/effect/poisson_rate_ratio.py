"""The exact ratio of two Poisson rates."""

from __future__ import annotations

import math

from scipy.stats import beta, binomtest

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate


def poisson_rate_ratio(
    count_before: int,
    exposure_before: float,
    count_after: int,
    exposure_after: float,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate the ratio of two rates of rare events, exactly.

    Given their sum, the counts are binomial: the p-value is the exact binomial test's, the
    interval Clopper and Pearson's. Assumes events that come independently at a steady rate; for
    events in clusters the interval is too narrow.

    Args:
        count_before: Number of events before, 0 or more.
        exposure_before: What they were counted on (days, visits), positive.
        count_after: Number of events after, 0 or more.
        exposure_after: What they were counted on, positive, same unit.
        confidence: Confidence level of the interval, in (0, 1).

    Returns:
        The rate after divided by the rate before.

    Raises:
        DataError: If there is no event before, a count is negative or no whole number, or an
            exposure is not positive.

    References:
        Lehmann & Romano (2005), Testing Statistical Hypotheses, 3rd ed., section 4.5.
        Clopper & Pearson (1934), Biometrika 26, 404-413. doi:10.1093/biomet/26.4.404

    Examples:
        >>> ratio = poisson_rate_ratio(20, 100, 10, 100)
        >>> round(ratio.effect, 2), round(ratio.p_value, 3)
        (0.5, 0.099)
    """
    for side, count, exposure in (
        ("before", count_before, exposure_before),
        ("after", count_after, exposure_after),
    ):
        if count < 0 or count != int(count):
            raise DataError(f"The count {side} is {count}.", "Pass a whole number from 0.")
        if not (math.isfinite(exposure) and exposure > 0):
            raise DataError(f"The exposure {side} is {exposure}.", "Pass a positive number.")
    if count_before == 0:
        raise DataError(
            f"No event before in {exposure_before:g}, so that there is no ratio.",
            "Lengthen the period before.",
        )
    total = count_before + count_after
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, count_after, count_before + 1)) if count_after else 0.0
    high = float(beta.ppf(1 - tail, count_after + 1, count_before))
    balance = exposure_before / exposure_after
    share = exposure_after / (exposure_before + exposure_after)
    return Estimate(
        method="poisson_rate_ratio",
        effect=count_after / count_before * balance,
        lower=low / (1 - low) * balance,
        upper=high / (1 - high) * balance,
        confidence=confidence,
        p_value=float(binomtest(int(count_after), int(total), share).pvalue),
        n=int(total),
        scale="ratio",
    )
