"""The report card of an effect test: pass, look or fail, each with what to do."""

from __future__ import annotations

from opsbook.results.effect import Check, CheckStatus, Comparison, Design, Receipt
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.stages.effect_check import check
from opsbook.stages.effect_check_comparison import donor_fit, regression_to_the_mean, trend
from opsbook.stages.effect_check_events import definition, events, spill_over
from opsbook.stages.effect_check_series import autocorrelation, gaps, outliers
from opsbook.stages.effect_power import beyond_any, too_small
from opsbook.text import Quantity, say, term


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
            gaps(comparison),
            trend(context, measured),
            autocorrelation(measured),
            outliers(context),
            *events(context, comparison, measured),
            definition(comparison),
            regression_to_the_mean(context, comparison),
        ]
    if measured.controlled is not None and design.grade == "B":
        found += [donor_fit(measured), spill_over(context)]
    found.append(_registered(design))
    return tuple(check for check in found if check is not None)


def _enough(context: Context, measured: Measurements, receipt: Receipt) -> Check:
    title = term("Enough data")
    unit = context.project.metric.change_unit
    more = say("Wait for more periods after the launch, or bring units without the change.")
    if measured.best is None:
        return check(
            "enough_data",
            title,
            "fail",
            measured.missing or say("The effect cannot be measured from these data."),
            more,
            blocks=True,
        )
    if receipt.detectable is None or receipt.aim is None:
        return check(
            "enough_data",
            title,
            "look",
            say("There is no aim to hold the smallest detectable effect against."),
            say("State effect.aim or metric.target."),
        )
    status: CheckStatus = "look" if too_small(receipt) else "pass"
    aim = Quantity(value=receipt.aim, unit=unit, signed=True)
    smallest = say(
        "Smallest effect that would be shown in 80% of cases: {detectable}; the aim is {aim}.",
        detectable=Quantity(value=receipt.detectable, unit=unit),
        aim=aim,
    )
    if beyond_any(context, measured, receipt):
        smallest = say(
            "No effect that a share can have would be shown in 80% of cases; the aim is {aim}.",
            aim=aim,
        )
    return check(
        "enough_data",
        title,
        status,
        smallest,
        say(
            "An effect of the aim's size is easily missed, and one that is shown is overstated "
            "on average: extend the test."
        ),
    )


def _sample_ratio(measured: Measurements) -> Check | None:
    found = measured.randomised
    if found is None:
        return None
    return check(
        "sample_ratio",
        term("Sample ratio"),
        "fail" if found.mismatch else "pass",
        say(
            "Arms of {control} and {treatment} users; a split so uneven has p {p}.",
            control=Quantity(value=found.arms[0].users, unit="count"),
            treatment=Quantity(value=found.arms[1].users, unit="count"),
            p=Quantity(value=found.split_p_value, unit="p"),
        ),
        say("Find out where users were lost; until then no figure of this test can be trusted."),
        blocks=True,
    )


def _registered(design: Design) -> Check:
    plan, title = design.registration, term("Plan registered")
    if plan.deviations:
        return check(
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
        return check(
            "registration",
            title,
            "pass",
            say("The plan was stored before there was a period after the launch, and kept."),
        )
    return check(
        "registration",
        title,
        "look",
        say("The plan was first stored when periods after the launch were there already."),
        say("Next time run the project before the launch: that stores the plan."),
    )
