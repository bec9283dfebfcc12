"""What each unit of money brings back."""

from __future__ import annotations

import math
from dataclasses import dataclass

from opsbook.errors import DataError

DEFINITION = "benefit / cost"
"""The definition in use, to be printed beside every figure; many others go by the same name."""


@dataclass(frozen=True, kw_only=True)
class ReturnOnInvestment:
    """Benefit against cost.

    Attributes:
        ratio: Benefit divided by cost; 1 breaks even. None where nothing is spent.
        net: Benefit minus cost, in money.
        definition: The definition of the ratio.
    """

    ratio: float | None
    net: float
    definition: str = DEFINITION

    @property
    def pays(self) -> bool:
        """Whether the benefit is at least the cost."""
        return self.net >= 0


def return_on_investment(*, benefit: float, cost: float) -> ReturnOnInvestment:
    """Tell what each unit of money spent brings back: benefit divided by cost.

    What most often fails: benefit and cost over different times, or a cost that leaves out the
    hours of one's own people.

    Args:
        benefit: Money gained over the period; may be negative.
        cost: Money spent for it over the same period, zero or more.

    Returns:
        The ratio, the net benefit and the definition used.

    Raises:
        DataError: If a number is not finite or the cost is negative.

    Examples:
        >>> return_on_investment(benefit=30_000, cost=20_000).ratio
        1.5
    """
    if not math.isfinite(benefit):
        raise DataError(f"The benefit is {benefit}.", "Give a finite amount of money.")
    if not 0 <= cost < math.inf:
        raise DataError(f"The cost is {cost}.", "Give an amount of money that is zero or more.")
    return ReturnOnInvestment(ratio=benefit / cost if cost > 0 else None, net=benefit - cost)
