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
from opsbook.results import Caution, Finding
from opsbook.results.diagnosis import (
    Causes,
    CauseShare,
    Change,
    DiagnosisResult,
    Segments,
    SegmentShare,
    Whys,
)
from opsbook.stages import whys as chain
from opsbook.stages.context import Context
from opsbook.stages.diagnosis_form import diagnosis_form
from opsbook.stages.windows import cut, naive_change, value_of
from opsbook.text import Quantity, Statement, Value, say


def change(context: Context) -> Change:
    """How much the watched metric moved between the two windows."""
    before, after = _windows(context, context.series(context.project.watched))
    moved = naive_change(before, after)
    unit = before.metric.change_unit
    first, second = value_of(before), value_of(after)
    grew = None
    if before.is_ratio and first.denominator and second.denominator:
        grew = Quantity(value=second.denominator / first.denominator - 1, unit="relative")
    return Change(
        metric=before.metric.name,
        before=first,
        after=second,
        change=Quantity(value=moved.estimate.effect, unit=unit, signed=True),
        estimate=dataclasses.replace(moved.estimate, unit=unit),
        volume_change=grew,
    )


def causes(context: Context) -> Causes | None:
    """The change split among causes that add up to the numerator, beside the peers' change.

    None where the params name no causes.
    """
    params = _params(context)
    if not params.causes:
        return None
    watched = context.project.watched
    if watched.denominator is None or watched.numerator is None:
        raise DataError(
            "diagnosis.causes split a ratio's numerator; the watched metric is no ratio.",
            "Drop the causes, or watch a share or a rate.",
        )
    own = _split(context, {column: [_of(context, column)] for column in params.causes})
    moved: dict[str, float] = {}
    names: tuple[str, ...] = ()
    if params.peers is not None:
        peers = params.peers
        panels = {c: context.peers(peers, _as_metric(context, c)) for c in params.causes}
        names = tuple(next(iter(panels.values())))
        units = {column: list(panel.values()) for column, panel in panels.items()}
        moved = {shift.cause: shift.change for shift in _split(context, units).causes}
    return Causes(
        rows=tuple(
            CauseShare(
                cause=shift.cause,
                label=context.label(shift.cause),
                before=shift.before,
                after=shift.after,
                change=shift.change,
                share=shift.share_of_change,
                peers_change=moved.get(shift.cause),
            )
            for shift in own.causes
        ),
        unit=watched.value_unit,
        total=own.total,
        unexplained=own.unattributed,
        peers=names,
    )


def segments(context: Context) -> tuple[Segments, ...]:
    """The change split by each dimension into the segments' own rates and their mix."""
    watched = context.project.watched
    if watched.denominator is None:
        return ()
    return tuple(_segments(context, name) for name in _params(context).segments)


def whys(context: Context, causes: Causes | None, segments: tuple[Segments, ...]) -> Whys:
    """The chain of whys; each status is computed from its evidence."""
    return chain.verdicts(_params(context).whys, causes, segments, context.project.watched.better)


def conclude(
    context: Context,
    change: Change,
    causes: Causes | None,
    segments: tuple[Segments, ...],
    whys: Whys,
) -> DiagnosisResult:
    """What the change is made of, and which causes are proven."""
    confirmed = [why for why in whys.rows if why.status == "confirmed"]
    deepest = confirmed[-1] if confirmed else None
    values: dict[str, Value] = {
        "kpi": change.metric,
        "before": _value(context, change.before.value),
        "after": _value(context, change.after.value),
        "change": change.change,
    }
    if deepest is not None:
        headline = say(
            "{kpi} went from {before} to {after} ({change}); confirmed: {claim}",
            **values,
            claim=deepest.claim,
        )
    else:
        headline = say(
            "{kpi} went from {before} to {after} ({change}); no cause is confirmed yet.", **values
        )
    return DiagnosisResult(
        project=context.project.project.id,
        headline=headline,
        tone="neutral" if deepest else "unknown",
        findings=_findings(context, change, causes, segments),
        cautions=_cautions(causes, segments, whys),
        forms=(diagnosis_form(context, change, causes, whys),),
        change=change,
        causes=causes,
        segments=segments,
        whys=whys,
        provenance=context.provenance,
    )


def run(context: Context) -> DiagnosisResult:
    """All steps of the stage, as its notebook takes them."""
    split, parts = causes(context), segments(context)
    return conclude(context, change(context), split, parts, whys(context, split, parts))


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


def _split(context: Context, units: dict[str, list[MetricSeries]]) -> AdditiveCauses:
    """Split the change of one unit, or of several taken together, among the causes."""
    amounts: list[list[float]] = [[], []]
    below = [0.0, 0.0]
    for series in units.values():
        pairs = [_windows(context, one) for one in series]
        for i in (0, 1):
            parts = [value_of(pair[i]) for pair in pairs]
            amounts[i].append(sum(part.numerator or 0.0 for part in parts))
            below[i] = sum(part.denominator or 0.0 for part in parts) / series[0].scale
    return additive_causes(amounts[0], below[0], amounts[1], below[1], names=list(units))


