"""How work flows: its paths, its waiting, its rework, and where it is held up."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.diagnosis.business_hours import Array, Calendar, OpenHours
from opsbook.methods.diagnosis.event_log import (
    EventLog,
    open_between,
    open_clocks,
)
from opsbook.methods.diagnosis.grouped_quantiles import grouped_quantiles
from opsbook.methods.diagnosis.resource_load import ResourceLoad, resource_load
from opsbook.methods.diagnosis.waiting_causes import WaitingCauses, waiting_causes


@dataclass(frozen=True, kw_only=True)
class StepFlow:
    """One step of the process. Hours are open hours unless said otherwise.

    Attributes:
        step: Its name.
        events: How often it was done.
        cases: In how many cases.
        rework: How often it was done again in a case that had been through it.
        touch_p50: Median time at work.
        touch_p90: 90 % of the times at work are not longer.
        touch_hours: All time at work.
        wait_p50: Median wait before it; None where it is always the first step of its case.
        wait_p90: 90 % of the waits are not longer; None likewise.
        wait_hours: All waiting before it: mean wait times volume.
        unavailability_hours: Waiting in clock hours while the resource was off; None without
            resources.
        contention_hours: Waiting in clock hours while the resource was busy; None likewise.
        batching_hours: Waiting in clock hours for a batch to fill; None likewise.
        other_hours: Waiting in clock hours for anything else; None likewise.
        utilisation: How busy the resources that do it are, weighed by their hours on it, in
            [0, 1]; None without resources.
        value_added: Whether the customer would pay for it, as declared; None if not declared.
    """

    step: str
    events: int
    cases: int
    rework: int
    touch_p50: float
    touch_p90: float
    touch_hours: float
    wait_p50: float | None
    wait_p90: float | None
    wait_hours: float
    unavailability_hours: float | None
    contention_hours: float | None
    batching_hours: float | None
    other_hours: float | None
    utilisation: float | None
    value_added: bool | None


@dataclass(frozen=True, kw_only=True)
class Handover:
    """How often one step directly follows another, with the waits between them in open hours."""

    source: str
    target: str
    count: int
    wait_p50: float
    wait_p90: float
    wait_hours: float


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One path through the process, and how many cases took it."""

    steps: tuple[str, ...]
    cases: int


@dataclass(frozen=True, kw_only=True)
class ProcessFlow:
    """A process as its event log shows it. Hours are open hours unless said otherwise.

    Attributes:
        cases: Number of cases.
        events: Number of finished events.
        unfinished: Events left out because they have no end.
        lead_p50: Median time from a case's first start to its last end.
        lead_p90: 90 % of the cases are not longer.
        touch_share: Time at work over lead time, summed over cases; above 1 where work on a case
            overlaps. None where no time passed.
        value_added_share: Time at work on steps that add value, over lead time; None where no
            step is declared or no time passed.
        rework_share: Share of the cases in which a step was done more than once.
        steps: Every step, sorted by name.
        handovers: Every pair of steps that follow each other, most frequent first.
        variants: The most frequent paths, first come most frequent.
        variant_count: Number of different paths.
        resources: Every resource, busiest first; empty without resources.
        most_waiting: Step before which most hours were waited, volume included; None where
            nothing waited.
        most_utilised: Step whose resources are busiest; None without resources.
    """

    cases: int
    events: int
    unfinished: int
    lead_p50: float
    lead_p90: float
    touch_share: float | None
    value_added_share: float | None
    rework_share: float
    steps: tuple[StepFlow, ...]
    handovers: tuple[Handover, ...]
    variants: tuple[Variant, ...]
    variant_count: int
    resources: tuple[ResourceLoad, ...]
    most_waiting: str | None
    most_utilised: str | None


