"""Which slices of the table explain the change, or did it move everywhere?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook.data.cube import COUNT, PERIOD, each
from opsbook.data.quantiles import quantiles
from opsbook.errors import DataError
from opsbook.methods.diagnosis.rate_mix import rate_mix
from opsbook.methods.diagnosis.ratio_slice_search import (
    History,
    RatioSliceSearch,
    ratio_slice_search,
)
from opsbook.methods.diagnosis.slice_cube import Conditions
from opsbook.methods.diagnosis.slice_search import SliceSearch as CountSearch
from opsbook.methods.diagnosis.slice_search import slice_search
from opsbook.project.diagnosis import DiagnosisSection
from opsbook.results.logic_tree import Slice, SliceSearch
from opsbook.stages.context import Context
from opsbook.stages.measures import focus_rows, span_of, within
from opsbook.text import Statement, say

#: A rate that rests on fewer cases on either side is held back.
FEWEST_CASES = 30
#: Leaves up to which their own past is told to the search; more of them tell their noise.
FEW_LEAVES = 64
#: Leaves from which amounts tell by how much they scatter by chance.
TELLING = 12
#: Slices that the record keeps.
MOST_SLICES = 12
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Leaves:
    """The table's leaves in both windows.

    Attributes:
        dimensions: The columns searched.
        names: Values of each dimension, in the order of their codes.
        codes: Codes of each leaf, shape (n, dimensions).
        before: Sums of the two columns before, shape (n, 2).
        after: The same after.
        periods: Number of periods with data before and after.
        history: The two columns in each period before; None where the leaves are many.
        beyond: Where the metric is a quantile, that of the time before: the first column counts
            the cases beyond it.
    """

    dimensions: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    codes: NDArray[np.int64]
    before: Floats
    after: Floats
    periods: tuple[int, int]
    history: History | None
    beyond: float | None = None


def slice_searches(context: Context, params: DiagnosisSection) -> tuple[SliceSearch, ...]:
    """Search the watched metric, and for a ratio the volume beneath it too.

    A quantile does not split into those of parts. Searched instead is the share of cases beyond
    the quantile of the time before: it moves when the quantile does, and splits exactly.

    Nothing is searched where no dimension is left beside the focus.
    """
    kpi = context.project.data.kpi
    dimensions = params.slices
    if dimensions is None:
        dimensions = tuple(name for name in kpi.dimensions if name not in kpi.focus)
    if not dimensions:
        return ()
    watched = context.project.watched
    above = watched.numerator or watched.value or ""
    below = watched.denominator or COUNT
    try:
        leaves = _leaves(context, params, dimensions, [above, below])
    except DataError as error:
        return (_empty(context, dimensions, error),)
    if watched.kind == "quantile":
        name = f"{watched.name}: > {leaves.beyond:.4g} {watched.unit}".rstrip()
        return (_rated(context, leaves, name=name, unit="share"),)
    if watched.kind == "sum":
        return (_counted(context, leaves, 0, watched.name, "metric"),)
    found = [_rated(context, leaves)]
    if watched.denominator is not None:
        found.append(_counted(context, leaves, 1, context.label(watched.denominator), "volume"))
    return tuple(found)


def _leaves(
    context: Context, params: DiagnosisSection, dimensions: Sequence[str], columns: list[str]
) -> Leaves:
    frame = context.tables.kpi.rows(focus_rows(context, dimensions), needs=columns)
    names, watched, beyond = list(dimensions), context.project.watched, None
    if watched.quantile is not None:
        values = frame[each(columns[0])]
        early = within(frame, span_of(params.before))
        beyond = float(
            quantiles(
                np.zeros(len(early), dtype=np.int64),
                values[early.index].to_numpy(dtype=float),
                early[COUNT].to_numpy(dtype=float),
                float(watched.quantile),
                size=1,
            )[0]
        )
        frame = frame.assign(**{columns[0]: frame[COUNT].where(values > beyond, 0)})
    sides, periods = [], []
    for field, window in (("before", params.before), ("after", params.after)):
        part = within(frame, span_of(window))
        if part.empty:
            raise DataError(f"diagnosis.{field} holds no row.", "Move it into the data.")
        sides.append(part.groupby(names)[columns].sum())
        periods.append(int(part[PERIOD].nunique()))
    both = sides[0].index.union(sides[1].index)
    table = both.to_frame(index=False)
    coded = [pd.factorize(table[name], sort=True) for name in names]
    return Leaves(
        dimensions=tuple(dimensions),
        names=tuple(tuple(map(str, values)) for _, values in coded),
        codes=np.column_stack([codes for codes, _ in coded]).astype(np.int64),
        before=sides[0].reindex(both, fill_value=0.0).to_numpy(dtype=float),
        after=sides[1].reindex(both, fill_value=0.0).to_numpy(dtype=float),
        periods=(periods[0], periods[1]),
        beyond=beyond,
        history=_past(within(frame, span_of(params.before)), both, columns, periods[1]),
    )


def _past(frame: pd.DataFrame, leaves: pd.Index, columns: list[str], length: int) -> History | None:
    """Both columns of each leaf, period by period; so many periods are judged."""
    if len(leaves) > FEW_LEAVES:
        return None
    above, below = (
        frame.pivot_table(values=column, index=list(leaves.names), columns=PERIOD, aggfunc="sum")
        .reindex(leaves)
        .fillna(0.0)
        .to_numpy(dtype=float)
        .T
        for column in columns
    )
    return History(numerator=above, denominator=below, length=length)


def _rated(
    context: Context, leaves: Leaves, *, name: str | None = None, unit: str | None = None
) -> SliceSearch:
    """Search a ratio; what rests on few cases is held back."""
    watched = context.project.watched
    scale = watched.per if watched.kind == "rate" else 1.0
    before, after = leaves.before, leaves.after
    try:
        found: RatioSliceSearch = ratio_slice_search(
            leaves.codes,
            after[:, 0],
            after[:, 1],
            before[:, 0],
            before[:, 1],
            history=leaves.history,
        )
    except DataError as error:
        return _empty(context, leaves.dimensions, error)
    claimed = [s for s in found.slices if s.conditions]
    enough = [s for s in claimed if min(s.denominator, s.expected_denominator) >= FEWEST_CASES]
    by_mix = _own_change_under_mix(leaves) if found.everywhere else None
    return SliceSearch(
        of="metric",
        name=name or watched.name,
        dimensions=_labels(context, leaves.dimensions),
        unit=watched.value_unit if unit is None else unit,
        before=found.expected * scale,
        after=found.actual * scale,
        everywhere=found.everywhere and by_mix is None,
        own_change=_times(by_mix, scale),
        slices=tuple(
            Slice(
                conditions=_named(context, leaves, s.conditions),
                direction=s.direction,
                before=_times(s.expected, scale),
                after=_times(s.actual, scale),
                rest_before=_times(s.rest_expected, scale),
                rest_after=_times(s.rest_actual, scale),
                n_before=s.expected_denominator,
                n_after=s.denominator,
                p_value=s.p_value,
            )
            for s in enough[:MOST_SLICES]
        ),
        held_back=len(claimed) - len(enough),
        leaves=found.leaves,
    )


def _own_change_under_mix(leaves: Leaves) -> float | None:
    """What the leaves' own ratios make of the change, where their shares made most of it.

    A whole that moved because its parts took other shares did not move everywhere. None where
    the parts' own ratios made half of the change or more.
    """
    try:
        split = rate_mix(
            leaves.before[:, 0], leaves.before[:, 1], leaves.after[:, 0], leaves.after[:, 1]
        )
    except DataError:  # a numerator over nothing: its parts have no ratios
        return None
    return split.rate if split.rate * split.total < split.total**2 / 2 else None


def _counted(
    context: Context, leaves: Leaves, column: int, name: str, of: Literal["metric", "volume"]
) -> SliceSearch:
    """Search an amount, per period on both sides."""
    before, after = leaves.before[:, column], leaves.after[:, column]
    try:
        found: CountSearch = slice_search(
            leaves.codes, after / leaves.periods[1], before / leaves.periods[0]
        )
    except DataError as error:
        return _empty(context, leaves.dimensions, error)
    return SliceSearch(
        of=of,
        name=name,
        dimensions=_labels(context, leaves.dimensions),
        unit=context.project.watched.unit if of == "metric" else "",
        before=found.expected,
        after=found.actual,
        everywhere=found.everywhere,
        slices=tuple(
            Slice(
                conditions=_named(context, leaves, s.conditions),
                direction=s.direction,
                before=s.expected,
                after=s.actual,
                rest_before=s.rest_expected,
                rest_after=s.rest_actual,
                n_before=None,
                n_after=None,
                p_value=s.p_value,
            )
            for s in [s for s in found.slices if s.conditions][:MOST_SLICES]
        ),
        leaves=found.leaves,
        few=found.leaves < TELLING and not found.slices and not found.everywhere,
    )


def _named(context: Context, leaves: Leaves, conditions: Conditions) -> tuple[tuple[str, str], ...]:
    return tuple(
        (context.label(leaves.dimensions[d]), context.label(leaves.names[d][code]))
        for d, code in conditions
    )


def _labels(context: Context, dimensions: Sequence[str]) -> tuple[str, ...]:
    return tuple(context.label(name) for name in dimensions)


def _times(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def _empty(context: Context, dimensions: Sequence[str], error: DataError) -> SliceSearch:
    reason: Statement = say("No slices were searched: {problem}", problem=error.problem)
    return SliceSearch(
        of="metric",
        name=context.project.watched.name,
        dimensions=_labels(context, dimensions),
        unit=context.project.watched.value_unit,
        reason=reason,
    )
