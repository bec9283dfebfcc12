"""How long an event table takes to become a cube, and how much memory, beside other tools.

Writes a table of events (day, store, channel, visits, orders, amount) as CSV and Parquet, then sums
it by day, store and channel: by opsbook's intake with all of its checks, by the bare DuckDB query,
by pandas, and by polars (the extra `dev` has it; a line says so where it is missing). Each runs in
a process of its own; the best of some rounds counts. Time is that of reading and summing, without
Python's start and imports; memory is the most that the whole process ever held.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEYS, FIGURES = ("day", "store", "channel"), ("visits", "orders", "amount")
PARAMS: dict[str, Any] = {
    "project": {"id": "events", "title": "Events"},
    "data": {
        "kpi": {
            "path": "",
            "period": {"column": "day", "grain": "day"},
            "dimensions": ["store", "channel"],
        }
    },
    "metric": {
        "name": "Conversion",
        "numerator": "orders",
        "denominator": "visits",
        "better": "higher",
        "guardrails": [
            {"name": "Sales", "kind": "sum", "value": "amount", "better": "higher", "margin": 1}
        ],
    },
}


def make(rows: int, folder: Path, kinds: list[str]) -> list[Path]:
    """Write the events as CSV or as Parquet, unless they are there."""
    import duckdb

    files = [folder / f"events_{rows}.{kind}" for kind in kinds]
    if all(file.exists() for file in files):
        return files
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE events AS SELECT DATE '2024-01-01' + (i % 500)::INT AS day, "
            "'store_' || hash(i) % 40 AS store, "
            "CASE WHEN hash(i + 1) % 2 = 0 THEN 'paid' ELSE 'free' END AS channel, "
            "1 + hash(i * 3) % 9 AS visits, (hash(i * 7) % 5 = 0)::INT AS orders, "
            f"(hash(i * 11) % 100000) / 100.0 AS amount FROM range({rows}) r(i)"
        )
        for file in files:
            options = "HEADER" if file.suffix == ".csv" else "FORMAT parquet"
            connection.execute(f"COPY events TO '{file}' ({options})")
    return files


def opsbook(file: Path) -> Callable[[], int]:
    """The intake, with every check, hash and receipt."""
    from opsbook.data import load_tables
    from opsbook.project import Project

    params = json.loads(json.dumps(PARAMS))
    params["data"]["kpi"]["path"] = file.name
    project = Project.model_validate(params)
    return lambda: len(load_tables(project, file.parent).kpi.frame)


def bare_duckdb(file: Path) -> Callable[[], int]:
    """The query alone."""
    import duckdb

    reader = "read_csv" if file.suffix == ".csv" else "read_parquet"
    query = (
        "SELECT day, store, channel, sum(visits), sum(orders), sum(amount), count(*) "
        f"FROM {reader}('{file}') GROUP BY ALL"
    )
    return lambda: len(duckdb.connect().execute(query).df())


def pandas(file: Path) -> Callable[[], int]:
    """What a notebook would do without DuckDB."""
    import pandas as pd

    read = pd.read_csv if file.suffix == ".csv" else _parquet_by_duckdb
    return lambda: len(read(file).groupby(list(KEYS))[list(FIGURES)].sum())


def _parquet_by_duckdb(file: Path) -> Any:
    """Pandas needs another library for Parquet; DuckDB, which is here, hands it the whole table."""
    import duckdb

    return duckdb.connect().execute(f"SELECT * FROM '{file}'").df()


def polars(file: Path) -> Callable[[], int]:
    """A streaming query of polars."""
    import polars as pl

    scan = pl.scan_csv if file.suffix == ".csv" else pl.scan_parquet
    query = scan(file).group_by(KEYS).agg(*(pl.col(name).sum() for name in FIGURES), pl.len())
    return lambda: len(query.collect(engine="streaming"))


TOOLS = {"bare duckdb": bare_duckdb, "opsbook": opsbook, "pandas": pandas, "polars": polars}


def measure(tool: str, file: Path) -> dict[str, Any] | None:
    """Run one tool in a process of its own; None where it is not installed."""
    if tool in {"pandas", "polars"} and importlib.util.find_spec(tool) is None:
        return None
    command = [sys.executable, __file__, "--one", tool, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def most_memory() -> float:
    """The most memory that this process has held, in MB.

    Not `ru_maxrss` where there is another way: on Linux a process inherits it from its parent.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii"))
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(tool: str, file: Path) -> None:
    """What the process of one tool does."""
    run = TOOLS[tool](file)
    before, started = os.times(), time.perf_counter()
    cells = run()
    seconds, after = time.perf_counter() - started, os.times()
    cpu = after.user + after.system - before.user - before.system
    peak = most_memory()
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "peak_mb": peak, "cells": cells}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="events to make")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each tool; the best counts")
    parser.add_argument("--folder", type=Path, help="where the tables are made and kept")
    parser.add_argument("--tools", nargs="*", default=list(TOOLS), choices=list(TOOLS))
    parser.add_argument(
        "--kinds", nargs="*", default=["csv", "parquet"], choices=["csv", "parquet"]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object only")
    parser.add_argument("--one", nargs=2, metavar=("TOOL", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one[0], Path(arguments.one[1]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        figures: dict[str, Any] = {"rows": arguments.rows}
        for file in make(arguments.rows, folder, arguments.kinds):
            kind = figures[file.suffix[1:]] = {}
            # Rounds alternate between the tools, so that a busy minute hits all of them.
            rounds = [
                (tool, found)
                for _ in range(arguments.rounds)
                for tool in arguments.tools
                if (found := measure(tool, file)) is not None
            ]
            for tool, found in rounds:
                best = kind.setdefault(tool, found)
                for name in ("seconds", "cpu_seconds"):
                    best[name] = min(best[name], found[name])
                best["peak_mb"] = max(best["peak_mb"], found["peak_mb"])
            base = kind.get("bare duckdb")
            for found in kind.values():
                if base is not None:
                    found["times_bare"] = found["seconds"] / base["seconds"]
                    found["cpu_times_bare"] = found["cpu_seconds"] / base["cpu_seconds"]
    if arguments.json:
        print(json.dumps(figures))
    else:
        tell(figures, arguments)


def tell(figures: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Print the table, and what could not be measured."""
    print(f"{figures['rows']:,} events to day x store x channel; best of {arguments.rounds}")
    print(f"{'':10}{'tool':14}{'seconds':>9}{'x bare':>8}{'CPU s':>8}{'x bare':>8}{'peak MB':>9}")
    for name in arguments.kinds:
        for tool, found in figures[name].items():
            print(
                f"{name:10}{tool:14}{found['seconds']:9.2f}{found.get('times_bare', 0):8.2f}"
                f"{found['cpu_seconds']:8.2f}{found.get('cpu_times_bare', 0):8.2f}"
                f"{found['peak_mb']:9.0f}"
            )
    for tool in arguments.tools:
        if all(tool not in figures[name] for name in arguments.kinds):
            print(f"NOT MEASURED: {tool} is not installed (pip install {tool})")


if __name__ == "__main__":
    main()
