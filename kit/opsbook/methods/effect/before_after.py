"""The naive comparison: the metric after the launch, less the metric before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from opsbook.errors import DataError
from opsbook.methods.effect.panel import Floats, read_panel
from opsbook.methods.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class BeforeAfter:
    """A naive change, with the two levels it compares.

    Attributes:
        estimate: The change, after minus before. Its interval takes periods as independent.
        before: Pooled rate, or mean, of the window before.
        after: The same of the window after.
        relative: The change as a share of the level before; None where that level is 0.
        n_before: Observed periods before.
        n_after: Observed periods after.
    """

    estimate: Estimate
    before: float
    after: float
    relative: float | None
    n_before: int
    n_after: int


def before_after(
    numerators: ArrayLike,
    denominators: ArrayLike | None = None,
    *,
    after: ArrayLike,
    confidence: float = 0.95,
) -> BeforeAfter:
    """Report how much the metric moved, without asking why it moved.

    A rate is pooled in each window, sum over sum, so that a busy month counts for more; a plain
    value is averaged. The change is the naive figure: it contains everything else that
    happened. Assumes that nothing else changed and that periods are independent, and either
    fails on most operations data: on real series this interval claims an effect of a launch
    that never happened in 37-90 % of cases. Print it beside a controlled estimate, never alone.

    Args:
        numerators: Shape (periods,), counts or sums above the line, or plain values. NaN is a
            missing period.
        denominators: Same shape, or None for plain values.
        after: Boolean, shape (periods,): True from the first full period after the launch.
        confidence: Confidence level of the interval, in (0, 1).

    Returns:
        The change in the metric's own unit. A window of one period, or windows that do not
        vary, have no interval.

    Raises:
        DataError: If shapes disagree or a window has no observed period.

    References:
        Cochran (1977), Sampling Techniques, 3rd ed., section 6.3, for the variance of a pooled
        rate; Welch (1947), Biometrika 34, 28-35, for the degrees of freedom.

    Examples:
        >>> after = [False, False, True, True]
        >>> round(before_after([10, 30, 12, 12], [100, 100, 100, 100], after=after).before, 2)
        0.2
    """
    above = np.atleast_2d(np.asarray(numerators, dtype=float))
    below = None if denominators is None else np.atleast_2d(np.asarray(denominators, dtype=float))
    # A series is a panel of one unit; a missing row beside it satisfies the panel's own checks.
    gap = np.full_like(above, np.nan)
    panel = read_panel(
        np.vstack([above, gap]),
        None if below is None else np.vstack([below, gap]),
        treated=0,
        after=after,
    )
    windows = [
        _pooled_rate(panel.numerators[0, mask], panel.denominators[0, mask], name)
        for name, mask in (("before", ~panel.after), ("after", panel.after))
    ]
    (before, variance_before, n_before), (level, variance_after, n_after) = windows
    change = level - before
    lower = upper = p_value = None
    if variance_before is not None and variance_after is not None:
        variance = variance_before + variance_after
        if variance > (1e-13 * max(abs(before), abs(level))) ** 2:  # else only rounding varies
            error = np.sqrt(variance)
            share = variance_before / variance
            freedom = 1 / (share**2 / (n_before - 1) + (1 - share) ** 2 / (n_after - 1))
            reach = float(special.stdtrit(freedom, (1 + confidence) / 2) * error)
            lower, upper = change - reach, change + reach
            p_value = float(2 * special.stdtr(freedom, -abs(change) / error))
    return BeforeAfter(
        estimate=Estimate(
            method="before_after",
            effect=change,
            lower=lower,
            upper=upper,
            confidence=confidence,
            p_value=p_value,
            n=n_before + n_after,
        ),
        before=before,
        after=level,
        relative=change / abs(before) if before else None,
        n_before=n_before,
        n_after=n_after,
    )


def _pooled_rate(above: Floats, below: Floats, window: str) -> tuple[float, float | None, int]:
    """Rate, variance of the rate (None for one period) and number of periods of a window."""
    seen = np.isfinite(above)
    above, below, n = above[seen], below[seen], int(seen.sum())
    if n == 0 or below.sum() <= 0:
        raise DataError(
            f"The window '{window}' has nothing to average: {n} of {seen.size} periods observed.",
            "Move the window, or check the metric's denominator.",
        )
    rate = float(above.sum() / below.sum())
    if n == 1:
        return rate, None, n
    residual = above - rate * below
    return rate, float(n / (n - 1) * (residual @ residual) / below.sum() ** 2), n
