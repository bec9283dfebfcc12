"""Figures over columns of the KPI table, period by period or over a window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook.data.cube import PERIOD, Rows, pool
from opsbook.methods.diagnosis.formula import Node, formula
from opsbook.methods.diagnosis.node_segments import as_ratio
from opsbook.methods.trigger.seasonal_adjustment import seasonal_adjustment
from opsbook.project.base import Cell, Window
from opsbook.project.peers import Peers
from opsbook.stages.context import Context
from opsbook.text import POINTS, Grain

#: Periods in a season's cycle.
CYCLES: dict[Grain, int] = {"day": 7, "week": 52, "month": 12, "quarter": 4}
Floats = NDArray[np.float64]
Span = tuple[dt.date, dt.date]


def span_of(window: Window) -> Span:
    """First and last day of a window."""
    return window.start.first, window.end.last


def focus_rows(context: Context, freed: Sequence[str] = ()) -> dict[str, Cell | tuple[Cell, ...]]:
    """The focus of the project, without the dimensions that are looked at themselves."""
    focus = context.project.data.kpi.focus
    return {name: value for name, value in focus.items() if name not in freed}


def column_sums(
    context: Context, columns: Sequence[str], span: Span, rows: Rows
) -> dict[str, float]:
    """Each column summed over a stretch of periods; a stretch without rows gives nothing."""
    frame = within(context.tables.kpi.rows(rows, needs=columns), span)
    return {} if frame.empty else {name: float(frame[name].sum()) for name in columns}


def within(frame: pd.DataFrame, span: Span) -> pd.DataFrame:
    """The rows of a stretch of periods."""
    first, last = (pd.Timestamp(day) for day in span)
    return frame[(frame[PERIOD] >= first) & (frame[PERIOD] <= last)]


def in_span(context: Context, window: Window) -> NDArray[np.bool_]:
    """Which of the table's periods start within a window."""
    first, last = span_of(window)
    return np.array([first <= day <= last for day in context.tables.kpi.periods])


def without_season(context: Context, values: Floats) -> Floats:
    """A figure without its season, where the table's whole history shows one."""
    cycle = CYCLES.get(context.tables.kpi.grain)
    return values if cycle is None else seasonal_adjustment(values, cycle).adjusted


def measured(
    context: Context, measure: str | None, rows: Rows | None = None, *, beyond: Peers | None = None
) -> Floats:
    """A figure in every period of the table, NaN where it is not known.

    Args:
        context: The project.
        measure: A formula over columns; the watched metric if None.
        rows: Dimension → values; the project's focus if left out.
        beyond: Subtract the same figure of these units, taken together.
    """
    focus = context.project.data.kpi.focus if rows is None else rows
    own = _figure(context, measure, focus)
    if beyond is None:
        return own
    if measure is None:
        return own - pool(context.peers(beyond, context.project.watched)).value
    units = tuple(context.peers(beyond, context.project.watched))
    return own - _figure(context, measure, {**focus, beyond.dimension: units})


def unit_of_change(context: Context, measure: str | None) -> str:
    """Unit of a difference of a figure: percentage points for a ratio of two counts."""
    if measure is None:
        return context.project.watched.change_unit
    ratio = as_ratio(formula(measure).root)
    return POINTS if ratio is not None and ratio[2] == 1.0 else ""


def evaluated(node: Node, columns: Mapping[str, Floats]) -> Floats:
    """A formula's value period by period; a division by zero is NaN."""
    if node.kind == "column":
        return columns[node.column]
    if node.kind == "number":
        return np.array(node.value)
    parts = [evaluated(child, columns) for child in node.children]
    total = np.zeros(1) if node.kind == "sum" else np.ones(1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for sign, part in zip(node.signs, parts, strict=True):
            if node.kind == "sum":
                total = total + sign * part
            else:
                total = total * part if sign > 0 else total / part
    return np.where(np.isfinite(total), total, np.nan)


def _figure(context: Context, measure: str | None, rows: Rows) -> Floats:
    if measure is None:
        return context.tables.kpi.series(context.project.watched, rows).value
    tree = formula(measure)
    cube = context.tables.kpi
    sums = cube.rows(rows, needs=tree.columns).groupby(PERIOD)[list(tree.columns)].sum(min_count=1)
    sums = sums.reindex(pd.DatetimeIndex(cube.periods))
    return evaluated(tree.root, {name: sums[name].to_numpy(dtype=float) for name in tree.columns})
