"""Which periods are there: complete, missing, begun or cut off, or closed as always."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook.data.periods import FREQUENCY, calendar
from opsbook.project.data import KnownEvent
from opsbook.results.intake import Coverage, State
from opsbook.text import Grain, Period

#: A weekday is closed if it has rows on at most so many of its days, of at least so many, and if
#: the other weekdays have rows so regularly that chance leaves it empty less often than this.
CLOSED_SHARE, CLOSED_LEAST, CLOSED_CHANCE = 0.05, 4, 0.001
#: A silence is out of the table's rhythm if it is rarer than this among the table's silences, or
#: among its periods; once is always rare.
RARE, RARE_PERIODS = 0.05, 0.1
#: A period between two others is partial if it has rows on fewer than this share of the days that
#: are usual, and chance would leave it so empty less often than this in the whole table.
HALF, CHANCE = 0.5, 0.001
DAY = dt.timedelta(days=1)


def coverage(
    days: Sequence[dt.date],
    grain: Grain,
    events: Sequence[KnownEvent] = (),
    *,
    until: dt.date | None = None,
) -> Coverage:
    """Tell of every period whether the table covers it.

    A weekday on which there are never rows is closed, and so are known holidays. The first and the
    last period are partial if the open days without rows at that end are more than the table's own
    rhythm explains. A period between them is partial if it has rows on less than half of the usual
    number of days. Where each period has one day only, its rows are sums already, and none is
    called partial.

    Args:
        days: The days that have rows, in order, at least one.
        grain: How long a period is.
        events: The known events; holidays among them are closed days.
        until: A day whose period is the last that ought to be there; the last day's if left out.
    """
    closed = closed_weekdays(days)
    free = {
        event.start.first + DAY * i
        for event in events
        if event.kind == "holiday"
        for i in range(((event.end or event.start).last - event.start.first).days + 1)
    }
    first, last = _start(days[0], grain), _start(max(days[-1], until or days[-1]), grain)
    there = {_start(day, grain) for day in days}
    partial = _partial(days, grain, closed, free)
    periods = calendar(first, last, grain)
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


@dataclass(frozen=True, kw_only=True)
class _Rhythm:
    """On which open days a table has rows.

    Attributes:
        periods: First day of each period that has rows.
        open_days: Open days of each period.
        filled: Those of them that have rows.
        silences: Open days without rows between each day with rows and the next.
        before: Open days without rows at the first period's beginning.
        after: Open days without rows at the last period's end.
    """

    periods: list[dt.date]
    open_days: NDArray[np.int64]
    filled: NDArray[np.int64]
    silences: NDArray[np.int64]
    before: int
    after: int

    def is_rare(self, silence: int) -> bool:
        """Whether a silence is out of the rhythm, even where another one is as long."""
        again = int((self.silences >= silence).sum())
        once = max(1, int(RARE_PERIODS * len(self.periods)))
        return silence > 0 and (again < RARE * max(len(self.silences), 1) or again <= once)

    def is_half_empty(self) -> NDArray[np.bool_]:
        """Which periods have rows on far fewer days than usual."""
        from scipy.stats import binom  # noqa: PLC0415 - slow to import, and seldom needed

        share = self.filled / np.maximum(self.open_days, 1)
        usual = float(np.median(share))
        few = share < HALF * usual
        if few.any():
            chance = binom.cdf(self.filled, self.open_days, min(usual, 1 - 1e-9))
            few &= chance < CHANCE / len(self.periods)
        return few


def _rhythm(
    days: Sequence[dt.date], grain: Grain, closed: tuple[int, ...], free: set[dt.date]
) -> _Rhythm:
    starts = sorted({_start(day, grain) for day in days})
    first, end = starts[0], _end(starts[-1], grain)
    every = np.arange(np.datetime64(first), np.datetime64(end) + 1)
    weekday = (every.astype(int) + 3) % 7
    is_open = ~np.isin(weekday, closed) & ~np.isin(every, np.array(sorted(free), "datetime64[D]"))
    passed = np.concatenate([[0], np.cumsum(is_open)])  # open days before each day
    place = (np.array(days, "datetime64[D]") - np.datetime64(first)).astype(int)
    bounds = [(day - first).days for day in starts], [(_end(d, grain) - first).days for d in starts]
    low, high = (np.array(bound, dtype=np.int64) for bound in bounds)
    filled = np.concatenate([[0], np.cumsum(np.isin(np.arange(len(every)), place) & is_open)])
    return _Rhythm(
        periods=starts,
        open_days=passed[high + 1] - passed[low],
        filled=filled[high + 1] - filled[low],
        silences=passed[place[1:]] - passed[place[:-1] + 1],
        before=int(passed[place[0]]),
        after=int(passed[-1] - passed[place[-1] + 1]),
    )


def _partial(
    days: Sequence[dt.date], grain: Grain, closed: tuple[int, ...], free: set[dt.date]
) -> set[dt.date]:
    """First days of the periods that the table only begins to fill."""
    if grain == "day" or len({_start(day, grain) for day in days}) == len(days):
        return set()
    rhythm = _rhythm(days, grain, closed, free)
    partial = {day for day, few in zip(rhythm.periods, rhythm.is_half_empty(), strict=True) if few}
    if rhythm.is_rare(rhythm.before):
        partial.add(rhythm.periods[0])
    if rhythm.is_rare(rhythm.after):
        partial.add(rhythm.periods[-1])
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
