"""What the effect is worth in money."""

from __future__ import annotations

from opsbook.data.metric_series import Floats
from opsbook.results.effect import Design, Money
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.stages.effect_measures import params_of
from opsbook.stages.windows import around_launch, launch_date
from opsbook.text import Quantity, Statement, say


def benefit(context: Context, measured: Measurements) -> Money | None:
    """The effect on all cases of the window after, in money, improvement positive."""
    params, best = params_of(context), measured.best
    cases = _cases(context, measured)
    if params.benefit is None or best is None or cases is None:
        return None
    sign = 1 if context.project.metric.better == "higher" else -1
    worth = sign * cases * params.benefit.per_case
    unit = f"money:{params.benefit.currency}"

    def money(change: float | None) -> Quantity | None:
        return None if change is None else Quantity(value=change * worth, unit=unit, digits=0)

    limits = [best.lower, best.upper] if worth > 0 else [best.upper, best.lower]
    value = money(best.effect)
    if value is None:
        return None
    return Money(value=value, lower=money(limits[0]), upper=money(limits[1]))


def _cases(context: Context, measured: Measurements) -> float | None:
    """The cases that the effect came to: the treatment arm, or the window after."""
    params, table = params_of(context), context.tables.experiment
    if measured.randomised is not None and params.experiment is not None:
        if params.experiment.statistic != "mean":
            return None
        if table is not None and table.treatment[1].size:
            return float(table.treatment[1].sum())
        return float(measured.randomised.arms[1].users)
    if measured.naive is None:
        return None
    series = context.series()
    _, after = around_launch(series, params, launch_date(params))
    counted: Floats = after.denominator[after.value == after.value]
    return float(counted.sum()) / series.scale


def worth(benefit: Money, design: Design) -> Statement:
    """The worth as a sentence, with its interval where it has one."""
    if design.grade == "A" and benefit.lower is not None and benefit.upper is not None:
        return say(
            "Worth {money} in the treatment arm (95% interval {lower} to {upper}).",
            money=benefit.value,
            lower=benefit.lower,
            upper=benefit.upper,
        )
    if benefit.lower is None or benefit.upper is None:
        return say("Worth {money} over the window after.", money=benefit.value)
    return say(
        "Worth {money} over the window after (95% interval {lower} to {upper}).",
        money=benefit.value,
        lower=benefit.lower,
        upper=benefit.upper,
    )
