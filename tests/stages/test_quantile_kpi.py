"""A quantile as the project's KPI: every stage that is due works on it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from opsbook.data import load_tables
from opsbook.project import Project
from opsbook.project.load import load_project
from opsbook.run.plan import plan
from opsbook.run.scan import scan
from opsbook.run.workspace import Workspace
from opsbook.stages import control, effect, intake, trigger
from opsbook.stages.context import Context

LAUNCH = "2024-01-01"
METRIC = {
    "name": "P90 of the waiting time",
    "kind": "quantile",
    "quantile": 0.9,
    "value": "minutes",
    "unit": "min",
    "better": "lower",
    "target": 20,
}


@pytest.fixture(scope="module")
def cases() -> Any:
    """Ninety weeks of fifty cases at four sites; from the launch on, `a` has no slow ones."""
    rng = np.random.default_rng(8)
    rows = []
    for week in pd.date_range("2022-10-03", periods=90, freq="W-MON"):
        for site in "abcd":
            minutes = rng.gamma(2, 5, 50)
            if site == "a" and week >= pd.Timestamp(LAUNCH):
                minutes = np.minimum(minutes, 12)
            rows += [(f"{week:%Y-%m-%d}", site, f"{time:.1f}") for time in minutes]
    return pd.DataFrame(rows, columns=["week", "site", "minutes"])


def params(**sections: Any) -> dict[str, Any]:
    return {
        "project": {"id": "p", "title": "P"},
        "data": {
            "kpi": {
                "path": "cases.csv",
                "period": {"column": "week", "grain": "week"},
                "dimensions": ["site"],
                "focus": {"site": "a"},
            }
        },
        "metric": METRIC,
        "trigger": {},
        **sections,
    }


@pytest.mark.parametrize("controls", [None, {"dimension": "site"}])
def test_its_effect_is_measured_in_its_unit_with_and_without_controls(tmp_path, cases, controls):
    cases.to_csv(tmp_path / "cases.csv", index=False)
    launch = {"launched": LAUNCH, **({"controls": controls} if controls else {})}
    project = Project.model_validate(params(effect=launch, control={}))
    context = Context(project=project, tables=load_tables(project, tmp_path))
    assert intake.run(context).status == "done"
    found = effect.run(context)
    assert found.verdict == "effective"
    estimate = found.findings[0].estimate
    assert estimate is not None
    assert estimate.unit == "min"
    true = 12 - 19.45  # nine of ten gamma(2, 5) lie below 19.45
    assert estimate.lower is not None
    assert estimate.upper is not None
    assert estimate.lower - 0.5 < true < estimate.upper + 0.5
    after = Context(project=project, tables=context.tables, upstream={"effect": found})
    assert control.run(after).status == "done"


def test_the_check_watches_it_though_the_project_s_metric_is_another(tmp_path, cases):
    cases.to_csv(tmp_path / "cases.csv", index=False)
    mean = {"name": "Mean", "kind": "mean", "value": "minutes", "better": "lower"}
    project = Project.model_validate(params(metric=mean, trigger={"watch": METRIC}))
    found = trigger.run(Context(project=project, tables=load_tables(project, tmp_path)))
    assert found.history is not None
    assert found.history.series.name == METRIC["name"]
    assert found.history.series.points[-1].value == pytest.approx(12)
    assert found.history.series.points[-1].denominator == 50


@pytest.mark.parametrize(("quantile", "cautioned"), [(0.5, False), (0.9, False), (0.95, True)])
def test_a_quantile_with_few_cases_beyond_it_is_cautioned(tmp_path, cases, quantile, cautioned):
    cases.to_csv(tmp_path / "cases.csv", index=False)
    metric = {**METRIC, "quantile": quantile}
    rules = {"rules": ["misses"]}
    project = Project.model_validate(params(metric=metric, trigger=rules))
    found = trigger.run(Context(project=project, tables=load_tables(project, tmp_path)))
    assert any(one.id == "few_cases" for one in found.cautions) is cautioned


def test_a_scan_takes_a_site_s_quantile_as_the_project_does(tmp_path, cases):
    (tmp_path / "params").mkdir()
    cases.to_csv(tmp_path / "params" / "cases.csv", index=False)
    sites = [{"project": {"id": s}, "data": {"kpi": {"focus": {"site": s}}}} for s in "abcd"]
    file = tmp_path / "params" / "p.yaml"
    file.write_text(json.dumps({**params(), "for_each": sites}), encoding="utf-8")
    mean = {"name": "Mean", "kind": "mean", "value": "minutes", "better": "lower"}
    beside = tmp_path / "params" / "mean.yaml"
    beside.write_text(
        json.dumps(params(project={"id": "mean", "title": "Mean"}, metric=mean)), encoding="utf-8"
    )
    rows = scan(plan(Workspace(root=tmp_path), [beside, file]), workers=1).rows
    assert {row.project for row in rows} == {"mean", *"abcd"}
    assert not any(row.error for row in rows)
    project = load_project(file, {"project": {"id": "a"}})
    alone = trigger.run(Context(project=project, tables=load_tables(project, file.parent)))
    mine = next(row for row in rows if row.project == "a")
    assert alone.history is not None
    assert mine.value == alone.history.series.points[-1].value
