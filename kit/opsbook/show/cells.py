"""Numbers as the cells of tables show them."""

from __future__ import annotations

from opsbook.methods.estimate import Estimate
from opsbook.show.reader import reader
from opsbook.show.shown import (
    bracketed,
    shown,
    words,
)
from opsbook.text import POINTS, SHARE, Quantity, term

#: Units of times.
HOURS, MINUTES = term("h").term, term("min").term


def count(number: float) -> str:
    """A whole number."""
    return shown(Quantity(value=number, unit="count"))


def amount(number: float | None, unit: str) -> str:
    """A value with its unit, or a dash where there is none."""
    return shown(None if number is None else Quantity(value=number, unit=unit))


def moved(number: float | None, unit: str) -> str:
    """A difference as a bare number; where it is in percentage points the heading says so."""
    if number is None:
        return shown(None)
    if unit == SHARE:
        return shown(Quantity(value=number * 100, digits=2, signed=True))
    return shown(Quantity(value=number, signed=True))


def in_points(unit: str) -> str:
    """What a heading of differences adds to its words."""
    return bracketed(words("percentage points")) if unit == SHARE else ""


def limits(estimate: Estimate) -> str:
    """The limits of an interval; the value before them has their unit."""
    unit = SHARE if estimate.unit == POINTS else estimate.unit
    low, high = (moved(limit or 0.0, unit) for limit in (estimate.lower, estimate.upper))
    return f"{low} … {high}"


def limit(value: float, unit: str) -> str:
    """A limit of an interval: a difference as a bare number, a share as it is."""
    if unit == SHARE:
        return amount(value, unit)
    return moved(value, SHARE if unit == POINTS else unit)


def with_interval(estimate: Estimate) -> str:
    """A change with its 95 % interval, where it has one."""
    value = shown(Quantity(value=estimate.effect, unit=estimate.unit, signed=True))
    if estimate.lower is None or estimate.upper is None:
        return value
    return value + bracketed(limits(estimate))


def unit_of(estimate: Estimate) -> str:
    """What an axis of changes is labelled with."""
    if estimate.unit == POINTS:
        return reader().text("percentage points")
    return reader().text(estimate.unit)


def duration(hours: float) -> Quantity:
    """A time as people say it: in minutes below an hour.

    Examples:
        >>> duration(0.25)
        Quantity(value=15.0, unit='min', digits=0, signed=False)
    """
    if hours >= 1 or hours == 0:
        return Quantity(value=hours, unit=HOURS, digits=1 if 0 < hours < 100 else 0)
    minutes = hours * 60
    return Quantity(value=minutes, unit=MINUTES, digits=0 if minutes >= 10 else 1)
