"""Why cases wait: nobody at work, somebody busy, a batch not full, or none of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.diagnosis.business_hours import Array, Calendar, OpenHours
from opsbook.methods.diagnosis.event_log import EventLog, open_clocks


@dataclass(frozen=True, kw_only=True, eq=False)
class WaitingCauses:
    """Each event's waiting time by cause, in clock hours, shape (n_events,).

    Attributes:
        unavailability: The resource that did it later was off by its calendar, and not at work.
        contention: That resource was at work on something else.
        batching: It was free, but collected cases and then did them in one go.
        other: It was free: hand-over, missing input, priorities, or not known.
    """

    unavailability: Array
    contention: Array
    batching: Array
    other: Array


def waiting_causes(
    log: EventLog,
    *,
    calendar: Calendar | None = None,
    shifts: Mapping[str, Calendar] | None = None,
    smallest_batch: int = 2,
    batch_gap: float = 1 / 60,
) -> WaitingCauses:
    """Tell what each event waited for, judged by the resource that did it in the end.

    Every moment between "case ready" and "work started" gets one cause, the first that fits:
    the resource was busy (contention), off (unavailability), free while a batch filled up
    (batching), free (other). A batch is two or more cases of one step, done by one resource back
    to back or at once, all of them ready before the first of them began.

    Assumes that work is logged whole: work that is not in the log looks like free time, so
    ``other`` is an upper bound and ``contention`` a lower one.

    Args:
        log: The event log, with resources.
        calendar: When the business is open; None for round the clock.
        shifts: Resource to its own calendar, where it differs.
        smallest_batch: Number of cases that make a batch.
        batch_gap: Longest pause, in hours, between two cases of one batch.

    Returns:
        The four causes; they add up to the clock hours between ready and start. Events without
        a resource have everything under ``other``.

    References:
        Lashkevich, Milani, Chapela-Campa, Suvorau & Dumas (2023), Why Am I Waiting? CAiSE.
        doi:10.1007/978-3-031-34560-9_11 (the idea of the causes; the rules here are our own).

    Examples:
        >>> from opsbook.methods.diagnosis.event_log import event_log
        >>> log = event_log(
        ...     ["a", "a", "b", "b"], ["in", "check", "in", "check"],
        ...     ["2026-03-02T08", "2026-03-02T09", "2026-03-02T08", "2026-03-02T11"],
        ...     ["2026-03-02T08", "2026-03-02T11", "2026-03-02T08", "2026-03-02T12"],
        ...     resource=["x", "y", "x", "y"],
        ... )
        >>> causes = waiting_causes(log)
        >>> causes.contention.tolist(), causes.batching.tolist()
        ([0.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0])
    """
    clocks = open_clocks(log, calendar, shifts or {})
    wait = np.maximum(log.start - log.ready, 0.0)
    unavailability, contention, batching = (np.zeros(wait.size) for _ in range(3))

    order = np.lexsort((log.step, log.end, log.start, log.resource))
    bounds = np.flatnonzero(np.diff(log.resource[order])) + 1
    for own in np.split(order, bounds):
        code = int(log.resource[own[0]])
        if code < 0:
            continue
        filled = _batch_filled(log, own, smallest_batch, batch_gap)
        ready = np.minimum(log.ready[own], log.start[own])
        moments = np.concatenate([ready, log.start[own], np.clip(filled, ready, log.start[own])])
        busy, busy_open = _busy(log, own, moments, clocks[code])
        opened = clocks[code].before(moments)
        (busy0, busy1, _), (both0, both1, both2), (open0, open1, open2) = (
            np.split(values, 3) for values in (busy, busy_open, opened)
        )
        contention[own] = busy1 - busy0
        off = (wait[own] - (open1 - open0)) - ((busy1 - busy0) - (both1 - both0))
        unavailability[own] = np.maximum(off, 0.0)
        batching[own] = np.maximum((open2 - open0) - (both2 - both0), 0.0)
    other = np.maximum(wait - unavailability - contention - batching, 0.0)
    return WaitingCauses(
        unavailability=unavailability, contention=contention, batching=batching, other=other
    )


def _batch_filled(
    log: EventLog, own: NDArray[np.int64], smallest_batch: int, batch_gap: float
) -> Array:
    """Return when the last case of each event's batch was ready; its own ready time if alone.

    Args:
        log: The event log.
        own: One resource's events, by start.
        smallest_batch: Number of cases that make a batch.
        batch_gap: Longest pause between two cases of one batch, hours.
    """
    start, ready, step = log.start[own], log.ready[own], log.step[own]
    until = np.maximum.accumulate(log.end[own])
    breaks = (step[1:] != step[:-1]) | (start[1:] > until[:-1] + batch_gap)
    run = np.concatenate([[0], np.cumsum(breaks)])
    begun = start[np.concatenate([[0], np.flatnonzero(breaks) + 1])]
    member = ~log.first[own] & (ready <= begun[run])
    last_ready = np.full(begun.size, -np.inf)
    np.maximum.at(last_ready, run[member], ready[member])
    large = np.bincount(run[member], minlength=begun.size) >= smallest_batch
    return np.where(member & large[run], last_ready[run], ready)


def _busy(
    log: EventLog,
    own: NDArray[np.int64],
    moments: Array,
    clock: OpenHours,
) -> tuple[Array, Array]:
    """Return the clock hours and the open hours a resource was at work before each moment."""
    until = np.maximum.accumulate(log.end[own])
    fresh = np.concatenate([[True], log.start[own][1:] > until[:-1]])
    begin = log.start[own][fresh]
    finish = until[np.concatenate([np.flatnonzero(fresh)[1:] - 1, [own.size - 1]])]
    block = np.searchsorted(begin, moments, side="right") - 1
    inside = np.maximum(block, 0)
    reached = np.clip(moments, begin[inside], finish[inside])

    open_begin, open_finish = clock.before(begin), clock.before(finish)
    before = np.cumsum(finish - begin) - (finish - begin)
    open_before = np.cumsum(open_finish - open_begin) - (open_finish - open_begin)
    return (
        before[inside] + reached - begin[inside],
        open_before[inside] + clock.before(reached) - open_begin[inside],
    )
