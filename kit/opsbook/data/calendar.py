"""Which periods are there: complete, missing, begun or cut off, or closed as always."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from opsbook.data.cube import FREQUENCY, calendar
from opsbook.project.data import KnownEvent
from opsbook.results.intake import Coverage, State
from opsbook.text import Grain, Period

#: A weekday is closed if it has rows on at most so many of its days, of at least so many, and if
#: the other weekdays have rows so regularly that chance leaves it empty less often than this.
CLOSED_SHARE, CLOSED_LEAST, CLOSED_CHANCE = 0.05, 4, 0.001
#: A silence at an end that is rarer than this inside the table means that the end is cut off.
RARE = 0.05
DAY = dt.timedelta(days=1)


def coverage(days: Sequence[dt.date], grain: Grain, events: Sequence[KnownEvent] = ()) -> Coverage:
    """Tell of every period whether the table covers it.

    A weekday on which there are never rows is closed, and so are known holidays. The first and the
    last period are partial if the open days without rows at that end are more than the table's own
    rhythm explains: silences as long are under 5 % of those between two of its days.

    Args:
        days: The days that have rows, in order, at least one.
        grain: How long a period is.
        events: The known events; holidays among them are closed days.
    """
    closed = closed_weekdays(days)
    free = {
        event.start.first + DAY * i
        for event in events
        if event.kind == "holiday"
        for i in range(((event.end or event.start).last - event.start.first).days + 1)
    }
    first, last = _start(days[0], grain), _start(days[-1], grain)
    periods = calendar(first, last, grain)
    there = {_start(day, grain) for day in days}
    partial = _partial(days, grain, closed, free)
    states = tuple(
        _state(period, grain, there=there, partial=partial, closed=closed, free=free)
        for period in periods
    )
    return Coverage(
        periods=tuple(Period(start=day, grain=grain) for day in periods),
        state=states,
        closed_weekdays=closed if grain == "day" else (),
    )


def closed_weekdays(days: Sequence[dt.date]) -> tuple[int, ...]:
    """Weekdays (Monday is 0) on which a table has next to no rows.

    Examples:
        >>> week = [dt.date(2024, 1, 1) + dt.timedelta(days=i) for i in range(70)]
        >>> closed_weekdays([day for day in week if day.weekday() != 5])
        (5,)
    """
    span = (days[-1] - days[0]).days + 1
    possible, seen = [0] * 7, [0] * 7
    for weekday in range(7):
        possible[weekday] = (span - (weekday - days[0].weekday()) % 7 + 6) // 7
        seen[weekday] = sum(day.weekday() == weekday for day in days)
    rare = [i for i in range(7) if seen[i] <= CLOSED_SHARE * possible[i]]
    open_days = sum(possible[i] for i in range(7) if i not in rare)
    share = sum(seen[i] for i in range(7) if i not in rare) / open_days if open_days else 0.0
    return tuple(
        i
        for i in rare
        if possible[i] >= CLOSED_LEAST and (1 - share) ** possible[i] < CLOSED_CHANCE
    )


def _partial(
    days: Sequence[dt.date], grain: Grain, closed: tuple[int, ...], free: set[dt.date]
) -> set[dt.date]:
    """First days of the periods at the ends that the table only begins to fill."""
    starts = [_start(day, grain) for day in days]
    if grain == "day" or list(days) == starts:
        return set()

    def silence(after: dt.date, before: dt.date) -> int:
        """Open days between two days, both excluded."""
        between = (after + DAY * i for i in range(1, (before - after).days))
        return sum(day.weekday() not in closed and day not in free for day in between)

    silences = [silence(one, other) for one, other in pairwise(days)]

    def is_rare(length: int) -> bool:
        return length > 0 and sum(s >= length for s in silences) < RARE * max(len(silences), 1)

    partial = set()
    if is_rare(silence(starts[0] - DAY, days[0])):
        partial.add(starts[0])
    if is_rare(silence(days[-1], _end(starts[-1], grain) + DAY)):
        partial.add(starts[-1])
    return partial


def _state(
    period: dt.date,
    grain: Grain,
    *,
    there: set[dt.date],
    partial: set[dt.date],
    closed: tuple[int, ...],
    free: set[dt.date],
) -> State:
    if period in partial:
        return "partial"
    if period in there:
        return "complete"
    if grain == "day":
        return "closed" if period.weekday() in closed or period in free else "missing"
    length = (_end(period, grain) - period).days + 1
    return "closed" if all(period + DAY * i in free for i in range(length)) else "missing"


def _start(day: dt.date, grain: Grain) -> dt.date:
    """First day of the period that a day is in."""
    match grain:
        case "week":
            return day - DAY * day.weekday()
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def _end(start: dt.date, grain: Grain) -> dt.date:
    """Last day of the period that begins on a day."""
    step = pd.tseries.frequencies.to_offset(FREQUENCY[grain])
    following: pd.Timestamp = pd.Timestamp(start) + step
    return following.date() - DAY
