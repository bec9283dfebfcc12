"""A table rewritten as plain UTF-8, a row a line, each with the line it came from."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from opsbook.data.dates import AmbiguousDay, day
from opsbook.data.delimited import DELIMITERS
from opsbook.data.header import Header
from opsbook.data.numbers import number
from opsbook.data.sql import SPACES
from opsbook.data.totals import is_total

#: Name of the column that holds the line a row came from.
LINE = "#line"


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """What was written.

    Attributes:
        file: The plain file.
        columns: Its columns' names, without the line.
        rows: How many rows there are.
        ragged: Line and number of cells of each row that does not fit the header; not written.
        width: How many cells a row must have.
    """

    file: Path
    columns: tuple[str, ...]
    rows: int
    ragged: tuple[tuple[int, int], ...]
    width: int


def rewrite(
    rows: Iterable[tuple[int, list[str]]], header: Header, file: Path, *, upper: str | None = None
) -> Rewritten:
    """Write a table's rows to a plain file.

    A row with too few cells is kept if it cannot shift any: a total, or a remark without a number.

    Args:
        rows: Line and cells of each row below the header.
        header: The columns.
        file: Where to write.
        upper: Name for the column that the header's upper row becomes; None leaves it as it is.
    """
    width = header.width
    columns, plan = (header.names, None) if upper is None else _turned(header, upper)
    ragged: list[tuple[int, int]] = []
    count = 0
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow([LINE, *columns])
        for line, cells in rows:
            fitted = _fitted(cells, width)
            if fitted is None:
                ragged.append((line, len(cells)))
            elif plan is None:
                writer.writerow([line, *fitted])
                count += 1
            else:
                for turned in plan.of(fitted):
                    writer.writerow([line, *turned])
                    count += 1
    return Rewritten(
        file=file, columns=tuple(columns), rows=count, ragged=tuple(ragged), width=width
    )


def columns_of(header: Header, upper: str | None) -> tuple[str, ...]:
    """The columns of the plain file, without the line."""
    return header.names if upper is None else _turned(header, upper)[0]


def _fitted(cells: list[str], width: int) -> list[str] | None:
    """The cells, as many as there are columns; None if they cannot be told apart."""
    cells = [cell.strip(SPACES) for cell in cells]
    if len(cells) == width:
        return cells
    if len(cells) > width:
        return cells[:width] if not any(cells[width:]) else None
    filled = [cell for cell in cells if cell]
    if len(filled) == 1 and any(filled[0].count(mark) == width - 1 > 0 for mark in DELIMITERS):
        return None  # a whole row, cut by another delimiter
    if len(filled) <= 1 or is_total(filled[0]) or not any(map(_says_something, filled)):
        return cells + [""] * (width - len(cells))
    return None


def _says_something(cell: str) -> bool:
    """Whether a cell is a number or a date, so that it matters which column it belongs to."""
    try:
        return number(cell) is not None or day(cell, "year") is not None
    except AmbiguousDay:
        return True


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """How a row with column groups becomes one row per group."""

    alone: list[int]
    groups: list[tuple[str, list[int | None]]]

    def of(self, cells: list[str]) -> Iterable[list[str]]:
        kept = [cells[i] for i in self.alone]
        if not any(cells[i] for _, places in self.groups for i in places if i is not None):
            yield [*kept, "", *("" for _ in self.groups[0][1])]
            return
        for name, places in self.groups:
            figures = ["" if i is None else cells[i] for i in places]
            yield [*kept, name, *figures]


def _turned(header: Header, upper: str) -> tuple[tuple[str, ...], _Plan]:
    """Columns of the turned table: those that stand alone, the groups' name, their figures."""
    alone = [i for i, group in enumerate(header.groups) if not group]
    figure = [
        re.sub(rf"^{re.escape(group)} ", "", name)
        for name, group in zip(header.names, header.groups, strict=True)
    ]
    names = list(dict.fromkeys(figure[i] for i, group in enumerate(header.groups) if group))
    groups = []
    for group in dict.fromkeys(filter(None, header.groups)):
        place = {figure[i]: i for i, other in enumerate(header.groups) if other == group}
        groups.append((group, [place.get(name) for name in names]))
    columns = (*(header.names[i] for i in alone), upper, *names)
    return columns, _Plan(alone=alone, groups=groups)
