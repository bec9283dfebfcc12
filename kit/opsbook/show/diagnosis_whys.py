"""The chain of whys: each answer with its tests, its status, and what it explains."""

from __future__ import annotations

from html import escape

from opsbook.results.whys import WhyEvidence, Whys, WhyVerdict
from opsbook.show.cells import count, limit
from opsbook.show.shown import Html, absent, bracketed, filled, shown, words
from opsbook.text import SHARE, Quantity, term

STATUS = {
    "confirmed": term("confirmed"),
    "refuted": term("refuted"),
    "untested": term("to be verified"),
}
MARK = {"confirmed": "✓", "refuted": "✗", "untested": "?"}
OUTCOME = {
    "supported": term("supports it"),
    "contradicted": term("contradicts it"),
    "undecided": term("cannot tell"),
}
#: What n counts.
COUNTED = {
    "before_after": term("n = {n} periods"),
    "correlates_with_event": term("n = {n} periods"),
    "interviews_agree": term("n = {n} interviews"),
}
SHOWS = {"present": term("that it is there"), "effect": term("that the effect goes with it")}


def whys(whys: Whys) -> Html:
    """The chain as a nested list; refuted answers stay in sight with what rules them out."""
    if not whys.rows:
        return absent(words("The params tell no whys yet (diagnosis.whys)."))
    told = filled("To explain: {total}.", total=shown(whys.total))
    if whys.unexplained is not None:
        told = filled(
            "To explain: {total}. Confirmed causes explain {part}; unexplained: {rest}.",
            total=shown(whys.total),
            part=shown(whys.explained),
            rest=shown(whys.unexplained),
        )
    if whys.joins == "and":
        told += " " + words("The first answers are needed together.")
    return Html(
        html=f'<div class="ops"><p>{told}</p>{_answers(whys, None)}</div>',
        text="\n".join(f"{MARK[why.status]} {why.claim}" for why in whys.rows),
    )


def _answers(whys: Whys, parent: str | None) -> str:
    items = "".join(
        f'<li><span class="why why-{why.status}">{MARK[why.status]} {shown(STATUS[why.status])}'
        f"</span> {escape(why.claim)}{_part(why)}"
        f"<ul class='evidence'>{_evidence(why)}{_next(why)}</ul>{_answers(whys, why.id)}</li>"
        for why in whys.rows
        if why.because_of == parent
    )
    return f"<ul class='ops whys'>{items}</ul>" if items else ""


def _part(why: WhyVerdict) -> str:
    """What the answer makes of the change, and whether the team can change it."""
    told = ""
    if why.contribution is not None and why.share is not None:
        share = shown(Quantity(value=why.share, unit=SHARE, digits=0))
        told += f" · {shown(why.contribution)}{bracketed(share)}"
    if why.controllable:
        told += f" · {words('the team can change it')}"
    return told


def _evidence(why: WhyVerdict) -> str:
    told = "".join(_test(evidence) for evidence in why.evidence)
    if not why.evidence:
        told += f"<li>{words('No test is named: it is a guess until one is.')}</li>"
    if why.rests_on:
        claim = filled("It rests on '{claim}', which is refuted.", claim=escape(why.rests_on))
        told += f"<li>{claim}</li>"
    return told


def _test(evidence: WhyEvidence) -> str:
    prediction = ""
    if evidence.prediction:
        prediction = filled("Predicted: {prediction}", prediction=escape(evidence.prediction))
        prediction = f"{prediction} → "
    estimate, measured = evidence.estimate, ""
    if estimate is not None and estimate.lower is not None and estimate.upper is not None:
        counted = COUNTED.get(evidence.test, term("n = {n}")).term
        measured = bracketed(
            filled(
                "95% interval {low} to {high}, {counted}",
                low=limit(estimate.lower, estimate.unit),
                high=limit(estimate.upper, estimate.unit),
                counted=filled(counted, n=count(estimate.n)).replace("n = ", "n&nbsp;=&nbsp;"),
            )
        )
    point = bracketed(shown(SHOWS[evidence.shows]))
    outcome = shown(OUTCOME[evidence.outcome]) + point
    return (
        f"<li><code>{escape(evidence.id)}</code> {prediction}{shown(evidence.statement)}{measured}"
        f" – {outcome}</li>"
    )


def _next(why: WhyVerdict) -> str:
    """What follows from the status: an action, the next question, the missing test."""
    told = []
    if why.root_cause and why.action:
        told.append(filled("Action: {action}", action=escape(why.action)))
    if why.joins == "and":
        told.append(words("The answers below are needed together."))
    if why.hangs:
        told.append(words("Its own tests hold, but an answer that it hangs on is not confirmed."))
    if why.ask_on:
        told.append(words("Ask why once more: the team cannot change it."))
    if why.conflicting:
        told.append(words("Its tests disagree; find out which of them measures the claim."))
    elif why.status == "untested" and why.missing:
        missing = shown(tuple(SHOWS[point] for point in why.missing))
        told.append(filled("Still to be shown: {points}.", points=missing))
    if why.unexplained is not None and why.status == "confirmed":
        told.append(filled("Its answers leave {rest} unexplained.", rest=shown(why.unexplained)))
    return "".join(f"<li>{line}</li>" for line in told)
