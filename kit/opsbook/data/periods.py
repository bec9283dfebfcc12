"""The periods of a grain: which there are, and the one that a day is in."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from opsbook.text import Grain

FREQUENCY: dict[Grain, str] = {
    "day": "D",
    "week": "W-MON",
    "month": "MS",
    "quarter": "QS",
    "year": "YS",
}
CODES: dict[Grain, str] = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


def calendar(first: dt.date, last: dt.date, grain: Grain) -> tuple[dt.date, ...]:
    """First day of each period from one period to another, none left out.

    Examples:
        >>> [day.month for day in calendar(dt.date(1841, 11, 1), dt.date(1842, 1, 1), "month")]
        [11, 12, 1]
    """
    return tuple(day.date() for day in pd.date_range(first, last, freq=FREQUENCY[grain]))


def first_days(days: pd.Series[pd.Timestamp], grain: Grain) -> pd.Series[pd.Timestamp]:
    """First day of the period that each day is in."""
    return days if grain == "day" else days.dt.to_period(CODES[grain]).dt.start_time
