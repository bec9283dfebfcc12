"""Places where the data change as if somebody began to count in another way."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook.data.cube import COUNT, PERIOD, Cube
from opsbook.methods.trigger.change_points import change_points
from opsbook.project import Project
from opsbook.results.intake import Jump
from opsbook.text import Period

#: A level that changes by less is the business's own movement, not another way of counting.
LEAST_RATIO = 1.3
#: The jump must stand out of the noise around it by so many standard deviations.
LEAST_SIGMAS = 4.0
#: A denominator's noise that grows or shrinks by less than this factor is chance or growth.
LEAST_SPREAD = 3.0
FALSE_ALARM = 0.01
#: A category is new or gone if it was away for so many periods, and stays for as many.
LEAST_PERIODS = 3
#: A category with less of the volume than this moves nothing.
LEAST_SHARE = 0.05

Floats = NDArray[np.float64]


def jumps(cube: Cube, project: Project) -> tuple[Jump, ...]:
    """Find levels of a denominator, and categories, that change from one period to the next.

    A denominator's level must change at once, by 30 % or more and far beyond the noise on both
    sides; or its noise must become three times as large, or a third. A category must be there
    from some period on and never before, or the other way round, with 5 % of the volume or more
    from the first period on.
    Real changes look the same: a person has to say which it is.

    Args:
        cube: The sums by period and dimensions.
        project: The checked params; the rows in focus are looked at.
    """
    return (*_levels(cube, project), *_categories(cube, project))


def _levels(cube: Cube, project: Project) -> Iterator[Jump]:
    seen = set()
    for metric in (project.watched, project.metric):
        column = metric.denominator or metric.value
        if column is None or column in seen or metric.kind == "quantile":
            continue
        seen.add(column)
        series = cube.series(metric, project.data.kpi.focus)
        values = series.denominator if metric.denominator else series.numerator
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(values > 0, np.log(values), np.nan)
        found = change_points(logs, false_alarm=FALSE_ALARM)
        for change in found.changes:
            noise = max(change.spread_before or 0.0, change.spread_after or 0.0)
            if (
                abs(change.jump) >= max(math.log(LEAST_RATIO), LEAST_SIGMAS * noise)
                and change.kind != "trend_break"
            ):
                yield Jump(
                    kind="level",
                    name=column,
                    period=Period(start=series.periods[change.index], grain=cube.grain),
                    size=math.exp(change.jump),
                )
        spread = found.spread
        if spread is not None and spread.before > 0 and spread.p_value <= FALSE_ALARM:
            ratio = spread.after / spread.before
            if max(ratio, 1 / ratio if ratio else math.inf) >= LEAST_SPREAD:
                yield Jump(
                    kind="spread",
                    name=column,
                    period=Period(start=series.periods[spread.index], grain=cube.grain),
                    size=ratio,
                )


def _categories(cube: Cube, project: Project) -> Iterator[Jump]:
    column, focus = project.metric.denominator or COUNT, project.data.kpi.focus
    frame = cube.rows(focus)
    for dimension in cube.dimensions:
        if dimension in focus:
            continue
        sums = frame.pivot_table(
            index=PERIOD, columns=dimension, values=column, aggfunc="sum", observed=True
        )
        days = [stamp.date() for stamp in pd.DatetimeIndex(sums.index)]
        volumes = sums.to_numpy(dtype=float)
        totals = np.nansum(volumes, axis=1, keepdims=True)
        shares = np.where(totals > 0, np.nan_to_num(volumes) / np.where(totals > 0, totals, 1), 0.0)
        for i, value in enumerate(sums.columns):
            yield from _born_or_gone(cube, dimension, str(value), shares[:, i], days)


def _born_or_gone(
    cube: Cube, dimension: str, value: str, shares: Floats, periods: list[dt.date]
) -> Iterator[Jump]:
    there = np.flatnonzero(shares > 0)
    if not there.size:
        return
    first, last, n = int(there[0]), int(there[-1]), len(shares)
    spans: list[tuple[str, int, Floats]] = []
    if first >= LEAST_PERIODS and n - first >= LEAST_PERIODS:
        spans.append(("birth", first, shares[first : first + LEAST_PERIODS]))
    if n - 1 - last >= LEAST_PERIODS and last + 1 >= LEAST_PERIODS:
        spans.append(("death", last + 1, shares[last + 1 - LEAST_PERIODS : last + 1]))
    for kind, at, beside in spans:
        if beside.min() >= LEAST_SHARE / 2 and beside.mean() >= LEAST_SHARE:
            yield Jump(
                kind="birth" if kind == "birth" else "death",
                name=value,
                dimension=dimension,
                period=Period(start=periods[at], grain=cube.grain),
                size=float(beside.mean()),
            )
