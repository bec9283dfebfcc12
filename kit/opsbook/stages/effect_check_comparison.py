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
from opsbook.text import Quantity, say, term

#: Root mean squared gap of a synthetic control, as a share of the unit's own spread.
GOOD_FIT, POOR_FIT = 0.5, 0.8


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
    return check(
        "pre_trend",
        title,
        "look",
        say("Before the launch it had moved {change} against the controls already.", change=change),
        say("Read the cross-checks, which follow that movement, beside the verdict."),
    )


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
