"""Which tasks decide when the whole plan is done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from opsbook.errors import DataError
from opsbook.methods.solutions.circle import circle
from opsbook.methods.solutions.names import check_known, unique_names


@dataclass(frozen=True, kw_only=True)
class PlannedTask:
    """A task of the plan.

    Attributes:
        name: Its name.
        days: How long it takes, zero for a milestone.
        after: Tasks that must be done before it starts.
        start: Day on which it is planned to start, counted from the plan's first day as 0;
            None for as soon as it can.
    """

    name: str
    days: float
    after: tuple[str, ...] = ()
    start: float | None = None


@dataclass(frozen=True, kw_only=True)
class ScheduledTask:
    """A task with its dates, in days from the plan's first day.

    Attributes:
        name: Its name.
        start: Earliest day it can start: when all before it is done, and not before its
            planned start.
        finish: Earliest day it is done.
        latest_finish: Latest day it may be done without delaying the end of the plan.
        slack: Days it may slip without delaying the end of the plan.
        critical: Whether it may not slip at all.
        too_early: Days by which its planned start lies before it can start; 0 if it does not.
    """

    name: str
    start: float
    finish: float
    latest_finish: float
    slack: float
    critical: bool
    too_early: float


@dataclass(frozen=True, kw_only=True)
class CriticalPath:
    """The plan's dates.

    Attributes:
        tasks: The tasks, in the order given.
        path: One chain of critical tasks, first to last.
        days: Length of the whole plan.
    """

    tasks: tuple[ScheduledTask, ...]
    path: tuple[str, ...]
    days: float


def critical_path(tasks: Sequence[PlannedTask]) -> CriticalPath:
    """Tell how long the plan takes and which tasks may not slip.

    What most often fails: two tasks of one person at once; the method sees dependencies, not
    people. Durations are taken as certain, so the end is a best case where paths join.

    Args:
        tasks: The tasks with their durations and what each waits for.

    Returns:
        Dates and slack of each task, and a critical path.

    Raises:
        DataError: If a task is named twice, waits for an unknown task, has a negative or blank
            duration or start, or tasks wait for each other in a circle (which is named).

    References:
        Kelley & Walker (1959), Proceedings of the Eastern Joint Computer Conference, 160-173.
        doi:10.1145/1460299.1460318

    Examples:
        >>> design = PlannedTask(name="design", days=5)
        >>> build = PlannedTask(name="build", days=10, after=("design",))
        >>> texts = PlannedTask(name="texts", days=3, after=("design",))
        >>> plan = critical_path([design, build, texts])
        >>> plan.days, plan.path, plan.tasks[2].slack
        (15.0, ('design', 'build'), 7.0)
    """
    _check(tasks)
    by_name = {task.name: task for task in tasks}
    order = list(TopologicalSorter({task.name: task.after for task in tasks}).static_order())
    ready: dict[str, float] = {}
    start: dict[str, float] = {}
    finish: dict[str, float] = {}
    for name in order:
        task = by_name[name]
        ready[name] = max((finish[before] for before in task.after), default=0.0)
        start[name] = max(ready[name], task.start or 0.0)
        finish[name] = start[name] + task.days
    end = max(finish.values())
    latest = dict.fromkeys(order, end)
    for name in reversed(order):
        for before in by_name[name].after:
            latest[before] = min(latest[before], latest[name] - by_name[name].days)
    edge = 1e-9 * max(1.0, end)
    slack = {name: max(0.0, latest[name] - finish[name]) for name in order}
    critical = {name for name in order if slack[name] <= edge}
    return CriticalPath(
        tasks=tuple(
            ScheduledTask(
                name=task.name,
                start=start[task.name],
                finish=finish[task.name],
                latest_finish=latest[task.name],
                slack=slack[task.name],
                critical=task.name in critical,
                too_early=0.0 if task.start is None else max(0.0, ready[task.name] - task.start),
            )
            for task in tasks
        ),
        path=_path(by_name, critical, start, finish, edge),
        days=end,
    )


def _check(tasks: Sequence[PlannedTask]) -> None:
    names = unique_names("task", [task.name for task in tasks])
    for task in tasks:
        check_known("task", task.after, names, f"what '{task.name}' waits for")
        if not 0 <= task.days < math.inf:
            raise DataError(
                f"Task '{task.name}' takes {task.days} days.", "Give a number that is zero or more."
            )
        if task.start is not None and not 0 <= task.start < math.inf:
            raise DataError(
                f"Task '{task.name}' starts on day {task.start}.",
                "Count from the plan's first day, which is 0.",
            )
    around = circle({task.name: task.after for task in tasks})
    if around:
        raise DataError(
            f"Tasks wait for each other in a circle: {' → '.join(around)}.",
            "Take one of these dependencies away.",
        )


def _path(
    by_name: dict[str, PlannedTask],
    critical: set[str],
    start: dict[str, float],
    finish: dict[str, float],
    edge: float,
) -> tuple[str, ...]:
    """Walk back from the last task of all, along tasks that end as it starts."""
    end = max(finish.values())
    name: str | None = next(n for n in reversed(finish) if finish[n] >= end - edge)
    path: list[str] = []
    while name is not None:
        path.append(name)
        begin = start[name]
        name = next(
            (n for n in by_name[name].after if n in critical and finish[n] >= begin - edge), None
        )
    return tuple(reversed(path))
