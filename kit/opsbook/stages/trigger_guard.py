"""What changed and when: short-term fluctuation, structural problem, or trouble in the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from opsbook.data.cube import PERIOD
from opsbook.methods.diagnosis.rate_mix import RateMix, rate_mix
from opsbook.methods.trigger.structural_or_not import LASTING, GuardReason, StructuralOrNot
from opsbook.results.trigger import ChangeRow, Guard, MixShift
from opsbook.stages.context import Context
from opsbook.stages.watched_kpi import WatchedKpi, watched_kpi
from opsbook.text import Quantity, Statement, say

MOST_SEGMENTS = 200
MOST_SPIKES = 12


def guard(context: Context) -> Guard:
    """The verdict of the guard, with what stands out in the series and what it is."""
    kpi = watched_kpi(context)
    answer = kpi.guard
    since = None if answer.since is None else kpi.period(answer.since)
    reason = _reason(answer, kpi)
    return Guard(
        verdict=answer.verdict,
        reason=reason,
        settles=NEXT_PERIOD if reason.message == NOT_JUDGED.message else SETTLES.get(answer.reason),
        since=since,
        chance=answer.chance,
        autocorrelation=_known(float(kpi.check.combined.correlation)),
        alarm=kpi.alarm,
        changes=_changes(kpi, answer) + _partial(context, kpi),
        lines=tuple(
            (
                kpi.period(line.start),
                line.level_first,
                kpi.period(line.end - 1),
                line.level_last,
            )
            for line in answer.found.segments
        ),
        mix=_mix(context, kpi, answer),
    )


def _known(number: float) -> float | None:
    return number if np.isfinite(number) else None


def _reason(answer: StructuralOrNot, kpi: WatchedKpi) -> Statement:
    values: dict[str, str | Quantity] = {}
    message = REASONS[answer.reason].message
    if answer.reason == "newest_missing" and np.isfinite(kpi.series.value[-1]):
        message = NOT_JUDGED.message
    if answer.event is not None:
        values["event"] = kpi.events[answer.event].title
    return Statement(
        message=message,
        values=values
        | {
            name: value
            for name, value in {
                "since": None if answer.since is None else kpi.period(answer.since),
                "chance": Quantity(value=answer.chance or 0.0, unit="p"),
            }.items()
            if "{" + name + "}" in message and value is not None
        },
    )


NOT_JUDGED = say(
    "Not enough evidence: the newest period is known to be a holiday or faulty, and is not judged."
)
NEXT_PERIOD = say("See what the next ordinary period brings.")
REASONS: dict[GuardReason, Statement] = {
    "no_noise_known": say(
        "Not enough evidence: the baseline is too short or constant, so that its noise is unknown."
    ),
    "newest_missing": say("Not enough evidence: the newest period has no value."),
    "within_noise": say(
        "Short-term fluctuation: nothing now stands out beyond noise, which alone would look so "
        "bad with p {chance}."
    ),
    "known_event": say(
        "Short-term fluctuation: it began at {since}, with a known event that passes: {event}."
    ),
    "too_recent": say(
        "Not enough evidence: an alarm beyond noise began at {since} (p {chance}); so new, it "
        "may be a spike."
    ),
    "definition_change": say(
        "Trouble in the data: it began at {since}, with a change of definition: {event}."
    ),
    "broken_data": say("Trouble in the data: it began at {since}, with a known fault: {event}."),
    "lasting_alarm": say(
        "Structural problem: since {since} it has stayed beyond what noise does (noise alone: p "
        "{chance})."
    ),
    "lasting_miss": say(
        "Structural problem: at least since {since} it has missed its target by more than noise "
        "explains (noise alone: p {chance}); against its own past it is not worse."
    ),
    "lasting_change": say(
        "Structural problem: it changed for the worse at {since} and has not come back (noise "
        "alone: p {chance})."
    ),
}
SETTLES: dict[GuardReason, Statement] = {
    "no_noise_known": say("Collect at least 12 periods of the same process."),
    "newest_missing": say("Wait for the newest period, or mend the data."),
    "too_recent": say("See whether the next two periods come back."),
    "definition_change": say("Compute the earlier periods by the new definition."),
    "broken_data": say("Mend the data, then check again."),
    "known_event": say("Look again when the event is over."),
}


def _changes(kpi: WatchedKpi, answer: StructuralOrNot) -> tuple[ChangeRow, ...]:
    unit = kpi.series.metric.change_unit
    spikes = [h for h in answer.happenings if h.p_value is None]
    kept = {id(h) for h in spikes[-MOST_SPIKES:]}
    return tuple(
        ChangeRow(
            at=kpi.period(happening.index),
            kind=happening.kind,
            jump=None
            if happening.jump is None
            else Quantity(value=happening.jump, unit=unit, signed=True),
            worse=happening.worse,
            p_value=happening.p_value,
            event=None if happening.event is None else kpi.events[happening.event].title,
            spread=None
            if happening.spread is None
            else (
                Quantity(value=happening.spread[0], unit=unit),
                Quantity(value=happening.spread[1], unit=unit),
            ),
        )
        for happening in answer.happenings
        if happening.p_value is not None or id(happening) in kept
    )


def _partial(context: Context, kpi: WatchedKpi) -> tuple[ChangeRow, ...]:
    """Periods that the data only begin to fill; they are left out."""
    coverage = context.tables.coverage
    last = kpi.series.ends[-1]
    return tuple(
        ChangeRow(at=period, kind="partial_period", jump=None, worse=None, p_value=None, event=None)
        for period, state in zip(coverage.periods, coverage.state, strict=True)
        if state == "partial" and period.start <= last
    )


def _mix(context: Context, kpi: WatchedKpi, answer: StructuralOrNot) -> tuple[MixShift, ...]:
    """Whether segments became worse, or only their shares changed."""
    series = kpi.series
    if not series.is_ratio or kpi.baseline < 1 or len(series.periods) < kpi.baseline + LASTING:
        return ()
    start = min(answer.since or len(series.periods), len(series.periods) - LASTING)
    start = max(start, kpi.baseline)
    before, after = series.periods[: kpi.baseline], series.periods[start:]
    focus = context.project.data.kpi.focus
    table = context.tables.kpi.rows(focus)
    found = []
    for dimension in context.tables.kpi.dimensions:
        if dimension in focus or not 2 <= table[dimension].nunique() <= MOST_SEGMENTS:
            continue
        sums = _sums(table, dimension, kpi)
        early, late = (
            sums[sums["period"].dt.date.isin(days)].groupby("segment")[["above", "below"]].sum()
            for days in (before, after)
        )
        early, late = early.align(late, join="outer", fill_value=0.0)
        if early["below"].sum() > 0 and late["below"].sum() > 0:
            split = rate_mix(early["above"], early["below"], late["above"], late["below"])
            found.append(_shift(dimension, split, kpi))
    return tuple(found)


def _sums(table: pd.DataFrame, dimension: str, kpi: WatchedKpi) -> pd.DataFrame:
    metric = kpi.series.metric
    return pd.DataFrame(
        {
            "period": table[PERIOD],
            "segment": table[dimension],
            "above": table[metric.numerator].where(table[metric.denominator] > 0, 0.0),
            "below": table[metric.denominator],
        }
    )


def _shift(dimension: str, split: RateMix, kpi: WatchedKpi) -> MixShift:
    unit, scale = kpi.series.metric.change_unit, kpi.series.scale
    total, rate, mix = (
        Quantity(value=part * scale, unit=unit, signed=True)
        for part in (split.total, split.rate, split.mix)
    )
    worse = split.total * (1 if kpi.series.metric.better == "lower" else -1) > 0
    return MixShift(
        dimension=dimension,
        total=total,
        rate=rate,
        mix=mix,
        explains=worse and split.mix * np.sign(split.total) >= abs(split.total) / 2,
        reversal=split.reversal,
    )
