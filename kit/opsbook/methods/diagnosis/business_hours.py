"""Hours that count: the time between two moments in which the business was open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError

Array = NDArray[np.float64]
Column = ArrayLike | Sequence[object]  # numpy's own type leaves out None and datetime

LONGEST_SPAN_DAYS = 40_000
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NINE_TO_SIX = ((9.0, 18.0),)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When the business, or one resource, is at work.

    Attributes:
        week: The open hours of Monday to Sunday, each a tuple of (from, to) in [0, 24]; (9, 18)
            is nine to six.
        holidays: Dates without work, as ``2026-10-01``.
        workdays: Dates with work whatever their weekday, as for a weekend worked in exchange;
            they take the hours of the first weekday that has any.
        begins: Hour at which a day begins, in [0, 24). With 6, hours are in [6, 30], the night
            from 22 to 6 is (22, 30), and belongs to the day on which it starts.

    Raises:
        DataError: If the week has not seven days, hours are outside their day, reversed or
            overlapping, no day has hours, or a date is both a holiday and a workday.

    Examples:
        >>> office = Calendar(week=(NINE_TO_SIX,) * 5 + ((), ()), holidays=("2026-10-01",))
        >>> len(office.week)
        7
    """

    week: tuple[tuple[tuple[float, float], ...], ...]
    holidays: tuple[str, ...] = ()
    workdays: tuple[str, ...] = ()
    begins: float = 0.0

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise DataError(
                f"A calendar needs seven days with hours in at least one (got {len(self.week)}).",
                "Give the open hours from Monday to Sunday; () is a closed day.",
            )
        first, last = self.begins, self.begins + 24
        if not 0 <= first < 24:
            raise DataError(
                f"A day begins at hour {first:g}; it must be from 0 to under 24.",
                "Name the hour at which the night shift ends.",
            )
        for day, hours in zip(_DAYS, self.week, strict=True):
            edges = [edge for pair in hours for edge in pair]
            if (
                edges != sorted(edges)
                or any(a >= b for a, b in hours)
                or not all(first <= edge <= last for edge in edges)
            ):
                raise DataError(
                    f"The hours of {day} are {hours}; they must rise within {first:g} and "
                    f"{last:g}.",
                    "For a night shift let the day begin when it ends.",
                )
        both = sorted(set(self.holidays) & set(self.workdays))
        if both:
            raise DataError(
                f"{both[0]} is both a holiday and a workday.", "Keep it in one of the two lists."
            )
        for date in (*self.holidays, *self.workdays):
            _day_number(date)


def business_hours(start: Column, end: Column, calendar: Calendar) -> Array:
    """Tell how many open hours lie between two moments.

    Assumes local time without daylight saving: an hour that a clock change adds or drops in
    open time is not seen.

    Args:
        start: Moments, datetime64 or text that reads as one, shape (n,).
        end: Moments not before ``start``, same shape.
        calendar: When the business is open.

    Returns:
        Open hours from ``start`` to ``end``, shape (n,).

    Raises:
        DataError: If shapes differ, a moment is missing, or an end lies before its start.

    Examples:
        Friday 17:00 to Monday 10:00 at nine to six:

        >>> office = Calendar(week=(NINE_TO_SIX,) * 5 + ((), ()))
        >>> business_hours(["2026-03-06T17:00"], ["2026-03-09T10:00"], office).tolist()
        [2.0]
    """
    first, last = clock_hours(start), clock_hours(end)
    if first.shape != last.shape:
        raise DataError(
            f"Starts and ends must have one shape (got {first.shape} and {last.shape}).",
            "Give one end for each start.",
        )
    if np.isnan(first).any() or np.isnan(last).any():
        raise DataError(
            "A start or an end is missing.", "Leave out what has not started or not ended."
        )
    if (last < first).any():
        where = int(np.flatnonzero(last < first)[0])
        raise DataError(
            f"{np.count_nonzero(last < first)} of {first.size} ends lie before their starts, the "
            f"first at position {where}.",
            "Check that the two columns are not swapped and use one time zone.",
        )
    if first.size == 0:
        return np.zeros(first.shape)
    opening = open_hours(calendar, float(first.min()), float(last.max()))
    return opening.before(last) - opening.before(first)


def clock_hours(moments: Column) -> Array:
    """Turn moments into hours since 1970; a missing one becomes NaN.

    Examples:
        >>> clock_hours(["1970-01-02T06:30"]).tolist()
        [30.5]
    """
    try:
        exact = np.asarray(moments, dtype="datetime64[us]")
    except (TypeError, ValueError) as error:
        raise DataError(
            f"Moments must be dates with times ({error}).", "Write them as 2026-03-06T17:00."
        ) from error
    return np.where(np.isnat(exact), np.nan, exact.astype(np.int64) / 3.6e9)


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenHours:
    """A clock that runs in open hours only.

    Attributes:
        moments: Hours since 1970 at which the business opens or closes, rising.
        hours: Open hours before each of them.
    """

    moments: Array
    hours: Array

    def before(self, clock: Array) -> Array:
        """Return the open hours before each moment; a difference of two is what counts."""
        return np.interp(clock, self.moments, self.hours)


def open_hours(calendar: Calendar | None, first: float, last: float) -> OpenHours:
    """Make the clock that runs in open hours only.

    Args:
        calendar: When the business is open; None for round the clock.
        first: The earliest moment to be read from it, hours since 1970.
        last: The latest.

    Returns:
        The clock.

    Raises:
        DataError: If the moments are more than a century apart.

    Examples:
        >>> office = Calendar(week=(NINE_TO_SIX,) * 5 + ((), ()))
        >>> friday = clock_hours(["2026-03-06T12:00", "2026-03-06T20:00"])
        >>> np.diff(open_hours(office, *friday).before(friday)).tolist()
        [6.0]
    """
    begins = 0.0 if calendar is None else calendar.begins
    first_day, last_day = int((first - begins) // 24), int((last - begins) // 24)
    if last_day - first_day > LONGEST_SPAN_DAYS:
        raise DataError(
            f"The moments span {last_day - first_day} days.",
            "Look for a wrong year among the dates.",
        )
    edge = np.array([24.0 * first_day, 24.0 * (last_day + 1)]) + begins
    if calendar is None:
        return OpenHours(moments=edge, hours=edge - edge[0])
    days = np.arange(first_day, last_day + 1)
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    holiday = np.isin(days, [_day_number(date) for date in calendar.holidays])
    swapped = np.isin(days, [_day_number(date) for date in calendar.workdays])
    usual = next(hours for hours in calendar.week if hours)
    chosen = [(weekday == i) & ~holiday & ~swapped for i in range(7)]
    spans = np.concatenate(
        [
            24.0 * days[mask][:, None] + np.array([pair])
            for mask, hours in zip([*chosen, swapped], [*calendar.week, usual], strict=True)
            for pair in hours
        ]
    )
    spans = spans[np.argsort(spans[:, 0])]
    closed = np.cumsum(spans[:, 1] - spans[:, 0])
    opened = closed - (spans[:, 1] - spans[:, 0])
    return OpenHours(
        moments=np.concatenate([edge[:1], spans.ravel(), edge[1:]]),
        hours=np.concatenate([[0.0], np.column_stack([opened, closed]).ravel(), closed[-1:]])
        if closed.size
        else np.zeros(2),
    )


def _day_number(date: str) -> int:
    """Return the days since 1970 of a date."""
    try:
        return int(np.datetime64(date, "D").astype(np.int64))
    except ValueError as error:
        raise DataError(f"'{date}' is not a date.", "Write it as 2026-10-01.") from error
