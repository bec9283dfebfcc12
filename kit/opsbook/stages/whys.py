"""The status of each why, computed from its tests; flip the evidence and it flips."""

from __future__ import annotations

from opsbook.errors import DataError
from opsbook.methods.diagnosis import why_status as tree
from opsbook.project.diagnosis import DiagnosisSection
from opsbook.project.whys import Evidence, Why
from opsbook.results.diagnosis import Causes, Segments
from opsbook.results.whys import WhyEvidence, Whys, WhyVerdict
from opsbook.stages.context import Context
from opsbook.stages.why_evidence import Bench, Tested
from opsbook.stages.why_tests import tested
from opsbook.text import Quantity, say


def verdicts(
    context: Context,
    params: DiagnosisSection,
    causes: Causes | None,
    segments: tuple[Segments, ...],
    total: float,
) -> Whys:
    """Test every why again and compute its status.

    A why is confirmed if a test shows that the cause is there and another that the effect goes
    with it; refuted if a test contradicts either, or if it rests on a refuted one; else it is
    untested. Interviews show presence only; an observation proves nothing.

    Args:
        context: The project.
        params: Its section.
        causes: The change by cause, if it was split so.
        segments: The change by segment.
        total: The change of the watched metric.
    """
    bench = Bench(context=context, params=params, causes=causes, segments=segments)
    tests = {why.id: _tests(bench, why) for why in params.whys}
    found = tree.why_status(
        [
            tree.Why(
                id=why.id,
                because_of=why.because_of or "",
                evidence=tuple(
                    tree.Evidence(id=e.id, shows=e.shows, kind=e.kind, outcome=e.outcome)
                    for e, _ in tests[why.id]
                ),
                joins=why.joins,
                contribution=_contribution(why, [part for _, part in tests[why.id]]),
                controllable=why.controllable,
                action=why.action,
            )
            for why in params.whys
        ],
        size=total,
        joins=params.whys_join,
    )
    unit = context.project.watched.change_unit
    told = {why.id: why for why in params.whys}
    refuted = {status.id for status in found.whys if status.status == "refuted"}
    confirmed = any(status.chain == "confirmed" for status in found.whys if not status.depth)
    return Whys(
        rows=tuple(
            _verdict(
                told[status.id],
                status,
                tuple(e for e, _ in tests[status.id]),
                rests_on=_rests_on(told, status.id, refuted),
                total=total,
                unit=unit,
            )
            for status in found.whys
        ),
        joins=params.whys_join,
        total=Quantity(value=total, unit=unit, signed=True),
        explained=_moved(found.explained if confirmed else None, unit),
        unexplained=_moved(found.unexplained if confirmed else None, unit),
    )


def _tests(bench: Bench, why: Why) -> list[tuple[WhyEvidence, float | None]]:
    """Every test of a why as it is saved, with the contribution that it knows."""
    # A cause and a segment are two tests; what was predicted is about the second, the effect.
    results = [
        (evidence.prediction if result is ran[-1] else "", result)
        for evidence in why.evidence
        for ran in [_run(bench, evidence)]
        for result in ran
    ]
    return [
        (
            WhyEvidence(
                id=f"{why.id}.{number}",
                kind=result.kind,
                shows=result.shows,
                test=result.test,
                prediction=prediction,
                statement=result.statement,
                outcome=result.outcome,
                estimate=result.estimate,
            ),
            result.contribution,
        )
        for number, (prediction, result) in enumerate(results, start=1)
    ]


def _run(bench: Bench, evidence: Evidence) -> tuple[Tested, ...]:
    """Run a test; data that it cannot be run on leave it undecided, with the reason."""
    try:
        return tested(bench, evidence)
    except DataError as error:
        return (
            Tested(
                shows=getattr(evidence, "shows", "present"),
                kind="data",
                statement=say("Not computed: {reason}", reason=str(error)),
                outcome="undecided",
            ),
        )


def _contribution(why: Why, known: list[float | None]) -> float | None:
    if why.contribution is not None:
        return why.contribution
    return next((part for part in known if part is not None), None)


def _rests_on(told: dict[str, Why], name: str, refuted: set[str]) -> str:
    """Claim of the nearest refuted why above; empty without one."""
    above = told[name].because_of
    while above is not None:
        if above in refuted:
            return told[above].claim
        above = told[above].because_of
    return ""


def _verdict(
    why: Why,
    status: tree.WhyStatus,
    evidence: tuple[WhyEvidence, ...],
    *,
    rests_on: str,
    total: float,
    unit: str,
) -> WhyVerdict:
    part = status.contribution
    return WhyVerdict(
        id=why.id,
        claim=why.claim,
        because_of=why.because_of,
        controllable=why.controllable,
        status="refuted" if rests_on else status.status,
        chain=status.chain,
        depth=status.depth,
        joins=why.joins,
        evidence=evidence,
        rests_on=rests_on,
        missing=tuple(p for p in ("present", "effect") if p in status.missing),
        conflicting=tuple(p for p in ("present", "effect") if p in status.conflicting),
        refuted_by=status.refuted_by,
        root_cause=status.root_cause,
        ask_on=status.ask_on,
        action=why.action,
        contribution=_moved(part, unit),
        share=None if part is None or not total else part / total,
        unexplained=_moved(status.unexplained, unit),
    )


def _moved(value: float | None, unit: str) -> Quantity | None:
    return None if value is None else Quantity(value=value, unit=unit, signed=True)
