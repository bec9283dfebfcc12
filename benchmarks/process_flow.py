"""How long the flow of a large event log takes: reading through DuckDB, then the method.

Makes a log of five steps a case, one of them rework, writes it as Parquet, reads
it back through DuckDB, measures `process_flow` on it in CPU seconds, and compares its follows and
waits with those that SQL counts. Everything is simulated.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np

from opsbook.methods.diagnosis.business_hours import Calendar
from opsbook.methods.diagnosis.event_log import EventLog, event_log
from opsbook.methods.diagnosis.process_flow import process_flow

OFFICE = Calendar(week=(((9.0, 12.0), (13.0, 18.0)),) * 5 + ((), ()))
MAKE = """
COPY (
    SELECT
        'case-' || ((i // 5) * 7919 % {cases}) AS "case",
        ['receive', 'check', 'decide', 'check', 'inform'][i % 5 + 1] AS step,
        moment AS start,
        moment + to_seconds(CAST(60 + hash(i + 3) % 3600 AS BIGINT)) AS "end",
        'clerk-' || (hash(i + 5) % {clerks}) AS clerk
    FROM (
        SELECT i, TIMESTAMP '2025-01-06 09:00:00'
            + to_seconds(CAST((i // 5) * 30000000 // {cases} AS BIGINT))
            + to_seconds(CAST((i % 5) * 7200 + hash(i) % 3600 AS BIGINT)) AS moment
        FROM range({events}) AS numbers(i)
    )
    ORDER BY hash(i + 11)
) TO '{path}' (FORMAT parquet)
"""


FOLLOWS = """
SELECT source, step AS target, count(*) AS n, sum(epoch(start - ready)) / 3600 AS hours
FROM (
    SELECT step, start,
        lag(step) OVER path AS source,
        max("end") OVER (path ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ready
    FROM events WINDOW path AS (PARTITION BY "case" ORDER BY start, "end", step)
)
WHERE source IS NOT NULL
GROUP BY ALL
"""


def agrees_with_sql(path: Path, log: EventLog) -> bool:
    """Tell whether DuckDB's own window functions count the same follows and waits."""
    connection = duckdb.connect()
    connection.read_parquet(str(path)).create_view("events")
    counted = {(a, b): (n, hours) for a, b, n, hours in connection.sql(FOLLOWS).fetchall()}
    found = {(h.source, h.target): (h.count, h.wait_hours) for h in process_flow(log).handovers}
    return counted.keys() == found.keys() and all(
        n == counted[pair][0] and abs(hours - counted[pair][1]) <= 1e-6 * (1 + hours)
        for pair, (n, hours) in found.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--clerks", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        duckdb.sql(
            MAKE.format(
                events=arguments.events,
                cases=max(1, arguments.events // 5),
                clerks=arguments.clerks,
                path=path,
            )
        )
        begun = time.process_time()
        columns = duckdb.read_parquet(str(path)).fetchnumpy()
        read = time.process_time()
        text = {name: np.asarray(columns[name]) for name in ("case", "step", "clerk")}
        log = event_log(
            text["case"], text["step"], columns["start"], columns["end"], resource=text["clerk"]
        )
        ordered = time.process_time()
        flow = process_flow(log, calendar=OFFICE, value_added={"decide": True, "inform": True})
        done = time.process_time()
        agrees = agrees_with_sql(path, log)

    figures = {
        "agrees_with_sql": agrees,
        "events": flow.events,
        "cases": flow.cases,
        "resources": len(flow.resources),
        "cpu_seconds_read": round(read - begun, 3),
        "cpu_seconds_order": round(ordered - read, 3),
        "cpu_seconds_flow": round(done - ordered, 3),
        "cpu_seconds_total": round(done - begun, 3),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<18} {value!s:>12}")


if __name__ == "__main__":
    main()
