"""The KPI that the trigger check watches: its target by period, what is known, what teaches."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from opsbook.data import MetricSeries
from opsbook.data.metric_series import Floats
from opsbook.errors import DataError
from opsbook.methods.trigger.kpi_check import RHYTHMS, KpiCheck, Rhythm, kpi_check
from opsbook.methods.trigger.series import Bools
from opsbook.methods.trigger.structural_or_not import KnownTime, StructuralOrNot, structural_or_not
from opsbook.project import Project
from opsbook.project.base import Cell
from opsbook.project.data import KnownEvent
from opsbook.project.trigger import TargetRule, TriggerSection
from opsbook.stages.context import Context
from opsbook.text import Period

UNUSUAL = {"event", "holiday", "data_problem"}
"""Known events that pass; an intervention or a change of definition stays."""
EXCUSED = {"holiday", "data_problem"}


@dataclass(frozen=True, kw_only=True)
class WatchedKpi:
    """The KPI up to the period of the check, and what the check must know of it.

    Attributes:
        params: The section `trigger`.
        series: The KPI; its metric has the newest period's target.
        target: The target of each period, shape (n,), NaN where none holds; None without any.
        rhythm: What repeats at this length of period.
        baseline: Leading periods that teach the noise.
        known: Known events, in the order of the params, as positions.
        events: The same events as the params tell them.
        unusual: Periods that teach nothing, shape (n,).
        excused: Periods that are not judged, shape (n,).
    """

    params: TriggerSection
    series: MetricSeries
    target: Floats | None
    rhythm: Rhythm
    baseline: int
    known: tuple[KnownTime, ...]
    events: tuple[KnownEvent, ...]
    unusual: Bools
    excused: Bools

    @cached_property
    def check(self) -> KpiCheck:
        """The metric trigger of this KPI alone."""
        misses = self.params.misses
        return kpi_check(
            self.series.value,
            better=self.series.metric.better,
            baseline=self.baseline,
            target=self.target,
            rhythm=self.rhythm,
            unusual=self.unusual,
            excused=self.excused,
            misses=(misses.yellow, misses.red),
        )

    @cached_property
    def guard(self) -> StructuralOrNot:
        """Noise, a passing event, the data, or structural."""
        combined = self.check.combined
        return structural_or_not(
            self.check.judged,
            combined.alarm,
            float(combined.chance_either),
            better=self.series.metric.better,
            fell=bool(combined.fell[-1]),
            known=self.known,
            watched_from=self.baseline,
        )

    @property
    def alarm(self) -> bool:
        """Whether the newest period is in alarm; one without a value to judge never is."""
        return bool(self.check.combined.alarm[-1] and np.isfinite(self.check.judged[-1]))

    def period(self, position: int) -> Period:
        """The period at a position."""
        return Period(start=self.series.periods[position], grain=self.series.grain)


def watched_kpi(context: Context) -> WatchedKpi:
    """Cut the KPI at the period of the check and gather what is known of it.

    Raises:
        DataError: If the check is as of a time before the data begin, or the baseline holds none
            of the periods or all that could be judged.
    """
    partial = {period.start for period in context.tables.coverage.partial}
    return watch(context.project, context.series(context.project.watched), partial=partial)


def watch(
    project: Project, series: MetricSeries, *, partial: Collection[dt.date] = ()
) -> WatchedKpi:
    """The same, of a series that is cut from the table already.

    Args:
        project: The checked params.
        series: The KPI over all periods.
        partial: Periods that the KPI's rows only begin to fill; the check ends before one.

    Raises:
        DataError: As there.
    """
    params = project.trigger or TriggerSection()
    shown = series.between(None, params.as_of.last if params.as_of else None)
    if not shown.periods:
        raise DataError(
            f"The check is as of {params.as_of.root if params.as_of else ''}, before the data "
            f"begin ({series.periods[0]}).",
            "Correct trigger.as_of.",
        )
    if shown.periods[-1] in partial and len(shown.periods) > 1:
        shown = shown.between(None, shown.periods[-2])
    target = _target(project, params, shown)
    if target is not None:
        newest = float(target[-1])
        metric = shown.metric.model_copy(update={"target": newest if np.isfinite(newest) else None})
        shown = replace(shown, metric=metric)
    events = project.data.events
    rhythm = RHYTHMS[shown.grain]
    unusual, excused = (_covered(shown, events, kinds) for kinds in (UNUSUAL, EXCUSED))
    baseline = rhythm.baseline_of(len(shown.periods))
    if params.baseline is not None:
        first, last = params.baseline.start.first, params.baseline.end.last
        baseline = _taught(shown, first, last)
        unusual = unusual | np.array([day < first for day in shown.periods], dtype=bool)
    return WatchedKpi(
        params=params,
        series=shown,
        target=target,
        rhythm=rhythm,
        baseline=baseline,
        known=tuple(_position(shown, event) for event in events),
        events=events,
        unusual=unusual,
        excused=excused,
    )


def _taught(series: MetricSeries, first: dt.date, last: dt.date) -> int:
    """Number of leading periods up to the end of the baseline that the params name."""
    there = f"the data up to the check run from {series.periods[0]} to {series.periods[-1]}"
    if not any(first <= day <= last for day in series.periods):
        raise DataError(
            f"trigger.baseline ({first} to {last}) holds no period: {there}.",
            "Correct trigger.baseline, or leave it out.",
        )
    if series.periods[-1] <= last:
        raise DataError(
            f"trigger.baseline ({first} to {last}) leaves no period to judge: {there}.",
            "End trigger.baseline before trigger.as_of.",
        )
    return sum(day <= last for day in series.periods)


def _target(project: Project, params: TriggerSection, series: MetricSeries) -> Floats | None:
    own = series.metric.target
    target = np.full(len(series.periods), np.nan if own is None else own)
    for rule in params.targets:
        if _applies(rule, project.data.kpi.focus):
            target[_stretch(series, rule)] = rule.value
    return None if np.isnan(target).all() else target


def _applies(rule: TargetRule, focus: Mapping[str, Cell | tuple[Cell, ...]]) -> bool:
    return all(str(focus.get(name)) == str(value) for name, value in rule.where.items())


def _stretch(series: MetricSeries, rule: TargetRule) -> Bools:
    return np.array(
        [
            (rule.start is None or end > rule.start.first)
            and (rule.end is None or day <= rule.end.last)
            for day, end in zip(series.periods, series.ends, strict=True)
        ],
        dtype=bool,
    )


def _position(series: MetricSeries, event: KnownEvent) -> KnownTime:
    """When an event was, counted in periods: -1 before the first, n after the last."""
    edges = [*series.periods, series.ends[-1]]
    last = None if event.end is None else bisect.bisect_right(edges, event.end.last) - 1
    return KnownTime(
        first=bisect.bisect_right(edges, event.start.first) - 1, last=last, kind=event.kind
    )


def _covered(series: MetricSeries, events: tuple[KnownEvent, ...], kinds: set[str]) -> Bools:
    """Periods of which known passing events cover half or more."""
    covered = np.zeros(len(series.periods), dtype=bool)
    for event in events:
        if event.kind not in kinds or event.end is None:
            continue
        after = event.end.last + dt.timedelta(days=1)
        for i, (day, end) in enumerate(zip(series.periods, series.ends, strict=True)):
            shared = (min(end, after) - max(day, event.start.first)).days
            covered[i] |= 2 * shared >= (end - day).days
    return covered
