"""The part of the table that a project is about: which periods it covers, and the sums."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook.data.calendar import coverage
from opsbook.data.cube import COUNT, GAPS, PERIOD, Cube
from opsbook.data.periods import first_days
from opsbook.data.sql import quoted
from opsbook.data.store import Kept
from opsbook.data.tally import figures, summed
from opsbook.data.values import all_spellings, values_told
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.results.intake import Coverage, Ledger, LedgerLine
from opsbook.text import say


@dataclass(frozen=True, kw_only=True)
class Focused:
    """What a project works on.

    Attributes:
        cube: The sums by period and dimensions. Periods that are not complete are left out of
            it: all rows where the table does not fill them, else those in focus.
        ledger: The receipt, complete.
        coverage: The periods of the rows in focus that have the metric's figures.
    """

    cube: Cube
    ledger: Ledger
    coverage: Coverage


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A table that is read once for many projects, each of which is about a part of it.

    Attributes:
        kept: The table, summed by day.
        whole: Which periods the table covers.
        cube: The sums by period and dimensions; only what the table cuts off is left out.
        found: What was worked out for the projects before, by what it depends on.
    """

    kept: Kept
    whole: Coverage
    cube: Cube
    found: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def partial(self, project: Project) -> frozenset[dt.date]:
        """First days of the periods that the rows in a project's focus only begin to fill.

        Raises:
            DataError: If no row is in focus, or none of them has the metric's figures.
        """
        if project.data.kpi.period.grain == "day":
            return frozenset()
        focus = project.data.kpi.focus
        names = tuple(sorted(focus))
        key = tuple(str(focus[name]) for name in names)
        days = self._days(names, _bits(project)).get(key) if names else None
        if days is None:  # several values, none, or one spelled in another way
            covered = focus_coverage(project, self.kept, self.whole)
            return frozenset(period.start for period in covered.partial)
        like = days.tobytes(), project.data.kpi.period.grain, project.data.events
        if like not in self.found:  # most parts of a table have the same days
            covered = _coverage(project, pd.Series(days), self.whole)
            self.found[like] = frozenset(period.start for period in covered.partial)
        partial: frozenset[dt.date] = self.found[like]
        return partial

    def _days(
        self, names: tuple[str, ...], bits: int
    ) -> Mapping[tuple[str, ...], NDArray[np.datetime64]]:
        """Values of some dimensions → the days on which their rows have the metric's figures."""
        if (names, bits) not in self.found:
            daily = self.kept.daily
            daily = daily.loc[(daily[GAPS] & bits) == 0, [*names, PERIOD]]
            groups = daily.groupby([daily[name].astype(str) for name in names], sort=False)
            self.found[names, bits] = {
                key if isinstance(key, tuple) else (key,): np.unique(days.to_numpy())
                for key, days in groups[PERIOD]
            }
        days: Mapping[tuple[str, ...], NDArray[np.datetime64]] = self.found[names, bits]
        return days


def shared(project: Project, kept: Kept, whole: Coverage) -> Shared:
    """What projects share that read the same table.

    Args:
        project: One of them.
        kept: The table, summed by day, or those of its rows that they are about.
        whole: Which periods the whole table covers.
    """
    complete = ~kept.by_period[PERIOD].isin(_partial(whole))
    return Shared(kept=kept, whole=whole, cube=_cube(project, kept.by_period[complete], whole))


def in_focus(project: Project, kept: Kept) -> Focused:
    """Judge the periods of the rows in focus, and leave out those that are not complete.

    Args:
        project: The checked params.
        kept: The table, summed by day.

    Raises:
        DataError: If no row is in focus, none of them has the metric's figures, or they fill no
            period.
    """
    daily, grain = kept.daily, project.data.kpi.period.grain
    whole = table_coverage(project, daily[PERIOD])
    covered = focus_coverage(project, kept, whole)

    def cut_off(starts: pd.Series[pd.Timestamp], mine: NDArray[np.bool_]) -> pd.Series[bool]:
        return starts.isin(_partial(whole)) | (mine & starts.isin(_partial(covered)))

    mine = _in_focus(project, kept, daily)
    cut = cut_off(first_days(daily[PERIOD], grain), mine)
    if not (mine & ~cut).any():
        days = daily.loc[mine, PERIOD]
        raise DataError(
            f"{kept.ledger.table} covers no whole {grain}: {days.min():%Y-%m-%d} to "
            f"{days.max():%Y-%m-%d}.",
            "Bring more data, or choose a shorter data.kpi.period.grain.",
        )
    left_out = kept.ledger.left_out
    if dropped := int(daily.loc[cut, COUNT].sum()):
        line = LedgerLine(reason=say("of a period that is not complete"), rows=dropped)
        left_out = (*left_out, line)
    ledger = kept.ledger.model_copy(
        update={
            "rows_used": kept.ledger.rows_used - dropped,
            "rows_in_focus": int(daily.loc[mine & ~cut, COUNT].sum())
            if project.data.kpi.focus
            else None,
            "left_out": left_out,
        }
    )
    sums = kept.by_period
    complete = ~cut_off(sums[PERIOD], _in_focus(project, kept, sums))
    return Focused(cube=_cube(project, sums[complete], whole), ledger=ledger, coverage=covered)