def process_flow(
    log: EventLog,
    *,
    calendar: Calendar | None = None,
    shifts: Mapping[str, Calendar] | None = None,
    value_added: Mapping[str, bool] | None = None,
    most_variants: int = 10,
) -> ProcessFlow:
    """Tell how cases move through the process, where they wait, and what holds them up.

    Assumes that start and end are logged when work starts and ends. Where people book at the end
    of the day, waits and times at work are the booking's, not the work's.

    Args:
        log: The events, from `event_log`. Without resources waiting has no causes.
        calendar: Open hours; None counts round the clock.
        shifts: Resource to its own calendar, where it differs from ``calendar``.
        value_added: Step to whether it adds value for the customer.
        most_variants: Number of paths to list.

    Returns:
        Steps, hand-overs, paths, resources and the two bottlenecks.

    Raises:
        DataError: If a shift names a resource, or a declaration a step, that the log does not
            have.

    References:
        van der Aalst (2016), Process Mining, 2nd ed., on directly-follows counts.
        doi:10.1007/978-3-662-49851-4

    Examples:
        >>> from opsbook.methods.diagnosis.event_log import event_log
        >>> flow = process_flow(event_log(
        ...     ["a", "a", "b", "b"], ["pick", "pack"] * 2,
        ...     ["2026-03-02T08", "2026-03-02T11", "2026-03-02T09", "2026-03-02T11"],
        ...     ["2026-03-02T09", "2026-03-02T12", "2026-03-02T10", "2026-03-02T13"],
        ... ))
        >>> flow.most_waiting, flow.handovers[0].count, flow.lead_p50
        ('pack', 2, 4.0)
    """
    clocks = open_clocks(log, calendar, shifts or {})
    touch = open_between(log, clocks, log.start, log.end)
    wait = np.where(log.first, 0.0, open_between(log, clocks, log.ready, log.start))
    wait = np.maximum(wait, 0.0)  # a parallel step starts before the one before it has ended
    adds_value = _declared(log, value_added or {})
    causes = waiting_causes(log, calendar=calendar, shifts=shifts) if log.resources else None
    loads = resource_load(log, clocks)
    steps = _steps(log, touch, wait, causes, loads, adds_value)

    lead = _lead(log, clocks[-1])
    all_lead = float(lead.sum())
    valued = np.array([adds_value.get(name) is True for name in log.steps])
    variants, variant_count = _variants(log, most_variants)
    waiting = [s for s in steps if s.wait_hours > 0]
    utilised = [s for s in steps if s.utilisation is not None]
    repeated = np.unique(log.case[_again(log)]).size
    return ProcessFlow(
        cases=log.cases,
        events=log.case.size,
        unfinished=log.unfinished,
        lead_p50=float(np.quantile(lead, 0.5)),
        lead_p90=float(np.quantile(lead, 0.9)),
        touch_share=float(touch.sum()) / all_lead if all_lead > 0 else None,
        value_added_share=float(touch[valued[log.step]].sum()) / all_lead
        if adds_value and all_lead > 0
        else None,
        rework_share=repeated / log.cases,
        steps=steps,
        handovers=_handovers(log, wait),
        variants=variants,
        variant_count=variant_count,
        resources=loads,
        most_waiting=max(waiting, key=lambda s: s.wait_hours).step if waiting else None,
        most_utilised=max(utilised, key=lambda s: s.utilisation or 0.0).step if utilised else None,
    )


def _declared(log: EventLog, value_added: Mapping[str, bool]) -> dict[str, bool]:
    """Return the declared steps, refusing those that the log does not have."""
    unknown = sorted(set(value_added) - set(log.steps))
    if unknown:
        raise DataError(
            f"Step '{unknown[0]}' is declared and not in the event log; there are: "
            f"{', '.join(log.steps)}.",
            "Correct the name of the step.",
        )
    return dict(value_added)


def _again(log: EventLog) -> NDArray[np.bool_]:
    """Tell which events repeat a step in a case that had been through it."""
    order = np.lexsort((np.arange(log.case.size), log.step, log.case))
    same = (np.diff(log.case[order]) == 0) & (np.diff(log.step[order]) == 0)
    again = np.zeros(order.size, dtype=bool)
    again[order[1:]] = same
    return again


def _lead(log: EventLog, clock: OpenHours) -> Array:
    """Return each case's open hours from its first start to its last end."""
    last = np.full(log.cases, -np.inf)
    np.maximum.at(last, log.case, log.end)
    return clock.before(last) - clock.before(log.start[log.first])


