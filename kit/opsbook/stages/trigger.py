"""Stage 1: is there reason to start an optimisation, or is it only noise?"""

from __future__ import annotations

import bisect

import numpy as np

from opsbook.data.metric_series import Floats
from opsbook.errors import DataError
from opsbook.methods.trigger.consecutive_misses import ConsecutiveMisses
from opsbook.methods.trigger.consecutive_misses import consecutive_misses as count_misses
from opsbook.methods.trigger.control_limits import Baseline
from opsbook.methods.trigger.drop import drop
from opsbook.results.trigger import (
    Comparison,
    ControlChart,
    History,
    Level,
    Misses,
    MissRun,
    NoChart,
    RunLevel,
    TriggerResult,
    Yardstick,
)
from opsbook.stages import charts
from opsbook.stages.context import Context
from opsbook.stages.kick_off import kick_off, raci, smart
from opsbook.stages.trigger_declared import declared
from opsbook.stages.trigger_feedback import feedback
from opsbook.stages.trigger_findings import cautions, findings, problem
from opsbook.stages.trigger_guard import guard
from opsbook.stages.trigger_process import process
from opsbook.stages.trigger_rules import replay
from opsbook.stages.trigger_verdict import Found, verdict
from opsbook.stages.watched_kpi import WatchedKpi, watched_kpi
from opsbook.text import Quantity, say

__all__ = [
    "Found",
    "conclude",
    "consecutive_misses",
    "control_chart",
    "declared",
    "feedback",
    "guard",
    "history",
    "process",
    "replay",
    "run",
]


def history(context: Context) -> History:
    """The watched KPI up to the period of the check, against target, last period and last year."""
    kpi = watched_kpi(context)
    varies = kpi.target is not None and len(set(kpi.target.tolist())) > 1
    return History(
        series=kpi.series.record(),
        as_of=kpi.period(len(kpi.series.periods) - 1),
        events=context.events,
        target=tuple(
            float(goal) if np.isfinite(goal) else None
            for goal in (kpi.target if varies and kpi.target is not None else ())
        ),
        comparisons=_comparisons(kpi),
        quantile=kpi.series.metric.quantile,
    )


def consecutive_misses(context: Context) -> Misses:
    """How many periods running the KPI missed its target, and was worse than a year before.

    A period without data breaks a run: it is neither a miss nor a hit. Where the newest period has
    none, the run up to the newest one with data is told, and the rule says nothing of now. Without
    a target and a year before, the KPI is held against its usual level in the baseline.
    """
    kpi = watched_kpi(context)
    params, check = kpi.params, kpi.check
    runs = []
    if check.to_target is not None:
        runs.append(_run(kpi, "target", check.to_target, kpi.target))
    if check.to_last_year is not None and check.to_last_year.last_known >= 0:
        runs.append(_run(kpi, "last_year", check.to_last_year, None))
    head = check.judged[: kpi.baseline]
    if not runs and np.isfinite(head).any():
        usual = np.full_like(check.judged, np.nanmean(head))
        usual[: kpi.baseline] = np.nan
        counted = count_misses(
            check.judged,
            usual,
            better=kpi.series.metric.better,
            yellow=params.misses.yellow,
            red=params.misses.red,
        )
        runs.append(_run(kpi, "usual", counted, None))
    return Misses(
        yellow=params.misses.yellow,
        red=params.misses.red,
        runs=tuple(runs),
        window=params.n_of_m.of if params.n_of_m else None,
    )


def control_chart(context: Context) -> ControlChart | NoChart:
    """The control chart that suits the data, or why there is none.

    The limits are set by the baseline of the params, else by all periods; they start afresh
    where the params say so.
    """
    kpi = watched_kpi(context)
    params, series, seasonal = kpi.params, kpi.series, kpi.check.seasonal
    locked = params.limits.locked
    if params.baseline is not None:
        begin = bisect.bisect_left(series.periods, params.baseline.start.first)
        series = series.between(params.baseline.start.first, None)
        seasonal = seasonal[begin:]
        locked = len(series.between(None, params.baseline.end.last).periods) or None
    starts = {bisect.bisect_left(series.periods, at.first) for at in params.limits.start_afresh}
    baseline = Baseline(
        periods=locked,
        starts=sorted(start for start in starts if 0 < start < len(series.periods)),
        screen=params.limits.screen,
    )
    try:
        drawn = charts.chart(
            series,
            baseline,
            wanted=params.limits.chart,
            seasonal=seasonal,
            repeats=[
                charts.SEASONS[season]
                for season in zip(kpi.check.cycles, kpi.check.means, strict=True)
            ],
        )
    except DataError as error:
        return NoChart(reason=say("No control chart can be drawn. {problem}", problem=str(error)))
    if drawn is not None:
        return drawn
    known = int(np.isfinite(series.value).sum())
    return NoChart(
        reason=say(
            "No control chart: it needs {needed} periods with data, among them those that set "
            "the limits; there are {n}.",
            needed=Quantity(value=charts.FEWEST_PERIODS, unit="count"),
            n=Quantity(value=known, unit="count"),
        )
    )


