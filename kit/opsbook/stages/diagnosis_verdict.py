"""The diagnosis in one sentence, its findings, and what is still unexplained."""

from __future__ import annotations

from dataclasses import dataclass

from opsbook.project.diagnosis import DiagnosisSection
from opsbook.results import Caution, Finding
from opsbook.results.diagnosis import Causes, Change, DiagnosisResult, Segments
from opsbook.results.journey import Flow, Journey, Voices
from opsbook.results.logic_tree import LogicTree, SliceSearch
from opsbook.results.whys import Whys, WhyVerdict
from opsbook.stages.context import Context
from opsbook.stages.diagnosis_form import diagnosis_form
from opsbook.stages.slice_finding import slice_finding
from opsbook.text import SHARE, Quantity, Statement, Value, say, term

AGAINST = {
    "before": term("against the window before"),
    "last_year": term("against a year earlier"),
    "benchmark": term("against the benchmark"),
}
#: A rest above this share of the change is told as a caution.
LARGE_REST = 0.1


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the steps of the stage found."""

    change: Change
    trees: tuple[LogicTree, ...] = ()
    causes: Causes | None = None
    slices: tuple[SliceSearch, ...] = ()
    segments: tuple[Segments, ...] = ()
    journey: Journey | None = None
    flow: Flow | None = None
    voices: Voices | None = None
    whys: Whys


def conclusion(context: Context, params: DiagnosisSection, found: Found) -> DiagnosisResult:
    """Put what was found into a result: headline, findings, cautions, form 2-2."""
    proven = _proven(found.whys)
    change = found.change
    values: dict[str, Value] = {
        "kpi": change.metric,
        "before": _value(context, change.before.value),
        "after": _value(context, change.after.value),
        "change": change.change,
    }
    if proven is None:
        headline = say(
            "{kpi} went from {before} to {after} ({change}); no cause is confirmed yet.", **values
        )
    else:
        headline = say(
            "{kpi} went from {before} to {after} ({change}); confirmed: {claim}",
            **values,
            claim=proven.claim,
        )
    return DiagnosisResult(
        project=context.project.project.id,
        headline=headline,
        tone="neutral" if proven else "unknown",
        findings=_findings(context, found),
        cautions=_cautions(found),
        forms=(diagnosis_form(context, params, found.change, found.causes, found.whys),),
        change=found.change,
        trees=found.trees,
        causes=found.causes,
        slices=found.slices,
        segments=found.segments,
        journey=found.journey,
        flow=found.flow,
        voices=found.voices,
        whys=found.whys,
        provenance=context.provenance,
    )


def _proven(whys: Whys) -> WhyVerdict | None:
    """The deepest proven answer: a root cause before any other."""
    proven = [why for why in whys.rows if why.proven]
    return max(proven, key=lambda why: (why.root_cause, why.depth), default=None)


def _value(context: Context, value: float) -> Quantity:
    return Quantity(value=value, unit=context.project.watched.value_unit)


def _moved(context: Context, value: float) -> Quantity:
    return Quantity(value=value, unit=context.project.watched.change_unit, signed=True)


def _findings(context: Context, found: Found) -> tuple[Finding, ...]:
    change = found.change
    findings = [
        Finding(
            id="change",
            statement=say(
                "{kpi} changed by {change}, from {before} ({from} to {to}) to {after} ({first} to "
                "{last}).",
                kpi=change.metric,
                change=change.change,
                before=_value(context, change.before.value),
                after=_value(context, change.after.value),
                **{"from": change.before.start, "to": change.before.end},
                first=change.after.start,
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
                    "The volume per period changed by {change} meanwhile.",
                    change=change.volume_change,
                ),
            )
        )
    if found.causes is not None:
        findings.append(_largest_cause(context, found.causes))
    findings += [
        finding
        for search in found.slices
        if search.of == "metric" and (finding := slice_finding(context, search))
    ]
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
        for split in found.segments
        if split.reason is None
    ]
    findings += [f for f in (_widest_leak(found.journey), _bottleneck(context, found.flow)) if f]
    if found.whys.unexplained is not None:
        statement = say(
            "Of {total}, the confirmed causes explain {part}; {rest} are still unexplained.",
            total=found.whys.total,
            part=found.whys.explained or "",
            rest=found.whys.unexplained,
        )
        findings.append(Finding(id="explained", statement=statement, grade="D"))
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


def _widest_leak(journey: Journey | None) -> Finding | None:
    if journey is None or not journey.views or journey.most_lost is None:
        return None
    step = next(s for s in journey.views[0].steps if s.name == journey.most_lost)
    if step.conversion is None or step.lost is None:
        return None
    statement = say(
        "Most people are lost before '{step}': {lost}; {share} of those before it go on.",
        step=step.name,
        lost=Quantity(value=step.lost, unit="count"),
        share=Quantity(value=step.conversion, unit=SHARE),
    )
    return Finding(id="funnel", statement=statement, grade="D")


def _bottleneck(context: Context, flow: Flow | None) -> Finding | None:
    step = next((s for s in flow.steps if s.step == flow.most_waiting), None) if flow else None
    if step is None or step.wait_p50 is None or step.wait_p90 is None:
        return None
    figures: dict[str, Value] = {
        "step": step.step,
        "hours": _time(step.wait_hours),
        "median": _time(step.wait_p50),
        "long": _time(step.wait_p90),
    }
    section = context.project.diagnosis
    if section is None or section.flow.open_hours is None:
        statement = say(
            "The bottleneck is '{step}': {hours} of waiting before it in all, half of the cases "
            "wait longer than {median}, one in ten longer than {long}.",
            **figures,
        )
    else:
        statement = say(
            "The bottleneck is '{step}': {hours} of waiting before it in all (open hours), half of "
            "the cases wait longer than {median}, one in ten longer than {long}.",
            **figures,
        )
    return Finding(id="bottleneck", statement=statement, grade="D")


def _time(hours: float) -> Quantity:
    """A time as people say it: in minutes below an hour."""
    if hours >= 1:
        return Quantity(value=hours, unit="hours", digits=1 if hours < 100 else 0)
    return Quantity(value=hours * 60, unit=term("minutes").term, digits=0 if hours >= 1 / 6 else 1)


def _cautions(found: Found) -> tuple[Caution, ...]:
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
        for split in found.segments
        if split.reversal
    ]
    told = {split.label for split in found.segments if split.reversal}
    cautions += [
        Caution(
            id=f"reversal_{tree.against}",
            statement=say(
                "By {dimension} the parts of {ratio} moved against the whole (Simpson's "
                "reversal), {against}: the mix hides what they did.",
                dimension=tree.cut_by,
                ratio=tree.reversals,
                against=AGAINST[tree.against],
            ),
            settles=say("Judge the segments by their own figures."),
        )
        for tree in found.trees
        if tree.reversals and tree.cut_by not in told
    ]
    cautions += _open_whys(found.whys)
    if found.causes is not None and _large(found.causes.unexplained, found.causes.total):
        cautions.append(
            Caution(
                id="unexplained",
                statement=say(
                    "The named causes leave more than a tenth of the change unexplained."
                ),
                settles=say("Add the causes that are missing to diagnosis.causes."),
            )
        )
    if any(_large(tree.unexplained, tree.total) for tree in found.trees):
        cautions.append(
            Caution(
                id="formula",
                statement=say(
                    "The formula leaves more than a tenth of the measured change unexplained."
                ),
                settles=say("Correct diagnosis.formula until it gives the metric."),
            )
        )
    if found.slices and any(search.slices for search in found.slices):
        cautions.append(
            Caution(
                id="searched",
                statement=say(
                    "The slices were found by searching these data; they are where to look, "
                    "no proof of a cause."
                ),
                settles=say("Test them as evidence of a why, on data of another window."),
            )
        )
    return tuple(cautions)


def _open_whys(whys: Whys) -> list[Caution]:
    """What is not proven, by its claim, and which proven causes wait for an answer or an action."""
    cautions = []
    for why in whys.rows:
        if why.status == "untested":
            settles = say("Give it a test on the data, or counted interviews, as evidence.")
            if why.missing == ("effect",):
                settles = say("Test that the effect appears or disappears with it.")
            elif why.missing == ("present",):
                settles = say("Test that the cause is there.")
            cautions.append(
                Caution(
                    id=f"untested_{why.id}",
                    statement=say("Not proven yet: {claim}", claim=why.claim),
                    settles=settles,
                )
            )
        elif why.hangs:
            cautions.append(
                Caution(
                    id=f"hangs_{why.id}",
                    statement=say(
                        "Its own tests hold, but an answer that it hangs on is not confirmed: "
                        "{claim}",
                        claim=why.claim,
                    ),
                    settles=say("Test the answers above it, and those needed together with it."),
                )
            )
        elif why.ask_on:
            cautions.append(
                Caution(
                    id=f"ask_on_{why.id}",
                    statement=say("Proven, but not in the team's hands: {claim}", claim=why.claim),
                    settles=say("Ask why once more, until a cause that the team can change."),
                )
            )
        elif why.root_cause and not why.action:
            cautions.append(
                Caution(
                    id=f"no_action_{why.id}",
                    statement=say("No action is named for: {claim}", claim=why.claim),
                    settles=say("Name it in the action of the why, or as an option of stage 3."),
                )
            )
    return cautions


def _large(rest: float, total: float) -> bool:
    return abs(rest) > abs(total) * LARGE_REST
