"""Days on an axis, as the reader writes them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from opsbook.show.reader import reader
from opsbook.text import Grain, Period

if TYPE_CHECKING:
    from matplotlib.axis import Axis


def time_axis(axis: Axis, *, least: int = 4, most: int = 9) -> None:
    """Place a few ticks where a month or a year begins, or days, and name them.

    Args:
        axis: The axis, its places in days since 1970.
        least: Ticks at least.
        most: Ticks at most.
    """
    from matplotlib.dates import AutoDateLocator, num2date  # noqa: PLC0415 - heavy

    axis.set_major_locator(AutoDateLocator(minticks=least, maxticks=most))
    axis.set_major_formatter(lambda day, at: name_of(num2date(day).date(), first=at == 0))


def name_of(day: dt.date, *, first: bool = False) -> str:
    """A day's name; the first of a year or of a month stands for the whole of it.

    Args:
        day: The day.
        first: Whether it is the first on its axis, which tells the year too.

    Examples:
        >>> [name_of(dt.date(2024, *day)) for day in ((1, 1), (4, 1), (4, 9))]
        ['2024', 'Apr 2024', '9 Apr']
    """
    if day.day == 1:
        grain: Grain = "year" if day.month == 1 else "month"
        return reader().period(Period(start=day, grain=grain))
    return reader().period(Period(start=day)) if first else reader().day_of_month(day)
