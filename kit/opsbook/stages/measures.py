"""Figures over columns of the KPI table, period by period or over a window."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook.data.cube import PERIOD, Rows
from opsbook.data.metric_series import pool
from opsbook.methods.diagnosis.formula import Node, formula
from opsbook.methods.diagnosis.node_segments import as_ratio
from opsbook.methods.trigger.seasonal_adjustment import seasonal_adjustment
from opsbook.project.base import Cell, Window
from opsbook.project.peers import Peers
from opsbook.stages.context import Context
from opsbook.text import POINTS, Grain

#: Periods in a season's cycle.
CYCLES: dict[Grain, int] = {"day": 7, "week": 52, "month": 12, "quarter": 4}
#: A column in a formula, between backticks or bare.
COLUMN = re.compile(r"`([^`]+)`|[^\W\d]\w*")
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
    """Unit of a difference of a figure: percentage points for a part of a whole.

    A ratio is that where both sides are whole numbers and the upper one is never the larger.
    """
    if measure is None:
        return context.project.watched.change_unit
    ratio = as_ratio(formula(measure).root)
    if ratio is None or ratio[2] != 1.0:
        return ""
    upper, lower = (
        _evaluated_sums(context, node, context.project.data.kpi.focus) for node in ratio[:2]
    )
    both = np.isfinite(upper) & np.isfinite(lower)
    upper, lower = upper[both], lower[both]
    whole = np.array_equal(upper, np.rint(upper)) and np.array_equal(lower, np.rint(lower))
    return POINTS if whole and ((upper >= 0) & (upper <= lower)).all() else ""


def in_words(context: Context, text: str) -> str:
    """A formula as its reader calls it: labels for columns, and no backticks."""
    if text in context.project.data.kpi.labels:
        return context.label(text)
    return COLUMN.sub(lambda found: context.label(found[1] or found[0]), text)


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
    return _evaluated_sums(context, formula(measure).root, rows)


def _evaluated_sums(context: Context, root: Node, rows: Rows) -> Floats:
    """A formula over the columns' sums, period by period."""
    columns = list(dict.fromkeys(node.column for node in root.walk() if node.kind == "column"))
    cube = context.tables.kpi
    sums = cube.rows(rows, needs=columns).groupby(PERIOD)[columns].sum(min_count=1)
    sums = sums.reindex(pd.DatetimeIndex(cube.periods))
    return evaluated(root, {name: sums[name].to_numpy(dtype=float) for name in columns})
