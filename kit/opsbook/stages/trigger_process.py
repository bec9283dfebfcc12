"""T2: is the process slow, does it wait, is work redone?"""

from __future__ import annotations

import datetime as dt

import numpy as np

from opsbook.data.process import ProcessLog
from opsbook.methods.clopper_pearson import Proportion
from opsbook.methods.diagnosis.event_log import event_log
from opsbook.methods.diagnosis.process_flow import ProcessFlow, process_flow
from opsbook.methods.trigger.process_times import ProcessTimes, process_times
from opsbook.project.trigger import ProcessRules, TriggerSection
from opsbook.results.trigger_tables import Process, Share, StepRow
from opsbook.stages.context import Context
from opsbook.text import Period, Quantity, Statement, say

MOST_STEPS = 40


def process(context: Context) -> Process | None:
    """How long cases took and waited, how many were late or redone; None without an event log.

    Looks at the cases that began in the last days of the check; open ones are counted only.

    Raises:
        DataError: If an event ends before it starts.
    """
    log = context.tables.process
    if log is None:
        return None
    params = context.project.trigger or TriggerSection()
    kept = _recent(log, params)
    if not kept.any():
        return None
    resource = None if log.resource is None else log.resource[kept]
    start, end = log.start[kept], log.end[kept]
    hours, ended = (_hours(moments) for moments in (start, end))
    times = process_times(
        log.case[kept].astype(str),
        log.step[kept].astype(str),
        hours,
        ended,
        sla=params.process.sla_hours,
    )
    flow = None
    if np.isfinite(ended).any():
        flow = process_flow(
            event_log(log.case[kept], log.step[kept], start, end, resource=resource)
        )
    level, statement = _answer(times, params.process)
    return Process(
        first=Period(start=start.min().astype("datetime64[D]").item()),
        last=Period(start=start.max().astype("datetime64[D]").item()),
        finished=times.finished,
        open=times.open,
        lead_p50=times.lead.p50,
        lead_p90=times.lead.p90,
        wait_p50=times.wait.p50,
        wait_p90=times.wait.p90,
        touch_p50=times.touch.p50,
        touch_p90=times.touch.p90,
        sla_hours=params.process.sla_hours,
        over_sla=None if times.over_sla is None else _share(times.over_sla),
        rework=_share(times.rework),
        steps=() if flow is None else _steps(flow),
        bottleneck=None if flow is None else flow.most_waiting,
        level=level,
        statement=statement,
        lead_p50_limits=times.lead.p50_limits,
        lead_p90_limits=times.lead.p90_limits,
        wait_p50_limits=times.wait.p50_limits,
        wait_p90_limits=times.wait.p90_limits,
    )


def _recent(log: ProcessLog, params: TriggerSection) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows of the cases that began in the last days before the check."""
    if params.as_of is not None:
        until = np.datetime64(params.as_of.last + dt.timedelta(days=1), "us")
    else:
        until = log.start.max() + np.timedelta64(1, "us")
    cases, code = np.unique(log.case.astype(str), return_inverse=True)
    begun = np.full(len(cases), np.iinfo(np.int64).max)
    np.minimum.at(begun, code, log.start.astype("datetime64[us]").astype(np.int64))
    first = begun[code].astype("datetime64[us]")
    return (first < until) & (first >= until - np.timedelta64(params.process.days, "D"))


def _hours(
    moments: np.ndarray[tuple[int], np.dtype[np.datetime64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    since = (moments - np.datetime64("1970-01-01", "us")).astype("timedelta64[us]")
    hours = since.astype(np.float64) / 3.6e9
    return np.where(np.isnat(moments), np.nan, hours)


def _share(proportion: Proportion) -> Share | None:
    if proportion.share is None or proportion.lower is None or proportion.upper is None:
        return None
    return Share(
        value=proportion.share,
        lower=proportion.lower,
        upper=proportion.upper,
        events=proportion.events,
        n=proportion.trials,
    )


def _steps(flow: ProcessFlow) -> tuple[StepRow, ...]:
    ranked = sorted(flow.steps, key=lambda step: -step.wait_hours)
    return tuple(
        StepRow(
            step=step.step,
            events=step.events,
            touch_p50=step.touch_p50,
            touch_p90=step.touch_p90,
            wait_p50=step.wait_p50,
            wait_p90=step.wait_p90,
            wait_hours=step.wait_hours,
            rework=step.rework,
        )
        for step in ranked[:MOST_STEPS]
    )


def _answer(times: ProcessTimes, rules: ProcessRules) -> tuple[str, Statement]:
    """Red where the whole interval lies beyond what is accepted, yellow where the share does."""
    late, rework = times.over_sla, times.rework
    if late is None or late.share is None or rework.share is None:
        return "unknown", say("No case is finished, so that no time is known.")
    values = {
        "late": Quantity(value=late.share, unit="share"),
        "hours": Quantity(value=rules.sla_hours, unit="hours"),
        "rework": Quantity(value=rework.share, unit="share"),
        "n": Quantity(value=times.finished, unit="count"),
    }
    pairs = ((late, float(rules.late_share)), (rework, float(rules.rework_share)))
    sure = [(share.lower or 0.0) > accepted for share, accepted in pairs]
    seen = [(share.share or 0.0) > accepted for share, accepted in pairs]
    if any(sure):
        told = say(
            "The process is inefficient beyond what is accepted: {late} of {n} finished cases "
            "took over {hours}, {rework} had rework."
        )
        return "red", Statement(message=told.message, values=values)
    if any(seen):
        told = say(
            "The process may be inefficient, but the cases are too few to be sure: {late} of {n} "
            "finished cases took over {hours}, {rework} had rework."
        )
        return "yellow", Statement(message=told.message, values=values)
    told = say(
        "The process keeps what is accepted: {late} of {n} finished cases took over {hours}, "
        "{rework} had rework."
    )
    return "none", Statement(message=told.message, values=values)
