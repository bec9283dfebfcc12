"""The section `effect`: when it was launched, and what to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from opsbook.project.base import Amount, Column, Section, When, Window
from opsbook.project.metric import Metric
from opsbook.project.peers import Peers

DesignName = Literal[
    "randomised",
    "difference_in_differences",
    "synthetic_control",
    "synthetic_difference_in_differences",
    "staggered_adoption",
    "covariance_averaged_gls",
    "count_interrupted_series",
    "before_after",
]


class Sums(Section):
    """A figure of one arm as sums: a warehouse need not hand out its users."""

    users: int = Field(ge=2, description="Users assigned to the arm.")
    successes: int | None = Field(None, ge=0, description="Users with the event, for a share.")
    total: float | None = Field(None, description="Sum of the metric over the users, for a mean.")
    squares: float | None = Field(None, ge=0, description="Sum of its squares, for a mean.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        mean = self.total is not None and self.squares is not None
        if mean == (self.successes is not None):
            raise ValueError("give either successes (a share), or total and squares (a mean)")
        if self.successes is not None and self.successes > self.users:
            raise ValueError(f"{self.successes} successes of {self.users} users")
        return self


class Arm(Sums):
    """One arm of an experiment: the sums of the metric, and of what else is looked at."""

    further: dict[str, Sums] = Field(
        {}, description="The same of each guardrail and further metric, by its name."
    )


class UserColumns(Section):
    """Where the table of users holds a guardrail or a further metric."""

    value: Column = Field(description="Column with one number a user.")
    denominator: Column | None = Field(None, description="Column to divide by, for a ratio.")


class Experiment(Section):
    """A randomised comparison: a table with a row per user, or the sums of its two arms."""

    path: Path | None = Field(
        None, description="Table with one row per user; relative to the params file."
    )
    arm: Column = Field("variant", description="Its column that names the arm.")
    control: str = Field("0", description="Value of the control arm in that column.")
    treatment: str = Field("1", description="Value of the treatment arm.")
    value: Column | None = Field(None, description="Column with the metric, one number a user.")
    denominator: Column | None = Field(
        None, description="Column to divide by, for a ratio such as orders per session."
    )
    statistic: Literal["mean", "geometric_mean", "quantile"] = Field(
        "mean",
        description="What is compared of a number per case: its mean; for durations and amounts "
        "the geometric mean (the typical case) or a quantile.",
    )
    quantile: float = Field(
        0.9, gt=0, lt=1, description="Which quantile: 0.5 the median, 0.9 what nine of ten keep."
    )
    covariate: Column | None = Field(
        None, description="The metric before the experiment, to sharpen the comparison (CUPED)."
    )
    covariate_denominator: Column | None = Field(None, description="What that is divided by.")
    arms: dict[Literal["control", "treatment"], Arm] | None = Field(
        None, description="The sums of the two arms, where there is no table of users."
    )
    further: dict[str, UserColumns] = Field(
        {},
        description="Columns of the guardrails and further metrics, by their names: what is not "
        "measured in the arms cannot be judged by them.",
        examples=[{"Refund rate": {"value": "refunds", "denominator": "orders"}}],
    )
    planned: tuple[float, float] = Field(
        (1.0, 1.0), description="Planned sizes of control and treatment, in any unit."
    )

    @model_validator(mode="after")
    def _table_or_sums(self) -> Self:
        if (self.path is None) == (self.arms is None):
            raise ValueError("give either path (a row per user) or arms (their sums)")
        if self.path is not None and self.value is None:
            raise ValueError("a table of users needs 'value', the column with the metric")
        if self.statistic != "mean" and (
            self.path is None or self.denominator is not None or self.covariate is not None
        ):
            raise ValueError(
                f"statistic {self.statistic} compares one number per case: it needs path and "
                "value, and neither denominator nor covariate"
            )
        if self.arms is not None:
            if set(self.arms) != {"control", "treatment"}:
                raise ValueError("arms must be two: control and treatment")
            if self.further:
                raise ValueError("further names columns of a table; with arms, give arms.….further")
            control, treatment = self.arms["control"], self.arms["treatment"]
            if control.further.keys() != treatment.further.keys():
                raise ValueError("both arms must name the same further metrics")
            pairs = [
                (control, treatment),
                *((sums, treatment.further[name]) for name, sums in control.further.items()),
            ]
            if any((one.successes is None) != (two.successes is None) for one, two in pairs):
                raise ValueError("both arms must be shares, or both means")
        if min(self.planned) <= 0:
            raise ValueError(f"planned sizes must be above 0 (got {list(self.planned)})")
        return self

    @property
    def measured(self) -> set[str]:
        """Names of the guardrails and further metrics that the arms hold."""
        return set(self.further) if self.arms is None else set(self.arms["control"].further)


class Covariate(Metric):
    """What else moves the series: a price, the visits, the weather."""

    better: Literal["higher", "lower"] = Field("higher", description="Of no meaning here.")


class Benefit(Section):
    """What a unit of the metric is worth."""

    per_case: float = Field(gt=0, description="Money per event, or per unit of the value.")
    currency: str = Field("CNY", description="Its currency.")


class EffectSection(Section):
    """Stage 4: did it work?"""

    launched: When | None = Field(
        None, description="Day the change took effect; the stage is not due without it."
    )
    periods: int = Field(12, ge=2, description="Whole periods compared on each side.")
    launch_period: Literal["before", "left_out"] = Field(
        "before",
        description="The period in which the launch falls: counted as before, which keeps both "
        "windows in the same seasons and dilutes the effect a little, or left out.",
    )
    before: Window | None = Field(None, description="The window before, if not so many periods.")
    after: Window | None = Field(None, description="The window after, if not so many periods.")
    controls: Peers | None = Field(
        None, description="Units without the change; they take out what happened to everybody."
    )
    launches: dict[str, When] = Field(
        {},
        description="Other units that got the change, each with its own day: unit → launch. The "
        "dimension is that of controls.",
    )
    experiment: Experiment | None = Field(
        None, description="A randomised comparison, if there was one; it outranks the rest."
    )
    design: DesignName | None = Field(
        None, description="How to measure, if not as the shape of the data suggests."
    )
    design_reason: str = Field("", description="Why that design was fixed; printed beside it.")
    model: Literal["step", "step_slope"] = Field(
        "step",
        description="What the change moves in a single series: its level (step), or its level and "
        "its trend (step_slope); the effect is then the mean over the window after.",
    )
    covariates: tuple[Covariate, ...] = Field(
        (),
        description="What else moves a single series, as metrics of the same table; nothing that "
        "the change itself moves.",
    )
    aim: Amount | None = Field(
        None,
        description="Smallest change of the metric that is worth having, signed; left out: the "
        "forecast of the chosen option or the way to the target, whichever is smaller.",
        examples=["-3%"],
    )
    also: tuple[Metric, ...] = Field(
        (), description="Further metrics to look at; chance among them is held down."
    )
    benefit: Benefit | None = Field(None, description="What the effect is worth in money.")

    @model_validator(mode="after")
    def _windows_apart(self) -> Self:
        if self.launched is None:
            return self
        if self.before and self.before.end.first > self.launched.last:
            raise ValueError(
                f"before ends ({self.before.end.root}) after the launch ({self.launched.root})"
            )
        if self.after and self.after.start.last < self.launched.first:
            raise ValueError(
                f"after begins ({self.after.start.root}) before the launch ({self.launched.root})"
            )
        if self.before and self.after and self.before.end.last >= self.after.start.first:
            raise ValueError(
                f"the windows overlap: before ends {self.before.end.root}, after begins "
                f"{self.after.start.root}"
            )
        return self

    @model_validator(mode="after")
    def _design_has_its_data(self) -> Self:
        if self.aim == 0:
            raise ValueError("aim is 0; state the smallest change that is worth having")
        panel = {
            "difference_in_differences",
            "synthetic_control",
            "synthetic_difference_in_differences",
            "staggered_adoption",
        }
        if self.design in panel and self.controls is None:
            raise ValueError(f"design {self.design} compares with other units; name controls")
        if self.launches and self.controls is None:
            raise ValueError("launches are units of a dimension; name controls.dimension")
        if self.design == "staggered_adoption" and not self.launches:
            raise ValueError("design staggered_adoption needs launches, the other units' dates")
        if self.design == "randomised" and self.experiment is None:
            raise ValueError("design randomised needs experiment")
        if self.design is None and self.design_reason:
            raise ValueError("design_reason is given, but no design is fixed")
        return self
