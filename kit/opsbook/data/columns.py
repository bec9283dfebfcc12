"""Columns as values: typed ones as they are, texts by their strict form, the rest word by word.

A text that is not in strict form is read once, however often it stands in the table: the distinct
texts come to Python, and go back to DuckDB as a small table that the rows are joined with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from opsbook.data.dates import FIRST_YEAR, LAST_YEAR, AmbiguousDay, day, moment
from opsbook.data.numbers import BLANK, Mark, decimal_mark, number
from opsbook.data.sources import Source
from opsbook.data.sql import literal, quoted, trimmed
from opsbook.errors import DataError
from opsbook.project.data import KpiTable

TIMES = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
INSTANT = "TIMESTAMP WITH TIME ZONE"
CLOCK_FORM = (
    r"[T ]([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
)
DAY_FORM = r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
MOMENT_FORM = DAY_FORM + r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?"
ZONED_FORM = DAY_FORM + (
    r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
)
AMBIGUOUS = "may be day first or month first; say so with order: day_first or month_first"
WHOLE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
    | {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)
#: A double times this is whole for every cell from 1/256 on, so that sums are exact in any order.
FINE = "1152921504606846976"


@dataclass(frozen=True, kw_only=True)
class Column:
    """How DuckDB reads a column.

    Attributes:
        name: As the params name it.
        kind: A date or a figure.
        value: SQL for its value; NULL where the cell is empty or cannot be read.
        exact: Whether its sum is exact as it is: whole numbers and decimals.
        text: SQL for the cell as text.
        blank: SQL that is true where the cell is empty.
        how: SQL for the way a cell was understood.
        join: SQL that brings in the texts read one by one.
        why: Text → why it cannot be read, where that is more than being no date or number.
    """

    name: str
    kind: Literal["date", "figure"]
    value: str
    text: str
    blank: str
    exact: bool = False
    how: str = "'plain'"
    join: str = ""
    why: Mapping[str, str] | None = None


def total(name: str, *, exact: bool = False, whole: bool = False, huge: bool = False) -> str:
    """SQL for the sum of a column, the same in whatever order the rows come.

    Args:
        name: The column.
        exact: Whether its type is of whole numbers or decimals.
        whole: Whether its values are whole numbers, of whatever type.
        huge: Whether its values may be too large for whole numbers of 128 bits.
    """
    cell = quoted(name)
    if exact:
        return f"CAST(sum({cell}) AS DOUBLE) AS {cell}"
    if whole:
        return f"CAST(sum(CAST({cell} AS BIGINT)) AS DOUBLE) AS {cell}"
    if huge:
        return f"fsum({cell}) AS {cell}"
    # Whole parts and the rest apart: as numbers of 64 bits they are summed in half the time.
    near = f"CAST({cell} AS BIGINT)"
    rest = f"sum(CAST(({cell} - {near}) * {FINE} AS BIGINT))"
    return f"CAST(sum({near}) * {FINE}::HUGEINT + {rest} AS DOUBLE) / {FINE} AS {cell}"


def strict_dates(source: Source, kpi: KpiTable) -> Column:
    """Read the date column in its strict form only: 2011-08-30, with a time behind it or not."""
    kind, cell = _date_cell(source, kpi)
    value, text = _strict_date(kind, cell, kpi.period.zone)
    return Column(
        name=kpi.period.column, kind="date", value=value, text=text, blank=_blank(text, kpi)
    )


def day_key(source: Source, kpi: KpiTable) -> str:
    """SQL for what tells the days of rows apart, cheaper than reading each row's day."""
    kind, cell = _date_cell(source, kpi)
    if kind != "VARCHAR":
        return _strict_date(kind, cell, kpi.period.zone)[0]
    return (
        f"CASE WHEN strlen({cell}) <= 10 THEN {cell} "
        f"WHEN {_is_moment(cell)} THEN left({cell}, 10) ELSE '' END"
    )


def day_of(source: Source, kpi: KpiTable, key: str) -> str:
    """SQL for the day of what `day_key` gave; NULL where the cell is not in strict form."""
    return _written_day(key) if _date_cell(source, kpi)[0] == "VARCHAR" else key


def strict_figure(source: Source, kpi: KpiTable, wanted: str) -> Column:
    """Read a column of figures in its strict form only: 1234.5.

    Raises:
        DataError: If the column's type can be no number.
    """
    plain = _plain_figure(source, kpi, wanted)
    nothing = [n.value for mark in kpi.blanks if (n := number(mark, kpi.decimal or "."))]
    if not nothing or not plain.value:
        return plain
    listed = ", ".join(map(repr, nothing))  # 999, or -1: such a number is an empty cell
    is_nothing = f"coalesce(({plain.value}) IN ({listed}), false)"
    return replace(
        plain,
        value=f"CASE WHEN NOT {is_nothing} THEN {plain.value} END",
        blank=f"({plain.blank} OR {is_nothing})",
    )


