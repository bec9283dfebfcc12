"""A table that many projects read: summed once, kept in a file, handed out part by part."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pandas as pd

from opsbook.data.cube import COUNT, GAPS, PERIOD, Cube, Rows
from opsbook.data.focus import Shared, by_period, shared, table_coverage
from opsbook.data.sql import literal, quoted
from opsbook.data.store import Kept, typed
from opsbook.data.tally import figures
from opsbook.data.values import all_spellings
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.results.intake import Coverage, Ledger


@dataclass(frozen=True, kw_only=True)
class SharedTable:
    """The sums of a table by day and dimensions, in a file; memory holds only the part in use.

    Attributes:
        project: One of the projects that read it.
        file: The sums, as Parquet.
        ledger: The receipt of the rows.
    """

    project: Project
    file: Path
    ledger: Ledger

    @cached_property
    def whole(self) -> Coverage:
        """Which periods the table covers."""
        days = self._frame(f"SELECT DISTINCT {quoted(PERIOD)}", "")
        return table_coverage(self.project, days[PERIOD])

    def part(self, focuses: Sequence[Rows]) -> Shared:
        """The rows that some projects are about, and perhaps a few more.

        Args:
            focuses: Dimension → value or values, one mapping for each project.
        """
        names = set.intersection(*map(set, focuses))
        tests = []
        for name in sorted(names):
            values = {text for focus in focuses for text in all_spellings(focus[name])}
            tests.append(f"{quoted(name)} IN ({', '.join(map(literal, sorted(values)))})")
        daily = self._frame("SELECT *", f"WHERE {' AND '.join(tests)}" if tests else "")
        daily = typed(daily, self.project.data.kpi.dimensions, figures(self.project))
        sums = by_period(self.project, daily)
        kept = Kept(daily=daily, by_period=sums, ledger=self.ledger)
        return shared(self.project, kept, self.whole)

    def refusal(self, focus: Rows) -> DataError | None:
        """Why no row is in focus, with what there is; None if some are."""
        try:
            self._combinations.rows(focus)
        except DataError as error:
            return error
        return None

    @cached_property
    def _combinations(self) -> Cube:
        """Each combination of dimensions once."""
        dimensions = self.project.data.kpi.dimensions
        listed = ", ".join(map(quoted, dimensions))
        frame = self._frame(f"SELECT DISTINCT {listed}", "") if dimensions else pd.DataFrame()
        return Cube(
            frame=frame.assign(**{PERIOD: None, COUNT: 1, GAPS: 0}),
            grain=self.project.data.kpi.period.grain,
            dimensions=dimensions,
            figures=(),
            periods=(),
        )

    def _frame(self, select: str, where: str) -> pd.DataFrame:
        with duckdb.connect(":memory:") as connection:
            with contextlib.suppress(duckdb.InvalidInputException):  # no widgets, no bar
                connection.execute("SET enable_progress_bar = false")
            query = f"{select} FROM read_parquet(?) {where} ORDER BY ALL"
            return connection.execute(query, [str(self.file)]).df()
