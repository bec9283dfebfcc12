"""A metric over consecutive periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook.data.periods import FREQUENCY
from opsbook.project.metric import Metric
from opsbook.results import Point, Series
from opsbook.text import Grain, Period

Floats = NDArray[np.float64]


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


def series_of(
    metric: Metric,
    grain: Grain,
    periods: tuple[dt.date, ...],
    numerator: Floats,
    denominator: Floats,
) -> MetricSeries:
    """A metric from what stands above and below its line in each period."""
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


def pool(series: Mapping[str, MetricSeries]) -> MetricSeries:
    """Several units as one: numerators and denominators added period by period.

    A period in which any unit is missing is a gap, so that the pool never changes its members.
    The pool of quantiles is their mean weighted by cases.
    """
    first = next(iter(series.values()))
    numerator = np.sum([one.numerator for one in series.values()], axis=0)
    denominator = np.sum([one.denominator for one in series.values()], axis=0)
    return series_of(first.metric, first.grain, first.periods, numerator, denominator)


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
