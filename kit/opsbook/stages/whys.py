"""The status of each why, computed from its evidence; flip the evidence and it flips."""

from __future__ import annotations

from typing import Literal

from scipy.stats import binomtest

from opsbook.project.diagnosis import (
    CauseEvidence,
    Evidence,
    InterviewEvidence,
    ObservationEvidence,
    SegmentEvidence,
    Why,
)
from opsbook.results.diagnosis import Causes, Segments, Whys, WhyStatus, WhyVerdict
from opsbook.text import POINTS, Quantity, Statement, say

Vote = Literal["for", "against", "open"]
MAJORITY = 0.5


def verdicts(
    whys: tuple[Why, ...],
    causes: Causes | None,
    segments: tuple[Segments, ...],
    better: Literal["higher", "lower"],
) -> Whys:
    """Weigh the evidence of every why.

    A why is refuted if any evidence speaks against it, confirmed if a figure or counted
    interviews speak for it and nothing against, and untested otherwise: an observation supports
    a claim and never proves it. A why below a refuted one is refuted with it.

    Args:
        whys: The chain as the params tell it.
        causes: The change by cause, if it was split so.
        segments: The change by segment.
        better: Which direction of the metric is an improvement.
    """
    found: dict[str, WhyVerdict] = {}
    for why in _parents_first(whys):
        weighed = [_weigh(evidence, causes, segments, better) for evidence in why.evidence]
        parent = found.get(why.because_of or "")
        if parent is not None and parent.status == "refuted":
            weighed.append(
                (
                    "against",
                    say("It rests on '{claim}', which is refuted.", claim=parent.claim),
                    None,
                )
            )
        votes = [vote for vote, _, _ in weighed]
        status: WhyStatus = (
            "refuted" if "against" in votes else "confirmed" if "for" in votes else "untested"
        )
        found[why.id] = WhyVerdict(
            id=why.id,
            claim=why.claim,
            because_of=why.because_of,
            controllable=why.controllable,
            status=status,
            evidence=tuple(statement for _, statement, _ in weighed),
            contribution=next((share for _, _, share in weighed if share is not None), None),
        )
    return Whys(rows=tuple(found.values()))


def _parents_first(whys: tuple[Why, ...]) -> list[Why]:
    """The whys with every parent before its children; the params have refused circles."""
    ordered: list[Why] = []
    waiting = list(whys)
    while waiting:
        placed = {why.id for why in ordered}
        ready = [why for why in waiting if why.because_of is None or why.because_of in placed]
        ordered += ready
        waiting = [why for why in waiting if why not in ready]
    return ordered


def _weigh(
    evidence: Evidence,
    causes: Causes | None,
    segments: tuple[Segments, ...],
    better: Literal["higher", "lower"],
) -> tuple[Vote, Statement, Quantity | None]:
    match evidence:
        case InterviewEvidence():
            return *_interviews(evidence), None
        case CauseEvidence():
            return _cause(evidence, causes)
        case SegmentEvidence():
            return _segment(evidence, segments, better)
        case ObservationEvidence():
            if evidence.supports:
                return "open", say("Observed: {note}", note=evidence.note), None
            return "against", say("Observed against it: {note}", note=evidence.note), None


def _interviews(evidence: InterviewEvidence) -> tuple[Vote, Statement]:
    interval = binomtest(evidence.agree, evidence.asked).proportion_ci(0.95, method="exact")
    vote: Vote = "open"
    if interval.low > MAJORITY:
        vote = "for"
    elif interval.high < MAJORITY:
        vote = "against"
    return vote, say(
        "Interviews: {agree} of {asked} agree, which shows {low} to {high} (exact 95% interval).",
        agree=Quantity(value=evidence.agree, unit="count"),
        asked=Quantity(value=evidence.asked, unit="count"),
        low=Quantity(value=interval.low, unit="share", digits=0),
        high=Quantity(value=interval.high, unit="share", digits=0),
    )


def _cause(
    evidence: CauseEvidence, causes: Causes | None
) -> tuple[Vote, Statement, Quantity | None]:
    row = next((r for r in causes.rows if r.cause == evidence.cause), None) if causes else None
    if row is None or row.share is None:
        return "open", say("The share of {cause} was not computed.", cause=evidence.cause), None
    share = Quantity(value=row.share, unit="share", digits=0)
    statement = say(
        "{cause} carries {share} of the change; at least {asked} was asked for.",
        cause=row.label,
        share=share,
        asked=Quantity(value=evidence.at_least, unit="share", digits=0),
    )
    return ("for" if row.share >= evidence.at_least else "against"), statement, share


def _segment(
    evidence: SegmentEvidence, segments: tuple[Segments, ...], better: Literal["higher", "lower"]
) -> tuple[Vote, Statement, Quantity | None]:
    split = next((s for s in segments if s.dimension == evidence.dimension), None)
    row = None
    if split is not None:
        row = next((r for r in split.rows if r.value == str(evidence.value)), None)
    if split is None or row is None or row.before is None or row.after is None:
        return (
            "open",
            say(
                "{dimension} = {value} was not computed.",
                dimension=evidence.dimension,
                value=str(evidence.value),
            ),
            None,
        )
    worse = (row.after - row.before) * (1 if better == "lower" else -1) > 0
    statement = say(
        "{dimension} = {value} moved {change}; with its mix it carries {part} of the change.",
        dimension=split.label,
        value=row.label,
        change=Quantity(value=row.after - row.before, unit=POINTS, signed=True),
        part=Quantity(value=row.rate + row.mix, unit=POINTS, signed=True),
    )
    share = None
    if split.total:
        share = Quantity(value=(row.rate + row.mix) / split.total, unit="share", digits=0)
    return ("for" if worse else "against"), statement, share
