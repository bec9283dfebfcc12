"""A weekly share made on the spot, and the whole trigger stage on it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np

from opsbook.data import load_tables
from opsbook.project import Project
from opsbook.results.trigger import TriggerResult
from opsbook.stages import trigger
from opsbook.stages.context import Context
from opsbook.text import Language

MONDAY = dt.date(2023, 1, 2)
LOG = ["order,what,from,to"]
for _i in range(40):
    _day = f"2023-05-{_i % 28 + 1:02d}"
    LOG += [f"{_i},pick,{_day} 09:00,{_day} 09:30", f"{_i},pack,{_day} 13:00,{_day} 13:30"]
PROCESS = {"path": "log.csv", "case": "order", "step": "what", "start": "from", "end": "to"}


def weeks(shares: Any, size: int = 1000) -> list[str]:
    rows = ["week,lost,customers,channel"]
    for i, share in enumerate(shares):
        if share is None:
            continue
        day = MONDAY + dt.timedelta(weeks=i)
        rows.append(f"{day},{round(share * size)},{size},web")
    return rows


def check(folder: Path, rows: list[str], **sections: Any) -> TriggerResult:
    (folder / "kpi.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    metric = {"name": "Lost", "numerator": "lost", "denominator": "customers", "better": "lower"}
    project = Project.model_validate(
        {
            "project": {"id": "p", "title": "P", **sections.pop("project", {})},
            "data": {
                "kpi": {
                    "path": "kpi.csv",
                    "period": {"column": "week", "grain": "week"},
                    "dimensions": ["channel"],
                },
                **sections.pop("data", {}),
            },
            "metric": metric | sections.pop("metric", {}),
            "trigger": sections.pop("trigger", {}),
        }
    )
    result = trigger.run(Context(project=project, tables=load_tables(project, folder)))
    for language in ("en", "zh"):
        for statement in (result.headline, *(f.statement for f in result.findings)):
            assert Language(language).say(statement)
    assert TriggerResult.model_validate_json(result.model_dump_json()) == result
    return result


def noisy(n: int, level: float = 0.2) -> np.ndarray:
    return level + 0.01 * np.random.default_rng(1).normal(size=n)


def quick_check(folder: Path, rows: list[str], **sections: Any) -> TriggerResult:
    """The same with one rule replayed only, which is what takes the time."""
    asked = {"rules": ["misses"], **sections.pop("trigger", {})}
    return check(folder, rows, trigger=asked, **sections)