def table_coverage(project: Project, days: pd.Series[pd.Timestamp]) -> Coverage:
    """Which periods a table covers, whatever is in focus.

    Args:
        project: The checked params.
        days: The days that have rows.
    """
    return _coverage(project, days)


def focus_coverage(project: Project, kept: Kept, whole: Coverage) -> Coverage:
    """Which periods the rows in focus cover with the metric's figures.

    Args:
        project: The checked params.
        kept: The table, summed by day.
        whole: What the table covers; the focus ought to reach as far.

    Raises:
        DataError: If no row is in focus, or none of them has the metric's figures.
    """
    daily, metric = kept.daily, project.metric
    has_figures = (daily[GAPS] & _bits(project)) == 0
    days = daily.loc[_in_focus(project, kept, daily) & has_figures, PERIOD]
    if days.empty:
        raise DataError(
            f"{kept.ledger.table} has no row in focus with a figure in "
            f"{' and '.join(dict.fromkeys(metric.columns.values()))}.",
            "Check data.kpi.focus and the metric's columns.",
        )
    return _coverage(project, days, whole)


def by_period(project: Project, daily: pd.DataFrame) -> pd.DataFrame:
    """The sums by period and dimensions, in order.

    Args:
        project: The checked params.
        daily: The sums by day.
    """
    grain = project.data.kpi.period.grain
    if grain == "day":
        return daily
    with duckdb.connect(":memory:") as connection:
        with contextlib.suppress(duckdb.InvalidInputException):  # no widgets, no bar
            connection.execute("SET enable_progress_bar = false")
        connection.register("daily", daily)
        period = f"CAST(date_trunc('{grain}', {quoted(PERIOD)}) AS DATE)"
        return summed(connection, project, period, [*map(quoted, project.data.kpi.dimensions)])


def _cube(project: Project, sums: pd.DataFrame, whole: Coverage) -> Cube:
    """The sums of the complete periods, with the table's periods but those its ends cut off."""
    first, last = whole.span
    return Cube(
        frame=sums.reset_index(drop=True),
        grain=project.data.kpi.period.grain,
        dimensions=project.data.kpi.dimensions,
        figures=figures(project),
        periods=tuple(
            period.start for period in whole.periods if first.start <= period.start <= last.start
        ),
    )


def _coverage(
    project: Project, days: pd.Series[pd.Timestamp], whole: Coverage | None = None
) -> Coverage:
    listed = [stamp.date() for stamp in pd.DatetimeIndex(np.sort(days.unique()))]
    until = whole.span[1].start if whole else None
    return coverage(listed, project.data.kpi.period.grain, project.data.events, until=until)


def _bits(project: Project) -> int:
    """The figures of the metric, as the bits of ``GAPS``."""
    needed = set(project.metric.columns.values())
    return sum(1 << i for i, name in enumerate(figures(project)) if name in needed)


def _in_focus(project: Project, kept: Kept, sums: pd.DataFrame) -> NDArray[np.bool_]:
    """Which of some sums are in focus."""
    mine = np.ones(len(sums), dtype=bool)
    for name, wanted in project.data.kpi.focus.items():
        found = mine & sums[name].isin(all_spellings(wanted)).to_numpy()
        if not found.any():
            told = ", ".join(map(str, wanted if isinstance(wanted, tuple) else (wanted,)))
            there = sums.loc[mine, name].unique()
            raise DataError(
                f"{kept.ledger.table} has no row with {name} = {told}; "
                f"{values_told(wanted, there)}.",
                "Correct data.kpi.focus, or data.kpi.filter.",
            )
        mine = found
    return mine


def _partial(covered: Coverage) -> list[pd.Timestamp]:
    return [pd.Timestamp(period.start) for period in covered.partial]
