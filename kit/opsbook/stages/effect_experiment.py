"""The effect of a randomised comparison, from users or from sums."""

from __future__ import annotations

import dataclasses

import numpy as np

from opsbook.data.experiment import UserArms
from opsbook.data.metric_series import Floats
from opsbook.errors import DataError
from opsbook.methods.effect.cuped import Users, cuped
from opsbook.methods.effect.geometric_mean_ratio import geometric_mean_ratio
from opsbook.methods.effect.mean_difference import ArmDifference, Sums, mean_difference
from opsbook.methods.effect.proportions import proportions
from opsbook.methods.effect.quantile_change import quantile_change
from opsbook.methods.effect.ratio_metric import ratio_metric
from opsbook.methods.effect.sample_ratio import sample_ratio
from opsbook.methods.estimate import Estimate
from opsbook.project.effect import Experiment
from opsbook.project.effect import Sums as ArmSums
from opsbook.project.metric import Metric
from opsbook.results.effect_measured import ArmLevel, Randomised
from opsbook.stages.context import Context
from opsbook.text import term


@dataclasses.dataclass(frozen=True, kw_only=True)
class Compared:
    """A figure of the two arms.

    Attributes:
        difference: Treatment less control, in the metric's unit.
        relative: The same as a share of the control arm.
        levels: Control, treatment.
        plain: The difference with the users' past left in.
        variance_kept: Share of the variance that taking the past out leaves.
    """

    difference: Estimate
    relative: Estimate | None
    levels: tuple[float, float]
    plain: Estimate | None = None
    variance_kept: float | None = None


def randomised(context: Context) -> Randomised | None:
    """Treatment less control, or None where the params name no experiment.

    Yes or no per user gives proportions, a number per user a mean (or, as the params ask, a
    geometric mean or a quantile), two numbers a ratio of sums;
    with a column of the users' past it is taken out (CUPED).

    Raises:
        DataError: If an arm cannot be compared.
    """
    experiment = context.project.effect.experiment if context.project.effect else None
    if experiment is None:
        return None
    if experiment.arms is not None:
        arms = experiment.arms
        users = (arms["control"].users, arms["treatment"].users)
        compared = _from_sums(arms["control"], arms["treatment"])
    else:
        table = _table(context)
        users = (table.control[0].size, table.treatment[0].size)
        compared = _from_users(experiment, table)
    split = sample_ratio(users, experiment.planned)
    metric = context.project.metric
    compared = _shown_per(metric, compared)
    relative = compared.relative
    return Randomised(
        estimate=dataclasses.replace(compared.difference, unit=metric.change_unit),
        grade="A",
        relative=None if relative is None else dataclasses.replace(relative, unit="relative"),
        plain=None
        if compared.plain is None
        else dataclasses.replace(compared.plain, unit=metric.change_unit),
        arms=(
            ArmLevel(name=term("control arm"), users=users[0], level=compared.levels[0]),
            ArmLevel(name=term("treatment arm"), users=users[1], level=compared.levels[1]),
        ),
        split_p_value=split.p_value,
        mismatch=split.mismatch,
        variance_kept=compared.variance_kept,
    )


def in_the_arms(context: Context, metric: Metric) -> Compared | None:
    """A guardrail or further metric, treatment less control; None where the arms do not hold it.

    Raises:
        DataError: If an arm cannot be compared.
    """
    experiment = context.project.effect.experiment if context.project.effect else None
    if experiment is None or metric.name not in experiment.measured:
        return None
    if experiment.arms is not None:
        sums = [experiment.arms[arm].further[metric.name] for arm in ("control", "treatment")]
        return _shown_per(metric, _from_sums(sums[0], sums[1]))
    (value0, below0), (value1, below1) = _table(context).further[metric.name]
    return _shown_per(metric, _plainly((value0, below0), (value1, below1)))


def _table(context: Context) -> UserArms:
    table = context.tables.experiment
    if table is None:
        raise DataError("The experiment's table was not read.", "Run the project again.")
    return table


