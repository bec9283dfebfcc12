"""Exact copies of a row: mistakes of an export, or events that look alike?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Where so many of the rows can be told apart without their figures, an exact copy is a mistake.
TOLD_APART = 0.99
#: Unless so many of the rows have the same figures: these then tell nothing.
SAME_FIGURES = 0.5


@dataclass(frozen=True, kw_only=True)
class Alike:
    """The columns by which rows are alike, as SQL.

    Attributes:
        identity: All but the figures.
        figures: What is summed.
        own: Of the identity what is neither the date nor a dimension: an order's number, maybe.
    """

    identity: tuple[str, ...]
    figures: tuple[str, ...]
    own: tuple[str, ...]

    @property
    def every(self) -> str:
        """All columns, as a list of SQL."""
        return ", ".join([*self.identity, *self.figures])


def are_mistakes(connection: DuckDBPyConnection, table: str, alike: Alike) -> bool:
    """Whether exact copies are mistakes, as far as the rows can tell.

    They are where all other rows can be told apart without their figures, by a number of their own
    or with figures that differ. Events of which a table keeps the day and a 1 are alike by nature.

    Args:
        connection: Where the rows are.
        table: The rows, with a condition behind them or none.
        alike: Their columns.
    """
    counts = ["count(*)", f"count(DISTINCT hash({', '.join(alike.identity)}))"]
    counts += [f"count(DISTINCT {name})" for name in alike.own]
    distinct = f"(SELECT DISTINCT {alike.every} FROM {table})"  # noqa: S608 - quoted
    found = connection.execute(f"SELECT {', '.join(counts)} FROM {distinct}").fetchone()  # noqa: S608 - quoted
    rows, apart, *own = found or (0, 0)
    most = connection.execute(
        f"SELECT max(n) FROM (SELECT count(*) AS n FROM {distinct} "  # noqa: S608 - quoted
        f"GROUP BY {', '.join(alike.figures)})"
    ).fetchone()
    return counts_tell_mistakes(rows, apart, own, most[0] if most else 0)


def counts_tell_mistakes(rows: int, apart: int, own: Sequence[int], most: int) -> bool:
    """Whether exact copies are mistakes, from counts of the rows without their copies.

    Args:
        rows: How many there are.
        apart: How many of them can be told apart without their figures.
        own: How many by each column of their own.
        most: How many have the commonest figures.
    """
    if apart < TOLD_APART * rows:
        return False
    return any(count >= TOLD_APART * rows for count in own) or most <= SAME_FIGURES * rows
