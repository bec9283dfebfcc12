"""Stage 0: what came, what was used, what was left out and why."""

from __future__ import annotations

from collections import Counter

from opsbook.data import jumps as find_jumps
from opsbook.results import Caution, Finding, Tone
from opsbook.results.intake import Coverage, IntakeResult, Jump, Ledger, State
from opsbook.stages.context import Context
from opsbook.text import Period, Quantity, Statement, say

#: With fewer complete periods than this, or less than this share of the rows, nothing can be said.
LEAST_PERIODS, LEAST_SHARE = 2, 0.5


def ledger(context: Context) -> Ledger:
    """The receipt: every row in, used, or left out for a named reason."""
    return context.tables.ledger


def coverage(context: Context) -> Coverage:
    """Which periods are complete, missing, partial or closed."""
    return context.tables.coverage


def jumps(context: Context) -> tuple[Jump, ...]:
    """Where the data change as if they were counted in another way."""
    return find_jumps(context.tables.kpi, context.project)


def conclude(
    context: Context, ledger: Ledger, coverage: Coverage, jumps: tuple[Jump, ...]
) -> IntakeResult:
    """The verdict on the data: usable, usable with reservations, or unusable."""
    states = Counter(coverage.state)
    cautions = _cautions(context, ledger, coverage, jumps)
    reservations = [caution for caution in cautions if caution.id != "partial_periods"]
    values: dict[str, Quantity | Period] = {
        "used": _count(ledger.rows_used),
        "rows": _count(ledger.rows_in),
        "first": coverage.span[0],
        "last": coverage.span[1],
    }
    tone: Tone
    if _is_unusable(ledger, states["complete"]):
        verdict, tone = "unusable", "bad"
        headline = say(
            "The data are not usable: {used} of {rows} rows, {first} to {last}.", **values
        )
    elif reservations:
        verdict, tone = "with_reservations", "warn"
        headline = say(
            "The data are usable with reservations: {used} of {rows} rows, {first} to {last}.",
            **values,
        )
    else:
        verdict, tone = "usable", "neutral"
        headline = say("The data are usable: {used} of {rows} rows, {first} to {last}.", **values)
    return IntakeResult(
        project=context.project.project.id,
        headline=headline,
        tone=tone,
        verdict=verdict,
        findings=_findings(ledger, states),
        cautions=tuple(cautions),
        ledger=ledger,
        coverage=coverage,
        jumps=jumps,
        provenance=context.provenance,
    )


def run(context: Context) -> IntakeResult:
    """All steps of the stage, as its notebook takes them."""
    return conclude(context, ledger(context), coverage(context), jumps(context))


def _is_unusable(ledger: Ledger, complete: int) -> bool:
    """Whether too little is left; what the filter leaves out was not asked for."""
    asked = ledger.rows_in - sum(
        line.rows for line in ledger.left_out if line.reason.message == "left out by the filter"
    )
    return complete < LEAST_PERIODS or ledger.rows_used < LEAST_SHARE * asked


def _findings(ledger: Ledger, states: Counter[State]) -> tuple[Finding, ...]:
    used, rows = _count(ledger.rows_used), _count(ledger.rows_in)
    periods = say(
        "Periods: {complete} complete, {missing} missing, {partial} partial and left out.",
        complete=_count(states["complete"]),
        missing=_count(states["missing"]),
        partial=_count(states["partial"]),
    )
    told = say("{used} of {rows} rows are used.", used=used, rows=rows)
    if ledger.rows_in_focus is not None:
        mine = _count(ledger.rows_in_focus)
        told = say(
            "{used} of {rows} rows are used, {mine} of them in focus.",
            used=used,
            rows=rows,
            mine=mine,
        )
    found = [Finding(id="rows", statement=told), Finding(id="periods", statement=periods)]
    if states["closed"]:
        closed = say(
            "Closed days, which are not missing: {closed}.", closed=_count(states["closed"])
        )
        found.append(Finding(id="closed", statement=closed))
    return tuple(found)


def _cautions(
    context: Context, ledger: Ledger, coverage: Coverage, jumps: tuple[Jump, ...]
) -> list[Caution]:
    cautions = []
    missing = coverage.in_state("missing")
    ends = (coverage.periods[0], coverage.periods[-1])
    if ledger.simulated:
        cautions.append(
            Caution(
                id="simulated",
                statement=say("These data are simulated."),
                settles=say("Bring your own data before anything is decided."),
            )
        )
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
    cautions += [
        Caution(
            id="partial_periods" if period in ends else "half_empty_period",
            statement=say("{period} is not complete and is left out.", period=period),
            settles=say("It counts as soon as all of its days are there."),
        )
        for period in coverage.partial
    ]
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
        Caution(id=f"rows_{i}", statement=note, settles=say("The ledger names the first rows."))
        for i, note in enumerate(ledger.notes)
    ]
    cautions += [
        Caution(
            id=f"jump_{i}",
            statement=jump_told(jump),
            settles=say("Ask who counts it whether its definition changed then."),
        )
        for i, jump in enumerate(jumps)
    ]
    return cautions


def jump_told(jump: Jump) -> Statement:
    """A jump as a sentence."""
    if jump.kind == "level":
        return say(
            "From {period} on, {column} is {ratio} times what it was before.",
            period=jump.period,
            column=jump.name,
            ratio=Quantity(value=jump.size, digits=2),
        )
    if jump.kind == "spread":
        return say(
            "From {period} on, the noise of {column} is {ratio} times what it was before.",
            period=jump.period,
            column=jump.name,
            ratio=Quantity(value=jump.size, digits=2),
        )
    values: dict[str, Quantity | Period | str] = {
        "dimension": jump.dimension or "",
        "name": jump.name,
        "period": jump.period,
        "share": Quantity(value=jump.size, unit="share"),
    }
    if jump.kind == "birth":
        return say(
            "{dimension} '{name}' is new from {period} on, with {share} of the volume at once.",
            **values,
        )
    return say(
        "{dimension} '{name}' is gone from {period} on; it had {share} of the volume.", **values
    )


def _count(number: int) -> Quantity:
    return Quantity(value=number, unit="count")
