"""Western Electric rules: four patterns of points that are not chance."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from numpy.typing import ArrayLike

from opsbook.methods.trigger.run_rules import RunSignals, Side, beyond, in_a_row, run_rules

RULES = MappingProxyType(
    {
        "beyond_3_sigma": beyond(3, 1, 1),
        "two_of_three_beyond_2_sigma": beyond(2, 2, 3),
        "four_of_five_beyond_1_sigma": beyond(1, 4, 5),
        "eight_on_one_side": in_a_row(8),
    }
)


def western_electric(
    z: ArrayLike, *, rules: Sequence[str] | None = None, side: Side = "both"
) -> RunSignals:
    """Find runs that chance seldom makes, by the four rules of Western Electric.

    A gap breaks every run and window. Each rule that is added adds false starts: together they
    cry wolf about three times as often as the limits alone. Works on many series at once.

    Args:
        z: Distances from the centre in sigmas, shape (..., n); NaN marks a gap.
        rules: Names from `RULES`; None for all four.
        side: Which side of the chart to watch.

    Raises:
        DataError: If a rule or a side is not known.

    References:
        Western Electric Company (1956), Statistical Quality Control Handbook.

    Examples:
        >>> signals = western_electric([2.5, 0.0, 2.2], side="above")
        >>> [name for name, fired in signals.fired.items() if fired[-1]]
        ['two_of_three_beyond_2_sigma']
    """
    return run_rules("western_electric", z, RULES, rules, side)
