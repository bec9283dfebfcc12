"""A stage's state as a sign and a word, so that colour never speaks alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opsbook.results import Failure, StageResult, Tone
from opsbook.results.control import ControlResult
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.results.effect import EffectResult
from opsbook.results.intake import IntakeResult
from opsbook.results.solutions import SolutionsResult
from opsbook.results.trigger import TriggerResult
from opsbook.text import Term, term

Sign = Literal["good", "bad", "warn", "unknown", "neutral", "waiting", "failed"]

CANNOT_TELL = term("Cannot tell")
BY_TONE: dict[Tone, Term] = {
    "good": term("Good"),
    "bad": term("Bad"),
    "warn": term("With reservations"),
    "unknown": CANNOT_TELL,
    "neutral": term("Done"),
}
INTAKE = {
    "usable": term("Usable"),
    "with_reservations": term("With reservations"),
    "unusable": term("Unusable"),
}
TRIGGER = {
    "start": term("Start"),
    "watch": term("Watch"),
    "no_reason": term("No reason to start"),
    "insufficient": CANNOT_TELL,
}
EFFECT = {
    "effective": term("Effective"),
    "ineffective": term("No effect found"),
    "harmful": term("Harmful"),
    "cannot_tell": CANNOT_TELL,
}
HARM = term("Effective, with harm")
CONTROL = {
    "none": term("Within limits"),
    "yellow": term("Early warning"),
    "red": term("Limits breached"),
}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A sign, drawn beside its word."""

    sign: Sign
    word: Term


def mark(result: StageResult | None, failure: Failure | None = None) -> Mark:
    """Say in a sign and a word how a stage stands.

    Args:
        result: What it saved, or None.
        failure: Why it failed, if it did; that outweighs an older result.
    """
    if failure is not None or (result is not None and result.status == "failed"):
        return Mark(sign="failed", word=term("Failed"))
    if result is None:
        return Mark(sign="waiting", word=term("Not run"))
    if result.status == "not_due":
        return Mark(sign="waiting", word=term("Not due"))
    if isinstance(result, EffectResult) and result.verdict == "effective" and harms(result):
        return Mark(sign="warn", word=HARM)
    return Mark(sign=result.tone, word=_word(result))


def harms(result: EffectResult) -> bool:
    """Whether a guardrail is harmed, or the metric itself."""
    return result.verdict == "harmful" or any(rail.status == "harmed" for rail in result.guardrails)


def _word(result: StageResult) -> Term:
    match result:
        case IntakeResult(verdict=str(verdict)):
            return INTAKE[verdict]
        case TriggerResult(verdict=str(verdict)):
            return TRIGGER[verdict]
        case DiagnosisResult(whys=whys) if whys and result.tone == "neutral":
            confirmed = any(why.status == "confirmed" for why in whys.rows)
            return term("Cause confirmed") if confirmed else term("Cause unproven")
        case SolutionsResult(decision=None, choice=choice) if choice is None or not choice.final:
            return term("No option")
        case SolutionsResult(decision=decision) if result.tone == "neutral":
            return term("To be decided") if decision is None else term("Decided")
        case EffectResult(verdict=str(verdict)):
            return EFFECT[verdict]
        case ControlResult(watch=watch) if watch is not None:
            return CONTROL[watch.level]
        case _:
            return BY_TONE[result.tone]
