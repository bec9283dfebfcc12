"""Which cost items earn their money, which must be paid, and which to cut."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from opsbook.errors import DataError
from opsbook.methods.solutions.names import unique_names
from opsbook.methods.solutions.return_on_investment import DEFINITION, return_on_investment

CostClass = Literal["high", "low", "necessary", "unknown"]


@dataclass(frozen=True, kw_only=True)
class CostItem:
    """One item of cost over a period.

    Attributes:
        name: What is paid for.
        cost: Money spent.
        benefit: Money it brings over the same period; None where nobody knows.
        mandatory: Whether law, contract or safety asks for it.
    """

    name: str
    cost: float
    benefit: float | None = None
    mandatory: bool = False


@dataclass(frozen=True, kw_only=True)
class ClassedCost:
    """A cost item with its class.

    Attributes:
        item: The item.
        cost_class: ``necessary`` if mandatory; else ``high`` where the return is at least 1,
            ``low`` where it is less, ``unknown`` where the benefit is not known.
        ratio: Return on investment, or None where benefit or cost is missing.
    """

    item: CostItem
    cost_class: CostClass
    ratio: float | None


@dataclass(frozen=True, kw_only=True)
class CostClasses:
    """All cost items with their classes.

    Attributes:
        classed: The items, by falling return; those without a return last.
        cut_list: Names of the items of low return, the one that loses most money first.
        cut_cost: What the items of the cut list cost together.
        cut_gain: What cutting them would gain: their cost minus their benefit.
        definition: The definition of the return.
    """

    classed: tuple[ClassedCost, ...]
    cut_list: tuple[str, ...]
    cut_cost: float
    cut_gain: float
    definition: str = DEFINITION


def cost_classes(items: Sequence[CostItem]) -> CostClasses:
    """Tell which cost items to keep, which are necessary, and which to cut (return under 1).

    What most often fails: two items that only work together, where each alone looks idle.

    Args:
        items: The cost items.

    Returns:
        The class of each item and the cut list.

    Raises:
        DataError: If an item is named twice, or a cost is negative or blank.

    Examples:
        >>> ads = CostItem(name="ads", cost=100, benefit=80)
        >>> audit = CostItem(name="audit", cost=50, mandatory=True)
        >>> result = cost_classes([ads, audit])
        >>> result.cut_list, result.cut_gain
        (('ads',), 20.0)
    """
    unique_names("cost item", [item.name for item in items])
    classed = [_classed(item) for item in items]
    classed.sort(key=lambda entry: -math.inf if entry.ratio is None else entry.ratio, reverse=True)
    low = [entry.item for entry in classed if entry.cost_class == "low"]
    low.sort(key=lambda item: (item.benefit or 0.0) - item.cost)
    return CostClasses(
        classed=tuple(classed),
        cut_list=tuple(item.name for item in low),
        cut_cost=math.fsum(item.cost for item in low),
        cut_gain=math.fsum(item.cost - (item.benefit or 0.0) for item in low),
    )


def _classed(item: CostItem) -> ClassedCost:
    try:
        known = return_on_investment(benefit=item.benefit or 0.0, cost=item.cost)
    except DataError as error:
        raise DataError(f"Cost item '{item.name}': {error.problem}", error.fix) from error
    ratio = None if item.benefit is None else known.ratio
    cost_class: CostClass
    if item.mandatory:
        cost_class = "necessary"
    elif item.benefit is None:
        cost_class = "unknown"
    else:
        cost_class = "high" if known.pays else "low"
    return ClassedCost(item=item, cost_class=cost_class, ratio=ratio)