def _plain_figure(source: Source, kpi: KpiTable, wanted: str) -> Column:
    actual = source.column(wanted)
    kind, cell = source.types[actual], quoted(actual)
    text = trimmed(cell)
    decimal = kind.startswith("DECIMAL")
    if kind in WHOLE or decimal or kind == "BOOLEAN":
        value = cell if kind != "BOOLEAN" else f"CAST({cell} AS INTEGER)"
        blank = f"{cell} IS NULL"
        return Column(name=wanted, kind="figure", value=value, text=text, blank=blank, exact=True)
    if kind in {"DOUBLE", "FLOAT"}:
        blank = f"({cell} IS NULL OR isnan({cell}))"
        value = f"CAST({cell} AS DOUBLE)"
    elif kind == "VARCHAR":
        # DuckDB reads 1_2 as 12 and +-1 as -1. In fewer than three letters there is neither.
        plain = f"strlen({cell}) < 3 OR NOT (contains({cell}, '_') OR starts_with({cell}, '+'))"
        value = f"CASE WHEN {plain} THEN TRY_CAST({cell} AS DOUBLE) END"
        blank = _blank(text, kpi)
    else:
        raise DataError(
            f"{source.name}, column '{wanted}', is of the type {kind}: no number.",
            "Name a column of numbers.",
        )
    return Column(name=wanted, kind="figure", value=value, text=text, blank=blank)


def read_dates(source: Source, kpi: KpiTable) -> Column:
    """Read the date column: strict forms, then every other text by its form."""
    plain = strict_dates(source, kpi)
    years = f"year({plain.value}) BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
    value = f"CASE WHEN {years} THEN {plain.value} END"
    read: list[tuple[str, dt.date, str]] = []
    why: dict[str, str] = {}
    for cell in _odd(source, plain, value):
        try:
            found = day(cell, kpi.period.grain, kpi.period.order)
        except AmbiguousDay:
            why[cell] = f"'{cell}' {AMBIGUOUS}"
            continue
        if found is not None:
            read.append((cell, found.day, found.how))
    return _joined(source, plain, value, read, "DATE", why)


def read_moments(source: Source, table: KpiTable, wanted: str) -> Column:
    """Read a column as date and time: typed ones as they are, every text by its form.

    What tells its time zone is told in the table's.
    """
    actual, zone = source.column(wanted), table.period.zone
    kind, cell = source.types[actual], quoted(actual)
    text = trimmed(cell)
    plain = Column(name=wanted, kind="date", value="", text=text, blank=_blank(text, table))
    if kind == "DATE" or kind in TIMES:
        return Column(**{**vars(plain), "value": f"CAST({cell} AS TIMESTAMP)"})
    if kind == INSTANT:
        return Column(**{**vars(plain), "value": f"timezone({literal(zone)}, {cell})"})
    cases = ""
    for as_text in (f"CAST({cell} AS VARCHAR)", text):  # most cells have no space to take off
        told = f"replace({as_text}, '/', '-')"
        stamp = f"TRY_CAST({told} AS TIMESTAMP)"
        instant = f"timezone({literal(zone)}, TRY_CAST({told} AS TIMESTAMPTZ))"
        for form, read_as in ((MOMENT_FORM, stamp), (ZONED_FORM, instant)):
            years = f"year({read_as}) BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
            cases += f" WHEN {as_text} SIMILAR TO '{form}' AND {years} THEN {read_as}"
    value = f"CASE{cases} END"
    read: list[tuple[str, dt.datetime, str]] = []
    why: dict[str, str] = {}
    for odd in _odd(source, plain, value):
        try:
            found = moment(odd, table.period.order, zone)
        except AmbiguousDay:
            why[odd] = f"'{odd}' {AMBIGUOUS}"
            continue
        if found is not None:
            read.append((odd, found, ""))
    return _joined(source, plain, value, read, "TIMESTAMP", why)


