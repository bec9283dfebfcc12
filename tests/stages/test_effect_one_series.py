"""A single series: its model, what else moves it, and its receipt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import nile
from tests.stages.small import LAUNCH, context, frame

from opsbook.data import load_tables
from opsbook.project import Project
from opsbook.stages import effect
from opsbook.stages.context import Context
from opsbook.text import Language

ALONE: dict[str, Any] = {"controls": None}


def ran(made: Context) -> Any:
    return effect.run(made)


def grown(slope: float) -> Any:
    """The unit's share rises by `slope` a month from the launch on."""
    table = frame(0.03)
    late = (table.shop == "A0") & (table.month >= LAUNCH)
    table.loc[late, "orders"] += (10_000 * slope * (table.loc[late, "place"] - 23)).round()
    return table


def test_a_change_of_trend_is_part_of_the_effect_where_the_params_say_so(tmp_path):
    result = ran(context(tmp_path, grown(0.004), effect=ALONE | {"model": "step_slope"}))
    found = result.measured.interrupted
    assert found.slope.lower < 0.004 < found.slope.upper
    mean_of_the_window = 0.03 + 0.004 * 6.5
    assert result.measured.best.lower < mean_of_the_window < result.measured.best.upper
    assert any(finding.id == "slope" for finding in result.findings)
    assert "on average" in Language("en").say(result.headline)
    assert result.receipt.lines[0].where == "own_past"


def test_a_covariate_takes_out_what_it_explains(tmp_path):
    table = frame(0.03)
    price = np.random.default_rng(2).normal(0, 1, 36)
    table["price"] = price[table.place]
    own = table.shop == "A0"
    table.loc[own, "orders"] += (600 * table.loc[own, "price"]).round()
    covariate = {"name": "Price", "kind": "mean", "value": "price"}
    blind = ran(context(tmp_path, table, effect=ALONE))
    known = ran(context(tmp_path, table, effect=ALONE | {"covariates": [covariate]}))
    best = known.measured.best
    assert best.lower < 0.03 < best.upper
    assert best.upper - best.lower < 0.6 * (blind.measured.best.upper - blind.measured.best.lower)
    assert known.receipt.detectable < 0.6 * blind.receipt.detectable


def test_the_model_and_the_covariates_belong_to_the_plan(tmp_path):
    first = effect.design(context(tmp_path, frame(), effect=ALONE)).registration
    other = effect.design(context(tmp_path, frame(), effect=ALONE | {"model": "step_slope"}))
    assert first.hash != other.registration.hash


def test_every_admissible_date_of_a_counts_past_is_tried(tmp_path):
    table = frame().assign(orders=lambda t: (t.place * 7) % 5, visits=100)
    result = ran(context(tmp_path, table, effect=ALONE | {"periods": 2}))
    assert result.design.chosen == "count_interrupted_series"
    # 24 months before the launch: from the ninth on, with two left after.
    assert result.receipt.lines[0].n == 24 - 8 - 2 + 1


def test_a_short_past_has_fewer_periods_after_its_fake_launches(tmp_path):
    table = frame(0.05)[lambda t: t.place >= 8]
    result = ran(context(tmp_path, table, effect=ALONE))
    assert result.receipt.lines[0].n >= 5


def test_without_any_fake_launch_the_reader_is_told(tmp_path):
    table = frame(0.05)[lambda t: t.place >= 14]
    result = ran(context(tmp_path, table, effect=ALONE))
    assert result.measured.best is not None
    assert result.receipt.lines == ()
    assert any(caution.id == "no_receipt" for caution in result.cautions)


# The flow of the Nile at Aswan (public domain, with statsmodels), after the first dam of 1898:
# 1,097.75 before, 849.97 after (Cobb 1978, Biometrika 65, 243-251).
def test_the_nile_fell_by_a_quarter_in_1899(tmp_path):
    result = nile_stage(tmp_path)
    assert result.naive.estimate.effect == pytest.approx(849.972 - 1097.75, abs=5e-3)
    assert result.design.chosen == "covariance_averaged_gls"
    assert result.verdict == "effective"
    assert result.measured.best.lower < -247.8 < result.measured.best.upper


def nile_stage(folder: Path) -> Any:
    flow = nile.load_pandas().data
    table = pd.DataFrame({"year": flow.year.astype(int).astype(str) + "-01-01"})
    table["flow"] = flow.volume
    table.to_csv(folder / "nile.csv", index=False)
    project = Project.model_validate(
        {
            "project": {"id": "nile", "title": "Nile"},
            "data": {"kpi": {"path": "nile.csv", "period": {"column": "year", "grain": "year"}}},
            "metric": {"name": "Flow", "kind": "mean", "value": "flow", "better": "lower"},
            "effect": {"launched": "1899-01-01", "periods": 72},
        }
    )
    return ran(Context(project=project, tables=load_tables(project, folder)))
