"""What money over time is worth today."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError


def net_present_value(cash_flows: ArrayLike, *, rate: float) -> float:
    """Tell what payments over several periods are worth today.

    What most often fails: a yearly rate on monthly payments; the rate is per period.

    Args:
        cash_flows: Money in (positive) and out (negative) per period, the first one today.
        rate: Discount rate per period, 0.08 for 8 %.

    Returns:
        The sum of the payments, each discounted to today.

    Raises:
        DataError: If there is no payment, one is blank or infinite, or the rate is -1 or less.

    References:
        Brealey, Myers & Allen (2020), Principles of Corporate Finance, chapter 2.

    Examples:
        >>> round(net_present_value([-40_000, 5_000, 8_000, 12_000, 30_000], rate=0.08), 2)
        3065.22
    """
    flows = checked_flows(cash_flows)
    return float(flows @ discount(len(flows), rate))


def discount(periods: int, rate: float) -> NDArray[np.float64]:
    """Return what one unit of money in each period is worth today, the first period being today.

    Raises:
        DataError: If the rate is -1 or less or not finite.

    Examples:
        >>> discount(2, 0.25).tolist()
        [1.0, 0.8]
    """
    if not -1 < rate < np.inf:
        raise DataError(f"The discount rate is {rate}.", "Give a share per period: 0.08 for 8 %.")
    return np.asarray((1.0 + rate) ** -np.arange(periods, dtype=float))


def checked_flows(cash_flows: ArrayLike) -> NDArray[np.float64]:
    """Return payments as an array of one row, or say which is blank."""
    flows = np.array(cash_flows, dtype=float)
    if flows.ndim != 1 or flows.size == 0:
        raise DataError(
            f"The payments have shape {flows.shape}.", "Give one payment per period, today's first."
        )
    if not np.isfinite(flows).all():
        blank = ", ".join(str(period) for period in np.flatnonzero(~np.isfinite(flows)))
        raise DataError(
            f"The payments of period {blank} are blank or infinite (period 0 is today).",
            "Write 0 where nothing is paid.",
        )
    return flows
