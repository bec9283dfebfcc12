"""When the money is back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.solutions.net_present_value import checked_flows, discount
from opsbook.methods.solutions.ranking import floats


@dataclass(frozen=True, kw_only=True)
class Payback:
    """When the money is back, and the balance on the way.

    Attributes:
        periods: Periods until the balance is back at zero and stays there; None if it never
            does within the payments given.
        balance: The balance after each period, the first one today.
    """

    periods: float | None
    balance: tuple[float, ...]


def payback(cash_flows: ArrayLike, *, rate: float = 0.0) -> Payback:
    """Tell after how many periods the money is back, for good.

    Within a period the money is taken to come in evenly. What most often fails: choosing by
    payback, which sees nothing of what comes after it; `net_present_value` does.

    Args:
        cash_flows: Money in (positive) and out (negative) per period, the first one today.
        rate: Discount rate per period; 0 leaves the payments as they are.

    Returns:
        The payback time in periods, and the balance.

    Raises:
        DataError: If there is no payment, one is blank, or the rate is -1 or less.

    Examples:
        >>> payback([-100, 40, 40, 40]).periods
        2.5
    """
    flows = checked_flows(cash_flows)
    discounted = flows * discount(len(flows), rate)
    balance = np.cumsum(discounted)
    short = np.flatnonzero(balance < 0)
    periods: float | None = 0.0
    if short.size:
        last = int(short[-1])
        back = last + 1 < len(balance)
        periods = last - balance[last] / discounted[last + 1] if back else None
    return Payback(periods=None if periods is None else float(periods), balance=floats(balance))
