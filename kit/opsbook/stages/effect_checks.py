"""The report card of an effect test: pass, look or fail, each with what to do."""

from __future__ import annotations

import datetime as dt

import numpy as np

from opsbook.data.cube import Floats
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.results import Event
from opsbook.results.effect import Check, CheckStatus, Comparison, Design, Measurements, Receipt
from opsbook.stages.context import Context
from opsbook.stages.effect_measures import one_series, params_of, tried, units_without
from opsbook.stages.windows import around_launch, launch_date
from opsbook.text import Quantity, Statement, Term, say, term

OUTLIER = 3.5
#: Root mean squared gap of a synthetic control, as a share of the unit's own spread.
GOOD_FIT, POOR_FIT = 0.5, 0.8


def checks(
    context: Context,
    design: Design,
    comparison: Comparison | None,
    measured: Measurements,
    receipt: Receipt,
) -> tuple[Check, ...]:
    """All checks that apply to the design; a check that blocks leaves no verdict standing."""
    found: list[Check | None] = [_enough(context, measured, receipt)]
    if measured.randomised is not None:
        found.append(_sample_ratio(measured))
    if comparison is not None and design.grade != "A":
        found += [
            _gaps(comparison),
            _trend(context, measured),
            _autocorrelation(measured),
            _outliers(context),
            *_events(context, comparison, measured),
            _definition(comparison),
            _regression_to_the_mean(context, comparison),
        ]
    if measured.controlled is not None and design.grade == "B":
        found += [_donor_fit(measured), _spill_over(context)]
    found.append(_registered(design))
    return tuple(check for check in found if check is not None)


def _check(
    name: str,
    title: Term,
    status: CheckStatus,
    finding: Statement,
    todo: Statement | None = None,
    *,
    blocks: bool = False,
) -> Check:
    return Check(
        id=name,
        title=title,
        status=status,
        finding=finding,
        todo=None if status == "pass" else todo,
        blocks=blocks and status == "fail",
    )


def _enough(context: Context, measured: Measurements, receipt: Receipt) -> Check:
    title = term("Enough data")
    unit = context.project.metric.change_unit
    more = say("Wait for more periods after the launch, or bring units without the change.")
    if measured.best is None:
        return _check(
            "enough_data",
            title,
            "fail",
            measured.missing or say("The effect cannot be measured from these data."),
            more,
            blocks=True,
        )
    if receipt.detectable is None or receipt.aim is None:
        return _check(
            "enough_data",
            title,
            "look",
            say("There is no aim to hold the smallest detectable effect against."),
            say("State effect.aim or metric.target."),
        )
    status: CheckStatus = "pass" if receipt.detectable <= abs(receipt.aim) else "look"
    return _check(
        "enough_data",
        title,
        status,
        say(
            "Smallest effect that would be shown in 80% of cases: {detectable}; the aim is {aim}.",
            detectable=Quantity(value=receipt.detectable, unit=unit),
            aim=Quantity(value=receipt.aim, unit=unit, signed=True),
        ),
        say(
            "An effect of the aim's size is easily missed, and one that is shown is overstated "
            "on average: extend the test."
        ),
    )


def _sample_ratio(measured: Measurements) -> Check | None:
    found = measured.randomised
    if found is None:
        return None
    return _check(
        "sample_ratio",
        term("Sample ratio"),
        "fail" if found.mismatch else "pass",
        say(
            "Arms of {control} and {treatment} users; a split so uneven has p = {p}.",
            control=Quantity(value=found.arms[0].users, unit="count"),
            treatment=Quantity(value=found.arms[1].users, unit="count"),
            p=Quantity(value=found.split_p_value, unit="p"),
        ),
        say("Find out where users were lost; until then no figure of this test can be trusted."),
        blocks=True,
    )


