"""Stage 2: where exactly does the change sit, why, and is that proven?"""

from __future__ import annotations

import dataclasses
from typing import cast

import numpy as np

from opsbook.data import MetricSeries
from opsbook.errors import DataError
from opsbook.methods.diagnosis.additive_causes import AdditiveCauses, additive_causes
from opsbook.methods.diagnosis.rate_mix import rate_mix
from opsbook.project.diagnosis import DiagnosisSection
from opsbook.project.metric import Metric
from opsbook.results.diagnosis import (
    Causes,
    CauseShare,
    Change,
    DiagnosisResult,
    Segments,
    SegmentShare,
)
from opsbook.results.journey import Flow, Journey, Voices
from opsbook.results.logic_tree import LogicTree, SliceSearch
from opsbook.results.whys import Whys
from opsbook.stages.context import Context
from opsbook.stages.diagnosis_verdict import Found, conclusion
from opsbook.stages.flow import flow_of
from opsbook.stages.journey import journey_of
from opsbook.stages.logic_trees import logic_trees
from opsbook.stages.measures import focus_rows, span_of, within
from opsbook.stages.slices import slice_searches
from opsbook.stages.voices import voices_of
from opsbook.stages.whys import verdicts
from opsbook.stages.windows import cut, naive_change, value_of
from opsbook.text import Quantity, say

#: Values of a dimension that are told one by one.
MOST_SEGMENTS = 30


def change(context: Context) -> Change:
    """How much the watched metric moved between the two windows."""
    before, after = _windows(context, context.series(context.project.watched))
    moved = naive_change(before, after)
    unit = before.metric.change_unit
    first, second = value_of(before), value_of(after)
    grew = None
    if before.is_ratio and first.denominator and second.denominator:
        per_period = second.denominator / second.n / (first.denominator / first.n)
        grew = Quantity(value=per_period - 1, unit="relative")
    return Change(
        metric=before.metric.name,
        before=first,
        after=second,
        change=Quantity(value=moved.estimate.effect, unit=unit, signed=True),
        estimate=dataclasses.replace(moved.estimate, unit=unit),
        volume_change=grew,
    )


def trees(context: Context) -> tuple[LogicTree, ...]:
    """The change laid over the metric's formula, for each comparison that the params ask for."""
    return logic_trees(context, _params(context))


def causes(context: Context) -> Causes | None:
    """The change split among causes that add up to the numerator or to the loss, beside peers.

    None where the params name no causes.
    """
    params = _params(context)
    if not params.causes:
        return None
    watched = context.project.watched
    of_loss = params.causes_add_up_to == "loss"
    if not context.series(watched).is_ratio or (of_loss and watched.kind != "share"):
        raise DataError(
            f"diagnosis.causes add up to the {params.causes_add_up_to} of a ratio; the watched "
            f"metric is a {watched.kind}.",
            "Drop the causes, or watch a share (a rate has no loss).",
        )
    own = _split(
        context,
        {column: [_of(context, column)] for column in params.causes},
        whole=context.series(watched),
        of_loss=of_loss,
    )
    sign = -1.0 if of_loss else 1.0
    moved: dict[str, float] = {}
    names: tuple[str, ...] = ()
    if params.peers is not None:
        peers = params.peers
        panels = {c: context.peers(peers, _as_metric(context, c)) for c in params.causes}
        names = tuple(next(iter(panels.values())))
        units = {column: list(panel.values()) for column, panel in panels.items()}
        moved = {shift.cause: sign * shift.change for shift in _split(context, units).causes}
    return Causes(
        rows=tuple(
            CauseShare(
                cause=shift.cause,
                label=context.label(shift.cause),
                before=shift.before,
                after=shift.after,
                change=sign * shift.change,
                share=shift.share_of_change,
                peers_change=moved.get(shift.cause),
            )
            for shift in own.causes
        ),
        unit=watched.value_unit,
        of_loss=of_loss,
        total=sign * own.total,
        unexplained=sign * own.unattributed,
        peers=names,
    )


def segments(context: Context) -> tuple[Segments, ...]:
    """The change split by each dimension into the segments' own rates and their mix."""
    watched = context.project.watched
    if watched.denominator is None:
        return ()
    return tuple(_segments(context, name) for name in _params(context).segments)


def slices(context: Context) -> tuple[SliceSearch, ...]:
    """The slices of the table that explain the change, or "everywhere"."""
    return slice_searches(context, _params(context))


def journey(context: Context) -> Journey | None:
    """The customer's journey: conversion and loss at each step, by channel and user group."""
    return journey_of(context, _params(context))


def flow(context: Context) -> Flow | None:
    """The flow of work: times, waiting and its causes, rework, the bottleneck."""
    return flow_of(context, _params(context))


def voices(context: Context) -> Voices | None:
    """What customers say, by topic, in words without names and numbers."""
    return voices_of(context, _params(context))


def whys(
    context: Context, change: Change, causes: Causes | None, segments: tuple[Segments, ...]
) -> Whys:
    """The chain of whys; each is tested again, and its status is computed."""
    return verdicts(context, _params(context), causes, segments, change.change.value)


