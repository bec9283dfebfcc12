"""What a reader of the verdict must know, and what would settle it."""

from __future__ import annotations

from opsbook.results import Caution
from opsbook.results.effect import Check, Comparison, Receipt, SideEffects, Verdict
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.stages.effect_power import beyond_any, too_small
from opsbook.text import Quantity, Statement, say

#: A launch that leaves less than this of its period under the change dilutes nothing.
SLIVER = 0.1
#: Checks to look at that a reader of the verdict must know of; the others stay on the card.
TOLD = ("pre_trend", "events", "confounder", "regression_to_the_mean")


def cautions(
    context: Context,
    verdict: Verdict,
    comparison: Comparison | None,
    measured: Measurements,
    receipt: Receipt,
    checks: tuple[Check, ...],
    side_effects: SideEffects,
) -> tuple[Caution, ...]:
    """Why nothing can be told, what misleads, checks that failed, guardrails that are harmed."""
    told = []
    naive = measured.naive
    if verdict == "cannot_tell":
        told.append(
            Caution(
                id="not_shown",
                statement=_why_unknown(context, measured, receipt, checks),
                settles=_settles(measured, receipt, checks),
            )
        )
    elif verdict != "ineffective" and receipt.aim is not None and too_small(receipt):
        told.append(
            Caution(
                id="overstated",
                statement=say(
                    "So small a test shows an effect of the aim's size, {aim}, in fewer than 80% "
                    "of cases; what it does show is overstated on average.",
                    aim=Quantity(value=receipt.aim, unit=receipt.unit, signed=True),
                ),
                settles=_settles(measured, receipt, checks),
            )
        )
    if measured.best is not None and not receipt.lines and measured.grade in {"B", "C"}:
        told.append(
            Caution(
                id="no_receipt",
                statement=say(
                    "There is no receipt: nothing tells how often this rule is wrong on these data."
                ),
                settles=say("A longer history before the launch, or more units without it."),
            )
        )
    if (
        naive is not None
        and naive.estimate.excludes_zero
        and verdict in {"cannot_tell", "ineffective"}
    ):
        told.append(
            Caution(
                id="naive_misleads",
                statement=say("The naive comparison looks like an effect; do not quote it."),
            )
        )
    if comparison is not None:
        told += _dilution(context, comparison)
    told += [
        Caution(id=f"check_{check.id}", statement=check.finding, settles=check.todo)
        for check in checks
        if check.status == "fail" or (check.status == "look" and check.id.startswith(TOLD))
    ]
    told += [
        Caution(
            id=f"harmed_{i}",
            statement=say("{name} got worse beyond its margin.", name=rail.name),
            settles=say("Weigh the gain against the harm before it is made standard."),
        )
        for i, rail in enumerate(side_effects.guardrails)
        if rail.status == "harmed"
    ]
    told += [
        Caution(
            id=f"unmeasured_{i}",
            statement=say("{name} is not measured in the arms of the experiment.", name=rail.name),
            settles=say("Name its columns in effect.experiment.further (or in the arms' sums)."),
        )
        for i, rail in enumerate(side_effects.guardrails)
        if rail.estimate is None and measured.grade == "A"
    ]
    return tuple(told)


def _why_unknown(
    context: Context, measured: Measurements, receipt: Receipt, checks: tuple[Check, ...]
) -> Statement:
    """What keeps the verdict open."""
    if blocking := [check for check in checks if check.blocks]:
        return say(
            "A check failed that leaves no verdict standing: {check}", check=blocking[0].title
        )
    if measured.grade == "D":
        return say("A before/after comparison holds everything else that happened.")
    unit = context.project.metric.change_unit
    if measured.grade == "A" and (receipt.aim is None or receipt.detectable is None):
        return say("The arms differ no more than chance makes them differ.")
    if receipt.aim is None or receipt.detectable is None:
        return say("The effect is no larger than what happens without a launch.")
    if beyond_any(context, measured, receipt):
        return say(
            "Not shown; but on these data no effect that a share can have would show in 80% of "
            "cases, and the aim is {aim}.",
            aim=Quantity(value=receipt.aim, unit=unit, signed=True),
        )
    if too_small(receipt):
        return say(
            "Not shown; but an effect below {seen} would not show, and the aim is {aim}.",
            seen=Quantity(value=receipt.detectable, unit=unit),
            aim=Quantity(value=receipt.aim, unit=unit, signed=True),
        )
    return say(
        "Not shown, and an effect of {aim} is not excluded either.",
        aim=Quantity(value=receipt.aim, unit=unit, signed=True),
    )


def _settles(measured: Measurements, receipt: Receipt, checks: tuple[Check, ...]) -> Statement:
    """What mends the check that failed; else how much more would settle it, as far as known."""
    mended = next((check.todo for check in checks if check.blocks and check.todo), None)
    if mended is not None:
        return mended
    if measured.grade == "A":
        if receipt.more_users:
            return say(
                "Further users, split as before: {users}.",
                users=Quantity(value=receipt.more_users, unit="count"),
            )
        return say("More users in both arms.")
    periods = None
    if receipt.more_periods:
        periods = Quantity(value=receipt.more_periods, unit="count")
    units = None
    if receipt.more_units:
        units = Quantity(value=receipt.more_units, unit="count")
    if periods is not None and units is not None:
        return say(
            "Further periods after the launch: {periods}; or further units with the change: "
            "{units}.",
            periods=periods,
            units=units,
        )
    if periods is not None:
        return say("Further periods after the launch: {periods}.", periods=periods)
    if units is not None:
        return say("Further units with the change: {units}; waiting alone may not do.", units=units)
    return say("More periods after the launch, or more units with the change.")


def _dilution(context: Context, comparison: Comparison) -> list[Caution]:
    """Tell that the last period before was under the change in part, where it was."""
    series, last, launch = context.series(), comparison.before.end, comparison.launched.start
    end = series.ends[series.periods.index(last.start)]
    if (end - launch).days <= SLIVER * (end - last.start).days:
        return []
    return [
        Caution(
            id="launch_period",
            statement=say(
                "The launch fell into {period}, which counts as before: that dilutes the "
                "effect a little.",
                period=last,
            ),
            settles=say("effect.launch_period: left_out leaves that period out."),
        )
    ]