def _gaps(comparison: Comparison) -> Check:
    missing = [
        point.period
        for point in comparison.series.points
        if point.value is None
        and (
            point.period.start <= comparison.before.end.start
            or point.period.start >= comparison.after.start.start
        )
    ]
    if not missing:
        return _check("gaps", term("Gaps"), "pass", say("No period is missing in the two windows."))
    return _check(
        "gaps",
        term("Gaps"),
        "look",
        say(
            "Periods missing in the windows: {n}, the first {first}.",
            n=Quantity(value=len(missing), unit="count"),
            first=missing[0],
        ),
        say("Find out why; a gap that came with the change is no accident."),
    )


def _trend(context: Context, measured: Measurements) -> Check | None:
    """With controls: did the unit part from them before the launch already?"""
    title = term("Trend before the launch")
    if measured.controlled is None:
        if measured.interrupted is None:
            return None
        return _check(
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
        return _check(
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
        return _check(
            "pre_trend",
            title,
            "pass",
            say(
                "Before the launch it moved {change} against the controls, no more than they do.",
                change=change,
            ),
        )
    return _check(
        "pre_trend",
        title,
        "look",
        say("Before the launch it had moved {change} against the controls already.", change=change),
        say("Read the cross-checks, which follow that movement, beside the verdict."),
    )


def _autocorrelation(measured: Measurements) -> Check | None:
    found = measured.interrupted
    if found is None or found.autocorrelation is None:
        return None
    limit = 2 / np.sqrt(found.n_before + found.n_after)
    linked = abs(found.autocorrelation) > limit
    return _check(
        "autocorrelation",
        term("Neighbouring periods alike"),
        "look" if linked else "pass",
        say(
            "Neighbouring residuals correlate by {r}; chance alone reaches {limit}.",
            r=Quantity(value=found.autocorrelation, digits=2, signed=True),
            limit=Quantity(value=float(limit), digits=2),
        ),
        say("The verdict's method allows for it; the naive interval does not: do not quote it."),
    )


def _outliers(context: Context) -> Check:
    """Periods that stand apart from the line and step through the series."""
    series = one_series(context)
    title = term("Outliers")
    left = _residuals(series.values, series.time >= series.launch)
    known = left[np.isfinite(left)]
    spread = 1.4826 * float(np.median(np.abs(known - np.median(known)))) if known.size else 0.0
    if spread == 0:
        return _check("outliers", title, "pass", say("No period stands apart."))
    window = params_of(context).periods * 2
    near = np.abs(series.time - series.launch) <= window
    apart = np.isfinite(left) & (np.abs(left) > OUTLIER * spread) & near
    if not apart.any():
        return _check("outliers", title, "pass", say("No period stands apart."))
    day: dt.date = series.periods[int(np.flatnonzero(apart)[0])]
    return _check(
        "outliers",
        title,
        "look",
        say(
            "Periods that stand apart: {n}, the first {day}.",
            n=Quantity(value=int(apart.sum()), unit="count"),
            day=day.isoformat(),
        ),
        say("Find out what happened there; measure once with and once without them."),
    )


def _events(context: Context, comparison: Comparison, measured: Measurements) -> list[Check]:
    """Known events in the windows; a second intervention is a confounder."""
    title = term("Other events")
    launch = comparison.launched.start
    others = [event for event in comparison.events if not _is_launch(event, launch)]
    seconds = [
        event
        for event in others
        if event.kind == "intervention" and event.start.start >= comparison.before.start.start
    ]
    rest = [event for event in others if event not in seconds and _in_windows(event, comparison)]
    held = measured.controlled is not None
    found = [
        _check(
            f"confounder_{i}",
            term("Second intervention"),
            "look" if held else "fail",
            say(
                "{title} (from {start}) falls into the same windows: a confounder.",
                title=event.title,
                start=event.start,
            ),
            _touched(context)
            if held
            else say("Move a window off it, or name units without either change as controls."),
            blocks=event.start.start >= launch,
        )
        for i, event in enumerate(seconds)
    ]
    if rest:
        names = "; ".join(event.title for event in rest)
        found.append(
            _check(
                "events",
                title,
                "look",
                say("Also in these windows: {names}.", names=names),
                say("The controls take it out if it touched them alike.")
                if held
                else say("Nothing takes it out of a single series; name controls."),
            )
        )
    if not found:
        found.append(
            _check("events", title, "pass", say("No other known event falls into the windows."))
        )
    return found


def _touched(context: Context) -> Statement:
    """What to do about units that a second intervention touched."""
    left_out = _left_out(context)
    if not left_out:
        return say("Leave touched units out of the controls.")
    return say(
        "Left out of the controls: {units}; see that the touched units are among them.",
        units=left_out,
    )


def _left_out(context: Context) -> str:
    peers = params_of(context).controls
    return ", ".join(map(str, peers.exclude)) if peers is not None else ""


def _definition(comparison: Comparison) -> Check:
    changed = [e for e in comparison.events if e.kind in {"definition_change", "data_problem"}]
    title = term("Definition of the metric")
    if not changed:
        return _check(
            "definition", title, "pass", say("No change of the definition is known in the windows.")
        )
    return _check(
        "definition",
        title,
        "fail",
        say("{title} (from {start}).", title=changed[0].title, start=changed[0].start),
        say("Recompute both windows by one definition."),
        blocks=True,
    )


def _donor_fit(measured: Measurements) -> Check | None:
    fits = [
        check.fit
        for check in (measured.controlled.cross_checks if measured.controlled else ())
        if check.fit is not None
    ]
    if not fits:
        return None
    fit = fits[0]
    status: CheckStatus = "pass" if fit <= GOOD_FIT else "look"
    return _check(
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


def _spill_over(context: Context) -> Check:
    title, left_out = term("Spill-over"), _left_out(context)
    if left_out:
        return _check(
            "spill_over",
            title,
            "pass",
            say("Left out of the controls as touched: {units}.", units=left_out),
        )
    return _check(
        "spill_over",
        title,
        "look",
        say("No unit is left out of the controls as touched by the change."),
        say("Ask whether customers or work could move to a control; exclude it if so."),
    )


def _regression_to_the_mean(context: Context, comparison: Comparison) -> Check:
    """Was the unit chosen for a bad figure that the window before still holds?"""
    title = term("Regression to the mean")
    params, metric = params_of(context), context.project.metric
    series = context.series()
    earlier = series.between(None, comparison.before.start.start - dt.timedelta(days=1))
    if context.project.trigger is None or params.experiment is not None:
        return _check(
            "regression_to_the_mean",
            title,
            "pass",
            say("The params name no trigger that chose this unit by its own figure."),
        )
    level = earlier.pooled()
    if level is None:
        return _check(
            "regression_to_the_mean",
            title,
            "pass",
            say("The window before holds the whole history, good periods and bad."),
        )
    worse = (comparison.before.value > level) == (metric.better == "lower")
    values = earlier.value[np.isfinite(earlier.value)]
    spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
    far = abs(comparison.before.value - level) > spread
    return _check(
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


def _registered(design: Design) -> Check:
    plan, title = design.registration, term("Plan registered")
    if plan.deviations:
        return _check(
            "registration",
            title,
            "look",
            say(
                "The plan was changed after the first run, in so many places: {n}.",
                n=Quantity(value=len(plan.deviations), unit="count"),
            ),
            say("Say why in the report; the first plan's answer should stand beside it."),
        )
    if plan.before_data:
        return _check(
            "registration",
            title,
            "pass",
            say("The plan was stored before there was a period after the launch, and kept."),
        )
    return _check(
        "registration",
        title,
        "look",
        say("The plan was first stored when periods after the launch were there already."),
        say("Next time run the project before the launch: that stores the plan."),
    )


def _is_launch(event: Event, launch: dt.date) -> bool:
    """An intervention named for the launch itself."""
    return event.kind == "intervention" and event.start.start == launch


def _in_windows(event: Event, comparison: Comparison) -> bool:
    first, last = comparison.before.start.start, comparison.after.end.start
    end = event.end.start if event.end else last
    return event.start.start <= last and end >= first


def _residuals(values: Floats, late: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """What is left when each side of the launch has its own median taken out."""
    left = values.copy()
    for side in (late, ~late):
        if np.isfinite(left[side]).any():
            left[side] -= np.nanmedian(left[side])
    return left
