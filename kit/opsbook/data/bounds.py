"""What Parquet files say of their own columns: it proves some checks without reading a row."""

from __future__ import annotations

from dataclasses import dataclass

from opsbook.data.sources import Source
from opsbook.data.sql import escaped, texts


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The least and the greatest number of a column in which no cell is empty."""

    low: float
    high: float

    def within(self, low: float, high: float) -> bool:
        """Whether all numbers lie between two others."""
        return low < self.low and self.high < high


def bounds(source: Source) -> dict[str, Bounds]:
    """The bounds of the columns whose files tell them for every part; none for other kinds.

    A NaN is in no statistics: it has to be looked for in another way.

    Args:
        source: The table.
    """
    if not source.files:
        return {}
    files = texts([escaped(file) for file in source.files])
    low, high = (f"TRY_CAST(stats_{end}_value AS DOUBLE)" for end in ("min", "max"))
    rows = source.connection.execute(
        f"SELECT any_value(path_in_schema), min({low}), max({high}) "  # noqa: S608 - quoted
        f"FROM parquet_metadata({files}) GROUP BY lower(path_in_schema) "
        f"HAVING count({low}) = count(*) AND count({high}) = count(*) "
        "AND bool_and(coalesce(stats_null_count = 0, false)) AND count(*) = "
        f"(SELECT sum(num_row_groups) FROM parquet_file_metadata({files}))"
    ).fetchall()
    return {name: Bounds(low=least, high=most) for name, least, most in rows}
