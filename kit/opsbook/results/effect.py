"""What stage 4 saves: did it work, and how sure is that?"""

from __future__ import annotations

from typing import Literal

from opsbook.methods.estimate import Estimate
from opsbook.results.base import Event, Grade, Series, StageResult
from opsbook.results.diagnosis import PeriodValue
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


class Measured(Record):
    """One way of measuring the effect, with its evidence grade."""

    estimate: Estimate
    grade: Grade


class PlaceboUnit(Record):
    """What a unit without the change would have shown."""

    unit: str
    effect: float


class CrossCheck(Record):
    """The same effect by another method, for comparison; not the verdict's."""

    estimate: Estimate
    fit: float | None = None


class Controlled(Record):
    """The effect against units without the change, and how they scatter by themselves.

    Attributes:
        estimate: Difference in differences, in the metric's unit; the synthetic design where the
            params fix one.
        controls: The units without the change, pooled.
        rank: Share of placebos that went as far in that direction.
        p_value: Two-sided randomisation p-value.
        ratio: The effect as a ratio of ratios; None where it has none.
        scales_disagree: Whether only one of the two scales shows an effect.
        relative: The effect as a share of the level expected without it.
        fit: Gap of the mixture before the launch, as a share of the unit's own spread; None where
            the design mixes no controls.
        cross_checks: The other designs that compare with the same units.
    """

    estimate: Estimate
    grade: Grade
    controls: Series
    controls_change: float
    placebos: tuple[PlaceboUnit, ...]
    rank: float | None
    p_value: float | None
    ratio: float | None
    ratio_rank: float | None
    ratio_p_value: float | None = None
    scales_disagree: bool = False
    relative: float | None = None
    fit: float | None = None
    cross_checks: tuple[CrossCheck, ...] = ()


class Interrupted(Record):
    """The effect as a break in one series.

    Attributes:
        estimate: The step, by covariance-averaged generalised least squares; where the trend may
            change too, the mean change over the window after.
        slope: Change of the trend per period, where the model has one.
        ratio: The step as a ratio: of rates, where the metric counts events over something; else,
            where all values are positive, of the typical levels (geometric means).
        peers: The same by the usual methods, for comparison.
        history: First period used.
        n_before: Observed periods before the launch.
        n_after: Observed periods after it.
        season: Columns that take the season out; 0 where the history is too short to tell one.
        autocorrelation: Of neighbouring residuals, straight line and step taken out.
    """

    estimate: Estimate
    grade: Grade
    slope: Estimate | None = None
    ratio: Estimate | None
    peers: tuple[Estimate, ...]
    history: Period
    n_before: int
    n_after: int
    season: int
    autocorrelation: float | None
    with_control: bool = False


class ArmLevel(Record):
    """An arm of an experiment."""

    name: Term
    users: int
    level: float


class Randomised(Record):
    """A randomised comparison of two arms."""

    estimate: Estimate
    grade: Grade
    relative: Estimate | None
    plain: Estimate | None
    arms: tuple[ArmLevel, ArmLevel]
    split_p_value: float
    mismatch: bool
    variance_kept: float | None = None


class StaggeredLaunch(Record):
    """The average effect on the units that launched in one period."""

    launched: Period
    units: tuple[str, ...]
    estimate: Estimate


class Staggered(Record):
    """A roll-out that reached units at different times."""

    estimate: Estimate
    grade: Grade
    launches: tuple[StaggeredLaunch, ...]
    controls: int


class UnitEffect(Record):
    """What the change brought at one of several units.

    Attributes:
        change: Its own change, after less before.
        controls_change: That of the units without the change.
        estimate: The difference of the two.
        adjusted: Its p-value, adjusted for the number of units.
        shown: Whether the change stands out among as many units.
    """

    unit: str
    launched: Period
    change: float
    controls_change: float
    estimate: Estimate
    adjusted: float | None
    shown: bool


class Measurements(Record):
    """All ways in which the effect was measured.

    Attributes:
        best: The one the verdict rests on; None where nothing could be measured.
        grade: Its evidence grade.
        relative: The best effect as a share of the level expected without it.
        units: Each unit that got the change, where there are several.
        missing: Why the chosen design could not be measured, if it could not.
    """

    naive: Measured | None
    controlled: Controlled | None = None
    interrupted: Interrupted | None = None
    randomised: Randomised | None = None
    staggered: Staggered | None = None
    best: Estimate | None = None
    grade: Grade = "D"
    relative: float | None = None
    units: tuple[UnitEffect, ...] = ()
    missing: Statement | None = None


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
    """

    lines: tuple[ReceiptLine, ...]
    unit: str
    aim: float | None
    aim_source: Statement | None
    detectable: float | None
    more_periods: int | None = None
    more_units: int | None = None


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
