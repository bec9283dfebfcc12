"""How long does a scan of ten thousand KPIs take, and does its memory grow with them?

Makes KPIs of weekly shares (customers lost over customers), half of them with independent and half
with autocorrelated noise, one in twenty with a shift in its last quarter, and runs on all of them

1. the check alone (season, misses, last year, combined verdict, change points, guard), handed one
   KPI after the other;
2. the whole of `opsbook scan`: params of one row a KPI, and the table, read from files, the check,
   false-discovery control, funnel, shrinkage;
3. a peer: ruptures' PELT and statsmodels' STL, one series after the other, on a subsample, scaled
   to all.

Each run is a process of its own. Memory is the peak of it and of its largest helper; check and
scan are also run on half as many KPIs, to show whether memory grows with their number.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import json
import multiprocessing
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from statsmodels.tsa.stl._stl import STL

from opsbook.data import MetricSeries
from opsbook.methods.trigger.rule_replay import simulated_noise
from opsbook.methods.trigger.series import Floats
from opsbook.project import Project
from opsbook.run.plan import plan
from opsbook.run.scan import scan
from opsbook.run.scan_check import Named, check_all
from opsbook.run.workspace import Workspace
from opsbook.stages.watched_kpi import watch

PEER_SEASON = 13
CUSTOMERS = 1000
MONDAY = dt.date(2024, 1, 1)
PARAMS = {
    "project": {"id": "kpi", "title": "KPI"},
    "data": {
        "kpi": {
            "path": "kpis.csv",
            "period": {"column": "week", "grain": "week"},
            "dimensions": ["store"],
        }
    },
    "metric": {
        "name": "Customers lost",
        "numerator": "lost",
        "denominator": "customers",
        "better": "lower",
        "target": 0.22,
    },
    "trigger": {},
    "for_each": {"table": "rows.csv"},
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run: wall and processor seconds, peak memory in MB, KPIs by verdict."""

    seconds: float
    cpu_seconds: float
    memory_mb: float
    verdicts: dict[str, int]


def kpis(count: int, weeks: int) -> Floats:
    correlation = np.where(np.arange(count) % 2, 0.5, 0.0)
    level = np.random.default_rng(2).normal(0.2, 0.01, count)
    values = simulated_noise(level, np.full(count, 0.01), correlation, weeks, seed=1)
    values[::20, -weeks // 4 :] += 0.03
    return np.clip(values, 0.0, 1.0)


def mondays(weeks: int) -> tuple[dt.date, ...]:
    return tuple(MONDAY + dt.timedelta(weeks=i) for i in range(weeks))


def watched(values: Floats) -> Iterator[Named]:
    one = Project.model_validate({k: v for k, v in PARAMS.items() if k != "for_each"})
    periods = mondays(values.shape[1])
    customers = np.full(values.shape[1], float(CUSTOMERS))
    for i, row in enumerate(values):
        series = MetricSeries(
            metric=one.metric,
            grain="week",
            periods=periods,
            numerator=row * customers,
            denominator=customers,
            value=row,
        )
        yield f"kpi_{i}", watch(one, series)


def write_files(folder: Path, values: Floats) -> None:
    """A workspace with one params file, its table of rows and its table of data."""
    params = folder / "params"
    params.mkdir()
    (params / "kpis.yaml").write_text(json.dumps(PARAMS), encoding="utf-8")
    with (params / "rows.csv").open("w", encoding="utf-8") as file:
        file.write("project.id,data.kpi.focus.store\n")
        file.writelines(f"kpi_{i},s{i}\n" for i in range(len(values)))
    days = [str(day) for day in mondays(values.shape[1])]
    with (params / "kpis.csv").open("w", encoding="utf-8") as file:
        file.write("week,store,lost,customers\n")
        for i, row in enumerate(np.round(values * CUSTOMERS).astype(int)):
            file.writelines(
                f"{day},s{i},{lost},{CUSTOMERS}\n" for day, lost in zip(days, row, strict=True)
            )


def check_only(count: int, weeks: int, workers: int) -> dict[str, int]:
    outcomes = check_all(watched(kpis(count, weeks)), workers=workers)
    return dict(Counter(outcome.verdict for _, outcome in outcomes))


def whole_scan(folder: str, workers: int) -> dict[str, int]:
    root = Path(folder)
    found = scan(plan(Workspace(root=root), [root / "params" / "kpis.yaml"]), workers=workers)
    return dict(Counter(row.verdict for row in found.rows))


def measured(work: Callable[..., dict[str, int]], *args: object) -> Measured:
    """Run some work in a process of its own, and measure that and its helpers."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_measured, work, *args).result()


def _measured(work: Callable[..., dict[str, int]], *args: object) -> Measured:
    start, worked = time.perf_counter(), cpu_seconds()
    verdicts = work(*args)
    return Measured(
        seconds=time.perf_counter() - start,
        cpu_seconds=cpu_seconds() - worked,
        memory_mb=max(one.ru_maxrss for one in usage()) / 1024,
        verdicts=verdicts,
    )


def usage() -> list[resource.struct_rusage]:
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


def cpu_seconds() -> float:
    """Processor time of this process and of its finished ones."""
    return sum(one.ru_utime + one.ru_stime for one in usage())


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


def _scanned(count: int, weeks: int, workers: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), kpis(count, weeks))
        return measured(whole_scan, folder, workers)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--kpis", type=int, default=10_000)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--peer", type=int, default=200, help="series the peer is measured on")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    half = measured(check_only, chosen.kpis // 2, chosen.weeks, chosen.workers)
    check = measured(check_only, chosen.kpis, chosen.weeks, chosen.workers)
    half_scan, whole = (
        _scanned(count, chosen.weeks, chosen.workers) for count in (chosen.kpis // 2, chosen.kpis)
    )
    some = kpis(min(chosen.peer, chosen.kpis), chosen.weeks)
    peer_seconds = peer(some)
    scaled = None if peer_seconds is None else peer_seconds * chosen.kpis / len(some)
    figures = {
        "kpis": chosen.kpis,
        "weeks": chosen.weeks,
        "workers": chosen.workers,
        "seconds": round(check.seconds, 2),
        "cpu_seconds": round(check.cpu_seconds, 2),
        "memory_mb": round(check.memory_mb, 1),
        "memory_mb_half": round(half.memory_mb, 1),
        "verdicts": check.verdicts,
        "whole_scan_seconds": round(whole.seconds, 2),
        "whole_scan_cpu_seconds": round(whole.cpu_seconds, 2),
        "whole_scan_memory_mb": round(whole.memory_mb, 1),
        "whole_scan_memory_mb_half": round(half_scan.memory_mb, 1),
        "peer": "ruptures PELT + statsmodels STL, one process",
        "peer_measured_on": len(some),
        "peer_seconds_scaled": None if scaled is None else round(scaled, 1),
        "peer_over_ours": None if scaled is None else round(scaled / check.seconds, 2),
        "peer_over_whole_scan": None if scaled is None else round(scaled / whole.seconds, 2),
    }
    if chosen.json:
        print(json.dumps(figures))
        return
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        print(f"{name:<{width}}  {value}")


if __name__ == "__main__":
    main()
