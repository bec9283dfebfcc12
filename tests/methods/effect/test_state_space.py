from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from opsbook.errors import DataError
from opsbook.methods.effect.state_space import state_space

ARTICLES = Path(__file__).parents[3].parent / "shared" / "facts" / "data"
VALUES = 10 + np.random.default_rng(6).normal(size=40) + 3 * (np.arange(40) >= 25)


# Schaffer, Dobbins & Pearson (2021), BMC Med Res Methodol 21, 58: quetiapine dispensings in
# Australia, ARIMA(2,1,0)(0,1,1)12 with a step and a ramp from January 2014.
@pytest.mark.skipif(not ARTICLES.is_dir(), reason="the article's data lie beside the project")
def test_agrees_with_the_published_quetiapine_model():
    dispensings = pd.read_csv(ARTICLES / "its_quetiapine.csv.gz")["dispensings"]
    found = state_space(
        dispensings,
        launch=36,
        model="step_slope",
        order=(2, 1, 0),
        seasonal_order=(0, 1, 1, 12),
    )
    step, ramp = found.step, found.slope
    assert ramp is not None
    assert (step.effect, step.lower, step.upper) == pytest.approx((-3285, -4465, -2104), rel=0.01)
    assert (ramp.effect, ramp.lower, ramp.upper) == pytest.approx((-1397, -1606, -1188), rel=0.01)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_answer_scales_with_the_values(unit):
    base = state_space(VALUES, launch=25).step
    scaled = state_space(VALUES * unit, launch=25).step
    assert scaled.effect / unit == pytest.approx(base.effect, rel=1e-6)
    assert scaled.lower == pytest.approx((base.lower or 0) * unit, rel=1e-6)


def test_white_noise_gives_about_the_least_squares_answer():
    found = state_space(VALUES, launch=25, order=(0, 0, 0), model="level").step
    assert found.effect == pytest.approx(VALUES[25:].mean() - VALUES[:25].mean(), abs=1e-4)


def test_a_missing_period_is_bridged():
    whole = state_space(VALUES, launch=25).step
    kept = np.delete(np.arange(40), [8, 30])
    holed = state_space(VALUES[kept], launch=25, time=kept).step
    assert holed.n == 38
    assert holed.effect == pytest.approx(whole.effect, abs=0.5)


def test_differences_take_the_level_and_the_trend_away():
    drifting = np.cumsum(np.random.default_rng(7).normal(size=60))
    once = state_space(drifting, launch=40, order=(0, 1, 0)).step
    jump, usual = drifting[40] - drifting[39], (drifting[-1] - drifting[0]) / 59
    assert once.effect == pytest.approx(jump - usual, abs=0.3)


def test_refuses_an_order_that_is_too_large_for_the_series():
    with pytest.raises(DataError, match="leaves 13 periods for 13 parameters"):
        state_space(VALUES[:14], launch=10, order=(5, 1, 5), model="step")


def test_says_when_the_best_fit_was_not_found(monkeypatch):
    monkeypatch.setattr("opsbook.methods.effect.state_space.ROUNDS_AT_MOST", 1)
    with pytest.raises(DataError, match="found no best fit to 40 periods"):
        state_space(VALUES, launch=25, order=(2, 0, 2))
