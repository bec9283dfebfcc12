"""What options, cost items, repeated tasks and shorter steps are worth."""

from __future__ import annotations

from opsbook.methods.solutions.automation_candidates import RepeatedTask, automation_candidates
from opsbook.methods.solutions.cost_classes import CostItem, cost_classes
from opsbook.methods.solutions.ecrs import ProcessStep, ecrs
from opsbook.methods.solutions.net_present_value import net_present_value
from opsbook.methods.solutions.payback import payback
from opsbook.methods.solutions.probability_of_loss import CashStream, probability_of_loss
from opsbook.methods.solutions.return_on_investment import DEFINITION, return_on_investment
from opsbook.project.solutions import Option
from opsbook.project.solutions_money import Money
from opsbook.results.scoring import Gates
from opsbook.results.worth import (
    AutomationRow,
    CostList,
    CostRow,
    MoneyRow,
    MoneyView,
    StepList,
    StepRow,
)
from opsbook.stages.context import Context
from opsbook.stages.solution_measures import benefit, params_of
from opsbook.text import say

WEEKS_IN_YEAR = 365.25 / 7


def money(context: Context, gates: Gates) -> MoneyView:
    """Return, net present value, payback and chance of loss of each option that passed."""
    params = params_of(context)
    known = params.money
    return MoneyView(
        currency=params.currency,
        definition=DEFINITION,
        years=known.years if known else None,
        rate=known.rate if known else None,
        options=tuple(
            _option(context, option, known) for option in params.options if option.id in gates.open
        )
        if known
        else None,
        costs=_costs(context),
        automation=_automation(context),
        steps=_steps(context),
        least_per_day=params.automation.least_per_day if params.automation else None,
    )


def _steps(context: Context) -> StepList | None:
    steps = params_of(context).steps
    if not steps:
        return None
    found = ecrs(
        [
            ProcessStep(
                name=step.title,
                minutes=step.minutes,
                value_added=step.value_added,
                action=step.action,
                minutes_after=step.minutes_after,
            )
            for step in steps
        ]
    )
    return StepList(
        rows=tuple(
            StepRow(
                title=step.title,
                value_added=step.value_added,
                action=step.action,
                minutes=step.minutes,
                minutes_after=after,
            )
            for step, after in zip(steps, found.after, strict=True)
        ),
        minutes=found.minutes_before,
        minutes_after=found.minutes_after,
        value_share=found.value_share_before,
        value_share_after=found.value_share_after,
    )


def _option(context: Context, option: Option, money: Money) -> MoneyRow:
    worth = benefit(context, option)
    if worth is None:
        return MoneyRow(
            id=option.id,
            title=option.title,
            cost=option.cost.mode,
            lacks=say("no expected effect is given"),
        )
    works = _working_years(option, money.years)
    keep = option.running_cost
    streams = [
        CashStream(
            name="cost",
            low=(-option.cost.high, *(0.0 for _ in works)),
            mode=(-option.cost.mode, *(0.0 for _ in works)),
            high=(-option.cost.low, *(0.0 for _ in works)),
        ),
        _yearly("benefit", works, (worth.low, worth.mode, worth.high)),
        _yearly("running", works, (-keep.high, -keep.mode, -keep.low)),
    ]
    flows = [sum(parts) for parts in zip(*(stream.mode for stream in streams), strict=True)]
    spread = probability_of_loss(streams, rate=money.rate, seed=params_of(context).seed)
    return MoneyRow(
        id=option.id,
        title=option.title,
        cost=option.cost.mode,
        benefit_low=worth.low,
        benefit=worth.mode,
        benefit_high=worth.high,
        roi=return_on_investment(
            benefit=worth.mode * sum(works), cost=option.cost.mode + keep.mode * sum(works)
        ).ratio,
        net_present_value=net_present_value(flows, rate=money.rate),
        payback_years=payback(flows).periods,
        probability_of_loss=spread.probability,
        p5=spread.p5,
        p95=spread.p95,
    )


def _working_years(option: Option, years: int) -> tuple[float, ...]:
    """The part of each year in which the option already works."""
    begins = option.weeks.mode / WEEKS_IN_YEAR
    return tuple(min(1.0, max(0.0, year + 1 - begins)) for year in range(years))


def _yearly(name: str, works: tuple[float, ...], guess: tuple[float, float, float]) -> CashStream:
    low, mode, high = ((0.0, *(part * share for share in works)) for part in guess)
    return CashStream(name=name, low=low, mode=mode, high=high)


def _costs(context: Context) -> CostList | None:
    items = params_of(context).cost_items
    if not items:
        return None
    found = cost_classes(
        [
            CostItem(name=i.title, cost=i.cost, benefit=i.benefit, mandatory=i.mandatory)
            for i in items
        ]
    )
    return CostList(
        rows=tuple(
            CostRow(
                title=row.item.name,
                cost=row.item.cost,
                benefit=row.item.benefit,
                roi=row.ratio,
                cost_class=row.cost_class,
            )
            for row in found.classed
        ),
        cut=found.cut_list,
        cut_cost=found.cut_cost,
        cut_gain=found.cut_gain,
    )


def _automation(context: Context) -> tuple[AutomationRow, ...] | None:
    known = params_of(context).automation
    if known is None:
        return None
    found = automation_candidates(
        [
            RepeatedTask(
                name=task.title,
                times_per_day=task.times_per_day,
                minutes=task.minutes,
                build_cost=task.build_cost,
                error_rate=task.error_rate,
                saved_share=task.saved_share,
                running_cost=task.running_cost,
            )
            for task in known.tasks
        ],
        hourly_cost=known.hourly_cost,
        days_per_year=known.days_per_year,
        least_per_day=known.least_per_day,
    )
    return tuple(
        AutomationRow(
            title=row.name,
            frequent=row.frequent,
            hours_saved=row.hours_saved,
            saving=row.saving,
            payback_months=row.payback_months,
        )
        for row in found
    )
