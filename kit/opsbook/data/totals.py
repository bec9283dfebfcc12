"""Rows that add up others: 合计, Total, and "North 小计" beside rows of North."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opsbook.data.sql import half_width, literal, texts
from opsbook.project.base import Cell

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: A cell that says nothing else.
ALONE = frozenset(
    {"合计", "总计", "小计", "共计", "汇总", "总和", "总数", "全部", "整体", "总体", "总合计"}
    | {"本页合计", "本页小计", "合 计", "小 计", "总 计"}
    | {"total", "totals", "grand total", "subtotal", "sub-total", "sum", "all", "overall"}
    | {"summe", "gesamt"}
)
#: Words behind a value that make it the value's total.
BEHIND = ("小计", "合计", "汇总", "总计", "sub-total", "subtotal", "total")
AROUND = " :：-_—()（）"


def total_of(cell: str) -> str | None:
    """What a cell says that its row adds up: "" for everything, a value, or None for nothing.

    Examples:
        >>> total_of("合计："), total_of("North 小计"), total_of("Total wine")
        ('', 'North', None)
    """
    plain = half_width(cell).rstrip(AROUND)
    if plain.lower() in ALONE:
        return ""
    for word in BEHIND:
        if plain.lower().endswith(word) and (value := plain[: -len(word)].strip(AROUND)):
            return value
    return None


def is_total(cell: str) -> bool:
    """Whether a cell says nothing but that its row adds up others.

    Examples:
        >>> is_total("合计："), is_total("Total"), is_total("Total wine")
        (True, True, False)
    """
    return total_of(cell) == ""


def asks_total(wanted: Cell | tuple[Cell, ...]) -> bool:
    """Whether the params ask for a row of totals by its name."""
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    return any(total_of(str(value)) is not None for value in values)


def totals_in(
    connection: DuckDBPyConnection, table: str, cell: str, *, dates: bool = False
) -> list[str]:
    """The values of a column that say that their row adds up others.

    Args:
        connection: Where the table is.
        table: A table of the connection, with a condition behind it or none.
        cell: SQL for the column, without space around it.
        dates: Whether its values are dates; then whatever a cell adds up (1月小计), it is a total.
    """
    ends = "|".join(map(re.escape, sorted({*ALONE, *BEHIND})))
    ending = literal(f"({ends})[{re.escape(AROUND)}]*$")
    found = connection.execute(  # each value once, for there are far fewer of them than rows
        f"WITH told AS MATERIALIZED (SELECT DISTINCT {cell} AS value FROM {table}) "  # noqa: S608 - quoted
        f"SELECT value FROM told WHERE regexp_matches(lower(value), {ending})"
    ).fetchall()
    said = {value: total_of(value) for (value,) in found}
    if dates:
        return sorted(cell for cell, value in said.items() if value is not None)
    values = [value for value in said.values() if value]
    if not values:
        return totals_of(said, set())
    there = connection.execute(
        f"SELECT DISTINCT {cell} FROM {table} WHERE list_contains({texts(values)}, {cell})"  # noqa: S608 - quoted
    ).fetchall()
    return totals_of(said, {value for (value,) in there})


def totals_of(said: dict[str, str | None], there: set[str]) -> list[str]:
    """Those of some cells that add up everything, or a value that is there.

    Args:
        said: Cell → what it says that it adds up.
        there: Values of the same column.
    """
    return sorted(cell for cell, value in said.items() if value == "" or value in there)
