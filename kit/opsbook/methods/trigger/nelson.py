"""Nelson rules: eight patterns of points that are not chance."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from numpy.typing import ArrayLike

from opsbook.methods.trigger.run_rules import (
    RunSignals,
    Side,
    alternating,
    away,
    beyond,
    in_a_row,
    rising,
    run_rules,
    within,
)

RULES = MappingProxyType(
    {
        "beyond_3_sigma": beyond(3, 1, 1),
        "nine_on_one_side": in_a_row(9),
        "six_rising_or_falling": rising(6),
        "fourteen_alternating": alternating(14),
        "two_of_three_beyond_2_sigma": beyond(2, 2, 3),
        "four_of_five_beyond_1_sigma": beyond(1, 4, 5),
        "fifteen_within_1_sigma": within(1, 15),
        "eight_beyond_1_sigma": away(1, 8),
    }
)


def nelson(z: ArrayLike, *, rules: Sequence[str] | None = None, side: Side = "both") -> RunSignals:
    """Find runs that chance seldom makes, by the eight rules of Nelson.

    A gap breaks every run and window. The rules of alternating points, of points within one sigma
    and of points beyond it have no side. Works on many series at once.

    Args:
        z: Distances from the centre in sigmas, shape (..., n); NaN marks a gap.
        rules: Names from `RULES`; None for all eight.
        side: Which side of the chart to watch.

    Raises:
        DataError: If a rule or a side is not known.

    References:
        Nelson (1984), Journal of Quality Technology 16, 237-239.

    Examples:
        >>> signals = nelson([0.1, 0.4, 0.7, 1.1, 1.2, 1.6])
        >>> [name for name, fired in signals.fired.items() if fired[-1]]
        ['six_rising_or_falling']
    """
    return run_rules("nelson", z, RULES, rules, side)
