"""How work flows through the process, where it waits, and what adds value."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Sequence

import numpy as np

from opsbook.errors import DataError
from opsbook.methods.diagnosis.business_hours import Calendar
from opsbook.methods.diagnosis.event_log import EventLog, event_log
from opsbook.methods.diagnosis.process_flow import ProcessFlow, process_flow
from opsbook.project.base import When
from opsbook.project.diagnosis import DiagnosisSection, FlowSection
from opsbook.results.journey import Flow, FlowArrow, FlowPath, FlowStep
from opsbook.stages.context import Context
from opsbook.stages.measures import span_of
from opsbook.text import say

#: Arrows that the record keeps, the most frequent first.
MOST_ARROWS = 60


def flow_of(context: Context, params: DiagnosisSection) -> Flow | None:
    """The process as its event log shows it, for the cases that start in the window after.

    None where the params name no event log (data.process).

    Raises:
        DataError: If diagnosis.flow names a step that the event log does not have.
    """
    rows = context.tables.process
    if rows is None:
        return None
    steps = sorted(map(str, np.unique(rows.step.astype(str))))
    for field, named in (("value_added", params.flow.value_added), ("ecrs", params.flow.ecrs)):
        _refuse_unknown(f"diagnosis.flow.{field}", named, steps)
    try:
        log = log_of_window(context, params)
        value_added = {k: v for k, v in params.flow.value_added.items() if k in log.steps}
        found = process_flow(log, calendar=calendar(params.flow), value_added=value_added)
    except DataError as error:
        return Flow(reason=say("The flow was not computed: {problem}", problem=error.problem))
    return Flow(
        cases=found.cases,
        events=found.events,
        unfinished=found.unfinished,
        lead_p50=found.lead_p50,
        lead_p90=found.lead_p90,
        touch_share=found.touch_share,
        value_added_share=found.value_added_share,
        rework_share=found.rework_share,
        steps=_steps(log, found, params.flow),
        arrows=tuple(
            FlowArrow(source=h.source, target=h.target, count=h.count, wait_p50=h.wait_p50)
            for h in found.handovers[:MOST_ARROWS]
        ),
        paths=tuple(FlowPath(steps=v.steps, cases=v.cases) for v in found.variants),
        path_count=found.variant_count,
        most_waiting=found.most_waiting,
        most_utilised=found.most_utilised,
    )


def _refuse_unknown(field: str, named: Iterable[str], steps: Sequence[str]) -> None:
    for step in named:
        if step not in steps:
            near = difflib.get_close_matches(step, steps, n=1)
            there = f"did you mean '{near[0]}'?" if near else f"it has: {', '.join(steps[:20])}."
            raise DataError(
                f"{field} names the step '{step}', which the event log does not have; {there}",
                "Write the step as the event log does.",
            )


def log_of_window(context: Context, params: DiagnosisSection) -> EventLog:
    """The events of the cases that start in the window after.

    Raises:
        DataError: If there is no event log, no case starts in the window, or an event ends
            before it starts.
    """
    rows = context.tables.process
    if rows is None:
        raise DataError("The params name no event log.", "Add data.process.")
    first, last = (np.datetime64(day) for day in span_of(params.after))
    cases, place = np.unique(rows.case.astype(str), return_inverse=True)
    begun = np.full(cases.size, np.datetime64("9999-01-01", "us"))
    np.minimum.at(begun, place, rows.start)
    inside = ((begun >= first) & (begun < last + np.timedelta64(1, "D")))[place]
    if not inside.any():
        raise DataError(
            f"No case of the event log starts from {first} to {last}.",
            "Move diagnosis.after into the event log.",
        )
    return event_log(
        rows.case[inside],
        rows.step[inside],
        rows.start[inside],
        rows.end[inside],
        resource=None if rows.resource is None else rows.resource[inside],
    )


def calendar(section: FlowSection) -> Calendar | None:
    """The open hours that the params give; round the clock without any."""
    hours = section.open_hours
    if hours is None:
        return None
    overnight = hours.closes < hours.opens
    open_ = ((hours.opens, hours.closes + 24 * overnight),)
    week = tuple(open_ if day in hours.days else () for day in range(1, 8))
    return Calendar(
        begins=hours.closes if overnight else 0.0,
        week=week,
        holidays=_days(hours.holidays),
        workdays=_days(hours.workdays),
    )


def _days(stretches: Iterable[When]) -> tuple[str, ...]:
    """Every day of some stretches of the calendar."""
    return tuple(
        (stretch.first + dt.timedelta(days=i)).isoformat()
        for stretch in stretches
        for i in range((stretch.last - stretch.first).days + 1)
    )


def _steps(log: EventLog, found: ProcessFlow, section: FlowSection) -> tuple[FlowStep, ...]:
    """The steps in the order in which cases usually reach them."""
    place = np.arange(log.case.size) - np.flatnonzero(log.first)[log.case]
    size = len(log.steps)
    seen = np.bincount(log.step, minlength=size)
    mean = np.bincount(log.step, place, minlength=size) / np.maximum(seen, 1)
    usual = {name: (float(mean[i]), name) for i, name in enumerate(log.steps)}
    return tuple(
        FlowStep(
            step=s.step,
            events=s.events,
            cases=s.cases,
            rework=s.rework,
            touch_p50=s.touch_p50,
            touch_p90=s.touch_p90,
            touch_hours=s.touch_hours,
            wait_p50=s.wait_p50,
            wait_p90=s.wait_p90,
            wait_hours=s.wait_hours,
            unavailability_hours=s.unavailability_hours,
            contention_hours=s.contention_hours,
            batching_hours=s.batching_hours,
            other_hours=s.other_hours,
            utilisation=s.utilisation,
            value_added=s.value_added,
            ecrs=section.ecrs.get(s.step, ""),
        )
        for s in sorted(found.steps, key=lambda s: usual[s.step])
    )
