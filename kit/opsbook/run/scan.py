"""The metric trigger over many KPIs without notebooks: who needs attention?"""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from opsbook.data import MetricSeries, Shared, load_shared
from opsbook.data.cube import many_series
from opsbook.errors import OpsbookError
from opsbook.methods.effect.benjamini_hochberg import benjamini_hochberg
from opsbook.methods.trigger.combined_verdict import combined_verdict
from opsbook.methods.trigger.funnel_limits import FEWEST, funnel_limits
from opsbook.methods.trigger.kpi_check import RHYTHMS, kpi_check
from opsbook.methods.trigger.rule_replay import FalseStarts, false_starts
from opsbook.methods.trigger.series import Better, Bools, Floats
from opsbook.methods.trigger.shrinkage import shrinkage
from opsbook.methods.trigger.structural_or_not import KnownTime, structural_or_not
from opsbook.results.trigger import GuardVerdict, Level
from opsbook.run.plan import Job
from opsbook.stages.trigger_verdict import LEVELS, Verdict, decision
from opsbook.stages.watched_kpi import WatchedKpi, watch
from opsbook.text import Grain, Period, Record

RATE = 0.10
"""Share of the discoveries that may be chance."""
BLOCK = 250
"""KPIs that one process checks at a time."""
NEEDS: tuple[str, ...] = ("failed", "start", "watch", "insufficient", "no_reason")


class ScanRow(Record):
    """One KPI.

    Attributes:
        verdict: As the trigger notebook gives it; ``failed`` where the data cannot be read.
        guard: The guard's verdict.
        level: The worst level of the handbook's rules.
        misses: Misses of the target running, to the newest period with data.
        since: When the trouble began.
        chance: Chance that noise alone would look so bad, against its own past and its target.
        adjusted: The same, allowing for how many KPIs are scanned.
        discovery: Whether it stands when chance has had its share among all KPIs.
        value: Newest value.
        estimate: That value, drawn towards the other KPIs' as far as its size is small.
        funnel: Whether it lies beyond the funnel's limits on the worse side, its size allowed for.
        error: Why it failed.
    """

    project: str
    title: str
    kpi: str = ""
    unit: str = ""
    verdict: str
    guard: GuardVerdict | None = None
    level: Level = "none"
    alarm: bool = False
    misses: int = 0
    since: Period | None = None
    as_of: Period | None = None
    value: float | None = None
    target: float | None = None
    chance: float | None = None
    adjusted: float | None = None
    discovery: bool = False
    estimate: float | None = None
    funnel: bool | None = None
    error: str = ""


