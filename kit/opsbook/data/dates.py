"""A cell as a day: forms of exports, spreadsheet serials, spans; what can be read twice stops."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from opsbook.data.sql import half_width, unmarked
from opsbook.text import Grain

Order = Literal["day_first", "month_first"]
How = Literal["iso", "chinese", "compact", "serial", "day_first", "month_first", "name", "span"]
FIRST_YEAR, LAST_YEAR = 1800, 2199
SERIAL_ORIGIN = dt.date(1899, 12, 30)
LONGER: dict[Grain, int] = {"day": 0, "week": 1, "month": 2, "quarter": 3, "year": 4}
MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_name) if name} | {
    name.lower(): i for i, name in enumerate(calendar.month_abbr) if name
}
HALVES = r"上午|下午|凌晨|早上|中午|晚上"
CLOCK = re.compile(
    rf"(?:(?<=\dT)|(?<=[\s日号]))(?P<first>{HALVES})?\s*(?P<hour>[01]?\d|2[0-4])"
    r"(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d(?:[.,]\d+)?))?"
    r"|[时点](?:(?P<minutes>\d{1,2})分)?(?:(?P<seconds>\d{1,2})秒)?)"
    r"\s*(?P<last>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$",
    re.ASCII | re.IGNORECASE,
)
NAMED_DAY = r"(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
WEEKDAY = re.compile(
    rf"^{NAMED_DAY}\.?,?\s+|\s*\(?(?:(?:星期|周|礼拜)[一二三四五六日天])\)?$"
    rf"|\s*\([一二三四五六日天]\)$|[\s,(]+{NAMED_DAY}\.?\)?$",
    re.IGNORECASE,
)
QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
SPAN = re.compile(r"\s*[~至到]\s*|\s+[-–—]+\s+|(?<=\d)[–—]+(?=\d)")


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day as read, and the form it was read from."""

    day: dt.date
    how: How


class AmbiguousDay(Exception):  # noqa: N818 - a state of the cell; its column's reader tells it
    """The cell is two different days, depending on the order of day and month."""


def day(text: str, grain: Grain = "day", order: Order | None = None) -> Day | None:
    """Read a cell as a day, or say that it is none.

    A month, quarter, week or year is read as its first day where the table's periods are that
    long. A time of day is left off; the day is the one that is written, whatever the time zone.

    Args:
        text: The cell.
        grain: How long a period of the table is.
        order: How ``03/04/2025`` is meant.

    Raises:
        AmbiguousDay: If the cell is two different days and ``order`` does not tell.

    Examples:
        >>> [day(cell).day.isoformat() for cell in ("2011年8月31日", "20110831", "40786")]
        ['2011-08-31', '2011-08-31', '2011-08-31']
    """
    plain = WEEKDAY.sub("", unmarked(half_width(text)))
    plain = CLOCK.sub("", plain).rstrip("Tt \t")
    ends = SPAN.split(plain)
    if len(ends) == 2:
        return _span(ends[0], ends[1], grain, order)
    for form, read in FORMS:
        found = form.fullmatch(plain)
        if found is not None:
            return read(found, grain, order)
    return None


def moment(text: str, order: Order | None = None, zone: str = "UTC") -> dt.datetime | None:
    """Read a cell as date and time, or say that it is none.

    Args:
        text: The cell.
        order: How ``03/04/2025`` is meant.
        zone: Time zone in which a cell that tells its own is told.

    Raises:
        AmbiguousDay: If the cell is two different days and ``order`` does not tell.

    Examples:
        >>> moment("2024年1月3日 下午3:05"), moment("2024-01-03T15:05:00+08:00").hour
        (datetime.datetime(2024, 1, 3, 15, 5), 7)
    """
    found, plain = day(text, "day", order), unmarked(half_width(text))
    if found is None:
        return None
    start = dt.datetime.combine(found.day, dt.time())
    if found.how == "serial":
        return start + dt.timedelta(days=float(plain) % 1)
    parts = CLOCK.search(plain)
    if parts is None:
        clock = plain[8:] if re.fullmatch(r"\d{14}", plain) else "000000"
        hours, minutes, seconds = int(clock[:2]), int(clock[2:4]), int(clock[4:])
        return start + dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    written = start + _time_of_day(parts)
    if not parts["zone"]:
        return written
    instant = (written - _offset(parts["zone"])).replace(tzinfo=dt.UTC)
    return instant.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)


def _time_of_day(clock: re.Match[str]) -> dt.timedelta:
    hour = int(clock["hour"])
    half = (clock["first"] or clock["last"] or "").lower().replace(".", "")
    if half in {"下午", "晚上", "pm"} and hour < 12:
        hour += 12
    elif half in {"凌晨", "上午", "早上", "am"} and hour == 12:
        hour = 0
    seconds = (clock["second"] or clock["seconds"] or "0").replace(",", ".")
    return dt.timedelta(
        hours=hour,
        minutes=int(clock["minute"] or clock["minutes"] or 0),
        seconds=float(seconds),
    )


def _offset(zone: str) -> dt.timedelta:
    if not zone.startswith(("+", "-")):
        return dt.timedelta()
    digits = zone[1:].replace(":", "")
    ahead = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or "0"))
    return ahead if zone.startswith("+") else -ahead


def _made(year: str, month: str, day_of_month: str, how: How) -> Day | None:
    try:
        made = dt.date(int(year), int(month), int(day_of_month))
    except ValueError:
        return None
    return Day(day=made, how=how) if FIRST_YEAR <= made.year <= LAST_YEAR else None


