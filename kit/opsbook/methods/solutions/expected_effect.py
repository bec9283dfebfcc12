"""What an effect is worth in money, from a guess with three points."""

from __future__ import annotations

import math
from dataclasses import dataclass

from opsbook.errors import DataError


@dataclass(frozen=True, kw_only=True)
class ExpectedEffect:
    """An effect in money per period of the volume.

    Attributes:
        low: The lowest possible.
        mode: The most likely.
        high: The highest possible.
        mean: The expected one: that of the triangular distribution, (low + mode + high) / 3.
    """

    low: float
    mode: float
    high: float
    mean: float


def expected_effect(
    *, low: float, mode: float, high: float, volume: float, unit_value: float
) -> ExpectedEffect:
    """Turn a guessed effect into money: effect x volume x value of one unit.

    What most often fails: a unit value of revenue where only the margin stays.

    Args:
        low: Lowest possible effect per unit of the volume (+0.01 for one percentage point).
        mode: Most likely effect.
        high: Highest possible effect.
        volume: Units per period: visitors, orders, calls. Zero or more.
        unit_value: Money per unit of effect; negative where less of it is better.

    Returns:
        The effect in money per period; low is the worst, high the best.

    Raises:
        DataError: If a number is not finite, the guess does not rise, or the volume is negative.

    Examples:
        >>> effect = expected_effect(low=0.0, mode=0.02, high=0.04, volume=10_000, unit_value=50)
        >>> effect.mode, effect.mean
        (10000.0, 10000.0)
    """
    if not all(map(math.isfinite, (low, mode, high, volume, unit_value))):
        raise DataError("The expected effect has a blank or infinite number.", "Fill it in.")
    if not low <= mode <= high:
        raise DataError(
            f"The expected effect is guessed as ({low:g}, {mode:g}, {high:g}).",
            "Let it rise from low to most likely to high.",
        )
    if volume < 0:
        raise DataError(f"The volume is {volume:g}.", "Give a number that is zero or more.")
    money = sorted(guess * volume * unit_value for guess in (low, high))
    middle = mode * volume * unit_value
    return ExpectedEffect(
        low=money[0], mode=middle, high=money[1], mean=math.fsum((*money, middle)) / 3
    )