def _steps(
    log: EventLog,
    touch: Array,
    wait: Array,
    causes: WaitingCauses | None,
    loads: tuple[ResourceLoad, ...],
    adds_value: Mapping[str, bool],
) -> tuple[StepFlow, ...]:
    """Describe every step."""
    size = len(log.steps)
    again, later = _again(log), ~log.first
    events = np.bincount(log.step, minlength=size)
    rework = np.bincount(log.step[again], minlength=size)
    touches = grouped_quantiles(touch, log.step, size, (0.5, 0.9))
    waits = grouped_quantiles(wait[later], log.step[later], size, (0.5, 0.9))

    def total(values: Array | None) -> list[float] | list[None]:
        if values is None:
            return [None] * size
        summed: list[float] = np.bincount(log.step, values, minlength=size).tolist()
        return summed

    touch_hours = np.bincount(log.step, touch, minlength=size)
    wait_hours = np.bincount(log.step, wait, minlength=size)
    unavailability = total(causes.unavailability if causes else None)
    contention = total(causes.contention if causes else None)
    batching = total(causes.batching if causes else None)
    other = total(causes.other if causes else None)
    utilisation = _utilisation(log, touch, loads)
    return tuple(
        StepFlow(
            step=name,
            events=int(events[i]),
            cases=int(events[i] - rework[i]),
            rework=int(rework[i]),
            touch_p50=float(touches[0][i]),
            touch_p90=float(touches[1][i]),
            touch_hours=float(touch_hours[i]),
            wait_p50=_or_none(waits[0][i]),
            wait_p90=_or_none(waits[1][i]),
            wait_hours=float(wait_hours[i]),
            unavailability_hours=unavailability[i],
            contention_hours=contention[i],
            batching_hours=batching[i],
            other_hours=other[i],
            utilisation=utilisation[i],
            value_added=adds_value.get(name),
        )
        for i, name in enumerate(log.steps)
        if events[i]
    )


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _handovers(log: EventLog, wait: Array) -> tuple[Handover, ...]:
    """Count every pair of steps that follow each other in a case."""
    size = len(log.steps)
    later = np.flatnonzero(~log.first)
    pairs, group = np.unique(log.step[later - 1] * size + log.step[later], return_inverse=True)
    counts = np.bincount(group, minlength=pairs.size)
    hours = np.bincount(group, wait[later], minlength=pairs.size)
    p50, p90 = grouped_quantiles(wait[later], group, pairs.size, (0.5, 0.9))
    found = [
        Handover(
            source=log.steps[pair // size],
            target=log.steps[pair % size],
            count=int(counts[i]),
            wait_p50=float(p50[i]),
            wait_p90=float(p90[i]),
            wait_hours=float(hours[i]),
        )
        for i, pair in enumerate(pairs.tolist())
    ]
    return tuple(sorted(found, key=lambda h: (-h.count, h.source, h.target)))


def _variants(log: EventLog, most: int) -> tuple[tuple[Variant, ...], int]:
    """Return the most frequent paths, and the number of all.

    Each case's steps as bytes are its key, so that no two paths are ever mixed up.
    """
    bounds = [*np.flatnonzero(log.first).tolist(), log.case.size]
    codes = log.step.astype(np.int32)
    raw, width = codes.tobytes(), codes.itemsize
    counted = Counter(raw[a * width : b * width] for a, b in pairwise(bounds))
    frequent = heapq.nsmallest(most, counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Variant(steps=tuple(log.steps[i] for i in np.frombuffer(key, np.int32)), cases=count)
        for key, count in frequent
    ), len(counted)


def _utilisation(
    log: EventLog, touch: Array, loads: tuple[ResourceLoad, ...]
) -> list[float | None]:
    """Weigh the utilisation of each step's resources by their hours on it."""
    known = {load.resource: load.utilisation or 0.0 for load in loads}
    by_code = np.array([known.get(name, 0.0) for name in log.resources])
    some = log.resource >= 0
    size = len(log.steps)
    weight = np.bincount(log.step[some], touch[some], minlength=size)
    if not by_code.size:
        return [None] * size
    summed = np.bincount(log.step[some], touch[some] * by_code[log.resource[some]], minlength=size)
    return [s / w if w > 0 else None for s, w in zip(summed.tolist(), weight.tolist(), strict=True)]
