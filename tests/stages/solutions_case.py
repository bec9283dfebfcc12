"""A small project whose solutions a test can bend."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

from opsbook.data import load_tables
from opsbook.project import Project
from opsbook.results import Stage, StageResult
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.results.whys import Whys, WhyVerdict
from opsbook.stages import solutions
from opsbook.stages.context import Context
from opsbook.text import Quantity, say

SECTION: dict[str, Any] = {
    "currency": "EUR",
    "criteria": [
        {"id": "zz_gain", "title": "Gain", "anchors": [[0, 0], [100, 100]]},
        {"id": "zz_ease", "title": "Ease", "anchors": [[0, 0], [100, 100]]},
    ],
    "options": [
        {"id": "zz_a", "title": "Alpha", "scores": {"zz_gain": 80, "zz_ease": 30}},
        {"id": "zz_b", "title": "Beta", "scores": {"zz_gain": 40, "zz_ease": 60}},
    ],
}
FIRST = dt.date(2024, 1, 1)
WHYS = [
    {"id": "zz_slow", "claim": "Pages are slow."},
    {"id": "zz_disk", "claim": "The disk is old.", "because_of": "zz_slow"},
]


def section(**fields: Any) -> dict[str, Any]:
    """The small section with some of its fields replaced."""
    return copy.deepcopy(SECTION) | fields


def option(section: dict[str, Any], place: int, **fields: Any) -> dict[str, Any]:
    """The section with fields of one option replaced."""
    section["options"][place] |= fields
    return section


def context(
    folder: Path,
    section: dict[str, Any],
    *,
    upstream: dict[Stage, StageResult] | None = None,
    rates: tuple[float, float] = (0.15, 0.15),
) -> Context:
    """The project over 120 days of 1,000 visits, with one rate before 1 April and one after."""
    rows = []
    for day in range(120):
        date = FIRST + dt.timedelta(days=day)
        rate = rates[0] if date < dt.date(2024, 4, 1) else rates[1]
        rows.append(f"{date},1000,{round(1000 * rate)}")
    (folder / "table.csv").write_text("\n".join(["day,visits,orders", *rows]) + "\n")
    project = Project.model_validate(
        {
            "project": {"id": "small", "title": "Small"},
            "data": {"kpi": {"path": "table.csv", "period": {"column": "day", "grain": "day"}}},
            "metric": {
                "name": "Conversion",
                "numerator": "orders",
                "denominator": "visits",
                "better": "higher",
            },
            "diagnosis": {
                "before": {"from": "2024-01-01", "to": "2024-01-31"},
                "after": {"from": "2024-02-01", "to": "2024-02-29"},
                "whys": WHYS,
            },
            "solutions": section,
        }
    )
    return Context(
        project=project, tables=load_tables(project, folder), upstream=dict(upstream or {})
    )


def solve(folder: Path, section: dict[str, Any], **more: Any) -> Any:
    """The stage's result."""
    return solutions.run(context(folder, section, **more))


def diagnosis(**status: str) -> dict[Stage, StageResult]:
    """An earlier diagnosis in which the whys have the given status."""
    rows = [
        WhyVerdict.model_validate(
            {
                "id": why["id"],
                "claim": why["claim"],
                "because_of": why.get("because_of"),
                "controllable": True,
                "status": status.get(why["id"], "untested"),
                "chain": status.get(why["id"], "untested"),
                "depth": 0,
                "joins": "or",
                "evidence": (),
            }
        )
        for why in WHYS
    ]
    whys = Whys(rows=tuple(rows), total=Quantity(value=-0.05, unit="points"))
    result = DiagnosisResult(project="small", headline=say("Found."), whys=whys)
    return {"diagnosis": result}
