"""How long does the whole metric trigger take over ten thousand KPIs?

Makes KPIs of weekly shares (customers lost over customers), half of them with independent and half
with autocorrelated noise, one in twenty with a shift in its last quarter; runs the scan's check on
all of them (season, misses, last year, combined verdict, change points, guard) in processes; and
runs a peer, ruptures' PELT and statsmodels' STL one series after the other, on a subsample, scaled
to all. Memory is the peak of the parent and of its largest process.

The check of half as many KPIs shows that memory does not grow with their number.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import json
import resource
import time

import numpy as np
from statsmodels.tsa.stl._stl import STL

from opsbook.data import MetricSeries
from opsbook.methods.trigger.rule_replay import simulated_noise
from opsbook.methods.trigger.series import Floats
from opsbook.project import Project
from opsbook.run.scan import check_all
from opsbook.stages.watched_kpi import WatchedKpi, watch

PEER_SEASON = 13


def project() -> Project:
    return Project.model_validate(
        {
            "project": {"id": "kpi", "title": "KPI"},
            "data": {"kpi": {"path": "none.csv", "period": {"column": "week", "grain": "week"}}},
            "metric": {
                "name": "Customers lost",
                "numerator": "lost",
                "denominator": "customers",
                "better": "lower",
                "target": 0.22,
            },
            "trigger": {},
        }
    )


def kpis(count: int, weeks: int) -> Floats:
    correlation = np.where(np.arange(count) % 2, 0.5, 0.0)
    level = np.random.default_rng(2).normal(0.2, 0.01, count)
    values = simulated_noise(level, np.full(count, 0.01), correlation, weeks, seed=1)
    values[::20, -weeks // 4 :] += 0.03
    return np.clip(values, 0.0, 1.0)


def watched(values: Floats) -> dict[str, WatchedKpi]:
    one = project()
    monday = dt.date(2024, 1, 1)
    periods = tuple(monday + dt.timedelta(weeks=i) for i in range(values.shape[1]))
    customers = np.full(values.shape[1], 1000.0)
    return {
        f"kpi_{i}": watch(
            one,
            MetricSeries(
                metric=one.metric,
                grain="week",
                periods=periods,
                numerator=row * customers,
                denominator=customers,
                value=row,
            ),
        )
        for i, row in enumerate(values)
    }


def cpu_seconds() -> float:
    """Processor time of this process and of its finished ones."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def checked(values: Floats, workers: int) -> tuple[float, float, float, dict[str, int]]:
    """Seconds, processor seconds, peak memory in MB, and how many KPIs got which verdict."""
    start, worked = time.perf_counter(), cpu_seconds()
    found = check_all(watched(values), workers=workers)
    seconds = time.perf_counter() - start
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    verdicts: dict[str, int] = {}
    for outcome in found.values():
        verdicts[outcome.verdict] = verdicts.get(outcome.verdict, 0) + 1
    return seconds, cpu_seconds() - worked, peak / 1024, verdicts


def peer(values: Floats) -> float | None:
    """Seconds of STL and PELT for each series; None where ruptures is not installed."""
    try:
        ruptures = importlib.import_module("ruptures")  # an oracle of the tests, no dependency
    except ImportError:
        return None
    start = time.perf_counter()
    for row in values:
        rest = row - STL(row, period=PEER_SEASON, robust=True).fit().seasonal
        ruptures.Pelt(model="l2", jump=1, min_size=3).fit(rest).predict(
            pen=3 * np.log(len(row)) * rest.var()
        )
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--kpis", type=int, default=10_000)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--peer", type=int, default=200, help="series the peer is measured on")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    values = kpis(chosen.kpis, chosen.weeks)
    _, _, half_memory, _ = checked(values[: chosen.kpis // 2], chosen.workers)
    seconds, worked, memory, verdicts = checked(values, chosen.workers)
    some = values[: min(chosen.peer, chosen.kpis)]
    measured = peer(some)
    scaled = None if measured is None else measured * chosen.kpis / len(some)
    figures = {
        "kpis": chosen.kpis,
        "weeks": chosen.weeks,
        "workers": chosen.workers,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(worked, 2),
        "memory_mb": round(memory, 1),
        "memory_mb_half": round(half_memory, 1),
        "verdicts": verdicts,
        "peer": "ruptures PELT + statsmodels STL, one process",
        "peer_measured_on": len(some),
        "peer_seconds_scaled": None if scaled is None else round(scaled, 1),
        "peer_over_ours": None if scaled is None else round(scaled / seconds, 2),
    }
    if chosen.json:
        print(json.dumps(figures))
        return
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        print(f"{name:<{width}}  {value}")


if __name__ == "__main__":
    main()
