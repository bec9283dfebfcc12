"""Form 2-2, the diagnosis report, filled from what was computed."""

from __future__ import annotations

from opsbook.project.diagnosis import DiagnosisSection
from opsbook.results import Form, FormField
from opsbook.results.diagnosis import Causes, Change
from opsbook.results.whys import WhyEvidence, Whys, WhyVerdict
from opsbook.stages.context import Context
from opsbook.stages.kick_off import as_it_is
from opsbook.text import POINTS, SHARE, Quantity, Statement, Term, Value, say, term

WAYS = {"data": term("data"), "interview": term("interviews"), "observation": term("observation")}
STATES = {
    "confirmed": term("confirmed"),
    "refuted": term("refuted"),
    "untested": term("to be verified"),
}
OUTCOMES = {
    "supported": term("supports it"),
    "contradicted": term("contradicts it"),
    "undecided": term("cannot tell"),
}


def diagnosis_form(
    context: Context,
    params: DiagnosisSection,
    change: Change,
    causes: Causes | None,
    whys: Whys,
) -> Form:
    """Fill form 2-2; what nobody has said or computed stays open.

    Each why is one line with its status, and each test one below it with its id, its figure, its
    interval and n.
    """
    confirmed = [why for why in whys.rows if why.proven]
    refuted = [why for why in whys.rows if why.status == "refuted"]
    open_ = [why for why in whys.rows if why not in confirmed and why not in refuted]
    watched = context.project.watched
    figures: dict[str, Value] = {
        "kpi": change.metric,
        "before": Quantity(value=change.before.value, unit=watched.value_unit),
        "after": Quantity(value=change.after.value, unit=watched.value_unit),
        "change": change.change,
        "first": change.before.start,
        "last": change.after.end,
    }
    performance = say(
        "{kpi}: from {before} to {after} ({change}) between {first} and {last}.", **figures
    )
    if watched.target is not None:
        performance = say(
            "{kpi}: from {before} to {after} ({change}) between {first} and {last}; the target is "
            "{target}.",
            **figures,
            target=Quantity(value=watched.target, unit=watched.value_unit),
        )
    fields = [
        FormField(label=term("Module"), value=as_it_is(params.module)),
        FormField(label=term("Core figures"), value=performance),
        FormField(label=term("Data source"), value=as_it_is(context.project.data.kpi.source)),
        FormField(
            label=term("Root-cause hypotheses"),
            value=as_it_is(" / ".join(why.claim for why in whys.rows)),
        ),
        FormField(label=term("Verification"), value=_ways(whys)),
        FormField(label=term("Confirmed causes"), value=_claims(whys, confirmed)),
        FormField(label=term("Refuted causes"), value=_claims(whys, refuted)),
        FormField(label=term("To be verified"), value=_claims(whys, open_)),
        FormField(
            label=term("Contribution"),
            value=_contribution(causes, whys) or _not_known(whys, confirmed),
        ),
    ]
    for why in whys.rows:
        fields.append(FormField(label=term("Hypothesis"), value=_hypothesis(why)))
        fields += [FormField(label=term("Evidence"), value=_evidence(e)) for e in why.evidence]
    return Form(id="2-2", title=term("Diagnosis report"), fields=tuple(fields))


def _claims(whys: Whys, some: list[WhyVerdict]) -> Statement | None:
    """Some of the answers, or that there are none; nothing where nobody has answered."""
    told = " / ".join(why.claim for why in some)
    return as_it_is(told) or (say("none") if whys.rows else None)


def _ways(whys: Whys) -> Statement | None:
    kinds = {evidence.kind for why in whys.rows for evidence in why.evidence}
    return as_it_is(tuple(word for kind, word in WAYS.items() if kind in kinds))


def _hypothesis(why: WhyVerdict) -> Statement:
    status = STATES[why.status]
    if why.hangs:
        status = term("confirmed by its own tests, and hangs on an answer that is not")
    if why.contribution is None:
        return say(
            "{id}: {claim} ({status}; its part of the change is not known)",
            id=why.id,
            claim=why.claim,
            status=status,
        )
    return say(
        "{id}: {claim} ({status}; {change} of the change)",
        id=why.id,
        claim=why.claim,
        status=status,
        change=why.contribution,
    )


def _evidence(evidence: WhyEvidence) -> Statement:
    estimate, outcome = evidence.estimate, OUTCOMES[evidence.outcome]
    way = WAYS[evidence.kind]
    if estimate is None or estimate.lower is None or estimate.upper is None:
        return say("{id}: {way}, no figure; {outcome}.", id=evidence.id, way=way, outcome=outcome)
    return say(
        "{id}: {way}, {test}: {effect}, 95% interval {low} to {high}, n = {n}; {outcome}.",
        id=evidence.id,
        way=way,
        test=name_of(evidence.test),
        effect=Quantity(value=estimate.effect, unit=estimate.unit, signed=estimate.unit != "share"),
        low=_limit(estimate.lower, estimate.unit),
        high=_limit(estimate.upper, estimate.unit),
        n=Quantity(value=estimate.n, unit="count"),
        outcome=outcome,
    )


def _limit(value: float, unit: str) -> Quantity:
    """A limit of an interval; the value before it has told the unit."""
    if unit == SHARE:
        return Quantity(value=value, unit=SHARE)
    if unit == POINTS:
        return Quantity(value=value * 100, digits=2, signed=True)
    return Quantity(value=value, signed=True)


def name_of(test: str) -> Term:
    """What the reader calls a test."""
    return {
        "before_after": term("before and after"),
        "slice_rate_differs": term("a slice against the rest"),
        "correlates_with_event": term("with and without the event"),
        "step_time_over_limit": term("times over the limit"),
        "topic_concentrates": term("share of a topic"),
        "interviews_agree": term("share that agrees"),
    }.get(test, term("observation"))


def _not_known(whys: Whys, confirmed: list[WhyVerdict]) -> Statement | None:
    """Why no contribution is told; nothing where nobody has answered."""
    if not whys.rows:
        return None
    if not confirmed:
        return say("not known: no cause is confirmed yet")
    return say("not known: no figure goes with a confirmed cause")


def _contribution(causes: Causes | None, whys: Whys) -> Statement | None:
    """What the proven answers make of the change; else what the largest cause does."""
    if whys.explained is not None and whys.total.value:
        return say(
            "Confirmed causes: {part} of {total} ({share}).",
            part=whys.explained,
            total=whys.total,
            share=Quantity(value=whys.explained.value / whys.total.value, unit="share", digits=0),
        )
    if causes is None:
        return None
    top = max(causes.rows, key=lambda row: row.share or 0.0)
    if top.share is None:
        return None
    share = Quantity(value=top.share, unit="share", digits=0)
    return say("{cause}: {share} of the change.", cause=top.label, share=share)