def _shown_per(metric: Metric, compared: Compared) -> Compared:
    """A comparison in the metric's unit: a rate per 1,000, say."""
    if metric.kind != "rate" or metric.per == 1:
        return compared
    per = metric.per

    def times(estimate: Estimate) -> Estimate:
        return dataclasses.replace(
            estimate,
            effect=per * estimate.effect,
            lower=None if estimate.lower is None else per * estimate.lower,
            upper=None if estimate.upper is None else per * estimate.upper,
        )

    return dataclasses.replace(
        compared,
        difference=times(compared.difference),
        levels=(per * compared.levels[0], per * compared.levels[1]),
        plain=None if compared.plain is None else times(compared.plain),
    )


def _from_sums(control: ArmSums, treatment: ArmSums) -> Compared:
    if control.successes is not None and treatment.successes is not None:
        return _proportions(
            (control.successes, control.users), (treatment.successes, treatment.users)
        )
    sums = [
        Sums(n=arm.users, total=arm.total or 0.0, squares=arm.squares or 0.0)
        for arm in (control, treatment)
    ]
    return _arms(mean_difference(*sums))


def _plainly(control: tuple[Floats, Floats], treatment: tuple[Floats, Floats]) -> Compared:
    """Values and their denominators, if any: a ratio, a share of users, or a mean."""
    if control[1].size:
        return _arms(ratio_metric(control, treatment))
    value0, value1 = control[0], treatment[0]
    if _yes_or_no(value0) and _yes_or_no(value1):
        return _proportions((int(value0.sum()), value0.size), (int(value1.sum()), value1.size))
    return _arms(mean_difference(value0, value1))


def _from_users(experiment: Experiment, table: UserArms) -> Compared:
    """The comparison that the named columns call for."""
    (value0, below0, past0, past_below0), (value1, below1, past1, past_below1) = (
        table.control,
        table.treatment,
    )
    if experiment.statistic == "quantile":
        return _quantiles(value0, value1, experiment.quantile)
    if experiment.statistic == "geometric_mean":
        return _typical(value0, value1)
    if experiment.covariate is None:
        return _plainly((value0, below0), (value1, below1))
    plain = (
        ratio_metric((value0, below0), (value1, below1))
        if below0.size
        else mean_difference(value0, value1)
    )
    sharpened = cuped(
        Users(
            values=value0,
            covariate=past0,
            denominators=below0 if below0.size else None,
            covariate_denominators=past_below0 if past_below0.size else None,
        ),
        Users(
            values=value1,
            covariate=past1,
            denominators=below1 if below1.size else None,
            covariate_denominators=past_below1 if past_below1.size else None,
        ),
    )
    return dataclasses.replace(
        _arms(sharpened.adjusted),
        plain=plain.difference,
        variance_kept=sharpened.variance_kept,
    )


def _proportions(control: tuple[int, int], treatment: tuple[int, int]) -> Compared:
    found = proportions(control, treatment)
    relative = None
    if found.ratio is not None and found.ratio.lower is not None and found.ratio.upper is not None:
        relative = Estimate(
            method=found.ratio.method,
            effect=found.ratio.effect - 1,
            lower=found.ratio.lower - 1,
            upper=found.ratio.upper - 1,
            p_value=found.ratio.p_value,
            n=found.ratio.n,
        )
    return Compared(
        difference=found.difference, relative=relative, levels=(found.control, found.treatment)
    )


def _quantiles(control: Floats, treatment: Floats, quantile: float) -> Compared:
    """Durations and amounts by a quantile: what most cases stay below."""
    level = float(np.quantile(control, quantile))
    change = quantile_change(control, treatment, quantile=quantile)
    return Compared(difference=change, relative=None, levels=(level, level + change.effect))


def _typical(control: Floats, treatment: Floats) -> Compared:
    """Durations and amounts by their geometric means; the change is that of the control's."""
    ratio = geometric_mean_ratio(control, treatment)
    level = float(np.exp(np.log(control).mean()))

    def times(unit: float) -> Estimate:
        return dataclasses.replace(
            ratio,
            effect=unit * (ratio.effect - 1),
            lower=None if ratio.lower is None else unit * (ratio.lower - 1),
            upper=None if ratio.upper is None else unit * (ratio.upper - 1),
            scale="difference",
        )

    return Compared(
        difference=times(level), relative=times(1.0), levels=(level, level * ratio.effect)
    )


def _arms(found: ArmDifference) -> Compared:
    return Compared(
        difference=found.difference,
        relative=found.relative,
        levels=(found.control, found.treatment),
    )


def _yes_or_no(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())
