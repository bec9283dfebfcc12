"""A small project made on the spot: one treated unit, controls, a monthly share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from opsbook.data import load_tables
from opsbook.project import Project
from opsbook.results.effect import EffectResult
from opsbook.stages import effect as effect_stage
from opsbook.stages.context import Context

UNITS = 12
MONTHS = 36
LAUNCH = "2022-01-01"  # after 24 of the 36 months
MINUTES = {
    "kind": "mean",
    "value": "refunds",
    "unit": "minutes",
    "better": "lower",
    "target": None,
    "numerator": None,
    "denominator": None,
}


def frame(effect: float = 0.0, *, units: int = UNITS, months: int = MONTHS, seed: int = 3) -> Any:
    """Rows of month, shop, orders, visits; the shop `A0` changes by `effect` at the launch."""
    rng = np.random.default_rng(seed)
    periods = pd.date_range("2020-01-01", periods=months, freq="MS")
    rows = []
    for unit in range(units):
        for place, month in enumerate(periods):
            share = 0.2 + 0.002 * unit + rng.normal(0, 0.01)
            if unit == 0 and month >= pd.Timestamp(LAUNCH):
                share += effect
            rows.append(
                {
                    "month": f"{month:%Y-%m-%d}",
                    "shop": f"A{unit}",
                    "orders": round(10_000 * share),
                    "visits": 10_000,
                    "refunds": round(100 + rng.normal(0, 5)),
                    "place": place,
                }
            )
    return pd.DataFrame(rows)


def context(
    folder: Path,
    table: Any,
    *,
    effect: dict[str, Any] | None = None,
    metric: dict[str, Any] | None = None,
    run_dir: Path | None = None,
    **sections: Any,
) -> Context:
    """The project of that table, as the stages see it."""
    table.to_csv(folder / "table.csv", index=False)
    project = Project.model_validate(
        {
            "project": {"id": "small", "title": "Small"},
            "data": {
                "kpi": {
                    "path": "table.csv",
                    "period": {"column": "month", "grain": "month"},
                    "dimensions": ["shop"],
                    "focus": {"shop": "A0"},
                },
                **sections.pop("data", {}),
            },
            "metric": {
                "name": "Conversion",
                "numerator": "orders",
                "denominator": "visits",
                "better": "higher",
                "target": 0.25,
                **(metric or {}),
            },
            "effect": {"launched": LAUNCH, "controls": {"dimension": "shop"}, **(effect or {})},
            **sections,
        }
    )
    return Context(project=project, tables=load_tables(project, folder), run_dir=run_dir)


def ran(made: Context) -> Any:
    """The stage's result."""
    return effect_stage.run(made)


def check(result: EffectResult, name: str) -> str:
    """What the report card says of one check."""
    return next(c.status for c in result.checks if c.id == name)