def conclude(context: Context, found: Found) -> TriggerResult:
    """The verdict: start, watch, no reason, or not enough to tell.

    The handbook's rules alone cry wolf on noise. A start needs their red run of misses, an alarm
    of the combined verdict, which holds the rate of false starts, and a guard that finds neither
    a passing event nor trouble in the data behind it.
    """
    answer = verdict(found)
    return TriggerResult(
        project=context.project.project.id,
        headline=answer.headline,
        tone=answer.tone,
        verdict=answer.verdict,
        findings=findings(found),
        cautions=cautions(found),
        forms=(kick_off(context, problem(found), found.history, found.misses),),
        history=found.history,
        misses=found.misses,
        chart=found.chart,
        rules=found.rules,
        guard=found.guard,
        process=found.process,
        feedback=found.feedback,
        declared=found.declared,
        raci=raci(context),
        smart=smart(context, found.history),
        provenance=context.provenance,
    )


def run(context: Context) -> TriggerResult:
    """All steps of the stage, as its notebook takes them."""
    found = Found(
        history=history(context),
        misses=consecutive_misses(context),
        chart=control_chart(context),
        rules=replay(context),
        guard=guard(context),
        process=process(context),
        feedback=feedback(context),
        declared=declared(context),
    )
    return conclude(context, found)


#: Positions of the levels of `consecutive_misses` that are colours; the next one is "no data".
LEVELS: tuple[Level, ...] = ("none", "yellow", "red")


def _run(
    kpi: WatchedKpi, against: Yardstick, counted: ConsecutiveMisses, target: Floats | None
) -> MissRun:
    params = kpi.params
    lengths = counted.run_length
    at, run, longest = int(counted.last_known), int(counted.last_run), int(lengths.max())
    end = int(lengths.argmax())
    readable = at == len(lengths) - 1
    level: RunLevel = LEVELS[int(counted.level[-1])] if readable else "unknown"
    of_last = None
    if against == "target" and params.n_of_m is not None and readable:
        counts = counted.missed[-params.n_of_m.of :]
        of_last = int(counts.sum())
        if of_last >= params.n_of_m.misses and level == "none":
            level = "yellow"
    compared = kpi.series.value if target is None else kpi.series.value - target
    known = np.isfinite(compared) & (counted.level < len(LEVELS))
    return MissRun(
        against=against,
        run=run,
        since=kpi.period(at - run + 1) if run else None,
        longest=longest,
        longest_from=kpi.period(end - longest + 1) if longest else None,
        level=level,
        n=int(known.sum()),
        of_last=of_last,
        until=kpi.period(at) if at >= 0 else None,
    )


def _comparisons(kpi: WatchedKpi) -> tuple[Comparison, ...]:
    """The newest period against its target, the period before (环比) and the year before (同比)."""
    value, per_year = kpi.series.value, kpi.rhythm.periods_per_year
    references: dict[str, float] = {}
    if kpi.target is not None:
        references["target"] = float(kpi.target[-1])
    if len(value) > 1:
        references["previous"] = float(value[-2])
    if per_year is not None and len(value) > per_year:
        references["last_year"] = float(value[-1 - per_year])
    made = []
    for against, reference in references.items():
        moved = drop(
            value[-1:],
            reference,
            better=kpi.series.metric.better,
            threshold=float(kpi.params.drop),
        )
        known = bool(np.isfinite(reference))
        difference = float(moved.difference[0])
        made.append(
            Comparison.model_validate(
                {
                    "against": against,
                    "reference": reference if known else None,
                    "difference": difference if np.isfinite(difference) else None,
                    "relative": moved.latest_relative,
                    "dropped": bool(moved.dropped[0]),
                }
            )
        )
    return tuple(made)
