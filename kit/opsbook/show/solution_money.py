"""Options, cost items and repeated tasks in money."""

from __future__ import annotations

from html import escape

from opsbook.results.worth import AutomationRow, CostList, MoneyRow, MoneyView
from opsbook.show.cells import count
from opsbook.show.shown import Html, absent, bracketed, filled, headings, note, shown, table, words
from opsbook.text import MONEY, SHARE, Quantity, term

CLASSES = {
    "high": term("high"),
    "low": term("low: cut"),
    "necessary": term("necessary"),
    "unknown": term("benefit unknown"),
}

ACTIONS = {
    "keep": term("keep"),
    "eliminate": term("eliminate"),
    "combine": term("combine"),
    "rearrange": term("rearrange"),
    "simplify": term("simplify"),
    "standardise": term("standardise"),
    "automate": term("automate"),
}


def money(money: MoneyView) -> Html:
    """Return, net present value, payback and chance of loss; costs to cut; tasks to automate."""
    return _options(money) + _costs(money) + _automation(money) + _steps(money)


def _options(money: MoneyView) -> Html:
    if money.options is None or money.years is None:
        return absent(words("The params do not say what an effect is worth (solutions.money)."))
    if not money.options:
        return note(words("No option passed its gates."))
    columns = headings(
        "Option",
        "cost",
        "benefit a year",
        "ROI",
        "net present value",
        "90% of draws",
        "payback",
        "chance of a loss",
    )
    caption = filled(
        "Money ({currency}) over {years} years at {rate} a year; ROI is {definition}",
        currency=escape(money.currency),
        years=count(money.years),
        rate=shown(Quantity(value=money.rate or 0.0, unit=SHARE)),
        definition=words("benefit / cost"),
    )
    rows = [_option(row) for row in money.options]
    return table(columns, rows, caption=caption, numeric=tuple(range(1, len(columns))))


def _option(row: MoneyRow) -> list[str]:
    if row.lacks is not None:
        return [escape(row.title), _whole(row.cost), shown(row.lacks), *[shown(None)] * 5]
    never = words("not within these years")
    return [
        escape(row.title),
        _whole(row.cost),
        _whole(row.benefit) + bracketed(f"{_whole(row.benefit_low)} … {_whole(row.benefit_high)}"),
        shown(None if row.roi is None else Quantity(value=row.roi, digits=2)),
        _rounded(row.net_present_value),
        f"{_rounded(row.p5)} … {_rounded(row.p95)}",
        never
        if row.payback_years is None
        else filled("{years} years", years=shown(Quantity(value=row.payback_years, digits=1))),
        _chance(row.probability_of_loss or 0.0),
    ]


def _costs(money: MoneyView) -> Html:
    costs = money.costs
    if costs is None:
        return absent(words("The params list no running costs (solutions.cost_items)."))
    columns = headings("Cost item", "cost", "benefit", "ROI", "class")
    rows = [
        [
            escape(row.title),
            _whole(row.cost),
            _whole(row.benefit),
            shown(None if row.roi is None else Quantity(value=row.roi, digits=2)),
            shown(CLASSES[row.cost_class]),
        ]
        for row in costs.rows
    ]
    found = table(columns, rows, caption=words("Cost classes"), numeric=(1, 2, 3))
    return found + note(_cut(costs, MONEY + money.currency))


def _cut(costs: CostList, unit: str) -> str:
    if not costs.cut:
        return words("Nothing to cut: no item that could be left returns less than it costs.")
    return filled(
        "Cut list: {items}. It frees {cost} and gains {gain}.",
        items=shown(tuple(costs.cut)),
        cost=shown(Quantity(value=costs.cut_cost, unit=unit)),
        gain=shown(Quantity(value=costs.cut_gain, unit=unit)),
    )


def _automation(money: MoneyView) -> Html:
    if money.automation is None:
        return absent(words("The params list no repeated tasks (solutions.automation)."))
    columns = headings(
        "Repeated task", "hours saved a year", "saved a year", "payback", "candidate"
    )
    rows = [_task(row) for row in money.automation]
    caption = filled(
        "Automation candidates: at least {n} a day",
        n=shown(Quantity(value=money.least_per_day or 0.0)),
    )
    return table(columns, rows, caption=caption, numeric=(1, 2, 3))


def _steps(money: MoneyView) -> Html:
    steps = money.steps
    if steps is None:
        return absent(words("The params list no steps of the process (solutions.steps)."))
    columns = headings("Step", "adds value", "what becomes of it", "minutes now", "minutes after")
    rows = [
        [
            escape(row.title),
            words("yes") if row.value_added else words("no"),
            shown(ACTIONS[row.action]),
            shown(Quantity(value=row.minutes, digits=1)),
            shown(Quantity(value=row.minutes_after, digits=1)),
        ]
        for row in steps.rows
    ]
    ends = [shown(Quantity(value=end, digits=1)) for end in (steps.minutes, steps.minutes_after)]
    shares = (steps.value_share, steps.value_share_after)
    rows.append([words("all steps"), "", "", *ends])
    rows.append(
        [
            words("share that adds value"),
            "",
            "",
            *(shown(None if s is None else Quantity(value=s, unit=SHARE)) for s in shares),
        ]
    )
    caption = words("Steps: eliminate, combine, rearrange, simplify")
    return table(columns, rows, caption=caption, numeric=(3, 4))


def _task(row: AutomationRow) -> list[str]:
    months = row.payback_months
    return [
        escape(row.title),
        count(row.hours_saved),
        _whole(row.saving),
        words("never")
        if months is None
        else filled("{months} months", months=shown(Quantity(value=months, digits=1))),
        words("yes") if row.frequent else words("too rare"),
    ]


def _whole(amount: float | None) -> str:
    return shown(None if amount is None else Quantity(value=amount, digits=0))


def _rounded(amount: float | None) -> str:
    """Three figures, as guesses deserve."""
    return _whole(None if amount is None else float(f"{amount:.3g}"))


def _chance(share: float) -> str:
    """A share of draws; never a bare 0% or 100%."""
    if share < 0.005:
        return words("less than 1%")
    if share > 0.995:
        return words("more than 99%")
    return shown(Quantity(value=share, unit=SHARE, digits=0))