def _segments(context: Context, dimension: str) -> Segments:
    watched, focus = context.project.watched, context.project.data.kpi.focus
    panel = context.tables.kpi.panel(watched, dimension, focus)
    sums = np.zeros((4, len(panel)))
    for i, series in enumerate(panel.values()):
        params = _params(context)
        for row, window in ((0, params.before), (2, params.after)):
            part = series.between(window.start.first, window.end.last)
            sums[row, i] = np.nansum(part.numerator)
            sums[row + 1, i] = np.nansum(part.denominator)
    split = rate_mix(*sums, segments=list(panel))
    scale = watched.per if watched.kind == "rate" else 1.0
    return Segments(
        dimension=dimension,
        label=context.label(dimension),
        rows=tuple(
            SegmentShare(
                value=shift.segment,
                label=context.label(shift.segment),
                before=None if shift.ratio_before is None else shift.ratio_before * scale,
                after=None if shift.ratio_after is None else shift.ratio_after * scale,
                n_before=float(sums[1, i]),
                n_after=float(sums[3, i]),
                rate=shift.rate * scale,
                mix=shift.mix * scale,
            )
            for i, shift in enumerate(split.segments)
        ),
        unit=watched.value_unit,
        rate=split.rate * scale,
        mix=split.mix * scale,
        total=split.total * scale,
        reversal=split.reversal,
    )


def _value(context: Context, value: float) -> Quantity:
    return Quantity(value=value, unit=context.project.watched.value_unit)


def _moved(context: Context, value: float) -> Quantity:
    return Quantity(value=value, unit=context.project.watched.change_unit, signed=True)


def _findings(
    context: Context, change: Change, causes: Causes | None, segments: tuple[Segments, ...]
) -> tuple[Finding, ...]:
    findings = [
        Finding(
            id="change",
            statement=say(
                "{kpi} changed by {change}, from {before} ({first}) to {after} ({last}).",
                kpi=change.metric,
                change=change.change,
                before=_value(context, change.before.value),
                after=_value(context, change.after.value),
                first=change.before.start,
                last=change.after.end,
            ),
            estimate=change.estimate,
            grade="D",
        )
    ]
    if change.volume_change is not None:
        findings.append(
            Finding(
                id="volume",
                statement=say(
                    "The volume changed by {change} meanwhile.", change=change.volume_change
                ),
            )
        )
    if causes is not None:
        findings.append(_largest_cause(context, causes))
    findings += [
        Finding(
            id=f"segments_{split.dimension}",
            statement=say(
                "By {dimension}: {rate} come from the segments' own figures, {mix} from the mix.",
                dimension=split.label,
                rate=_moved(context, split.rate),
                mix=_moved(context, split.mix),
            ),
            grade="D",
        )
        for split in segments
    ]
    return tuple(findings)


def _largest_cause(context: Context, causes: Causes) -> Finding:
    # The cause that moved furthest in the direction of the whole change.
    sign = 1 if causes.total >= 0 else -1
    top = max(causes.rows, key=lambda row: row.change * sign)
    values: dict[str, Value] = {
        "cause": top.label,
        "change": _moved(context, top.change),
        "total": _moved(context, causes.total),
    }
    statement: Statement = say("{cause} carries {change} of the {total}.", **values)
    if top.peers_change is not None:
        statement = say(
            "{cause} carries {change} of the {total}; at the {n} peers it moved {peers}.",
            **values,
            n=Quantity(value=len(causes.peers), unit="count"),
            peers=_moved(context, top.peers_change),
        )
    return Finding(id="largest_cause", statement=statement, grade="D")


def _cautions(
    causes: Causes | None, segments: tuple[Segments, ...], whys: Whys
) -> tuple[Caution, ...]:
    cautions = [
        Caution(
            id=f"reversal_{split.dimension}",
            statement=say(
                "By {dimension} the segments moved against the total (Simpson's reversal): the mix "
                "hides what they did.",
                dimension=split.label,
            ),
            settles=say("Judge the segments by their own figures."),
        )
        for split in segments
        if split.reversal
    ]
    if untested := [why.id for why in whys.rows if why.status == "untested"]:
        cautions.append(
            Caution(
                id="untested_whys",
                statement=say("Not proven yet: {whys}.", whys=", ".join(untested)),
                settles=say("Give each a figure or counted interviews as evidence."),
            )
        )
    if causes is not None and abs(causes.unexplained) > abs(causes.total) * 0.1:
        cautions.append(
            Caution(
                id="unexplained",
                statement=say(
                    "The named causes leave more than a tenth of the change unexplained."
                ),
                settles=say("Add the causes that are missing to diagnosis.causes."),
            )
        )
    return tuple(cautions)
