"""Stage 0: what came, what was used, what was left out and why."""

from __future__ import annotations

from collections import Counter

from opsbook.results import Caution, Finding, Tone
from opsbook.results.intake import Coverage, IntakeResult, Ledger
from opsbook.stages.context import Context
from opsbook.text import Quantity, say


def ledger(context: Context) -> Ledger:
    """The receipt: every row in, used, or left out for a named reason."""
    return context.tables.ledger


def coverage(context: Context) -> Coverage:
    """Which periods are complete, missing or partial."""
    return context.tables.coverage


def conclude(context: Context, ledger: Ledger, coverage: Coverage) -> IntakeResult:
    """The verdict on the data: usable, usable with reservations, or unusable."""
    states = Counter(coverage.state)
    cautions = _cautions(context, ledger, coverage)
    reservations = [caution for caution in cautions if caution.id != "partial_periods"]
    verdict = "with_reservations" if reservations else "usable"
    used, rows = _count(ledger.rows_used), _count(ledger.rows_in)
    first, last = coverage.periods[0], coverage.periods[-1]
    headline = (
        say(
            "The data are usable: {used} of {rows} rows, {first} to {last}.",
            used=used,
            rows=rows,
            first=first,
            last=last,
        )
        if verdict == "usable"
        else say(
            "The data are usable with reservations: {used} of {rows} rows, {first} to {last}.",
            used=used,
            rows=rows,
            first=first,
            last=last,
        )
    )
    findings = (
        Finding(
            id="rows",
            statement=say("{used} of {rows} rows are used.", used=used, rows=rows),
        ),
        Finding(
            id="periods",
            statement=say(
                "Periods: {complete} complete, {missing} missing, {partial} partial and left out.",
                complete=_count(states["complete"]),
                missing=_count(states["missing"]),
                partial=_count(states["partial"]),
            ),
        ),
    )
    tone: Tone = "neutral" if verdict == "usable" else "warn"
    return IntakeResult(
        project=context.project.project.id,
        headline=headline,
        tone=tone,
        verdict=verdict,
        findings=findings,
        cautions=tuple(cautions),
        ledger=ledger,
        coverage=coverage,
        provenance=context.provenance,
    )


def run(context: Context) -> IntakeResult:
    """All steps of the stage, as its notebook takes them."""
    return conclude(context, ledger(context), coverage(context))


def _cautions(context: Context, ledger: Ledger, coverage: Coverage) -> list[Caution]:
    cautions = []
    missing = [p for p, s in zip(coverage.periods, coverage.state, strict=True) if s == "missing"]
    partial = [p for p, s in zip(coverage.periods, coverage.state, strict=True) if s == "partial"]
    if ledger.simulated:
        cautions.append(Caution(id="simulated", statement=say("These data are simulated.")))
    if missing:
        cautions.append(
            Caution(
                id="missing_periods",
                statement=say(
                    "Missing periods: {count}, the first {first}; they stay gaps, not zeros.",
                    count=_count(len(missing)),
                    first=missing[0],
                ),
                settles=say("Export those periods again, or say why they are empty."),
            )
        )
    if partial:
        cautions.append(
            Caution(
                id="partial_periods",
                statement=say("{period} is not complete yet and is left out.", period=partial[-1]),
                settles=say("It counts as soon as its last day is there."),
            )
        )
    complete = coverage.state.count("complete")
    least = context.project.intake.minimum_periods
    if complete < least:
        cautions.append(
            Caution(
                id="few_periods",
                statement=say(
                    "Complete periods: {count}; {least} are asked for.",
                    count=_count(complete),
                    least=_count(least),
                ),
                settles=say("Collect more periods, or choose a shorter grain."),
            )
        )
    cautions += [
        Caution(id=f"impossible_{i}", statement=note) for i, note in enumerate(ledger.notes)
    ]
    return cautions


def _count(number: int) -> Quantity:
    return Quantity(value=number, unit="count")
