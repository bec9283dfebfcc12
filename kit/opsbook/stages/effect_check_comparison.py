"""Checks of what the unit is compared with: its controls, and its own bad past."""

from __future__ import annotations

import datetime as dt

import numpy as np

from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.results.effect import Check, CheckStatus, Comparison
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.stages.effect_check import check
from opsbook.stages.effect_measures import params_of, tried, units_without
from opsbook.stages.windows import around_launch, launch_date
from opsbook.text import Period, Quantity, say, term

#: Root mean squared gap of a synthetic control, as a share of the unit's own spread.
GOOD_FIT, POOR_FIT = 0.5, 0.8
#: Share of the measured change that a movement from before may make up and leave a verdict.
FROM_BEFORE = 0.5
#: Robust standard deviations from which the last period before a launch stands apart.
APART = 3.5
#: Fewer periods do not tell what is usual.
FEWEST_USUAL = 8


def trend(context: Context, measured: Measurements) -> Check | None:
    """With controls: did the unit part from them before the launch already?"""
    title = term("Trend before the launch")
    if measured.controlled is None:
        if measured.interrupted is None:
            return None
        return check(
            "pre_trend",
            title,
            "pass",
            say("A straight line through the time before is part of the model."),
        )
    params = params_of(context)
    own = context.series()
    before, after = around_launch(own, params, launch_date(params))
    width = len(before.periods)
    end = own.periods.index(after.periods[0])
    window = slice(max(0, end - 2 * width), end)
    units = [own, *units_without(context).values()]
    above = np.array([one.numerator[window] * one.scale for one in units])
    below = np.array([one.denominator[window] for one in units])
    half = np.arange(above.shape[1]) >= above.shape[1] // 2
    found = tried(lambda: difference_in_differences(above, below, treated=0, after=half))
    if found is None or found.estimate.p_value is None:
        return check(
            "pre_trend",
            title,
            "look",
            say("There is too little history to see whether the controls moved alike."),
            say("Bring more periods from before the launch."),
        )
    change = Quantity(
        value=found.estimate.effect, unit=context.project.metric.change_unit, signed=True
    )
    if found.estimate.p_value > 0.05:
        return check(
            "pre_trend",
            title,
            "pass",
            say(
                "Before the launch it moved {change} against the controls, no more than they do.",
                change=change,
            ),
        )
    moved = say(
        "Before the launch it had moved {change} against the controls already.", change=change
    )
    if _explains(found.estimate.effect, measured):
        return check(
            "pre_trend",
            title,
            "fail",
            moved,
            say(
                "That movement going on would make half of the measured change or more: choose "
                "controls that moved alike, or fix a design that follows it (effect.design)."
            ),
            blocks=True,
        )
    return check(
        "pre_trend",
        title,
        "look",
        moved,
        say("Read the cross-checks, which follow that movement, beside the verdict."),
    )


def _explains(moved: float, measured: Measurements) -> bool:
    """Whether a movement before the launch may be what was measured as its effect.

    Only a plain difference in differences takes it for one: the synthetic designs follow it.
    """
    best = measured.best
    if best is None or best.method != "difference_in_differences":
        return False
    return moved * best.effect > 0 and abs(moved) >= FROM_BEFORE * abs(best.effect)


def donor_fit(measured: Measurements) -> Check | None:
    """Does a mixture of the controls move like the unit before the launch?"""
    controlled = measured.controlled
    if controlled is None:
        return None
    fits = [controlled.fit, *(check.fit for check in controlled.cross_checks)]
    fit = next((each for each in fits if each is not None), None)
    if fit is None:
        return None
    status: CheckStatus = "pass" if fit <= GOOD_FIT else "look"
    return check(
        "donor_fit",
        term("Fit of the controls"),
        status,
        say(
            "A mixture of the controls leaves {share} of the unit's own movement before the "
            "launch unexplained.",
            share=Quantity(value=fit, unit="share", digits=0),
        ),
        say("The synthetic control follows it badly: give that cross-check little weight.")
        if fit <= POOR_FIT
        else say("No mixture of the controls moves like it: give the cross-check no weight."),
    )


def regression_to_the_mean(context: Context, comparison: Comparison) -> Check:
    """Was the unit chosen for a bad figure that the window before still holds?"""
    title = term("Regression to the mean")
    params, metric = params_of(context), context.project.metric
    series = context.series()
    earlier = series.between(None, comparison.before.start.start - dt.timedelta(days=1))
    dip = None if params.experiment is not None else _dip(context)
    if dip is not None:
        return check(
            "regression_to_the_mean",
            title,
            "look",
            say(
                "The last period before the launch, {period}, was {value}, far worse than its "
                "usual {usual}.",
                period=dip[0],
                value=Quantity(value=dip[1], unit=metric.value_unit),
                usual=Quantity(value=dip[2], unit=metric.value_unit),
            ),
            say(
                "Such a figure gets better by itself: measure once without that period "
                "(effect.before)."
            ),
        )
    if context.project.trigger is None or params.experiment is not None:
        return check(
            "regression_to_the_mean",
            title,
            "pass",
            say("The params name no trigger that chose this unit by its own figure."),
        )
    level = earlier.pooled()
    if level is None:
        return check(
            "regression_to_the_mean",
            title,
            "pass",
            say("The window before holds the whole history, good periods and bad."),
        )
    worse = (comparison.before.value > level) == (metric.better == "lower")
    values = earlier.value[np.isfinite(earlier.value)]
    spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
    far = abs(comparison.before.value - level) > spread
    return check(
        "regression_to_the_mean",
        title,
        "look" if worse and far else "pass",
        say(
            "The level before was {before}; in all earlier periods {earlier}.",
            before=Quantity(value=comparison.before.value, unit=metric.value_unit),
            earlier=Quantity(value=level, unit=metric.value_unit),
        ),
        say(
            "A unit chosen for its bad figure gets better by itself in part: read the naive "
            "change with that in mind."
        ),
    )


def _dip(context: Context) -> tuple[Period, float, float] | None:
    """The last period before the launch, its value and the usual one, where it is far worse."""
    params, metric = params_of(context), context.project.metric
    before, _ = around_launch(context.series(), params, launch_date(params))
    past = context.series().between(None, before.periods[-1])
    values = past.value[np.isfinite(past.value)]
    if values.size < FEWEST_USUAL or not np.isfinite(past.value[-1]):
        return None
    usual = float(np.median(values[:-1]))
    spread = 1.4826 * float(np.median(np.abs(values[:-1] - usual)))
    away = float(values[-1]) - usual
    worse = away < 0 if metric.better == "higher" else away > 0
    if not worse or spread == 0 or abs(away) <= APART * spread:
        return None
    return Period(start=past.periods[-1], grain=past.grain), float(values[-1]), usual