def conclude(context: Context, found: Found) -> DiagnosisResult:
    """What the change is made of, which causes are proven, and what is still open."""
    return conclusion(context, _params(context), found)


def run(context: Context) -> DiagnosisResult:
    """All steps of the stage, as its notebook takes them."""
    moved, split, parts = change(context), causes(context), segments(context)
    return conclude(
        context,
        Found(
            change=moved,
            trees=trees(context),
            causes=split,
            slices=slices(context),
            segments=parts,
            journey=journey(context),
            flow=flow(context),
            voices=voices(context),
            whys=whys(context, moved, split, parts),
        ),
    )


def _params(context: Context) -> DiagnosisSection:
    return cast("DiagnosisSection", context.project.diagnosis)


def _windows(context: Context, series: MetricSeries) -> tuple[MetricSeries, MetricSeries]:
    params = _params(context)
    return (
        cut(series, params.before, "diagnosis.before"),
        cut(series, params.after, "diagnosis.after"),
    )


def _as_metric(context: Context, column: str) -> Metric:
    """The watched ratio with one of its causes above the line."""
    return context.project.watched.model_copy(update={"numerator": column, "target": None})


def _of(context: Context, column: str) -> MetricSeries:
    return context.series(_as_metric(context, column))


def _split(
    context: Context,
    units: dict[str, list[MetricSeries]],
    whole: MetricSeries | None = None,
    *,
    of_loss: bool = False,
) -> AdditiveCauses:
    """Split the change of one unit, or of several taken together, among the causes.

    Args:
        context: The project.
        units: Cause to its series, one for each unit.
        whole: What the causes should add up to, as measured; their own sum if left out.
        of_loss: Whether they add up to the denominator less the numerator.
    """
    amounts: list[list[float]] = [[], []]
    below = [0.0, 0.0]
    for series in units.values():
        pairs = [_windows(context, one) for one in series]
        for i in (0, 1):
            parts = [value_of(pair[i]) for pair in pairs]
            amounts[i].append(sum(part.numerator or 0.0 for part in parts))
            below[i] = sum(part.denominator or 0.0 for part in parts)
    tops: list[float | None] = [None, None]
    if whole is not None:
        sides = [value_of(side) for side in _windows(context, whole)]
        tops = [
            (side.denominator or 0.0) - (side.numerator or 0.0) if of_loss else side.numerator
            for side in sides
        ]
    scale = next(iter(units.values()))[0].scale
    return additive_causes(
        amounts[0],
        below[0] / scale,
        amounts[1],
        below[1] / scale,
        names=list(units),
        numerator_before=tops[0],
        numerator_after=tops[1],
    )


def _segments(context: Context, dimension: str) -> Segments:
    """The change by the values of a dimension; beyond the largest, they are one row, "others"."""
    watched, params = context.project.watched, _params(context)
    columns = list(context.tables.kpi.columns_of(watched))
    frame = context.tables.kpi.rows(focus_rows(context, [dimension]), needs=columns)
    before, after = (
        within(frame, span_of(window)).groupby(dimension)[columns].sum()
        for window in (params.before, params.after)
    )
    values = sorted(before.index.union(after.index), key=str)
    amounts = (side.reindex(values, fill_value=0.0) for side in (before, after))
    sums = np.concatenate([side.to_numpy(dtype=float).T for side in amounts])
    try:
        split = rate_mix(*sums, segments=[context.label(str(value)) for value in values])
    except DataError as error:
        return Segments(
            dimension=dimension,
            label=context.label(dimension),
            reason=say(
                "The change was not split by {dimension}: {problem}",
                dimension=context.label(dimension),
                problem=str(error),
            ),
        )
    scale = watched.per if watched.kind == "rate" else 1.0
    largest = np.argsort(-(sums[1] + sums[3]), kind="stable")[:MOST_SEGMENTS]
    shown = sorted(largest.tolist()) if len(values) > MOST_SEGMENTS + 1 else range(len(values))
    rows = [
        SegmentShare(
            value=str(values[i]),
            label=shift.segment,
            before=None if shift.ratio_before is None else shift.ratio_before * scale,
            after=None if shift.ratio_after is None else shift.ratio_after * scale,
            n_before=float(sums[1, i]),
            n_after=float(sums[3, i]),
            rate=shift.rate * scale,
            mix=shift.mix * scale,
            enough=shift.enough,
        )
        for i, shift in ((i, split.segments[i]) for i in shown)
    ]
    if len(rows) < len(values):
        rest = sums.sum(axis=1) - sums[:, list(shown)].sum(axis=1)
        rows.append(
            SegmentShare(
                value="",
                label="",
                before=rest[0] / rest[1] * scale if rest[1] > 0 else None,
                after=rest[2] / rest[3] * scale if rest[3] > 0 else None,
                n_before=float(rest[1]),
                n_after=float(rest[3]),
                rate=split.rate * scale - sum(row.rate for row in rows),
                mix=split.mix * scale - sum(row.mix for row in rows),
            )
        )
    return Segments(
        dimension=dimension,
        label=context.label(dimension),
        rows=tuple(rows),
        unit=watched.value_unit,
        rate=split.rate * scale,
        mix=split.mix * scale,
        total=split.total * scale,
        reversal=split.reversal,
    )
