"""The KPI table summed to periods and dimensions, and the series cut from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook.data.values import all_spellings, values_told
from opsbook.errors import DataError
from opsbook.project.base import Cell
from opsbook.project.metric import Metric
from opsbook.results import Point, Series
from opsbook.text import Grain, Period

Rows = Mapping[str, Cell | tuple[Cell, ...]]
Floats = NDArray[np.float64]
FREQUENCY: dict[Grain, str] = {
    "day": "D",
    "week": "W-MON",
    "month": "MS",
    "quarter": "QS",
    "year": "YS",
}
CODES: dict[Grain, str] = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
#: Columns of our own, named as no table names its own: the period's first day, how many rows are
#: behind a sum, and which figures they lack (bit i: figure i).
PERIOD, COUNT, GAPS = "#period", "#rows", "#gaps"


def each(figure: str) -> str:
    """The column that keeps a figure's values apart, for quantiles; the sums are of equal ones."""
    return f"#each {figure}"


@dataclass(frozen=True, kw_only=True)
class MetricSeries:
    """A metric over consecutive periods; a period without data is NaN, never zero.

    Attributes:
        metric: What is measured.
        grain: How long a period is.
        periods: First day of each period, shape (n,), without holes.
        numerator: What stands above the line, shape (n,); for a sum the sum itself, for a
            quantile the quantile times its cases, so that several periods make a weighted mean.
        denominator: What stands below it; ones for a sum, cases for a quantile.
        value: The metric, shape (n,), in its unit.
    """

    metric: Metric
    grain: Grain
    periods: tuple[dt.date, ...]
    numerator: Floats
    denominator: Floats
    value: Floats

    def between(self, first: dt.date | None, last: dt.date | None) -> MetricSeries:
        """The periods that start on or between two days."""
        keep = np.array(
            [
                (first is None or day >= first) and (last is None or day <= last)
                for day in self.periods
            ],
            dtype=bool,
        )
        return self.where(keep)

    def where(self, keep: NDArray[np.bool_]) -> MetricSeries:
        """The periods for which ``keep`` is true."""
        return MetricSeries(
            metric=self.metric,
            grain=self.grain,
            periods=tuple(day for day, kept in zip(self.periods, keep, strict=True) if kept),
            numerator=self.numerator[keep],
            denominator=self.denominator[keep],
            value=self.value[keep],
        )

    def without(self, periods: Collection[dt.date]) -> MetricSeries:
        """The same series, in which some periods are gaps."""
        gap = np.array([day in periods for day in self.periods], dtype=bool)
        return replace(
            self,
            numerator=np.where(gap, np.nan, self.numerator),
            denominator=np.where(gap, np.nan, self.denominator),
            value=np.where(gap, np.nan, self.value),
        )

    @property
    def ends(self) -> tuple[dt.date, ...]:
        """First day after each period."""
        if not self.periods:
            return ()
        step = pd.tseries.frequencies.to_offset(FREQUENCY[self.grain])
        return (*self.periods[1:], (pd.Timestamp(self.periods[-1]) + step).date())

    @property
    def is_ratio(self) -> bool:
        """Whether the metric is a count over a count or an exposure."""
        return self.metric.kind in {"share", "rate"}

    @property
    def scale(self) -> float:
        """What numerator / denominator is multiplied by: ``per`` for a rate."""
        return self.metric.per if self.metric.kind == "rate" else 1.0

    def pooled(self) -> float | None:
        """The metric over all periods together, or None where nothing is measured."""
        present = np.isfinite(self.value)
        below = self.denominator[present].sum()
        if not present.any() or below == 0:
            return None
        return float(self.numerator[present].sum() / below * self.scale)

    def record(self) -> Series:
        """The series as it is saved."""
        return Series(
            name=self.metric.name,
            unit=self.metric.value_unit,
            grain=self.grain,
            better=self.metric.better,
            target=self.metric.target,
            points=tuple(
                Point(
                    period=Period(start=day, grain=self.grain),
                    value=_known(self.value[i]),
                    numerator=_known(self.numerator[i]) if self.metric.kind != "quantile" else None,
                    denominator=_known(self.denominator[i]),
                )
                for i, day in enumerate(self.periods)
            ),
        )


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
        return _series(metric, self.grain, self.periods, numerator, denominator)

    def columns_of(self, metric: Metric) -> tuple[str, str]:
        """The columns above and below a metric's line."""
        if metric.numerator is not None and metric.denominator is not None:
            return metric.numerator, metric.denominator
        return metric.value or "", COUNT


def pool(series: Mapping[str, MetricSeries]) -> MetricSeries:
    """Several units as one: numerators and denominators added period by period.

    A period in which any unit is missing is a gap, so that the pool never changes its members.
    The pool of quantiles is their mean weighted by cases.
    """
    first = next(iter(series.values()))
    numerator = np.sum([one.numerator for one in series.values()], axis=0)
    denominator = np.sum([one.denominator for one in series.values()], axis=0)
    return _series(first.metric, first.grain, first.periods, numerator, denominator)


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


def quantiles(
    cell: NDArray[np.integer[Any]], values: Floats, cases: Floats, quantile: float, *, size: int
) -> Floats:
    """A quantile of each cell's cases, as numpy's `quantile` gives it; NaN where there is none.

    Args:
        cell: The cell of each row, in 0..size-1, shape (n,).
        values: The value of each row's cases, shape (n,).
        cases: How many cases have it, whole numbers from 1, shape (n,).
        quantile: In (0, 1).
        size: How many cells there are.

    Examples:
        >>> quantiles(np.array([1, 1, 0]), np.array([5.0, 9.0, 2.0]), np.array([3.0, 1.0, 1.0]),
        ...           0.5, size=3)
        array([ 2.,  5., nan])
    """
    if not len(values):
        return np.full(size, np.nan)
    order = np.lexsort((values, cell))
    values, behind = values[order], np.cumsum(cases[order])
    n = np.bincount(cell, cases, size)
    first = np.cumsum(n) - n
    rank = np.maximum(n - 1, 0) * quantile
    low, high = (
        values[np.minimum(np.searchsorted(behind, first + at, side="right"), len(values) - 1)]
        for at in (np.floor(rank), np.ceil(rank))
    )
    found: Floats = np.where(n > 0, low + (high - low) * (rank - np.floor(rank)), np.nan)
    return found


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
    return _series(metric, cube.grain, cube.periods, above, denominator)


def calendar(first: dt.date, last: dt.date, grain: Grain) -> tuple[dt.date, ...]:
    """First day of each period from one period to another, none left out.

    Examples:
        >>> [day.month for day in calendar(dt.date(1841, 11, 1), dt.date(1842, 1, 1), "month")]
        [11, 12, 1]
    """
    return tuple(day.date() for day in pd.date_range(first, last, freq=FREQUENCY[grain]))


def first_days(days: pd.Series[pd.Timestamp], grain: Grain) -> pd.Series[pd.Timestamp]:
    """First day of the period that each day is in."""
    return days if grain == "day" else days.dt.to_period(CODES[grain]).dt.start_time


def _series(
    metric: Metric,
    grain: Grain,
    periods: tuple[dt.date, ...],
    numerator: Floats,
    denominator: Floats,
) -> MetricSeries:
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(denominator > 0, numerator / denominator, np.nan)
    if metric.kind == "rate":
        value = value * metric.per
    return MetricSeries(
        metric=metric,
        grain=grain,
        periods=periods,
        numerator=numerator,
        denominator=denominator,
        value=value,
    )


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
