"""How busy each person or machine is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opsbook.methods.diagnosis.business_hours import OpenHours
from opsbook.methods.diagnosis.event_log import EventLog


@dataclass(frozen=True, kw_only=True)
class ResourceLoad:
    """One resource's load over the span of the whole log.

    Attributes:
        resource: Its name.
        events: How many events it did.
        busy_hours: Its open hours at work, counted once where tasks overlap.
        utilisation: ``busy_hours`` over its open hours; None where it had none.
    """

    resource: str
    events: int
    busy_hours: float
    utilisation: float | None


def resource_load(log: EventLog, clocks: tuple[OpenHours, ...]) -> tuple[ResourceLoad, ...]:
    """Tell how busy each resource was, busiest first.

    Assumes that all its work is in the log and that it was there all the time. A resource that
    joined late, or works elsewhere too, is busier than it looks.

    Args:
        log: The event log.
        clocks: Each resource's open hours, from `open_clocks`.

    Returns:
        Every resource's load; empty where the log has no resources.

    Examples:
        >>> from opsbook.methods.diagnosis.event_log import event_log, open_clocks
        >>> log = event_log(["a", "b"], ["pick", "pick"], ["2026-03-02T09", "2026-03-02T11"],
        ...                 ["2026-03-02T10", "2026-03-02T13"], resource=["Li", "Li"])
        >>> resource_load(log, open_clocks(log, None, {}))[0].utilisation
        0.75
    """
    span = np.array([log.start.min(), log.end.max()])
    order = np.lexsort((log.end, log.start, log.resource))
    loads = []
    for own in np.split(order, np.flatnonzero(np.diff(log.resource[order])) + 1):
        code = int(log.resource[own[0]])
        if code < 0:
            continue
        until = np.maximum.accumulate(log.end[own])
        begin = np.maximum(log.start[own], np.concatenate([[-np.inf], until[:-1]]))
        busy = clocks[code].before(until) - clocks[code].before(np.minimum(begin, until))
        opened = float(np.diff(clocks[code].before(span))[0])
        loads.append(
            ResourceLoad(
                resource=log.resources[code],
                events=own.size,
                busy_hours=float(busy.sum()),
                utilisation=float(busy.sum()) / opened if opened > 0 else None,
            )
        )
    return tuple(sorted(loads, key=lambda load: (-(load.utilisation or 0.0), load.resource)))
