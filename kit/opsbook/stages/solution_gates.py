"""Which options may be scored, and whether options and causes match."""

from __future__ import annotations

from typing import cast

from opsbook.methods.solutions.cause_coverage import cause_coverage
from opsbook.methods.solutions.gates import GateFacts, GateName, Shut
from opsbook.methods.solutions.gates import gates as gates_of
from opsbook.project.solutions import Option
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.results.scoring import Gates, OptionGates, ShutGate
from opsbook.results.whys import WhyVerdict
from opsbook.stages.context import Context
from opsbook.stages.solution_measures import params_of
from opsbook.text import MONEY, Quantity, Statement, Term, say, term

#: Names of gates in the params that every option is asked about.
ASKED = ("legal", "technical")
WORDS: dict[GateName, Term] = {
    "legal": term("not legal"),
    "technical": term("technically impossible"),
    "budget": term("over the hard budget"),
    "deadline": term("past the deadline"),
    "guardrail": term("harms a guardrail"),
}


def gates(context: Context) -> Gates:
    """Every option with the gates that it breaks; one shut gate is enough."""
    params = params_of(context)
    found = gates_of(
        [
            GateFacts(
                option=option.id,
                legal=option.gates.get("legal"),
                possible=option.gates.get("technical"),
                cost=option.cost.mode,
                weeks=option.weeks.mode,
                harmed_guardrails=option.harms,
            )
            for option in params.options
        ],
        hard_budget=params.hard_budget,
        deadline_weeks=params.deadline_weeks,
    )
    whys = {why.id: why for why in _whys(context)}
    claims = _claims(context)
    rows = []
    for option in params.options:
        own = {name: passed for name, passed in option.gates.items() if name not in ASKED}
        shut = [
            ShutGate(gate=WORDS[gate.gate], reason=_reason(gate, params.currency))
            for gate in found.shut
            if gate.option == option.id
        ]
        shut += [
            ShutGate(gate=name, reason=say("not passed: {gate}", gate=name))
            for name, passed in own.items()
            if passed is False
        ]
        unanswered = [_question(gate) for name, gate in found.unanswered if name == option.id]
        unanswered += [say("{gate}?", gate=name) for name, passed in own.items() if passed is None]
        why = whys.get(option.cause or "")
        rows.append(
            OptionGates(
                id=option.id,
                title=option.title,
                cause=claims.get(option.cause or ""),
                cause_status=why.status if why else None,
                shut=tuple(shut),
                unanswered=() if shut else tuple(unanswered),
            )
        )
    confirmed = [why.id for why in whys.values() if why.status == "confirmed"]
    # Removing a cause removes what it causes in turn, up the chain of whys.
    coverage = cause_coverage(
        {option.id: _chain(option, whys) for option in params.options}, confirmed
    )
    title = {option.id: option.title for option in params.options}
    return Gates(
        rows=tuple(rows),
        causes_without_option=tuple(whys[i].claim for i in coverage.causes_without_option),
        options_without_cause=tuple(title[i] for i in coverage.options_without_cause),
    )


def _whys(context: Context) -> tuple[WhyVerdict, ...]:
    diagnosis = cast("DiagnosisResult | None", context.upstream.get("diagnosis"))
    return diagnosis.whys.rows if diagnosis is not None and diagnosis.whys is not None else ()


def _claims(context: Context) -> dict[str, str]:
    diagnosis = context.project.diagnosis
    return {why.id: why.claim for why in diagnosis.whys} if diagnosis else {}


def _chain(option: Option, whys: dict[str, WhyVerdict]) -> list[str]:
    chain: list[str] = []
    cause = option.cause
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = whys[cause].because_of if cause in whys else None
    return chain


def _reason(gate: Shut, currency: str) -> Statement:
    value, limit = gate.value or 0.0, gate.limit or 0.0
    match gate.gate:
        case "legal":
            return say("not legal")
        case "technical":
            return say("technically impossible")
        case "budget":
            return say(
                "costs {cost}, over the hard budget of {limit}",
                cost=Quantity(value=value, unit=MONEY + currency),
                limit=Quantity(value=limit, unit=MONEY + currency),
            )
        case "deadline":
            return say(
                "works after {weeks} weeks, past the deadline of {limit} weeks",
                weeks=Quantity(value=value),
                limit=Quantity(value=limit),
            )
        case "guardrail":
            return say("harms {guardrails}", guardrails=tuple(gate.guardrails))


def _question(gate: str) -> Statement:
    return say("legal?") if gate == "legal" else say("technically possible?")