def read_figure(source: Source, kpi: KpiTable, wanted: str) -> Column:
    """Read a column of figures: strict forms, then every other text by its form.

    Raises:
        DataError: If its decimals are written in two ways, or cannot be told.
    """
    plain = strict_figure(source, kpi, wanted)
    value = f"CASE WHEN isfinite({plain.value}) THEN {plain.value} END"
    if plain.exact:
        return plain
    if source.types[source.column(wanted)] != "VARCHAR":
        return Column(**{**vars(plain), "value": value})
    odd = _odd(source, plain, value)
    mark: Mark
    if kpi.decimal is not None:
        mark = kpi.decimal
    else:
        pointed = _pointed(source, plain) if odd or source.semicolons else []
        try:
            mark = decimal_mark([*odd, *pointed], semicolons=source.semicolons)
        except DataError as error:
            raise DataError(
                f"{source.name}, column '{wanted}': {error.problem}.", error.fix
            ) from None
    if mark == ",":
        value = f"CASE WHEN NOT contains({plain.text}, '.') THEN {value} END"
        odd = _odd(source, plain, value)
    read = [
        (cell, found.value, "+".join(found.how))
        for cell in odd
        if (found := number(cell, mark)) is not None
    ]
    return _joined(source, plain, value, read, "DOUBLE", {})


def _date_cell(source: Source, kpi: KpiTable) -> tuple[str, str]:
    """The date column's type, and its name for SQL."""
    actual = source.column(kpi.period.column)
    return source.types[actual], quoted(actual)


def _strict_date(kind: str, cell: str, zone: str) -> tuple[str, str]:
    """SQL for a date column's strict value, and for its text; instants by a zone's days."""
    text = trimmed(cell)
    if kind == "DATE":
        return cell, text
    if kind in TIMES:
        return f"CAST({cell} AS DATE)", text
    if kind == INSTANT:
        return f"CAST(timezone({literal(zone)}, {cell}) AS DATE)", text
    if kind in {"DOUBLE", "FLOAT"}:
        text = f"regexp_replace({text}, '\\.0$', '')"
    if kind != "VARCHAR":
        return "CAST(NULL AS DATE)", text
    value = (
        f"CASE WHEN strlen({cell}) = 10 THEN {_written_day(cell)} "
        f"WHEN {_is_moment(cell)} THEN {_written_day(f'left({cell}, 10)')} END"
    )
    return value, text


def _written_day(text: str) -> str:
    """SQL for the day of a text that is written as a day is, and in no other way."""
    day = f"TRY_CAST({text} AS DATE)"
    return f"CASE WHEN CAST({day} AS VARCHAR) = {text} THEN {day} END"


def _is_moment(cell: str) -> str:
    """SQL that is true where a text is a day with a time of day behind it."""
    return f"regexp_full_match({cell}, {literal(f'[0-9-]{{10}}{CLOCK_FORM}')})"


def _blank(text: str, kpi: KpiTable) -> str:
    words = sorted(BLANK | {mark.strip().lower() for mark in kpi.blanks})
    return f"coalesce(lower({text}), '') IN ({', '.join(map(literal, words))})"


def _odd(source: Source, plain: Column, value: str) -> list[str]:
    """The distinct texts of a column that are not in strict form, in order."""
    rows = source.connection.execute(
        f"SELECT DISTINCT {plain.text} AS cell FROM source "  # noqa: S608 - quoted
        f"WHERE ({value}) IS NULL AND NOT {plain.blank} ORDER BY 1"
    ).fetchall()
    return [row[0] for row in rows]


def _pointed(source: Source, plain: Column) -> list[str]:
    """Strict numbers with a point, which may turn out to part thousands."""
    rows = source.connection.execute(
        f"SELECT DISTINCT {plain.text} AS cell FROM source "  # noqa: S608 - quoted
        f"WHERE contains({plain.text}, '.') AND ({plain.value}) IS NOT NULL ORDER BY 1 LIMIT 1000"
    ).fetchall()
    return [row[0] for row in rows]


def _joined(
    source: Source,
    plain: Column,
    value: str,
    read: Sequence[tuple[str, dt.date | float, str]],
    kind: Literal["DATE", "TIMESTAMP", "DOUBLE"],
    why: dict[str, str],
) -> Column:
    """The column with the texts that were read one by one."""
    if not read:
        return Column(**{**vars(plain), "value": value, "why": why})
    name = quoted(f"texts of {plain.name}")
    cells, values, hows = (list(part) for part in zip(*read, strict=True))
    source.connection.execute(
        f'CREATE TEMP TABLE {name} AS SELECT unnest($1::VARCHAR[]) AS "#cell", '
        f'unnest($2::{kind}[]) AS "#value", unnest($3::VARCHAR[]) AS "#how"',
        [cells, values, hows],
    )
    return Column(
        name=plain.name,
        kind=plain.kind,
        value=f'coalesce({name}."#value", {value})',
        text=plain.text,
        blank=plain.blank,
        how=f"""coalesce({name}."#how", 'plain')""",
        join=f'LEFT JOIN {name} ON {name}."#cell" = {plain.text}',
        why=why,
    )
