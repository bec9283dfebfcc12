"""Evidence of a why that is tested on the metric's own table."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.formula import formula
from opsbook.methods.diagnosis.judged import Direction, WhyCheck
from opsbook.methods.diagnosis.node_segments import amount
from opsbook.methods.diagnosis.why_checks import WHY_CHECKS
from opsbook.project.whys import (
    BeforeAfterEvidence,
    CauseEvidence,
    EventEvidence,
    SegmentEvidence,
    SliceEvidence,
)
from opsbook.stages.measures import (
    column_sums,
    focus_rows,
    in_span,
    in_words,
    measured,
    span_of,
    unit_of_change,
    without_season,
)
from opsbook.stages.why_evidence import Bench, Tested, as_evidence, effect_of, predicted
from opsbook.text import POINTS, SHARE, Quantity, Value, say

Floats = NDArray[np.float64]


def cause(bench: Bench, evidence: CauseEvidence) -> tuple[Tested, ...]:
    """The cause's own figure moved the way the total went, and by enough of it."""
    causes, watched = bench.causes, bench.context.project.watched
    row = next((r for r in causes.rows if r.cause == evidence.cause), None) if causes else None
    if causes is None or row is None or row.share is None:
        statement = say("The share of {cause} was not computed.", cause=evidence.cause)
        return (Tested(shows="effect", kind="data", statement=statement, outcome="undecided"),)
    metric = watched.model_copy(update={"numerator": evidence.cause, "target": None})
    values = bench.context.series(metric).value * (-1.0 if causes.of_loss else 1.0)
    direction: Direction = "higher" if causes.total >= 0 else "lower"
    unit = watched.change_unit
    present = _compared(bench, values, direction, 0.0)
    effect = _compared(bench, values, direction, evidence.at_least * abs(causes.total))
    moved = say(
        "{cause} moved the figure by {change}.",
        cause=row.label,
        change=Quantity(value=row.change, unit=unit, signed=True),
    )
    carried = say(
        "{cause} carries {share} of the change; at least {asked} was predicted.",
        cause=row.label,
        share=Quantity(value=row.share, unit=SHARE, digits=0),
        asked=Quantity(value=evidence.at_least, unit=SHARE, digits=0),
    )
    return (
        dataclasses.replace(as_evidence(present, "present", moved, unit), contribution=row.change),
        as_evidence(effect, "effect", carried, unit),
    )


def segment(bench: Bench, evidence: SegmentEvidence) -> tuple[Tested, ...]:
    """The segment became worse, and by more than the rest did."""
    context, dimension, value = bench.context, evidence.dimension, str(evidence.value)
    others = focus_rows(context, [dimension])
    values = [str(v) for v in context.tables.kpi.rows(others)[dimension].unique()]
    rest = tuple(v for v in values if v != value)
    named: dict[str, Value] = {
        "dimension": context.label(dimension),
        "value": context.label(value),
    }
    if value not in values or not rest:
        statement = say("{dimension} = {value} was not computed: there is no such value.", **named)
        if value in values:
            statement = say(
                "{dimension} = {value} was not computed: there is nothing to hold it against.",
                **named,
            )
        return (Tested(shows="effect", kind="data", statement=statement, outcome="undecided"),)
    own = measured(context, None, {**others, dimension: value})
    beside = measured(context, None, {**others, dimension: rest})
    unit = context.project.watched.change_unit
    present = _compared(bench, own, bench.worse, 0.0)
    effect = _compared(bench, own - beside, bench.worse, evidence.at_least)
    split = next((s for s in bench.segments if s.dimension == dimension), None)
    row = next((r for r in split.rows if r.value == value), None) if split else None
    moved = say("{dimension} = {value} moved {change}.", **named, change=effect_of(present, unit))
    figures: dict[str, Value] = {
        **named,
        "change": effect_of(effect, unit),
        **predicted(bench.worse, evidence.at_least, unit),
    }
    further = say(
        "{dimension} = {value} moved {change} beyond the rest; {direction} was predicted.",
        **figures,
    )
    if evidence.at_least:
        further = say(
            "{dimension} = {value} moved {change} beyond the rest; {direction} by at least {asked} "
            "was predicted.",
            **figures,
        )
    return (
        dataclasses.replace(
            as_evidence(present, "present", moved, unit),
            contribution=None if row is None else row.rate + row.mix,
        ),
        as_evidence(effect, "effect", further, unit),
    )


