"""A weekly shop whose truth is known, and the whole diagnosis of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from opsbook.data import load_tables
from opsbook.project import load_project
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.stages import diagnosis
from opsbook.stages.context import Context

WEEKS = 60
CHANGED = 40


def project(folder: Path, section: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Params over a weekly shop: from week 40 on, the app's payment loses ten points of ten."""
    return {
        "project": {"id": "shop", "title": "Shop"},
        "data": {
            "kpi": {
                "path": "shop.csv",
                "period": {"column": "week", "grain": "week"},
                "dimensions": ["channel", "city"],
            },
            "events": [{"title": "new payment page", "from": "2024-10-07"}],
            **more,
        },
        "metric": {
            "name": "Orders per visit",
            "numerator": "orders",
            "denominator": "visits",
            "better": "higher",
        },
        "diagnosis": {
            "before": {"from": "2024-W16", "to": "2024-W40"},
            "after": {"from": "2024-W42", "to": "2025-W05"},
            **section,
        },
    }


def diagnoses(folder: Path) -> Callable[..., DiagnosisResult]:
    """Write the shop's table; returns a function that diagnoses it."""
    rng = np.random.default_rng(7)
    rows = []
    for week in range(WEEKS):
        day = dt.date(2024, 1, 1) + dt.timedelta(weeks=week)
        for channel in ("app", "web"):
            for city in "ABCDEF":
                visits = 2000 + int(rng.integers(100))
                paid = 0.4 if week < CHANGED or channel == "web" else 0.3
                cart = rng.binomial(visits, 0.5)
                orders = rng.binomial(cart, paid)
                rows.append((day, channel, city, visits, cart, orders))
    names = ["week", "channel", "city", "visits", "cart", "orders"]
    table = pd.DataFrame(rows, columns=names)
    table["no_cart"] = table["visits"] - table["cart"]
    table["unpaid"] = table["cart"] - table["orders"]
    table.to_csv(folder / "shop.csv", index=False)

    def diagnose(section: dict[str, Any], **more: Any) -> DiagnosisResult:
        params = folder / "shop.yaml"
        params.write_text(yaml.safe_dump(project(folder, section, **more)), encoding="utf-8")
        loaded = load_project(params)
        tables = load_tables(loaded, folder)
        return diagnosis.run(Context(project=loaded, tables=tables))

    return diagnose


FORMULA = "rate = (cart / visits) * (orders / cart)"
LOST = {"causes": ["no_cart", "unpaid"], "causes_add_up_to": "loss"}


def log(tmp_path: Path) -> dict[str, Any]:
    """An event log of the changed weeks: packing is waited for, a quarter is picked again."""
    rng, rows = np.random.default_rng(3), []
    for case in range(200):
        moment = pd.Timestamp("2024-11-04 09:00") + dt.timedelta(hours=case)
        for step in (
            ("pick", "pack", "pick", "pack", "ship") if case % 4 == 0 else ("pick", "pack", "ship")
        ):
            moment += dt.timedelta(hours=float(rng.exponential(6 if step == "pack" else 0.5)))
            end = moment + dt.timedelta(minutes=20)
            rows.append((case, step, moment, end, f"{step} team"))
            moment = end
    table = pd.DataFrame(rows, columns=["case", "step", "start", "end", "who"])
    table.to_csv(tmp_path / "log.csv", index=False, date_format="%Y-%m-%d %H:%M:%S")
    columns = {"case": "case", "step": "step", "start": "start", "end": "end", "resource": "who"}
    return {"path": "log.csv", **columns}


def words(tmp_path: Path) -> dict[str, Any]:
    rows = [("2024-11-11", "payment", f"Paying failed {i}, call Mrs. Smith") for i in range(30)]
    rows += [("2024-11-12", "price", f"Too dear {i}") for i in range(10)]
    table = pd.DataFrame(rows, columns=["date", "topic", "words"])
    table.to_csv(tmp_path / "words.csv", index=False)
    return {"path": "words.csv", "date": "date", "topic": "topic", "text": "words"}


def why(*evidence: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "page", "claim": "The new page.", "evidence": list(evidence), **more}


PRESENT = {"kind": "interview", "agree": 10, "asked": 10}
EFFECT = {
    "kind": "before_after",
    "shows": "effect",
    "measure": "orders / cart",
    "direction": "lower",
    "at_least": 0.03,
}


def status(result: Any) -> dict[str, str]:
    return {row.id: row.status for row in result.whys.rows}
