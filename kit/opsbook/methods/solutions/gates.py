"""Knock-out gates: which options may be scored at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from opsbook.errors import DataError
from opsbook.methods.solutions.names import unique_names

GateName = Literal["legal", "technical", "budget", "deadline", "guardrail"]


@dataclass(frozen=True, kw_only=True)
class GateFacts:
    """What the gates must know about one option; None is "nobody has answered".

    Attributes:
        option: The option's name.
        legal: Whether law and contracts allow it.
        possible: Whether it can be built at all.
        cost: Its whole cost, in the currency of the budget.
        weeks: Weeks from the decision until it works.
        harmed_guardrails: Guardrail metrics that it is known to harm.
    """

    option: str
    legal: bool | None = None
    possible: bool | None = None
    cost: float | None = None
    weeks: float | None = None
    harmed_guardrails: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shut:
    """One gate that one option does not pass.

    Attributes:
        option: The option's name.
        gate: The gate.
        value: The option's cost or weeks, where the gate is a limit.
        limit: The limit it breaks, in the same unit.
        guardrails: The guardrail metrics harmed, for that gate.
    """

    option: str
    gate: GateName
    value: float | None = None
    limit: float | None = None
    guardrails: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Gates:
    """The options that may be scored, and why the others may not.

    Attributes:
        passed: Options with every gate open, in the order given.
        shut: Every gate that an option breaks, option by option.
        unanswered: Option and gate for each question left open. Such an option passes for now;
            the answer is owed before it is chosen.
    """

    passed: tuple[str, ...]
    shut: tuple[Shut, ...]
    unanswered: tuple[tuple[str, GateName], ...]


def gates(
    facts: Sequence[GateFacts],
    *,
    hard_budget: float | None = None,
    deadline_weeks: float | None = None,
) -> Gates:
    """Tell which options may be scored, and which gate stops each of the others.

    A gate is no criterion: nothing that an option does well makes up for breaking one. An
    option is over a limit when it exceeds it; costing exactly the budget passes. What most often
    fails: a gate answered "yes" by habit, so leave None where nobody has looked.

    Args:
        facts: One entry per option.
        hard_budget: The most that any single option may cost; None for no such gate.
        deadline_weeks: The last week in which it must work; None for no such gate.

    Returns:
        Options that passed, gates that are shut, questions left open.

    Raises:
        DataError: If an option is named twice, or a cost, duration or limit is negative or not
            a finite number.

    Examples:
        >>> chatbot = GateFacts(option="Chatbot", legal=True, possible=True, cost=90_000)
        >>> script = GateFacts(option="Script", legal=True, possible=True, cost=4_000)
        >>> result = gates([chatbot, script], hard_budget=50_000)
        >>> result.passed
        ('Script',)
        >>> result.shut[0].gate
        'budget'
    """
    unique_names("option", [fact.option for fact in facts])
    _check_amount("The hard budget", hard_budget)
    _check_amount("The deadline in weeks", deadline_weeks)
    shut: list[Shut] = []
    unanswered: list[tuple[str, GateName]] = []
    for fact in facts:
        _check_amount(f"The cost of option '{fact.option}'", fact.cost)
        _check_amount(f"The weeks of option '{fact.option}'", fact.weeks)
        answers: tuple[tuple[GateName, bool | None], ...] = (
            ("legal", fact.legal),
            ("technical", fact.possible),
        )
        for gate, answer in answers:
            if answer is None:
                unanswered.append((fact.option, gate))
            elif not answer:
                shut.append(Shut(option=fact.option, gate=gate))
        limits: tuple[tuple[GateName, float | None, float | None], ...] = (
            ("budget", fact.cost, hard_budget),
            ("deadline", fact.weeks, deadline_weeks),
        )
        for gate, value, limit in limits:
            if limit is None:
                continue
            if value is None:
                unanswered.append((fact.option, gate))
            elif value > limit:
                shut.append(Shut(option=fact.option, gate=gate, value=value, limit=limit))
        if fact.harmed_guardrails:
            shut.append(
                Shut(option=fact.option, gate="guardrail", guardrails=fact.harmed_guardrails)
            )
    stopped = {entry.option for entry in shut}
    return Gates(
        passed=tuple(fact.option for fact in facts if fact.option not in stopped),
        shut=tuple(shut),
        unanswered=tuple(entry for entry in unanswered if entry[0] not in stopped),
    )


def _check_amount(what: str, amount: float | None) -> None:
    if amount is not None and not 0 <= amount < float("inf"):
        raise DataError(f"{what} is {amount}.", "Give a number that is zero or more, or nothing.")
