"""What stage 4 saves: did it work, and how sure is that?"""

from __future__ import annotations

from typing import Literal

from opsbook.methods.estimate import Estimate
from opsbook.results.base import Event, Grade, Series, StageResult
from opsbook.results.diagnosis import PeriodValue
from opsbook.results.effect_measured import Controlled, Measured, Measurements
from opsbook.text import Period, Quantity, Record, Statement, Term, term

GuardrailStatus = Literal["safe", "worse", "harmed", "cannot_tell"]
Verdict = Literal["effective", "ineffective", "harmful", "cannot_tell"]
Claim = Literal["improved", "worsened", "nothing"]
CheckStatus = Literal["pass", "look", "fail"]

GUARDRAIL_WORDS: dict[GuardrailStatus, Term] = {
    "safe": term("not harmed"),
    "worse": term("worse, perhaps within its margin"),
    "harmed": term("harmed"),
    "cannot_tell": term("the data cannot tell"),
}


class DesignOption(Record):
    """A design that was not chosen, and why."""

    design: str
    reason: Statement


class Registration(Record):
    """What was fixed before the data were looked at.

    Attributes:
        hash: Content hash of the plan as it is now.
        registered: Content hash at the first run.
        before_data: Whether the first run came before there was a period after the launch.
        deviations: What was changed since, each as a sentence.
    """

    hash: str
    registered: str
    before_data: bool
    deviations: tuple[Statement, ...] = ()


class Design(Record):
    """How the effect is measured, and why so."""

    chosen: str
    grade: Grade
    reason: Statement
    fixed: bool
    rejected: tuple[DesignOption, ...]
    registration: Registration


class Comparison(Record):
    """The windows that are compared, and the series they are cut from."""

    series: Series
    launched: Period
    before: PeriodValue
    after: PeriodValue
    events: tuple[Event, ...] = ()


class FakeLaunch(Record):
    """What the method found where nothing was launched."""

    period: Period | None
    unit: str | None
    effect: float
    claim: Claim


class ReceiptLine(Record):
    """How often the verdict's rule would have been wrong, and how often right.

    Attributes:
        where: ``own_past`` or ``controls``.
        n: Fake launches.
        effective: Share of them called effective.
        harmful: Share of them called harmful.
        power: Share at which the aim, had it come true, would have been called effective.
        detectable: Smallest improvement that 80 % of them would have shown, without sign.
        launches: The fake launches, for the figure.
    """

    where: Literal["own_past", "controls"]
    n: int
    effective: float
    harmful: float
    power: float | None
    detectable: float | None
    launches: tuple[FakeLaunch, ...]


class Receipt(Record):
    """The method's own false alarms and power on this very data.

    Attributes:
        aim: The change that matters, signed; None where the params state none.
        aim_source: Where that comes from.
        detectable: The smallest improvement that would have been shown in 80 % of cases.
        more_periods: Further periods that would show the aim, 0 if those observed suffice.
        more_units: Further units with the change that would, None where none would.
        more_users: Further users of an experiment that would, split as those observed.
    """

    lines: tuple[ReceiptLine, ...]
    unit: str
    aim: float | None
    aim_source: Statement | None
    detectable: float | None
    more_periods: int | None = None
    more_units: int | None = None
    more_users: int | None = None


class Check(Record):
    """One line of the report card."""

    id: str
    title: Term
    status: CheckStatus
    finding: Statement
    todo: Statement | None = None
    blocks: bool = False


class GuardrailCheck(Record):
    """Whether something else was harmed.

    Attributes:
        status: ``safe`` within the margin, ``harmed`` beyond it, ``worse`` where it got worse but
            perhaps within the margin, else ``cannot_tell``.
        before: Its level without the change: the window before, or the control arm; None, like
            all that is measured, where an experiment's arms do not hold it.
        after: Its level with the change: the window after, or the treatment arm.
        grade: How its change was measured.
    """

    name: str
    unit: str
    change_unit: str
    before: float | None
    after: float | None
    estimate: Estimate | None
    grade: Grade | None = None
    margin: float
    status: GuardrailStatus


class MetricCheck(Record):
    """A further metric, its p-value adjusted for the number looked at.

    Attributes:
        estimate: Its change; None where an experiment's arms do not hold it.
    """

    name: str
    estimate: Estimate | None
    adjusted: float | None
    shown: bool


class SideEffects(Record):
    """What else moved."""

    guardrails: tuple[GuardrailCheck, ...] = ()
    metrics: tuple[MetricCheck, ...] = ()


class Money(Record):
    """What the effect is worth, with its interval."""

    value: Quantity
    lower: Quantity | None
    upper: Quantity | None


class Forecast(Record):
    """What was promised against what was measured.

    Attributes:
        planned: Smallest effect that the planned pilot was to show, if one was planned.
    """

    options: tuple[str, ...]
    low: float
    mode: float
    high: float
    kept: Literal["kept", "short", "exceeded", "cannot_tell"]
    planned: float | None = None


class EffectResult(StageResult):
    """The verdict on the change."""

    stage: Literal["effect"] = "effect"
    verdict: Verdict | None = None
    comparison: Comparison | None = None
    naive: Measured | None = None
    controlled: Controlled | None = None
    guardrails: tuple[GuardrailCheck, ...] = ()
    attainment: float | None = None
    design: Design | None = None
    measured: Measurements | None = None
    receipt: Receipt | None = None
    checks: tuple[Check, ...] = ()
    metrics: tuple[MetricCheck, ...] = ()
    benefit: Money | None = None
    forecast: Forecast | None = None