def before_after(bench: Bench, evidence: BeforeAfterEvidence) -> Tested:
    """A figure moved between the windows, beyond the peers where that is asked."""
    beyond = bench.params.peers if evidence.beyond_peers else None
    values = measured(bench.context, evidence.measure, beyond=beyond)
    check = _compared(bench, values, evidence.direction, evidence.at_least)
    unit = unit_of_change(bench.context, evidence.measure)
    figures: dict[str, Value] = {
        "figure": _figure(bench, evidence),
        "change": effect_of(check, unit),
        **predicted(evidence.direction, evidence.at_least, unit),
    }
    if evidence.beyond_peers and evidence.at_least:
        statement = say(
            "{figure}, less that of the peers, moved {change}; {direction} by at least {asked} "
            "was predicted.",
            **figures,
        )
    elif evidence.beyond_peers:
        statement = say(
            "{figure}, less that of the peers, moved {change}; {direction} was predicted.",
            **figures,
        )
    elif not evidence.at_least:
        statement = say("{figure} moved {change}; {direction} was predicted.", **figures)
    else:
        statement = say(
            "{figure} moved {change}; {direction} by at least {asked} was predicted.", **figures
        )
    return as_evidence(check, evidence.shows, statement, unit)


def event(bench: Bench, evidence: EventEvidence) -> Tested:
    """A figure goes with a known event."""
    context = bench.context
    known = next(e for e in context.project.data.events if e.title == evidence.event)
    beyond = bench.params.peers if evidence.beyond_peers else None
    values = measured(context, evidence.measure, beyond=beyond)
    first, last = span_of(bench.params.before)[0], span_of(bench.params.after)[1]
    starts, ends = context.tables.kpi.periods, context.series().ends
    over = known.end.last if known.end else dt.date.max
    on = np.array(
        [
            float(stop > known.start.first and start <= over)
            for start, stop in zip(starts, ends, strict=True)
        ]
    )
    keep = np.array([first <= day <= last for day in starts]) & np.isfinite(values)
    check = WHY_CHECKS["correlates_with_event"](
        values[keep], on[keep], direction=evidence.direction, at_least=evidence.at_least
    )
    figures: dict[str, Value] = {
        "figure": _figure(bench, evidence),
        "event": evidence.event,
        "change": effect_of(check, ""),
        **predicted(evidence.direction, evidence.at_least, ""),
    }
    statement = say(
        "{figure} goes with '{event}' by a correlation of {change}; {direction} was predicted.",
        **figures,
    )
    if evidence.at_least:
        statement = say(
            "{figure} goes with '{event}' by a correlation of {change}; {direction} by at least "
            "{asked} was predicted.",
            **figures,
        )
    return as_evidence(check, evidence.shows, statement, "")


def slice_rate(bench: Bench, evidence: SliceEvidence) -> Tested:
    """A slice's rate differs from that of the rest."""
    context, rows = bench.context, focus_rows(bench.context, list(evidence.slice))
    inside = {**rows, **evidence.slice}
    counts = []
    for text in (evidence.cases, evidence.out_of):
        tree = formula(text)
        for where in (inside, rows):
            sums = column_sums(context, tree.columns, span_of(bench.params.after), where)
            columns = {name: np.array([sums.get(name, 0.0)]) for name in tree.columns}
            counts.append(float(amount(tree.root, columns)[0]))
    cases, all_cases, n, all_n = counts
    check = WHY_CHECKS["slice_rate_differs"](
        cases,
        n,
        all_cases - cases,
        all_n - n,
        direction=evidence.direction,
        at_least=evidence.at_least,
    )
    figures: dict[str, Value] = {
        "cases": in_words(context, evidence.cases),
        "all": in_words(context, evidence.out_of),
        "slice": tuple(context.label(str(value)) for value in evidence.slice.values()),
        "change": effect_of(check, POINTS),
        **predicted(evidence.direction, evidence.at_least, POINTS),
    }
    statement = say(
        "{cases} out of {all} at {slice} is {change} away from the rest; {direction} was "
        "predicted.",
        **figures,
    )
    if evidence.at_least:
        statement = say(
            "{cases} out of {all} at {slice} is {change} away from the rest; {direction} by at "
            "least {asked} was predicted.",
            **figures,
        )
    return as_evidence(check, evidence.shows, statement, POINTS)


def _compared(bench: Bench, values: Floats, direction: Direction, at_least: float) -> WhyCheck:
    """A figure in the window before against the window after, its season taken out."""
    adjusted = without_season(bench.context, values)
    sides = [
        adjusted[in_span(bench.context, window)]
        for window in (bench.params.before, bench.params.after)
    ]
    return WHY_CHECKS["before_after"](*sides, direction=direction, at_least=at_least)


def _figure(bench: Bench, evidence: BeforeAfterEvidence | EventEvidence) -> str:
    if evidence.measure is None:
        return bench.context.project.watched.name
    return formula(evidence.measure).metric or in_words(bench.context, evidence.measure)
