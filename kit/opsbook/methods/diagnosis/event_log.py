"""An event log, checked, coded and put in order: what every look at a process starts from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.diagnosis.business_hours import (
    Array,
    Calendar,
    Column,
    OpenHours,
    clock_hours,
    open_hours,
)

Codes = NDArray[np.int64]  # positions in a tuple of names


@dataclass(frozen=True, kw_only=True, eq=False)
class EventLog:
    """Finished events, ordered by case and, within it, by start.

    Attributes:
        cases: Number of cases.
        steps: The steps' names, sorted.
        resources: The resources' names, sorted; empty where none are given.
        case: Case of each event, from 0, rising, shape (n,).
        step: Step of each event, an index of ``steps``.
        resource: Resource of each event, an index of ``resources``; -1 where unknown.
        start: Start, hours since 1970.
        end: End, hours since 1970.
        ready: When the case was ready for the event: the latest end before it; the event's own
            start for the first of a case.
        first: Whether the event is the first of its case.
        unfinished: Number of events left out because they have no end.
    """

    cases: int
    steps: tuple[str, ...]
    resources: tuple[str, ...]
    case: Codes
    step: Codes
    resource: Codes
    start: Array
    end: Array
    ready: Array
    first: NDArray[np.bool_]
    unfinished: int


def event_log(
    case: Column,
    step: Column,
    start: Column,
    end: Column,
    *,
    resource: Column | None = None,
) -> EventLog:
    """Check and order an event log: one row for each time that a step was done.

    Assumes that all events are stamped by one clock. Two systems whose clocks differ by minutes
    put steps in the wrong order.

    Args:
        case: What went through the process: an order, a ticket, shape (n,).
        step: Name of the step, shape (n,).
        start: When work on it started, datetime64 or text that reads as one, shape (n,).
        end: When it ended; missing where it has not.
        resource: Who or what did it; missing or empty where unknown.

    Returns:
        The log. The order of the rows does not matter to it.

    Raises:
        DataError: If lengths differ, nothing is finished, a case, step or start is missing, or
            an event ends before it starts.

    Examples:
        >>> log = event_log(["a", "a"], ["pack", "pick"], ["2026-03-02T10", "2026-03-02T09"],
        ...                 ["2026-03-02T11", "2026-03-02T09"])
        >>> [log.steps[i] for i in log.step]
        ['pick', 'pack']
    """
    columns = {"case": case, "step": step, "start": start, "end": end}
    if resource is not None:
        columns["resource"] = resource
    lengths = {name: len(np.atleast_1d(np.asarray(values))) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(
            f"The columns of the event log differ in length: {lengths}.",
            "Give one row for each event.",
        )
    clock0, clock1 = clock_hours(start), clock_hours(end)
    case_names, case_codes = _coded(case)
    steps, step_codes = _coded(step)
    resources, resource_codes = (
        ((), np.full(clock0.size, -1)) if resource is None else (_coded(resource))
    )
    for name, missing in (
        ("case", case_codes < 0),
        ("step", step_codes < 0),
        ("start", np.isnan(clock0)),
    ):
        if missing.any():
            raise DataError(
                f"{np.count_nonzero(missing)} of {missing.size} events have no {name}, the first "
                f"in row {int(missing.argmax())}.",
                f"Fill the column of the {name}, or filter those rows.",
            )
    backwards = clock1 < clock0
    if backwards.any():
        where = int(backwards.argmax())
        raise DataError(
            f"{np.count_nonzero(backwards)} of {backwards.size} events end before they start, the "
            f"first in case '{case_names[case_codes[where]]}', step "
            f"'{steps[step_codes[where]]}' (row {where}).",
            "Check that the two columns are not swapped and use one time zone.",
        )
    finished = ~np.isnan(clock1)
    if not finished.any():
        raise DataError(
            f"None of {finished.size} events has an end.", "Choose a period with finished events."
        )
    order = np.lexsort((resource_codes, step_codes, clock1, clock0, case_codes))
    order = order[finished[order]]
    _, dense_case = np.unique(case_codes[order], return_inverse=True)
    begun, ended = clock0[order], clock1[order]
    first = np.concatenate([[True], dense_case[1:] != dense_case[:-1]])
    return EventLog(
        cases=int(dense_case[-1]) + 1,
        steps=steps,
        resources=resources,
        case=dense_case,
        step=step_codes[order],
        resource=resource_codes[order],
        start=begun,
        end=ended,
        ready=np.where(first, begun, np.concatenate([[0.0], _latest(ended, dense_case)[:-1]])),
        first=first,
        unfinished=int(np.count_nonzero(~finished)),
    )


def open_clocks(
    log: EventLog, calendar: Calendar | None, shifts: Mapping[str, Calendar]
) -> tuple[OpenHours, ...]:
    """Give each resource the clock of its own open hours; the last clock is the common one.

    Args:
        log: The event log.
        calendar: When the business is open; None for round the clock.
        shifts: Resource to its own calendar, where it differs.

    Returns:
        One clock for each of ``log.resources``, and the common one, which index -1 finds.

    Raises:
        DataError: If a shift names a resource that the log does not have.

    Examples:
        >>> log = event_log(["a"], ["pick"], ["2026-03-02T09"], ["2026-03-02T10"])
        >>> len(open_clocks(log, None, {}))
        1
    """
    unknown = sorted(set(shifts) - set(log.resources))
    if unknown:
        raise DataError(
            f"A calendar is given for '{unknown[0]}', which is no resource of the event log; "
            f"there are: {', '.join(log.resources)}.",
            "Correct the name of the resource.",
        )
    first, last = float(log.start.min()), float(log.end.max())
    common = open_hours(calendar, first, last)
    own = {name: open_hours(shift, first, last) for name, shift in shifts.items()}
    return (*(own.get(name, common) for name in log.resources), common)


def open_between(log: EventLog, clocks: tuple[OpenHours, ...], start: Array, end: Array) -> Array:
    """Count each event's open hours between two moments, by the clock of its resource.

    Args:
        log: The event log.
        clocks: From `open_clocks`.
        start: A moment for each event, hours since 1970, shape (n_events,).
        end: A later one.

    Returns:
        Open hours, shape (n_events,).

    Examples:
        >>> log = event_log(["a"], ["pick"], ["2026-03-02T09"], ["2026-03-02T10"])
        >>> open_between(log, open_clocks(log, None, {}), log.start, log.end).tolist()
        [1.0]
    """
    common = clocks[-1]
    opened = common.before(end) - common.before(start)
    for code, clock in enumerate(clocks):
        if clock is not common:
            own = log.resource == code
            opened[own] = clock.before(end[own]) - clock.before(start[own])
    return opened


def _latest(end: Array, case: Codes) -> Array:
    """Return the latest end so far within each case, exactly: by rank, not by adding offsets."""
    by_end = np.argsort(end, kind="stable")
    rank = np.empty(end.size, dtype=np.int64)
    rank[by_end] = np.arange(end.size)
    running = np.maximum.accumulate(case * end.size + rank) - case * end.size
    return end[by_end][running]


def _coded(values: Column) -> tuple[tuple[str, ...], Codes]:
    """Return the sorted distinct names and the position of each value among them, -1 if none."""
    column = np.asarray(values)
    if column.dtype.kind in "iub":
        distinct, codes = np.unique(column, return_inverse=True)
        return tuple(map(str, distinct.tolist())), codes
    seen: defaultdict[Any, int] = defaultdict()
    seen.default_factory = seen.__len__  # a value not met before takes the next number
    raw = np.fromiter(map(seen.__getitem__, column.tolist()), np.int64, column.size)
    known = [v for v in seen if v is not None and v == v and str(v).strip()]  # noqa: PLR0124 - NaN
    names = sorted({str(v) for v in known})
    place = {name: i for i, name in enumerate(names)}
    table = np.full(len(seen), -1, dtype=np.int64)
    for value in known:
        table[seen[value]] = place[str(value)]
    return tuple(names), table[raw]
