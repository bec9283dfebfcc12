"""The trigger check of many KPIs at once: in blocks of like ones, in processes."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from opsbook.methods.trigger.kpi_check import RHYTHMS, kpi_check
from opsbook.methods.trigger.series import Better, Bools, Floats
from opsbook.methods.trigger.structural_or_not import KnownTime, structural_or_not
from opsbook.results.trigger import GuardVerdict, Level
from opsbook.stages.trigger_verdict import LEVELS, Verdict, decision
from opsbook.stages.watched_kpi import WatchedKpi
from opsbook.text import Grain

BLOCK = 250
"""KPIs that one process checks at a time."""
WAITING = 4
"""Blocks of KPIs, unlike ones together, that may wait to be full."""

Named = tuple[str, WatchedKpi]


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


def check_all(kpis: Iterable[Named], *, workers: int = 1) -> Iterator[tuple[Named, Outcome]]:
    """Check KPIs in blocks of like ones, in processes where there are several.

    The KPIs are taken as they are needed and let go when they are checked, so that memory does
    not grow with their number. Their order is not kept.

    Args:
        kpis: Name and KPI.
        workers: Processes side by side.
    """
    blocks = _blocks(kpis)
    if workers <= 1:
        for some in blocks:
            yield from zip(some, check_block(_block([kpi for _, kpi in some])), strict=True)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        running: deque[tuple[list[Named], Future[list[Outcome]]]] = deque()
        for some in blocks:
            running.append((some, pool.submit(check_block, _block([kpi for _, kpi in some]))))
            if len(running) > 2 * workers:
                done, outcomes = running.popleft()
                yield from zip(done, outcomes.result(), strict=True)
        for done, outcomes in running:
            yield from zip(done, outcomes.result(), strict=True)


def _blocks(kpis: Iterable[Named]) -> Iterator[list[Named]]:
    """Like KPIs together; a block is let go when it is full or too many wait."""
    waiting: dict[Hashable, list[Named]] = {}
    count = 0
    for name, kpi in kpis:
        key = _likeness(kpi)
        waiting.setdefault(key, []).append((name, kpi))
        count += 1
        if len(waiting[key]) == BLOCK or count == WAITING * BLOCK:
            fullest = max(waiting, key=lambda one: len(waiting[one]))
            count -= len(waiting[fullest])
            yield waiting.pop(fullest)
    yield from waiting.values()


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
            float(combined.chance_either[i]),
            better=block.better,
            fell=bool(combined.fell[i, -1]),
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
        chance = float(combined.chance_either[i])
        correlation = float(combined.correlation[i])
        made.append(
            Outcome(
                guard=guard.verdict,
                verdict=decision(guard.verdict, LEVELS[level], alarm=alarm),
                level=LEVELS[level],
                alarm=alarm,
                misses=0 if check.to_target is None else int(check.to_target.last_run[i]),
                since=guard.since,
                chance=chance if np.isfinite(chance) else None,
                correlation=correlation if np.isfinite(correlation) else None,
            )
        )
    return made


def _likeness(kpi: WatchedKpi) -> Hashable:
    """What KPIs must share to be checked in one block."""
    misses, pair = kpi.params.misses, kpi.params.n_of_m
    return (
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
