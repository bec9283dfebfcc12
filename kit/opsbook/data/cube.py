"""The KPI table summed to periods and dimensions, and the series cut from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from opsbook.data.metric_series import Floats, MetricSeries, series_of
from opsbook.data.quantiles import quantiles
from opsbook.data.values import all_spellings, values_told
from opsbook.errors import DataError
from opsbook.project.base import Cell
from opsbook.project.metric import Metric
from opsbook.text import Grain

Rows = Mapping[str, Cell | tuple[Cell, ...]]
#: Columns of our own, named as no table names its own: the period's first day, how many rows are
#: behind a sum, and which figures they lack (bit i: figure i).
PERIOD, COUNT, GAPS = "#period", "#rows", "#gaps"


def each(figure: str) -> str:
    """The column that keeps a figure's values apart, for quantiles; the sums are of equal ones."""
    return f"#each {figure}"


@dataclass(frozen=True, kw_only=True)
class Cube:
    """Sums of the table's columns by period and dimensions.

    Attributes:
        frame: Columns ``PERIOD`` (first day), the dimensions, a sum per figure, ``COUNT``, and
            ``GAPS``: rows that lack a figure are summed apart, so that a metric can leave them out.
            Where a metric is a quantile, rows of different values are too: see ``each``.
        grain: How long a period is.
        dimensions: Names of the dimensions.
        figures: Names of the figures, in the order of the bits of ``GAPS``.
        periods: First day of every period from first to last, missing ones included.
    """

    frame: pd.DataFrame
    grain: Grain
    dimensions: tuple[str, ...]
    figures: tuple[str, ...]
    periods: tuple[dt.date, ...]

    def series(self, metric: Metric, rows: Rows | None = None) -> MetricSeries:
        """A metric over all periods, for the rows of some dimension values.

        Args:
            metric: What to measure; its columns are in the cube.
            rows: Dimension → value or values; all rows if left out.

        Raises:
            DataError: If no row has those values; the message lists what there is.
        """
        above, below = self.columns_of(metric)
        chosen = self.rows(rows or {}, needs=(above, below))
        sums = _summed(chosen, metric, [PERIOD], (above, below))
        return self._measured(metric, sums)

    def panel(
        self, metric: Metric, dimension: str, rows: Rows | None = None
    ) -> dict[str, MetricSeries]:
        """One series per value of a dimension, sorted by value."""
        others = {name: value for name, value in (rows or {}).items() if name != dimension}
        above, below = self.columns_of(metric)
        chosen = self.rows(others, needs=(above, below))
        sums = _summed(chosen, metric, [dimension, PERIOD], (above, below))
        values = sums.index.get_level_values(dimension).unique()
        return {
            str(value): self._measured(metric, sums.loc[value]) for value in sorted(values, key=str)
        }

    def rows(self, rows: Rows, *, needs: Iterable[str] = ()) -> pd.DataFrame:
        """The cube's rows with some dimension values.

        Args:
            rows: Dimension → value or values.
            needs: Figures that a row must have; rows that lack one are left out.

        Raises:
            DataError: If there are none.
        """
        frame = self.frame
        for name, wanted in rows.items():
            kept = frame[frame[name].isin(all_spellings(wanted))]
            if kept.empty:
                values = wanted if isinstance(wanted, tuple) else (wanted,)
                told = ", ".join(map(str, values))
                raise DataError(
                    f"No row has {name} = {told}; {values_told(wanted, frame[name].unique())}.",
                    "Correct data.kpi.focus, data.kpi.filter or the peers.",
                )
            frame = kept
        return frame[self.has(needs).reindex(frame.index)] if needs else frame

    def has(self, figures: Iterable[str]) -> pd.Series[bool]:
        """Which of the cube's rows lack none of some figures."""
        bits = sum(1 << i for i, name in enumerate(self.figures) if name in set(figures))
        return (self.frame[GAPS] & bits) == 0

    def _measured(self, metric: Metric, sums: pd.DataFrame) -> MetricSeries:
        """The metric of sums by period, over all periods."""
        above, below = self.columns_of(metric)
        sums = sums.reindex(pd.DatetimeIndex(self.periods))
        numerator = sums[above].to_numpy(dtype=float)
        denominator = (
            np.ones_like(numerator) if metric.kind == "sum" else sums[below].to_numpy(float)
        )
        denominator = np.where(np.isfinite(numerator), denominator, np.nan)
        return series_of(metric, self.grain, self.periods, numerator, denominator)

    def columns_of(self, metric: Metric) -> tuple[str, str]:
        """The columns above and below a metric's line."""
        if metric.numerator is not None and metric.denominator is not None:
            return metric.numerator, metric.denominator
        return metric.value or "", COUNT


