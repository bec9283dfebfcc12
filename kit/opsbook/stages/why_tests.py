"""Each piece of evidence of a why, tested again: on the metric's table, the log, the feedback."""

from __future__ import annotations

import numpy as np

from opsbook.methods.diagnosis.event_log import open_between, open_clocks
from opsbook.methods.diagnosis.why_checks import WHY_CHECKS
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
from opsbook.stages.flow import calendar, log_of_window
from opsbook.stages.voices import mentions
from opsbook.stages.why_evidence import Bench, Tested, as_evidence, effect_of
from opsbook.stages.why_figures import before_after, cause, event, segment, slice_rate
from opsbook.text import SHARE, Quantity, Value, say, term

#: Topics, or values of a dimension, that a reason names.
MOST_NAMED = 12


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
            return cause(bench, evidence)
        case SegmentEvidence():
            return segment(bench, evidence)
        case BeforeAfterEvidence():
            return (before_after(bench, evidence),)
        case EventEvidence():
            return (event(bench, evidence),)
        case SliceEvidence():
            return (slice_rate(bench, evidence),)
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
    return as_evidence(check, "present", statement, SHARE, kind="interview")


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
        "limit": Quantity(value=evidence.limit, unit=term("h").term),
        "share": effect_of(check, SHARE, signed=False),
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
    return as_evidence(check, evidence.shows, statement, SHARE)


def _topic(bench: Bench, evidence: TopicEvidence) -> Tested:
    feedback = bench.context.tables.feedback
    topics = [] if feedback is None else feedback.frame["topic"].value_counts().index.tolist()
    if topics and evidence.topic not in topics:
        unknown = say(
            "Not computed: the feedback has no topic '{topic}'; it has: {topics}.",
            topic=evidence.topic,
            topics=tuple(map(str, topics[:MOST_NAMED])),
        )
        return Tested(shows=evidence.shows, kind="data", statement=unknown, outcome="undecided")
    frame = mentions(bench.context, bench.params.after)
    about = int((frame["topic"] == evidence.topic).sum())
    check = WHY_CHECKS["topic_concentrates"](about, len(frame), at_least=evidence.at_least)
    statement = say(
        "{share} of the feedback is about '{topic}'; more than {asked} was predicted.",
        share=effect_of(check, SHARE, signed=False),
        topic=evidence.topic,
        asked=Quantity(value=evidence.at_least, unit=SHARE, digits=0),
    )
    return as_evidence(check, evidence.shows, statement, SHARE)
