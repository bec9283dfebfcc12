"""The metric trigger over many KPIs without notebooks: who needs attention?"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from opsbook.data import MetricSeries, Shared, SharedTable, open_shared
from opsbook.data.cube import many_series
from opsbook.data.tally import figures, kept_apart
from opsbook.errors import OpsbookError
from opsbook.methods.effect.benjamini_hochberg import benjamini_hochberg
from opsbook.results.scan import NEEDS, RATE, Scan, ScanRow
from opsbook.run.plan import Job
from opsbook.run.scan_check import Named, Outcome, check_all
from opsbook.run.scan_peers import Newest, expected_alarms, newest, standings
from opsbook.stages.watched_kpi import WatchedKpi, watch

PART = 500
"""Projects whose rows are in memory at a time."""


def scan(jobs: Sequence[Job], *, workers: int = 1, rate: float = RATE) -> Scan:
    """Check every KPI as its trigger notebook does, and sort them by who needs attention.

    Projects that read one table share it. A project whose data cannot be read is a row of its own.

    Args:
        jobs: The projects.
        workers: Processes side by side.
        rate: Share of the discoveries that may be chance.
    """
    titles = {job.project.project.id: job.project.project.title for job in jobs}
    failed: dict[str, ScanRow] = {}
    checked: list[ScanRow] = []
    stores: list[Newest] = []
    watched: dict[tuple[int, int], list[float]] = defaultdict(list)
    for (name, kpi), outcome in check_all(_kpis(jobs, failed), workers=workers):
        checked.append(_row(name, titles[name], kpi, outcome))
        if (store := newest(name, kpi)) is not None:
            stores.append(store)
        if outcome.correlation is not None:
            after = len(kpi.series.periods) - kpi.baseline
            watched[kpi.baseline, after].append(outcome.correlation)
    held = benjamini_hochberg([row.chance for row in checked], rate=rate)
    among, funnels = standings(stores)
    rows = list(failed.values())
    for row, adjusted, discovery in zip(checked, held.adjusted, held.rejected, strict=True):
        found = among.get(row.project)
        rows.append(
            row.model_copy(
                update={
                    "adjusted": adjusted,
                    "discovery": discovery,
                    "size": found.size if found else None,
                    "estimate": found.estimate if found else None,
                    "funnel": found.beyond if found else None,
                }
            )
        )
    return Scan(
        rows=tuple(sorted(rows, key=_need)),
        alarms=sum(row.alarm for row in checked),
        expected=expected_alarms(watched),
        discoveries=sum(held.rejected),
        rate=rate,
        funnels=funnels,
    )


def _kpis(jobs: Sequence[Job], failed: dict[str, ScanRow]) -> Iterator[Named]:
    groups: dict[Hashable, list[Job]] = defaultdict(list)
    for job in jobs:
        groups[_table_of(job)].append(job)
    for some in groups.values():
        with contextlib.ExitStack() as opened:
            try:
                shared = open_shared(some[0].project, some[0].params_file.parent)
                table = opened.enter_context(shared)
            except OpsbookError as error:
                failed |= {job.project.project.id: _failed(job, error) for job in some}
                continue
            yield from _watched(some, table, failed)


def _watched(
    jobs: Sequence[Job], table: SharedTable, failed: dict[str, ScanRow]
) -> Iterator[Named]:
    """The KPIs of one table, whose rows are fetched for some projects at a time."""
    for start in range(0, len(jobs), PART):
        some = jobs[start : start + PART]
        part = table.part([job.project.data.kpi.focus for job in some])
        for job, series in _series(some, part):
            try:
                if isinstance(series, OpsbookError):
                    raise table.refusal(job.project.data.kpi.focus) or series
                partial = part.partial(job.project)
                whole = series.without(partial) if partial else series
                yield job.project.project.id, watch(job.project, whole, partial=partial)
            except OpsbookError as error:
                failed[job.project.project.id] = _failed(job, error)


def _table_of(job: Job) -> Hashable:
    """What projects must share to be read together: the table and how it is summed."""
    project = job.project
    kpi = project.data.kpi.model_copy(update={"focus": {}, "labels": {}})
    sums = figures(project), kept_apart(project)
    return job.params_file.parent, kpi.model_dump_json(), sums, project.intake.model_dump_json()


def _series(
    jobs: Sequence[Job], table: Shared
) -> Iterator[tuple[Job, MetricSeries | OpsbookError]]:
    """Each project's series; those of one metric are cut from the table together."""
    like: dict[Hashable, list[Job]] = defaultdict(list)
    for job in jobs:
        like[job.project.watched.model_dump_json()].append(job)
    for some in like.values():
        focuses = [job.project.data.kpi.focus for job in some]
        yield from zip(some, many_series(table.cube, some[0].project.watched, focuses), strict=True)


def _failed(job: Job, error: OpsbookError) -> ScanRow:
    project = job.project.project
    return ScanRow(project=project.id, title=project.title, verdict="failed", error=str(error))


def _row(name: str, title: str, kpi: WatchedKpi, outcome: Outcome) -> ScanRow:
    series = kpi.series
    value = float(series.value[-1])
    return ScanRow(
        project=name,
        title=title,
        kpi=series.metric.name,
        unit=series.metric.value_unit,
        verdict=outcome.verdict,
        guard=outcome.guard,
        level=outcome.level,
        alarm=outcome.alarm,
        misses=outcome.misses,
        since=None if outcome.since is None else kpi.period(outcome.since),
        as_of=kpi.period(len(series.periods) - 1),
        value=value if np.isfinite(value) else None,
        target=series.metric.target,
        chance=outcome.chance,
    )


def _need(row: ScanRow) -> tuple[int, bool, float, str]:
    chance = 1.0 if row.chance is None else row.chance
    return NEEDS.index(row.verdict), not row.discovery, chance, row.project
