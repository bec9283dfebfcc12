"""Each piece of evidence of a why, tested again on the data."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.event_log import open_between, open_clocks
from opsbook.methods.diagnosis.formula import formula
from opsbook.methods.diagnosis.judged import Direction, WhyCheck
from opsbook.methods.diagnosis.node_segments import amount
from opsbook.methods.diagnosis.why_checks import WHY_CHECKS
from opsbook.methods.estimate import Estimate
from opsbook.project.diagnosis import DiagnosisSection
from opsbook.project.whys import (
    BeforeAfterEvidence,
    CauseEvidence,
    EventEvidence,
    Evidence,
    InterviewEvidence,
    ObservationEvidence,
    SegmentEvidence,
    SliceEvidence,
    StepTimeEvidence,
    TopicEvidence,
)
from opsbook.results.diagnosis import Causes, Segments
from opsbook.results.whys import Outcome
from opsbook.stages.context import Context
from opsbook.stages.flow import calendar, log_of_window
from opsbook.stages.measures import (
    column_sums,
    focus_rows,
    in_span,
    measured,
    span_of,
    unit_of_change,
    without_season,
)
from opsbook.stages.voices import mentions
from opsbook.text import POINTS, SHARE, Quantity, Statement, Value, say, term

Floats = NDArray[np.float64]
Point = Literal["present", "effect"]
PREDICTED = {"higher": term("higher"), "lower": term("lower")}
NOTHING_COMPUTED = {
    "before_after": term("the windows are too short, or nothing varies"),
    "correlates_with_event": term("there are fewer than twelve periods, or nothing varies"),
    "slice_rate_differs": term("one side has no cases"),
    "step_time_over_limit": term("the step never occurs"),
    "topic_concentrates": term("there is no feedback in the window"),
    "interviews_agree": term("nobody was asked"),
}


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One test's outcome.

    Attributes:
        shows: What it speaks about.
        kind: data, interview or observation.
        statement: What was found.
        outcome: Whether that supports the claim.
        test: Name of the check that ran; empty for an observation.
        estimate: What it measured, with its unit.
        contribution: The cause's part of the change, where the test knows it.
    """

    shows: Point
    kind: Literal["data", "interview", "observation"]
    statement: Statement
    outcome: Outcome
    test: str = ""
    estimate: Estimate | None = None
    contribution: float | None = None


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What the tests work on.

    Attributes:
        context: The project.
        params: Its section.
        causes: The change by cause, if it was split so.
        segments: The change by segment.
    """

    context: Context
    params: DiagnosisSection
    causes: Causes | None
    segments: tuple[Segments, ...]

    @property
    def worse(self) -> Direction:
        """The direction in which the metric becomes worse."""
        return "higher" if self.context.project.watched.better == "lower" else "lower"


def tested(bench: Bench, evidence: Evidence) -> tuple[Tested, ...]:
    """Run the tests that a piece of evidence stands for.

    A cause and a segment are two tests each: that it is there, and that the effect goes with it.
    """
    match evidence:
        case InterviewEvidence():
            return (_interviews(evidence),)
        case ObservationEvidence():
            return (_observation(evidence),)
        case CauseEvidence():
            return _cause(bench, evidence)
        case SegmentEvidence():
            return _segment(bench, evidence)
        case BeforeAfterEvidence():
            return (_before_after(bench, evidence),)
        case EventEvidence():
            return (_event(bench, evidence),)
        case SliceEvidence():
            return (_slice(bench, evidence),)
        case StepTimeEvidence():
            return (_step_time(bench, evidence),)
        case TopicEvidence():
            return (_topic(bench, evidence),)


def _observation(evidence: ObservationEvidence) -> Tested:
    if evidence.supports:
        statement = say("Observed: {note}", note=evidence.note)
    else:
        statement = say("Observed against it: {note}", note=evidence.note)
    return Tested(
        shows="present",
        kind="observation",
        statement=statement,
        outcome="undecided" if evidence.supports else "contradicted",
    )


def _interviews(evidence: InterviewEvidence) -> Tested:
    check = WHY_CHECKS["interviews_agree"](
        evidence.agree, evidence.asked, at_least=evidence.at_least
    )
    statement = say(
        "Interviews: {agree} of {asked} agree; more than {least} was predicted.",
        agree=Quantity(value=evidence.agree, unit="count"),
        asked=Quantity(value=evidence.asked, unit="count"),
        least=Quantity(value=evidence.at_least, unit=SHARE, digits=0),
    )
    return _result(check, "present", statement, SHARE, kind="interview")


def _cause(bench: Bench, evidence: CauseEvidence) -> tuple[Tested, ...]:
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
        dataclasses.replace(_result(present, "present", moved, unit), contribution=row.change),
        _result(effect, "effect", carried, unit),
    )


def _segment(bench: Bench, evidence: SegmentEvidence) -> tuple[Tested, ...]:
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
        statement = say("{dimension} = {value} was not computed.", **named)
        return (Tested(shows="effect", kind="data", statement=statement, outcome="undecided"),)
    own = measured(context, None, {**others, dimension: value})
    beside = measured(context, None, {**others, dimension: rest})
    unit = context.project.watched.change_unit
    present = _compared(bench, own, bench.worse, 0.0)
    effect = _compared(bench, own - beside, bench.worse, evidence.at_least)
    split = next((s for s in bench.segments if s.dimension == dimension), None)
    row = next((r for r in split.rows if r.value == value), None) if split else None
    moved = say("{dimension} = {value} moved {change}.", **named, change=_effect(present, unit))
    further = say(
        "{dimension} = {value} moved {change} beyond the rest; {direction} by at least {asked} "
        "was predicted.",
        **named,
        change=_effect(effect, unit),
        **_prediction(bench.worse, evidence.at_least, unit),
    )
    return (
        dataclasses.replace(
            _result(present, "present", moved, unit),
            contribution=None if row is None else row.rate + row.mix,
        ),
        _result(effect, "effect", further, unit),
    )


def _before_after(bench: Bench, evidence: BeforeAfterEvidence) -> Tested:
    beyond = bench.params.peers if evidence.beyond_peers else None
    values = measured(bench.context, evidence.measure, beyond=beyond)
    check = _compared(bench, values, evidence.direction, evidence.at_least)
    unit = unit_of_change(bench.context, evidence.measure)
    figures: dict[str, Value] = {
        "figure": _figure(bench, evidence),
        "change": _effect(check, unit),
        **_prediction(evidence.direction, evidence.at_least, unit),
    }
    if evidence.beyond_peers:
        statement = say(
            "{figure}, less that of the peers, moved {change}; {direction} by at least {asked} "
            "was predicted.",
            **figures,
        )
    else:
        statement = say(
            "{figure} moved {change}; {direction} by at least {asked} was predicted.", **figures
        )
    return _result(check, evidence.shows, statement, unit)


def _event(bench: Bench, evidence: EventEvidence) -> Tested:
    context = bench.context
    event = next(e for e in context.project.data.events if e.title == evidence.event)
    beyond = bench.params.peers if evidence.beyond_peers else None
    values = measured(context, evidence.measure, beyond=beyond)
    first, last = span_of(bench.params.before)[0], span_of(bench.params.after)[1]
    starts, ends = context.tables.kpi.periods, context.series().ends
    over = event.end.last if event.end else dt.date.max
    on = np.array(
        [
            float(stop > event.start.first and start <= over)
            for start, stop in zip(starts, ends, strict=True)
        ]
    )
    keep = np.array([first <= day <= last for day in starts]) & np.isfinite(values)
    check = WHY_CHECKS["correlates_with_event"](
        values[keep], on[keep], direction=evidence.direction, at_least=evidence.at_least
    )
    statement = say(
        "{figure} goes with '{event}' by a correlation of {change}; {direction} by at least "
        "{asked} was predicted.",
        figure=_figure(bench, evidence),
        event=evidence.event,
        change=_effect(check, ""),
        **_prediction(evidence.direction, evidence.at_least, ""),
    )
    return _result(check, evidence.shows, statement, "")


def _slice(bench: Bench, evidence: SliceEvidence) -> Tested:
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
    statement = say(
        "{cases} out of {all} at {slice} is {change} away from the rest; {direction} by at least "
        "{asked} was predicted.",
        cases=context.label(evidence.cases),
        all=context.label(evidence.out_of),
        slice=", ".join(context.label(str(value)) for value in evidence.slice.values()),
        change=_effect(check, POINTS),
        **_prediction(evidence.direction, evidence.at_least, POINTS),
    )
    return _result(check, evidence.shows, statement, POINTS)


def _step_time(bench: Bench, evidence: StepTimeEvidence) -> Tested:
    log = log_of_window(bench.context, bench.params)
    clocks = open_clocks(log, calendar(bench.params.flow), {})
    waits = evidence.time == "wait"
    hours = open_between(
        log,
        clocks,
        log.ready if waits else log.start,
        log.start if waits else log.end,
    )
    own = np.array([log.steps[i] == evidence.step for i in log.step], dtype=bool)
    if waits:
        own &= ~log.first
    check = WHY_CHECKS["step_time_over_limit"](
        hours[own], evidence.limit, at_least=evidence.at_least
    )
    figures: dict[str, Value] = {
        "step": evidence.step,
        "limit": Quantity(value=evidence.limit, unit="hours"),
        "share": _effect(check, SHARE, signed=False),
        "asked": Quantity(value=evidence.at_least, unit=SHARE, digits=0),
    }
    if waits:
        statement = say(
            "Waiting before {step} exceeds {limit} in {share} of the cases; more than {asked} was "
            "predicted.",
            **figures,
        )
    else:
        statement = say(
            "Work on {step} exceeds {limit} in {share} of the cases; more than {asked} was "
            "predicted.",
            **figures,
        )
    return _result(check, evidence.shows, statement, SHARE)


def _topic(bench: Bench, evidence: TopicEvidence) -> Tested:
    frame = mentions(bench.context, bench.params.after)
    about = int((frame["topic"] == evidence.topic).sum())
    check = WHY_CHECKS["topic_concentrates"](about, len(frame), at_least=evidence.at_least)
    statement = say(
        "{share} of the feedback is about '{topic}'; more than {asked} was predicted.",
        share=_effect(check, SHARE, signed=False),
        topic=evidence.topic,
        asked=Quantity(value=evidence.at_least, unit=SHARE, digits=0),
    )
    return _result(check, evidence.shows, statement, SHARE)


def _compared(bench: Bench, values: Floats, direction: Direction, at_least: float) -> WhyCheck:
    """A figure in the window before against the window after, its season taken out."""
    adjusted = without_season(bench.context, values)
    sides = [
        adjusted[in_span(bench.context, window)]
        for window in (bench.params.before, bench.params.after)
    ]
    return WHY_CHECKS["before_after"](*sides, direction=direction, at_least=at_least)


def _result(
    check: WhyCheck,
    shows: Point,
    statement: Statement,
    unit: str,
    *,
    kind: Literal["data", "interview"] = "data",
) -> Tested:
    """A check as the evidence it gives; where nothing was measured, the reason."""
    if check.estimate is None:
        statement = say("Not computed: {reason}.", reason=NOTHING_COMPUTED[check.check])
    return Tested(
        shows=shows,
        kind=kind,
        statement=statement,
        outcome=check.outcome,
        test=check.check,
        estimate=None if check.estimate is None else dataclasses.replace(check.estimate, unit=unit),
    )


def _figure(bench: Bench, evidence: BeforeAfterEvidence | EventEvidence) -> str:
    if evidence.measure is None:
        return bench.context.project.watched.name
    return formula(evidence.measure).metric or evidence.measure


def _effect(check: WhyCheck, unit: str, *, signed: bool = True) -> Quantity:
    return Quantity(
        value=check.estimate.effect if check.estimate else 0.0, unit=unit, signed=signed
    )


def _prediction(direction: Direction, at_least: float, unit: str) -> dict[str, Value]:
    return {
        "direction": PREDICTED[direction],
        "asked": Quantity(value=at_least, unit=unit),
    }
