"""Which repeated tasks are worth a machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from opsbook.errors import DataError
from opsbook.methods.solutions.names import unique_names

LEAST_PER_DAY = 10
"""The handbook's rule: from ten repeats a day on, a task is a candidate."""


@dataclass(frozen=True, kw_only=True)
class RepeatedTask:
    """A task done by hand again and again.

    Attributes:
        name: Its name.
        times_per_day: How often it is done on a working day.
        minutes: Minutes each time.
        build_cost: Money to automate it.
        error_rate: Share of the times that must be done once more.
        saved_share: Share of the minutes that automation takes over.
        running_cost: Money per year to run the automation.
    """

    name: str
    times_per_day: float
    minutes: float
    build_cost: float
    error_rate: float = 0.0
    saved_share: float = 1.0
    running_cost: float = 0.0


@dataclass(frozen=True, kw_only=True)
class AutomationCandidate:
    """What automating one task would bring.

    Attributes:
        name: The task.
        frequent: Whether it is done often enough to be a candidate.
        hours_saved: Hours saved per year, what errors take included.
        saving: Money saved per year, running cost taken off.
        payback_months: Months until the build cost is back; None if it never is.
    """

    name: str
    frequent: bool
    hours_saved: float
    saving: float
    payback_months: float | None


def automation_candidates(
    tasks: Sequence[RepeatedTask],
    *,
    hourly_cost: float,
    days_per_year: float = 250.0,
    least_per_day: float = LEAST_PER_DAY,
) -> tuple[AutomationCandidate, ...]:
    """Rank repeated tasks by how soon automating them pays back.

    What most often fails: hours saved that nobody turns into other work; then the money stays
    spent. Simplify a task before automating it.

    Args:
        tasks: The tasks.
        hourly_cost: What an hour of the people who do them costs.
        days_per_year: Working days in a year.
        least_per_day: Repeats a day from which a task is a candidate.

    Returns:
        The candidates first, the soonest paid back leading; the rarer tasks after them.

    Raises:
        DataError: If a task is named twice, a number is negative or blank, or a share leaves
            0..1.

    Examples:
        >>> task = RepeatedTask(name="invoice", times_per_day=24, minutes=5, build_cost=10_000)
        >>> candidate = automation_candidates([task], hourly_cost=40)[0]
        >>> candidate.hours_saved, candidate.payback_months
        (500.0, 6.0)
    """
    unique_names("task", [task.name for task in tasks])
    for what, number in (("hourly cost", hourly_cost), ("number of working days", days_per_year)):
        if not 0 <= number < math.inf:
            raise DataError(f"The {what} is {number}.", "Give a number that is zero or more.")
    found: list[AutomationCandidate] = []
    for task in tasks:
        _check(task)
        times = task.times_per_day * days_per_year * (1 + task.error_rate)
        hours = times * task.minutes / 60 * task.saved_share
        saving = hours * hourly_cost - task.running_cost
        found.append(
            AutomationCandidate(
                name=task.name,
                frequent=task.times_per_day >= least_per_day,
                hours_saved=hours,
                saving=saving,
                payback_months=12 * task.build_cost / saving if saving > 0 else None,
            )
        )
    return tuple(sorted(found, key=_place))


def _place(candidate: AutomationCandidate) -> tuple[bool, float, float]:
    months = math.inf if candidate.payback_months is None else candidate.payback_months
    return (not candidate.frequent, months, -candidate.hours_saved)


def _check(task: RepeatedTask) -> None:
    amounts = ("times_per_day", "minutes", "build_cost", "running_cost")
    for name in amounts:
        if not 0 <= getattr(task, name) < math.inf:
            raise DataError(
                f"{name} of task '{task.name}' is {getattr(task, name)}.",
                "Give a number that is zero or more.",
            )
    for name in ("error_rate", "saved_share"):
        if not 0 <= getattr(task, name) <= 1:
            raise DataError(
                f"{name} of task '{task.name}' is {getattr(task, name)}.",
                "Give a share from 0 to 1.",
            )
