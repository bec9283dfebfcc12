"""What a table's columns look like: dates, figures, dimensions, keys."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from opsbook.data.dates import AmbiguousDay, Day, Order, day
from opsbook.data.locations import locate
from opsbook.data.numbers import BLANK, TRUTH, Mark, decimal_mark, number
from opsbook.data.rewrite import LINE
from opsbook.data.sources import Source, open_source
from opsbook.data.sql import quoted, trimmed
from opsbook.data.totals import is_total
from opsbook.errors import DataError
from opsbook.project.data import KpiTable, PeriodColumn
from opsbook.text import Grain

SAMPLE = 5_000
#: So many of a column's cells must be dates, or numbers, for it to be one of dates or numbers.
MOSTLY = 0.9
#: A column with more different values than this is no dimension.
MOST_VALUES = 60
GRAINS: tuple[tuple[int, Grain], ...] = (
    *((300, "year"), (80, "quarter"), (27, "month"), (6, "week"), (0, "day")),
)
DATE_NAME = re.compile(
    r"dat(e|um)|day|week|month|quarter|year|time|period|日|周|月|季|年|期|时间", re.IGNORECASE
)
KEY_NAME = re.compile(r"(^|[_\s])(id|no|nr|key)$|ID$|编号|单号|工号|号码", re.IGNORECASE)
#: A number without anything that makes it a date: 20240131, 45322.5.
BARE = re.compile(r"\d+(\.\d+)?")
ORDERS = frozenset({"day_first", "month_first"})
#: Money is no count: it stands neither above nor below the line of a share.
MONEY_NAME = re.compile(
    r"amount|revenue|turnover|price|cost|umsatz|\b(EUR|USD|CNY|RMB)\b|额|元|收入|成本|价",
    re.IGNORECASE,
)
MONEY = re.compile(r"[¥￥$€£元]")
#: A point that stands before decimals, not between thousands.
POINT = re.compile(r"\.(\d{1,2}|\d{4,})(?!\d)")
#: What is a share or a mean already, and what is averaged rather than added up.
RATE_NAME = re.compile(
    r"rate|share|ratio|average|avg|mean|percent|pct|率|占比|均|score|satisf|满意|评分|得分"
    r"|duration|minutes|seconds|wait|latency|时长|耗时|用时|等待",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a table's columns look like.

    Attributes:
        date: Column of the dates.
        grain: How long a period is.
        order: How dates such as 03/04/2025 are meant; None where no cell needs to be told.
        asks_order: Whether some dates can be read twice and no other cell tells.
        decimal: What stands before the decimals, where a column alone cannot tell.
        asks_decimal: Whether some numbers can be read twice and no other column tells.
        ratio: Numerator and denominator, where one column never exceeds another.
        value: Column to take the mean or the total of, where there is no ratio.
        is_rate: Whether that column holds rates already, which do not add up.
        dimensions: Columns with few different words.
        key: Columns that tell rows apart.
        figures: Every column of figures.
    """

    date: str
    grain: Grain
    order: Order | None = None
    asks_order: bool = False
    decimal: Mark | None = None
    asks_decimal: bool = False
    ratio: tuple[str, str] | None
    value: str | None
    is_rate: bool = False
    dimensions: tuple[str, ...]
    key: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


def look_at(table: Path) -> Guess:
    """Guess from a table's first rows which columns are dates, figures and dimensions.

    Raises:
        DataError: If the table cannot be read, or has no dates or no figures.
    """
    columns, semicolons = _sample(table)
    dates = [name for name, texts in columns.items() if _is_mostly(texts, _dated(name))]
    if not dates:
        raise DataError(
            f"{table.name} has no column of dates that can be read.",
            "Write them as 2024-01-31, 31.01.2024, 2024-01, 2024年1月31日 or Jan 31, 2024.",
        )
    others = {name: texts for name, texts in columns.items() if name not in dates}
    decimal, asks_decimal = _decimal(others.values()) if semicolons else (None, False)
    read = {
        name: values
        for name, texts in others.items()
        if (values := _numbers(texts, decimal)) is not None
    }
    keys = tuple(name for name, values in read.items() if _is_key(name, values))
    figures = {name: values for name, values in read.items() if name not in keys}
    if not figures:
        raise DataError(f"{table.name} has no column of figures.", "Bring a table with figures.")
    words = {name: _words(texts) for name, texts in others.items() if name not in read}
    most = min(MOST_VALUES, max(len(columns[dates[0]]) / 2, 2))
    rates = [name for name, values in figures.items() if _is_rate(name, columns[name], values)]
    money = [name for name in figures if _is_money(name, columns[name])]
    ratio = _ratio({n: values for n, values in figures.items() if n not in {*rates, *money}})
    added = [name for name in figures if name not in rates]
    order, asks_order = _order(columns[dates[0]])
    return Guess(
        date=dates[0],
        grain=_grain(columns[dates[0]], order or "day_first"),
        order=order,
        asks_order=asks_order,
        decimal=decimal,
        asks_decimal=asks_decimal,
        ratio=ratio,
        value=None if ratio else (added or rates)[0],
        is_rate=not ratio and not added,
        dimensions=tuple(name for name, values in words.items() if 1 < len(values) <= most),
        key=keys[:1],
        figures=tuple(figures),
    )


