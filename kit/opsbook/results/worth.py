"""What stage 3 saves about money: options, running costs, repeated tasks, steps."""

from __future__ import annotations

from typing import Literal

from opsbook.text import Record, Statement


class MoneyRow(Record):
    """What one option brings in money.

    Attributes:
        benefit: Most likely benefit a year, once it works.
        roi: Benefit over cost, both summed over the years, most likely values.
        net_present_value: With every guess most likely.
        payback_years: Until the money is back for good; None if it is not within the years.
        probability_of_loss: Share of draws with a net present value under zero.
        p5: 5 % quantile of the net present value.
        p95: 95 % quantile.
        lacks: Why nothing could be computed, if so.
    """

    id: str
    title: str
    cost: float
    benefit_low: float | None = None
    benefit: float | None = None
    benefit_high: float | None = None
    roi: float | None = None
    net_present_value: float | None = None
    payback_years: float | None = None
    probability_of_loss: float | None = None
    p5: float | None = None
    p95: float | None = None
    lacks: Statement | None = None


class CostRow(Record):
    """One cost item with its class."""

    title: str
    cost: float
    benefit: float | None
    roi: float | None
    cost_class: Literal["high", "low", "necessary", "unknown"]


class CostList(Record):
    """Cost items by return; those under 1 that nobody asks for are on the cut list."""

    rows: tuple[CostRow, ...]
    cut: tuple[str, ...]
    cut_cost: float
    cut_gain: float


class AutomationRow(Record):
    """What automating one task would bring."""

    title: str
    frequent: bool
    hours_saved: float
    saving: float
    payback_months: float | None


class StepRow(Record):
    """One step of the process, before and after."""

    title: str
    value_added: bool
    action: Literal[
        "keep", "eliminate", "combine", "rearrange", "simplify", "standardise", "automate"
    ]
    minutes: float
    minutes_after: float


class StepList(Record):
    """The process before and after; the shares are of the time that adds value."""

    rows: tuple[StepRow, ...]
    minutes: float
    minutes_after: float
    value_share: float | None
    value_share_after: float | None


class MoneyView(Record):
    """Options, cost items and repeated tasks in money; each None where the params lack it."""

    currency: str
    definition: str
    years: int | None = None
    rate: float | None = None
    options: tuple[MoneyRow, ...] | None = None
    costs: CostList | None = None
    automation: tuple[AutomationRow, ...] | None = None
    least_per_day: float | None = None
    steps: StepList | None = None