def _year_first(how: How) -> Callable[[re.Match[str], Grain, Order | None], Day | None]:
    return lambda found, _grain, _order: _made(found["y"], found["m"], found["d"], how)


def _year_last(found: re.Match[str], _grain: Grain, order: Order | None) -> Day | None:
    first, second, year = found["a"], found["b"], found["y"]
    day_first = _made(year, second, first, "day_first")
    month_first = _made(year, first, second, "month_first")
    if order is not None:
        return day_first if order == "day_first" else month_first
    if day_first and month_first and day_first.day != month_first.day:
        raise AmbiguousDay(found.string)
    return day_first or month_first


def _named(found: re.Match[str], grain: Grain, _order: Order | None) -> Day | None:
    """A month's name with its year; the year's century as spreadsheets tell it, 2029 the last."""
    part = found.groupdict()
    month, day_of_month, short = MONTHS.get(part["name"].lower()), part.get("d"), part.get("yy")
    if month is None:
        return None
    if day_of_month is None and (LONGER[grain] < LONGER["month"] or short in {"30", "31"}):
        return None  # Jan-31 is a day of an unknown year
    year = part["y"] if short is None else f"{'20' if short < '30' else '19'}{short}"
    return _made(year, str(month), day_of_month or "1", "name")


def _of_grain(least: Grain, how: How) -> Callable[[re.Match[str], Grain, Order | None], Day | None]:
    """Read a stretch of calendar where the table's periods are at least as long."""

    def read(found: re.Match[str], grain: Grain, _order: Order | None) -> Day | None:
        part = found.groupdict()
        if LONGER[grain] < LONGER[least]:
            return None
        if part.get("w"):
            try:
                monday = dt.date.fromisocalendar(int(part["y"]), int(part["w"]), 1)
            except ValueError:
                return None
            return Day(day=monday, how=how) if grain == "week" else None
        quarter = part.get("q")
        number = QUARTERS.get(quarter) or int(quarter) if quarter else None
        month = part.get("m") or (1 if number is None else 3 * number - 2)
        return _made(part["y"], str(month), "1", how)

    return read


def _serial(found: re.Match[str], _grain: Grain, _order: Order | None) -> Day | None:
    number = int(found["n"])
    return Day(day=SERIAL_ORIGIN + dt.timedelta(days=number), how="serial") if number else None


def _span(first: str, last: str, grain: Grain, order: Order | None) -> Day | None:
    """A span is the period it covers: its first day, or the middle of a week that begins late."""
    start, end = day(first, grain, order), day(last, grain, order)
    if start is None or end is None or end.day < start.day:
        return None
    length = (end.day - start.day).days + 1
    fits = {
        "day": length == 1,
        "week": length <= 7,
        "month": (start.day.year, start.day.month) == (end.day.year, end.day.month),
        "quarter": start.day.year == end.day.year
        and (start.day.month - 1) // 3 == (end.day.month - 1) // 3,
        "year": start.day.year == end.day.year,
    }
    if not fits[grain]:
        return None
    middle = start.day + dt.timedelta(days=(length - 1) // 2)
    whole = start.day.isocalendar()[:2] == end.day.isocalendar()[:2]
    return Day(day=middle if grain == "week" and not whole else start.day, how="span")


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


Y, M, D = r"(?P<y>\d{4})", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
FORMS = (
    (_form(rf"{Y}(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s){D}"), _year_first("iso")),
    (_form(rf"{Y}\s*年\s*{M}\s*月\s*{D}\s*[日号]?"), _year_first("chinese")),
    (_form(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"), _year_first("compact")),
    (
        _form(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[01]\d|2[0-3])(?:[0-5]\d){2}"),
        _year_first("compact"),
    ),
    (_form(r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4})"), _year_last),
    (_form(r"(?P<n>[2-7]\d{4})(?:\.\d*)?"), _serial),
    (_form(rf"{D}(?:st|nd|rd|th)?[ -](?P<name>[a-z]{{3,9}})\.?[ ,-]\s*{Y}"), _named),
    (_form(rf"(?P<name>[a-z]{{3,9}})\.? {D}(?:st|nd|rd|th)?,? {Y}"), _named),
    (_form(rf"(?P<name>[a-z]{{3,9}})[ -]{Y}"), _named),
    (_form(rf"{D}[ -](?P<name>[a-z]{{3,9}})\.?[ -]['’]?(?P<yy>\d{{2}})"), _named),
    (_form(r"(?P<name>[a-z]{3,9})(?:-| ?['’])(?P<yy>\d{2})"), _named),
    (_form(rf"{Y}[-/.]{M}"), _of_grain("month", "iso")),
    (_form(rf"{M}[-/.]{Y}"), _of_grain("month", "iso")),
    (_form(rf"{Y}\s*年\s*{M}\s*月份?"), _of_grain("month", "chinese")),
    (_form(r"(?P<y>\d{4})(?P<m>\d{2})"), _of_grain("month", "compact")),
    (_form(rf"{Y}[- ]?Q(?P<q>[1-4])"), _of_grain("quarter", "iso")),
    (_form(rf"Q(?P<q>[1-4])[ /-]?{Y}"), _of_grain("quarter", "iso")),
    (_form(rf"{Y}\s*年?第?(?P<q>[1-4一二三四])季度?"), _of_grain("quarter", "chinese")),
    (_form(rf"{Y}-?W(?P<w>\d{{1,2}})"), _of_grain("week", "iso")),
    (_form(rf"{Y}\s*年?第?(?P<w>\d{{1,2}})周"), _of_grain("week", "chinese")),
    (_form(Y), _of_grain("year", "iso")),
    (_form(rf"{Y}\s*年"), _of_grain("year", "chinese")),
)
