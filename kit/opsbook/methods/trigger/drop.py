"""Drop: how far a period lies on the worse side of what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.trigger.series import Better, Bools, Floats, as_series, towards_better


@dataclass(frozen=True, kw_only=True, eq=False)
class Drop:
    """Change of each period against its reference; every array has shape (..., n).

    Attributes:
        difference: Value minus reference, the metric's unit (for shares: percentage points / 100);
            NaN where one of them is missing.
        relative: The difference over the size of the reference; NaN also where that is zero.
        dropped: Whether the relative change for the worse reaches the threshold; False at a gap.
    """

    difference: Floats
    relative: Floats
    dropped: Bools

    @property
    def latest_relative(self) -> float | None:
        """Relative change of the last period (of one series); None if there is none."""
        latest = float(self.relative[..., -1])
        return None if np.isnan(latest) else latest


def drop(
    values: ArrayLike, reference: ArrayLike, *, better: Better, threshold: float = 0.10
) -> Drop:
    """Say which periods are worse than their reference by a given share.

    Compare with the period before or a year before (`same_period_last_year(values, 1)`,
    `..., 52`), or with a baseline's mean. The rule knows no noise: a KPI that varies by 10 % drops
    by 10 % every few weeks. Take it only together with `combined_verdict`. Works on many series
    at once.

    Args:
        values: Shape (..., n), the metric's unit; NaN marks a gap.
        reference: A number or an array that broadcasts to the values. A change from zero has no
            relative size.
        better: Direction of the metric; changes for the better are no drops.
        threshold: Relative change for the worse that counts, positive.

    Raises:
        DataError: If the threshold is not positive, or the reference does not fit.

    Examples:
        >>> weeks = drop([95, 85], 100, better="higher")
        >>> weeks.dropped.tolist(), weeks.latest_relative
        ([False, True], -0.15)
    """
    series = as_series(values)
    if not threshold > 0:
        raise DataError(f"A drop of {threshold:g} is none.", "Give a positive share, 0.1 say.")
    try:
        base = np.broadcast_to(np.asarray(reference, dtype=np.float64), series.shape)
    except ValueError as error:
        raise DataError(
            f"'reference' of shape {np.shape(reference)} does not fit values of shape "
            f"{series.shape}.",
            "Give one number, or one for each period.",
        ) from error
    difference = series - base
    size = np.abs(base)
    relative = np.where(size > 0, difference / np.where(size > 0, size, 1.0), np.nan)
    return Drop(
        difference=difference,
        relative=relative,
        dropped=towards_better(relative, better) <= -threshold,
    )