def _sample(table: Path) -> tuple[dict[str, list[str]], bool]:
    """The first rows of each column as texts, and whether semicolons separate the cells."""
    location = locate(table.resolve(), Path(), "--data")
    options = KpiTable(path=table, period=PeriodColumn(column="date", grain="day"))
    try:
        with open_source(location, options, (), "texts") as source:
            return _first_rows(source), source.semicolons
    except DataError:
        if location.kind != "delimited":
            raise
    with open_source(location, options, (), "rewritten") as source:
        return _first_rows(source), source.semicolons


def _first_rows(source: Source) -> dict[str, list[str]]:
    names = [name for name in source.types if name != LINE]
    cells = ", ".join(trimmed(quoted(name)) for name in names)
    found = source.connection.execute(f"SELECT {cells} FROM source LIMIT {SAMPLE}").fetchall()  # noqa: S608 - quoted
    rows = [row for row in found if not any(cell and is_total(cell) for cell in row)] or found
    return {name: [row[i] or "" for row in rows] for i, name in enumerate(names)}


def _filled(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if text.lower() not in BLANK]


def _is_mostly(texts: Sequence[str], test: Callable[[str], bool]) -> bool:
    filled = _filled(texts)
    return bool(filled) and sum(map(test, filled)) >= MOSTLY * len(filled)


def _dated(name: str) -> Callable[[str], bool]:
    """A test for dates; bare numbers are dates only in a column that is called so."""
    named = DATE_NAME.search(name) is not None

    def is_date(text: str) -> bool:
        try:
            return _day(text) is not None and (named or not BARE.fullmatch(text))
        except AmbiguousDay:
            return True

    return is_date


def _day(text: str, order: Order | None = None) -> Day | None:
    return day(text, "year", order) or day(text, "week", order)


def _order(texts: Sequence[str]) -> tuple[Order | None, bool]:
    """How day and month stand in dates that can be read twice; and whether a person must tell."""
    told = set[str]()
    ambiguous = False
    for text in _filled(texts):
        try:
            found = _day(text)
        except AmbiguousDay:
            ambiguous = True
        else:
            told |= ORDERS & {found.how} if found else set()
    if not ambiguous:
        return None, False
    if len(told) != 1:
        return None, True
    return ("day_first" if told == {"day_first"} else "month_first"), False


def _grain(texts: Sequence[str], order: Order) -> Grain:
    """The length of a period: the usual distance of one day from the next."""
    days = {found.day for text in texts if (found := _day(text, order)) is not None}
    steps = sorted((b - a).days for a, b in pairwise(sorted(days)))
    usual = steps[len(steps) // 2] if steps else 1
    return next(grain for least, grain in GRAINS if usual >= least)


def _decimal(columns: Iterable[Sequence[str]]) -> tuple[Mark | None, bool]:
    """The decimal mark that the file's other columns tell for one that cannot; and whether to ask.

    Where every column tells its own, or none needs to be told, there is nothing to say.
    """
    told, open_ones = set[Mark](), False
    for texts in map(_filled, columns):
        try:
            mark = decimal_mark(texts, semicolons=True)
        except DataError:
            open_ones = True
        else:
            told |= {mark} if mark == "," or any(map(POINT.search, texts)) else set()
    if not open_ones:
        return None, False
    return (next(iter(told)), False) if len(told) == 1 else (None, True)


def _numbers(texts: Sequence[str], told: Mark | None) -> list[float | None] | None:
    """A column's numbers; None if it is not one of numbers, or only says true and false."""
    mark: Mark = "."
    with contextlib.suppress(DataError):
        mark = told or decimal_mark(_filled(texts))
    read = [None if (found := number(text, mark)) is None else found.value for text in texts]
    filled = _filled(texts)
    if not filled or all(text.lower() in TRUTH for text in filled):
        return None
    known = sum(value is not None for value in read)
    return read if known >= MOSTLY * len(filled) else None


def _words(texts: Sequence[str]) -> set[str]:
    """A column's different words; none if most of its cells are blank, as of remarks."""
    filled = _filled(texts)
    return set(texts) if 2 * len(filled) >= len(texts) else set()


def _is_money(name: str, texts: Sequence[str]) -> bool:
    return MONEY_NAME.search(name) is not None or any(map(MONEY.search, texts))


def _is_key(name: str, values: Sequence[float | None]) -> bool:
    """Whether a column numbers the rows, or what they are about, and measures nothing."""
    known = [value for value in values if value is not None]
    whole = all(value.is_integer() for value in known)
    counted = whole and len(known) > 2 and all(b - a == 1 for a, b in pairwise(known))
    return counted or (whole and KEY_NAME.search(name) is not None)


def _is_rate(name: str, texts: Sequence[str], values: Sequence[float | None]) -> bool:
    """Whether a column holds shares or means already, so that its sum says nothing."""
    known = [value for value in values if value is not None]
    if any("%" in text or "％" in text for text in texts):
        return True
    fractions = not all(value.is_integer() for value in known)
    return fractions and (RATE_NAME.search(name) is not None or 0 <= min(known) <= max(known) <= 1)


def _ratio(figures: Mapping[str, Sequence[float | None]]) -> tuple[str, str] | None:
    """Two columns of whole numbers of which one is never larger than the other."""
    values = {}
    for name, read in figures.items():
        known = [value for value in read if value is not None]
        if all(value >= 0 and value.is_integer() for value in known) and max(known) > 1:
            values[name] = read
    for below, larger in sorted(values.items(), key=lambda item: -sum(v or 0 for v in item[1])):
        for above, smaller in values.items():
            pairs = zip(smaller, larger, strict=True)
            fit = [a <= b for a, b in pairs if a is not None and b is not None]
            if above != below and fit and all(fit):
                return above, below
    return None
