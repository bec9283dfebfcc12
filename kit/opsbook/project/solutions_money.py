"""What options, cost items and repeated tasks are worth in money."""

from __future__ import annotations

from pydantic import Field

from opsbook.project.base import Amount, Section
from opsbook.project.guesses import Expense, Plain


class Money(Section):
    """How an option's effect becomes money over the years."""

    volume: Expense = Field(
        description="Cases a year that the metric is about: visitors, orders, flights."
    )
    unit_value: Expense = Field(
        description="Margin of one case that turns out better, or of one unit of the metric."
    )
    years: int = Field(3, ge=1, le=30, description="For how many years the effect is counted.")
    rate: Amount = Field(0.08, gt=-1, description="Discount rate a year.", examples=["8%"])


class CostItem(Section):
    """One item of running cost, with what it brings over the same time."""

    title: str = Field(min_length=1, description="What is paid for.")
    cost: Expense = Field(description="Money spent.")
    benefit: Plain | None = Field(None, description="Money it brings; nothing if nobody knows.")
    mandatory: bool = Field(default=False, description="Whether law, contract or safety asks it.")


class ManualTask(Section):
    """A task done by hand again and again."""

    title: str = Field(min_length=1, description="What is done.")
    times_per_day: Expense = Field(description="How often on a working day.")
    minutes: Expense = Field(description="Minutes each time.")
    error_rate: Amount = Field(0, ge=0, le=1, description="Share that must be done once more.")
    build_cost: Expense = Field(description="Money to automate it.")
    running_cost: Expense = Field(0, description="Money a year to run the automation.")
    saved_share: Amount = Field(1, ge=0, le=1, description="Share of the minutes taken over.")


class Automation(Section):
    """Repeated tasks, to see which are worth a machine."""

    hourly_cost: Expense = Field(description="What an hour of the people who do them costs.")
    days_per_year: float = Field(250, gt=0, le=366, description="Working days in a year.")
    least_per_day: float = Field(10, ge=0, description="Repeats a day that make a candidate.")
    tasks: tuple[ManualTask, ...] = Field(min_length=1, description="The tasks.")
