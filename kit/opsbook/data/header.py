"""Where a table begins: title lines above it, one header row or two, and the columns' names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from opsbook.data.sql import same_name
from opsbook.errors import DataError

#: Rows in which a header is looked for, and the widest table that is one.
SEARCHED, WIDEST = 50, 5_000

Row = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Header:
    """A table's header.

    Attributes:
        first: Position of the header's first row among the rows looked at, from 0.
        rows: 1, or 2 where the upper row groups columns.
        names: The columns' names, each once.
        groups: Of two rows the upper one's value per column; empty where it stands alone.
    """

    first: int
    rows: int
    names: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.names)


def find_header(
    rows: Sequence[Row], wanted: Collection[str], *, at: int | None = None, grouped: bool = False
) -> Header:
    """Find a table's header among its first rows.

    It is the row, or the pair of rows, that has most of the wanted names. Without any of them it
    is the first row that is about as wide as the table.

    Args:
        rows: The table's first rows, as texts.
        wanted: Names of columns that the params use; may be empty.
        at: Position of the header's first row, if it is known.
        grouped: Whether the upper of two rows is known to group the columns.

    Raises:
        DataError: If there is no row to be a header, or the table is too wide.
    """
    looked_at = rows[: max(SEARCHED, (at or 0) + 2)]
    if not any(any(row) for row in looked_at):
        raise DataError("There is no row with anything in it.", "Export the table again.")
    names = {same_name(name) for name in wanted}
    places = range(len(looked_at)) if at is None else [at]
    singles = [] if grouped else [_single(looked_at, i) for i in places if i < len(looked_at)]
    pairs = [_pair(looked_at, i) for i in places if i + 1 < len(looked_at)]
    found = [header for header in [*singles, *pairs] if header is not None]
    if not found:
        raise DataError("No row can be its header.", "Say where it is: data.kpi.header_line.")

    def score(header: Header) -> int:
        have = {same_name(name) for name in header.names}
        if grouped:
            have |= {same_name(name.split(" ", 1)[-1]) for name in header.names}
        return len(have & names)

    best = max(found, key=score)
    if score(best) == 0 and at is None and not grouped:
        best = _widest(looked_at, singles) or best
    if best.width > WIDEST:
        raise DataError(
            f"It has {best.width:,} columns; more than {WIDEST:,} are no table of a KPI.",
            "Check the delimiter, or export the columns that are needed.",
        )
    return best


def _single(rows: Sequence[Row], i: int) -> Header | None:
    cells = [" ".join(cell.split()) for cell in rows[i]]
    while cells and not cells[-1]:
        cells.pop()
    if not cells:
        return None
    return Header(first=i, rows=1, names=_each_once(cells), groups=("",) * len(cells))


def _pair(rows: Sequence[Row], i: int) -> Header | None:
    """Two rows as one header, where the lower fills what the upper leaves empty."""
    upper, lower = ([" ".join(cell.split()) for cell in row] for row in rows[i : i + 2])
    width = max(len(upper), len(lower))
    upper += [""] * (width - len(upper))
    lower += [""] * (width - len(lower))
    while width and not upper[width - 1] and not lower[width - 1]:
        width -= 1
    if not any(not up and low for up, low in zip(upper[:width], lower[:width], strict=True)):
        return None
    names, groups, group = [], [], ""
    for up, low in zip(upper[:width], lower[:width], strict=True):
        group = up or (group if low else "")
        alone = not low or low == group
        names.append(group if alone else f"{group} {low}".strip())
        groups.append("" if alone else group)
    return Header(first=i, rows=2, names=_each_once(names), groups=tuple(groups))


def _widest(rows: Sequence[Row], singles: Sequence[Header | None]) -> Header | None:
    """The first row that is at least 60 % as full as most rows are."""
    full = [sum(1 for cell in row if cell) for row in rows]
    usual = Counter(count for count in full if count).most_common(1)[0][0]
    for header in singles:
        if header is not None and full[header.first] >= 0.6 * usual:
            return header
    return None


def _each_once(names: Sequence[str]) -> tuple[str, ...]:
    """Names without repeats: a second 'a' or 'A' has a (2), one without a name is 'column 3'."""
    seen: Counter[str] = Counter()
    result: list[str] = []
    for i, name in enumerate(names, start=1):
        plain = name or f"column {i}"
        seen[plain.casefold()] += 1
        place = seen[plain.casefold()]
        result.append(plain if place == 1 else f"{plain} ({place})")
    return tuple(result)
