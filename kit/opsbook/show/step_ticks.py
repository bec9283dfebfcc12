"""Numbers on an axis, with the decimals that its step needs and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opsbook.show.reader import reader

if TYPE_CHECKING:
    from matplotlib.axis import Axis

#: On an axis below this each tick is written as a power of ten.
TINY = 1e-5
MOST_DIGITS = 6


def step_ticks(axis: Axis, *, factor: float = 1.0, suffix: str = "", signed: bool = False) -> None:
    """Label an axis so that equal steps read as equal: 5.0%, 7.5%, 10.0%, never 5%, 8%, 10%.

    Args:
        axis: The axis to label.
        factor: What a place is multiplied by before it is shown.
        suffix: What follows each number.
        signed: Whether plus signs are shown.
    """
    language = reader()

    def label(value: float, _: float) -> str:
        step = [float(place) * factor for place in axis.get_majorticklocs()]
        tiny = max(map(abs, step), default=0.0) < TINY
        digits = None if tiny else digits_of(step)
        return language.number(value * factor, digits, signed=signed) + suffix

    axis.set_major_formatter(label)


def digits_of(places: list[float]) -> int:
    """Decimals with which evenly spaced places are shown as they are.

    Examples:
        >>> digits_of([5.0, 7.5, 10.0]), digits_of([0.0, 20.0, 40.0]), digits_of([0.0, 0.05])
        (1, 0, 2)
    """
    if len(places) < 2:
        return 0
    small = abs(places[1] - places[0]) / 1000
    return next(
        (
            digits
            for digits in range(MOST_DIGITS)
            if all(abs(place - round(place, digits)) <= small for place in places)
        ),
        MOST_DIGITS,
    )
