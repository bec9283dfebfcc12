"""Stretches of periods that a stage compares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from opsbook.data import MetricSeries
from opsbook.data.metric_series import Floats
from opsbook.errors import DataError
from opsbook.methods.effect.before_after import BeforeAfter, before_after
from opsbook.project.base import Window
from opsbook.project.effect import EffectSection
from opsbook.results.diagnosis import PeriodValue
from opsbook.text import Period


def cut(series: MetricSeries, window: Window, field: str) -> MetricSeries:
    """The periods of a window that the params name.

    Raises:
        DataError: If the data have nothing in it.
    """
    part = series.between(window.start.first, window.end.last)
    if part.pooled() is None:
        raise DataError(
            f"{field} ({window.start.root} to {window.end.root}) holds no data of "
            f"'{series.metric.name}'; they run from {series.periods[0]} to {series.periods[-1]}.",
            f"Move {field} into the data.",
        )
    return part


def launch_date(params: EffectSection) -> dt.date:
    """The day of the launch.

    Raises:
        DataError: If the params give none.
    """
    if params.launched is None:
        raise DataError("The params give no launch date.", "Fill in effect.launched.")
    return params.launched.first


def around_launch(
    series: MetricSeries, params: EffectSection, launch: dt.date
) -> tuple[MetricSeries, MetricSeries]:
    """Whole periods before and after a launch.

    The period in which the launch falls counts as before, so that both windows hold the same
    seasons, unless ``effect.launch_period`` leaves it out.

    Raises:
        DataError: If a side has no data.
    """
    full = np.array([start >= launch for start in series.periods])
    untouched = ~full
    if params.launch_period == "left_out":
        untouched = np.array([end <= launch for end in series.ends])
    sides = []
    for name, whole, window in (
        ("before", series.where(untouched), params.before),
        ("after", series.where(full), params.after),
    ):
        if window is not None:
            side = whole.between(window.start.first, window.end.last)
        elif name == "before":
            side = whole.where(np.arange(len(whole.periods), 0, -1) <= params.periods)
        else:
            side = whole.where(np.arange(len(whole.periods)) < params.periods)
        if side.pooled() is None:
            raise DataError(
                f"No whole period {name} the launch of {launch} has data; they run from "
                f"{series.periods[0]} to {series.periods[-1]}.",
                "Correct effect.launched, or bring data from both sides of it.",
            )
        sides.append(side)
    return sides[0], sides[1]


def stacked(
    units: Mapping[str, MetricSeries], params: EffectSection, launch: dt.date
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Units × periods of both windows, numerators scaled so that a cell is in the unit.

    Returns:
        Numerators, denominators, and which periods are after the launch.
    """
    cut = [around_launch(series, params, launch) for series in units.values()]
    before, after = cut[0]
    mask = np.array([False] * len(before.periods) + [True] * len(after.periods))
    above = [[*(b.numerator * b.scale), *(a.numerator * a.scale)] for b, a in cut]
    below = [[*b.denominator, *a.denominator] for b, a in cut]
    return np.array(above), np.array(below), mask


def value_of(series: MetricSeries) -> PeriodValue:
    """The metric over a stretch of periods, pooled: sum over sum."""
    value = series.pooled()
    if value is None:
        raise DataError(f"'{series.metric.name}' has no data in this window.", "Move the window.")
    present = series.where(series.value == series.value)
    below = float(present.denominator.sum())
    return PeriodValue(
        start=Period(start=series.periods[0], grain=series.grain),
        end=Period(start=series.periods[-1], grain=series.grain),
        value=value,
        numerator=float(present.numerator.sum()),
        denominator=below,
        n=len(present.periods),
        volume=below / len(present.periods) if series.is_ratio else None,
    )


def naive_change(before: MetricSeries, after: MetricSeries) -> BeforeAfter:
    """The change between two stretches, without asking why.

    Raises:
        DataError: If one of them holds no data.
    """
    scale = before.scale
    numerators = [*(before.numerator * scale), *(after.numerator * scale)]
    denominators = [*before.denominator, *after.denominator]
    mask = [False] * len(before.periods) + [True] * len(after.periods)
    return before_after(numerators, denominators, after=mask)
