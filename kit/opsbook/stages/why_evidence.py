"""What a piece of evidence of a why showed, as its record needs it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from opsbook.methods.diagnosis.judged import Direction, WhyCheck
from opsbook.methods.estimate import Estimate
from opsbook.project.diagnosis import DiagnosisSection
from opsbook.results.diagnosis import Causes, Segments
from opsbook.results.whys import Outcome
from opsbook.stages.context import Context
from opsbook.text import Quantity, Statement, Value, say, term

Point = Literal["present", "effect"]
PREDICTED = {"higher": term("higher"), "lower": term("lower")}
NOTHING_COMPUTED = {
    "before_after": term("a window has fewer than three periods with data"),
    "correlates_with_event": term("there are fewer than 21 periods, or nothing varies"),
    "slice_rate_differs": term("one side has no cases"),
    "step_time_over_limit": term("the step never occurs"),
    "topic_concentrates": term("there is no feedback in the window"),
    "interviews_agree": term("nobody was asked"),
}


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One test's outcome.

    Attributes:
        shows: What it speaks about.
        kind: data, interview or observation.
        statement: What was found.
        outcome: Whether that supports the claim.
        test: Name of the check that ran; empty for an observation.
        estimate: What it measured, with its unit.
        contribution: The cause's part of the change, where the test knows it.
    """

    shows: Point
    kind: Literal["data", "interview", "observation"]
    statement: Statement
    outcome: Outcome
    test: str = ""
    estimate: Estimate | None = None
    contribution: float | None = None


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What the tests work on.

    Attributes:
        context: The project.
        params: Its section.
        causes: The change by cause, if it was split so.
        segments: The change by segment.
    """

    context: Context
    params: DiagnosisSection
    causes: Causes | None
    segments: tuple[Segments, ...]

    @property
    def worse(self) -> Direction:
        """The direction in which the metric becomes worse."""
        return "higher" if self.context.project.watched.better == "lower" else "lower"


def as_evidence(
    check: WhyCheck,
    shows: Point,
    statement: Statement,
    unit: str,
    *,
    kind: Literal["data", "interview"] = "data",
) -> Tested:
    """A check as the evidence it gives; where nothing was measured, the reason."""
    if check.estimate is None:
        statement = say("Not computed: {reason}.", reason=NOTHING_COMPUTED[check.check])
    return Tested(
        shows=shows,
        kind=kind,
        statement=statement,
        outcome=check.outcome,
        test=check.check,
        estimate=None if check.estimate is None else dataclasses.replace(check.estimate, unit=unit),
    )


def effect_of(check: WhyCheck, unit: str, *, signed: bool = True) -> Quantity:
    """What the check measured, 0 where it measured nothing."""
    return Quantity(
        value=check.estimate.effect if check.estimate else 0.0, unit=unit, signed=signed
    )


def predicted(direction: Direction, at_least: float, unit: str) -> dict[str, Value]:
    """The prediction's two places in a sentence."""
    return {
        "direction": PREDICTED[direction],
        "asked": Quantity(value=at_least, unit=unit),
    }