def many_series(
    cube: Cube, metric: Metric, focuses: Sequence[Rows]
) -> Iterator[MetricSeries | DataError]:
    """The same metric for many parts of the table: summed in one go, cut one by one.

    Args:
        cube: The table.
        metric: What to measure.
        focuses: Dimension → value, one mapping for each series.

    Yields:
        For each focus its series, or the error that says why there is none.
    """
    summed: dict[tuple[str, ...], _Sums] = {}
    for focus in focuses:
        names = tuple(sorted(focus))
        if names and not any(isinstance(value, tuple) for value in focus.values()):
            if names not in summed:
                summed[names] = _sums_by(cube, metric, names)
            place = summed[names].row.get(tuple(str(focus[name]) for name in names))
            if place is not None:
                yield _cut(cube, metric, *summed[names].sums[:, place])
                continue
        try:
            yield cube.series(metric, focus)
        except DataError as error:  # it says which values there are
            yield error


@dataclass(frozen=True, kw_only=True)
class _Sums:
    """Sums above and below the line, shape (2, keys, periods), and the row of each key."""

    row: Mapping[tuple[str, ...], int]
    sums: Floats


def _sums_by(cube: Cube, metric: Metric, names: tuple[str, ...]) -> _Sums:
    figures = cube.columns_of(metric)
    frame = cube.frame[cube.has(figures)]
    if frame.empty:
        return _Sums(row={}, sums=np.empty((2, 0, len(cube.periods))))
    key = frame.groupby([frame[name].astype(str) for name in names], sort=False, observed=True)
    codes = key.ngroup().to_numpy()
    first = frame.loc[~pd.Series(codes, index=frame.index).duplicated(), list(names)].astype(str)
    row = {tuple(values): i for i, values in enumerate(first.itertuples(index=False, name=None))}
    column = pd.DatetimeIndex(cube.periods).get_indexer(pd.DatetimeIndex(frame[PERIOD]))
    shape = len(row), len(cube.periods)
    cell = codes * shape[1] + column
    amounts = [frame[name].to_numpy(dtype=float) for name in figures]
    sums: Floats = np.stack([np.bincount(cell, each_, shape[0] * shape[1]) for each_ in amounts])
    if metric.quantile is not None:
        found = quantiles(
            cell,
            frame[each(figures[0])].to_numpy(dtype=float),
            amounts[1],
            float(metric.quantile),
            size=shape[0] * shape[1],
        )
        sums[0] = found * sums[1]
    sums[:, np.bincount(cell, minlength=shape[0] * shape[1]) == 0] = np.nan
    return _Sums(row=row, sums=sums.reshape(2, *shape))


def _summed(
    rows: pd.DataFrame, metric: Metric, by: list[str], figures: tuple[str, str]
) -> pd.DataFrame:
    """What stands above and below a metric's line, by period and perhaps a dimension."""
    groups = rows.groupby(by, observed=True)
    sums = groups[list(figures)].sum(min_count=1)
    if metric.quantile is not None and len(rows):
        above, below = figures
        values, cases = (rows[name].to_numpy(dtype=float) for name in (each(above), below))
        cell = groups.ngroup().to_numpy()
        found = quantiles(cell, values, cases, float(metric.quantile), size=len(sums))
        sums[above] = found * sums[below]
    return sums


def _cut(cube: Cube, metric: Metric, above: Floats, below: Floats) -> MetricSeries:
    denominator = np.ones_like(above) if metric.kind == "sum" else below
    denominator = np.where(np.isfinite(above), denominator, np.nan)
    return series_of(metric, cube.grain, cube.periods, above, denominator)
