"""Quantiles of each period's rows: as numpy gives them, whatever the rows' way into the sums."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.data import MetricSeries, load_tables
from opsbook.data.cube import many_series
from opsbook.data.quantiles import quantiles
from opsbook.project import Project

RNG = np.random.default_rng(4)
ROWS = pd.DataFrame(
    {
        "day": (
            pd.Timestamp("2023-01-02") + pd.to_timedelta(np.sort(RNG.integers(0, 140, 900)), "D")
        ).strftime("%Y-%m-%d"),
        "team": RNG.choice(["north", "south"], 900),
        "hours": np.round(RNG.lognormal(2, 0.6, 900), 1),
    }
)
ROWS.loc[::40, "hours"] = np.nan
KNOWN = ROWS.dropna().assign(
    week=lambda rows: pd.to_datetime(rows["day"]).dt.to_period("W-SUN").dt.start_time
)
P90 = {"name": "P90", "kind": "quantile", "quantile": 0.9, "value": "hours", "better": "lower"}
MEAN = {"name": "Mean", "kind": "mean", "value": "hours", "better": "lower", "margin": 1}


def project(**kpi: Any) -> Project:
    return Project.model_validate(
        {
            "project": {"id": "p", "title": "P"},
            "data": {
                "kpi": {
                    "path": "rows.csv",
                    "period": {"column": "day", "grain": "week"},
                    "dimensions": ["team"],
                    **kpi,
                }
            },
            "metric": P90 | {"guardrails": [MEAN]},
        }
    )


def load(folder: Path, rows: pd.DataFrame, **kwargs: Any) -> Any:
    rows.to_csv(folder / "rows.csv", index=False)
    return load_tables(project(), folder, **kwargs)


def as_strict(rows: pd.DataFrame) -> pd.DataFrame:
    return rows


def as_words(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(hours=["n/a" if np.isnan(value) else f"{value} " for value in rows["hours"]])


@pytest.mark.parametrize("written", [as_strict, as_words])
def test_each_period_s_quantile_is_that_of_its_rows(tmp_path, written):
    load(tmp_path, written(ROWS), cache=tmp_path / "kept")
    tables = load(tmp_path, written(ROWS), cache=tmp_path / "kept")  # once made, once read again
    metric = project().metric
    series = tables.kpi.series(metric)
    expected = KNOWN.groupby("week")["hours"].quantile(0.9)
    assert series.value == pytest.approx(expected.to_numpy())
    assert series.denominator.tolist() == KNOWN.groupby("week").size().tolist()
    panel = tables.kpi.panel(metric, "team")
    teams = KNOWN.groupby(["team", "week"])["hours"].quantile(0.9)
    for team, one in panel.items():
        assert one.value == pytest.approx(teams[team].to_numpy())
    many = many_series(tables.kpi, metric, [{"team": team} for team in panel])
    for one, cut in zip(panel.values(), many, strict=True):
        assert isinstance(cut, MetricSeries)
        assert np.array_equal(one.value, cut.value)
    mean = tables.kpi.series(metric.guardrails[0])
    assert mean.value == pytest.approx(KNOWN.groupby("week")["hours"].mean().to_numpy())


def test_a_database_gives_the_same_quantiles_as_a_file(tmp_path, monkeypatch):
    pytest.importorskip("sqlalchemy")
    with sqlite3.connect(tmp_path / "rows.db") as database:
        ROWS.to_sql("rows", database, index=False)
    database.close()
    monkeypatch.setenv("OPS_DB_URL", f"sqlite:///{tmp_path / 'rows.db'}")
    metric = project().metric
    there = load_tables(project(path=None, connection="env:OPS_DB_URL", table="rows"), tmp_path)
    here = load(tmp_path, ROWS)
    assert np.array_equal(there.kpi.series(metric).value, here.kpi.series(metric).value)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.integers(-9, 9), st.integers(1, 5)), max_size=25),
    quantile=st.floats(0.01, 0.99),
)
def test_repeated_values_count_as_often_as_they_stand_there(rows, quantile):
    cell, value, cases = (np.array([row[i] for row in rows], dtype=float) for i in range(3))
    found = quantiles(cell.astype(int), value, cases, quantile, size=5)
    for i, one in enumerate(found):
        single = [[v] * n for c, v, n in rows if c == i]
        everything = list(itertools.chain.from_iterable(single))
        if everything:
            assert one == pytest.approx(np.quantile(everything, quantile), abs=1e-9)
        else:
            assert np.isnan(one)


@pytest.mark.parametrize(
    ("metric", "problem"),
    [
        ({**P90, "quantile": None}, "a quantile needs 'quantile', such as 90% for P90"),
        ({**MEAN, "quantile": 0.5}, "a mean has no 'quantile'"),
        ({**P90, "quantile": 90}, "less than 1"),
        ({**P90, "value": None}, "a quantile needs 'value'"),
    ],
)
def test_a_quantile_without_its_figures_is_refused(metric, problem):
    given = project().model_dump(mode="json", by_alias=True, exclude_none=True)
    metric = {name: part for name, part in metric.items() if part is not None and name != "margin"}
    with pytest.raises(ValueError, match=problem):
        Project.model_validate({**given, "metric": metric})