class Scan(Record):
    """All KPIs, those that need attention first.

    Attributes:
        rows: The KPIs.
        alarms: KPIs whose newest period is in alarm beyond noise.
        expected: Alarms that noise alone would bring about among so many KPIs.
        discoveries: KPIs that stand at the rate of false discoveries.
        rate: That rate.
    """

    rows: tuple[ScanRow, ...]
    alarms: int
    expected: float
    discoveries: int
    rate: float = RATE


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """KPIs that can be checked together: as long, as watched, by the same rules."""

    grain: Grain
    better: Better
    baseline: int
    misses: tuple[int, int]
    n_of_m: tuple[int, int] | None
    values: Floats
    target: Floats | None
    unusual: Bools
    excused: Bools
    known: tuple[KnownTime, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the check says of one KPI."""

    guard: GuardVerdict
    verdict: Verdict
    level: Level
    alarm: bool
    misses: int
    since: int | None
    chance: float | None
    correlation: float | None


def scan(jobs: Sequence[Job], *, workers: int = 1, rate: float = RATE) -> Scan:
    """Check every KPI as its trigger notebook does, and sort them by who needs attention.

    Projects that read one table share it. A project whose data cannot be read is a row of its own.

    Args:
        jobs: The projects.
        workers: Processes side by side.
        rate: Share of the discoveries that may be chance.
    """
    failed: dict[str, ScanRow] = {}
    kpis = dict(_kpis(jobs, failed))
    outcomes = check_all(kpis, workers=workers)
    chances = [outcome.chance for outcome in outcomes.values()]
    held = benjamini_hochberg(chances, rate=rate)
    titles = {job.project.project.id: job.project.project.title for job in jobs}
    funnels = _funnels(kpis)
    rows = list(failed.values())
    for (name, outcome), adjusted, discovery in zip(
        outcomes.items(), held.adjusted, held.rejected, strict=True
    ):
        estimate, beyond = funnels.get(name, (None, None))
        rows.append(
            _row(kpis[name], outcome).model_copy(
                update={
                    "project": name,
                    "title": titles[name],
                    "adjusted": adjusted,
                    "discovery": discovery,
                    "estimate": estimate,
                    "funnel": beyond,
                }
            )
        )
    return Scan(
        rows=tuple(sorted(rows, key=_need)),
        alarms=sum(outcome.alarm for outcome in outcomes.values()),
        expected=_expected(kpis, outcomes),
        discoveries=sum(held.rejected),
        rate=rate,
    )


def check_all(kpis: Mapping[str, WatchedKpi], *, workers: int = 1) -> dict[str, Outcome]:
    """Check KPIs in blocks of like ones, in processes where there are several.

    Args:
        kpis: Name → KPI.
        workers: Processes side by side.
    """
    names: list[list[str]] = []
    blocks: list[Block] = []
    for like in _alike(kpis).values():
        for start in range(0, len(like), BLOCK):
            names.append(like[start : start + BLOCK])
            blocks.append(_block([kpis[name] for name in names[-1]]))
    if workers <= 1 or len(blocks) <= 1:
        checked = [check_block(block) for block in blocks]
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, len(blocks)), mp_context=context) as pool:
            checked = list(pool.map(check_block, blocks))
    found = {
        name: outcome
        for some, outcomes in zip(names, checked, strict=True)
        for name, outcome in zip(some, outcomes, strict=True)
    }
    return {name: found[name] for name in kpis}


def check_block(block: Block) -> list[Outcome]:
    """Check the KPIs of one block: all at once, then each one's change points.

    Args:
        block: KPIs that can be checked together.
    """
    check = kpi_check(
        block.values,
        better=block.better,
        baseline=block.baseline,
        target=block.target,
        rhythm=RHYTHMS[block.grain],
        unusual=block.unusual,
        excused=block.excused,
        misses=block.misses,
    )
    combined = check.combined
    n = block.values.shape[1]
    runs = [counted for counted in (check.to_target, check.to_last_year) if counted is not None]
    made = []
    for i in range(len(block.values)):
        guard = structural_or_not(
            check.judged[i],
            combined.alarm[i],
            float(combined.chance[i]),
            better=block.better,
            known=block.known,
            watched_from=block.baseline,
        )
        level = 0
        for counted in runs:
            now = int(counted.level[i, -1])
            level = max(level, now if now < len(LEVELS) else 0)  # beyond them is "no data"
        if check.to_target is not None and block.n_of_m is not None:
            needed, window = block.n_of_m
            often = check.to_target.missed[i, -window:].sum() >= needed
            level = max(level, int(often and check.to_target.last_known[i] == n - 1))
        alarm = bool(combined.alarm[i, -1] and np.isfinite(check.judged[i, -1]))
        chance = np.fmin(combined.chance[i], combined.chance_short[i])
        correlation = float(combined.correlation[i])
        made.append(
            Outcome(
                guard=guard.verdict,
                verdict=decision(guard.verdict, LEVELS[level], alarm=alarm),
                level=LEVELS[level],
                alarm=alarm,
                misses=0 if check.to_target is None else int(check.to_target.last_run[i]),
                since=guard.since,
                chance=float(min(1.0, 2 * chance)) if np.isfinite(chance) else None,
                correlation=correlation if np.isfinite(correlation) else None,
            )
        )
    return made


def _kpis(jobs: Sequence[Job], failed: dict[str, ScanRow]) -> Iterator[tuple[str, WatchedKpi]]:
    groups: dict[Hashable, list[Job]] = defaultdict(list)
    for job in jobs:
        groups[_table_of(job)].append(job)
    for some in groups.values():
        try:
            table = load_shared(some[0].project, some[0].params_file.parent)
        except OpsbookError as error:
            failed |= {job.project.project.id: _failed(job, error) for job in some}
            continue
        for job, series in zip(some, _series(some, table), strict=True):
            try:
                if isinstance(series, OpsbookError):
                    raise series
                yield job.project.project.id, watch(job.project, series)
            except OpsbookError as error:
                failed[job.project.project.id] = _failed(job, error)


def _table_of(job: Job) -> Hashable:
    """What projects must share to be read together: the table and what is summed of it."""
    project = job.project
    kpi = project.data.kpi.model_copy(update={"focus": {}, "labels": {}})
    sums = sorted({c for m in project.metrics.values() for c in m.columns.values()})
    causes = project.diagnosis.causes if project.diagnosis else ()
    return job.params_file.parent, kpi.model_dump_json(), tuple(sums), causes


def _series(jobs: Sequence[Job], table: Shared) -> list[MetricSeries | OpsbookError]:
    """Each project's series; those of one metric are cut from the table in one go."""
    found: dict[str, MetricSeries | OpsbookError] = {}
    like: dict[Hashable, list[Job]] = defaultdict(list)
    for job in jobs:
        like[job.project.watched.model_dump_json()].append(job)
    for some in like.values():
        focuses = [job.project.data.kpi.focus for job in some]
        cut = many_series(table.cube, some[0].project.watched, focuses)
        for job, one in zip(some, cut, strict=True):
            found[job.project.project.id] = _whole_periods(job, one, table)
    return [found[job.project.project.id] for job in jobs]


def _whole_periods(
    job: Job, series: MetricSeries | OpsbookError, table: Shared
) -> MetricSeries | OpsbookError:
    """A project's series without the periods that its own rows only begin to fill."""
    if isinstance(series, OpsbookError):
        return series
    try:
        partial = table.partial(job.project)
    except OpsbookError as error:
        return error
    return series.without(partial) if partial else series


def _failed(job: Job, error: OpsbookError) -> ScanRow:
    project = job.project.project
    return ScanRow(project=project.id, title=project.title, verdict="failed", error=str(error))


def _alike(kpis: Mapping[str, WatchedKpi]) -> dict[Hashable, list[str]]:
    like: dict[Hashable, list[str]] = defaultdict(list)
    for name, kpi in kpis.items():
        misses, pair = kpi.params.misses, kpi.params.n_of_m
        key = (
            kpi.series.grain,
            kpi.series.metric.better,
            kpi.baseline,
            (misses.yellow, misses.red, pair),
            kpi.series.periods[0],
            len(kpi.series.periods),
            kpi.target is None,
            kpi.unusual.tobytes(),
            kpi.excused.tobytes(),
            kpi.known,
        )
        like[key].append(name)
    return like


def _block(kpis: Sequence[WatchedKpi]) -> Block:
    first = kpis[0]
    pair = first.params.n_of_m
    return Block(
        grain=first.series.grain,
        better=first.series.metric.better,
        baseline=first.baseline,
        misses=(first.params.misses.yellow, first.params.misses.red),
        n_of_m=None if pair is None else (pair.misses, pair.of),
        values=np.stack([kpi.series.value for kpi in kpis]),
        target=None
        if first.target is None
        else np.stack([kpi.target for kpi in kpis if kpi.target is not None]),
        unusual=first.unusual,
        excused=first.excused,
        known=first.known,
    )


def _row(kpi: WatchedKpi, outcome: Outcome) -> ScanRow:
    series = kpi.series
    value = float(series.value[-1])
    return ScanRow(
        project="",
        title="",
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


def _funnels(kpis: Mapping[str, WatchedKpi]) -> dict[str, tuple[float | None, bool | None]]:
    """Each store's newest value against all stores of the same metric, its size allowed for."""
    like: dict[Hashable, list[str]] = defaultdict(list)
    for name, kpi in kpis.items():
        metric = kpi.series.metric
        if kpi.series.is_ratio:
            key = (metric.name, metric.numerator, metric.denominator, kpi.series.periods[-1])
            like[key].append(name)
    found: dict[str, tuple[float | None, bool | None]] = {}
    for names in like.values():
        if len(names) < FEWEST:
            continue
        some = [kpis[name].series for name in names]
        events = np.array([one.numerator[-1] for one in some])
        scale = some[0].scale
        sizes = np.array([one.denominator[-1] for one in some]) / scale
        kind: Literal["share", "rate"] = "share" if some[0].metric.kind == "share" else "rate"
        try:
            drawn = shrinkage(events, sizes, kind=kind)
            funnel = funnel_limits(events, sizes, kind=kind)
        except OpsbookError:
            continue  # impossible counts: each row's own check says what it can
        sign = 1.0 if some[0].metric.better == "lower" else -1.0
        for i, name in enumerate(names):
            z = funnel.z[i]
            found[name] = (
                drawn.estimate[i],
                None if z is None else i in funnel.outside and sign * z > 0,
            )
    return found


@cache
def _chance_alarms(baseline: int, watched: int) -> FalseStarts:
    """How often noise of each correlation is in alarm, by the combined verdict."""

    def rule(x: Floats) -> Bools:
        return combined_verdict(x, baseline=baseline, better="higher").alarm

    return false_starts(rule, baseline=baseline, periods_per_year=watched, simulations=400)


def _expected(kpis: Mapping[str, WatchedKpi], outcomes: Mapping[str, Outcome]) -> float:
    """Alarms that noise alone would show among these KPIs at any moment."""
    total = 0.0
    for name, outcome in outcomes.items():
        kpi = kpis[name]
        if outcome.correlation is None:
            continue
        watched = len(kpi.series.periods) - kpi.baseline
        if watched < 1:
            continue
        curve = _chance_alarms(kpi.baseline, min(watched, 52))
        total += float(np.interp(outcome.correlation, curve.correlation, curve.share_in_alarm))
    return total
