"""What stage 4 measured: the effect in every way that the data allow."""

from __future__ import annotations

from opsbook.methods.estimate import Estimate
from opsbook.results.base import Grade, Series
from opsbook.text import Period, Record, Statement, Term


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
