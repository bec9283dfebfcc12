from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.effect.covariance_averaged_gls import (
    covariance_averaged_gls,
    covariance_averaged_launches,
)
from opsbook.methods.effect.segmented_effect import SegmentedEffect
from opsbook.methods.estimate import Estimate

DATA = Path(__file__).parents[2] / "data"
MODELS = st.sampled_from(["level", "step", "step_slope"])
SEEDS = st.integers(0, 2**32 - 1)


def noisy(seed: int, rows: int = 40) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    return 10 + np.cumsum(random.normal(size=rows)) * 0.3 + random.normal(size=rows)


def numbers(effect: SegmentedEffect, unit: float = 1.0) -> NDArray[np.float64]:
    parts = [effect.step, effect.average] + ([effect.slope] if effect.slope else [])
    limits = np.array([(part.effect, part.lower, part.upper) for part in parts], dtype=float)
    return np.array([*limits.ravel() / unit, *(part.p_value or 0 for part in parts)])


def width(estimate: Estimate) -> float:
    return (estimate.upper or 0) - (estimate.lower or 0)


def same(one: NDArray[np.float64], two: NDArray[np.float64]) -> bool:
    """Compare to 1e-6 of the interval's width: an effect near zero has no relative size."""
    return bool(np.abs(one - two).max() <= 1e-6 * np.abs(one).max())


# The vignette of CausalImpact for R (Brodersen et al. 2015, Ann Appl Stat 9, 247-274) reports
# 10.5 (9.8, 11.3); the truth is 10.
def test_finds_the_effect_of_the_causal_impact_vignette():
    table = pd.read_csv(DATA / "ci_vignette_R.csv.gz")
    found = covariance_averaged_gls(table["y"], launch=70, model="level", covariates=table["x1"])
    assert found.average.effect == pytest.approx(10.5, abs=0.05)
    assert found.average.lower == pytest.approx(9.8, abs=0.1)
    assert found.average.upper == pytest.approx(11.3, abs=0.1)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, power=st.integers(-6, 6), model=MODELS)
def test_the_answer_scales_with_the_values(seed, power, model):
    values = noisy(seed)
    unit = 10.0**power
    base = covariance_averaged_gls(values, launch=25, model=model)
    scaled = covariance_averaged_gls(values * unit, launch=25, model=model)
    assert same(numbers(base), numbers(scaled, unit))


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, model=MODELS)
def test_the_order_of_the_rows_does_not_matter(seed, model):
    values, time = noisy(seed), np.arange(40)
    price = np.random.default_rng(seed + 1).normal(size=40)
    order = np.random.default_rng(seed).permutation(40)
    base = covariance_averaged_gls(values, launch=25, time=time, model=model, covariates=price)
    shuffled = covariance_averaged_gls(
        values[order], launch=25, time=time[order], model=model, covariates=price[order]
    )
    assert same(numbers(base), numbers(shuffled))


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, shift=st.integers(-800_000, 800_000), model=MODELS)
def test_shifting_the_dates_does_not_matter(seed, shift, model):
    values = noisy(seed)
    base = covariance_averaged_gls(values, launch=25, model=model)
    shifted = covariance_averaged_gls(
        values, launch=25 + shift, time=np.arange(40) + shift, model=model
    )
    assert same(numbers(base), numbers(shifted))


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, change=st.floats(-100, 100))
def test_a_true_change_moves_the_estimate_and_its_interval_by_its_size(seed, change):
    values, after = noisy(seed), np.arange(40) >= 25
    base = covariance_averaged_gls(values, launch=25).step
    moved = covariance_averaged_gls(values + change * after, launch=25).step
    for limit in ("effect", "lower", "upper"):
        assert getattr(moved, limit) == pytest.approx(getattr(base, limit) + change, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, model=MODELS)
def test_many_launches_at_once_give_the_answers_of_each_alone(seed, model):
    values = noisy(seed)
    together = covariance_averaged_launches(values, launches=[10, 20, 30], model=model)
    for launch, effect in zip([10, 20, 30], together, strict=True):
        alone = covariance_averaged_gls(values, launch=launch, model=model)
        assert same(numbers(alone), numbers(effect))


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_the_interval_excludes_no_change_exactly_when_p_is_small(seed):
    values = noisy(seed) + (np.arange(40) >= 25)
    step = covariance_averaged_gls(values, launch=25).step
    assert step.p_value is not None
    assert step.excludes_zero == (step.p_value < 0.05)


def test_a_missing_value_is_a_hole_in_time():
    values = noisy(1)
    values[[5, 30]] = np.nan
    kept = np.isfinite(values)
    marked = covariance_averaged_gls(values, launch=25)
    left_out = covariance_averaged_gls(values[kept], launch=25, time=np.arange(40)[kept])
    assert numbers(marked) == pytest.approx(numbers(left_out))
    assert marked.step.n == 38


def test_a_hole_is_not_the_same_as_no_hole():
    values = noisy(2)
    together = covariance_averaged_gls(values, launch=25).step
    apart = covariance_averaged_gls(
        values, launch=125, time=np.r_[np.arange(25), np.arange(125, 140)]
    ).step
    assert width(apart) > 1.2 * width(together)


def test_a_wider_confidence_gives_a_wider_interval():
    narrow = covariance_averaged_gls(noisy(3), launch=25, confidence=0.8).step
    wide = covariance_averaged_gls(noisy(3), launch=25, confidence=0.99).step
    assert width(wide) > 1.5 * width(narrow)


def test_the_average_effect_lies_between_the_first_and_the_last_period():
    values = noisy(4)
    values[25:] += 5 + 2.0 * np.arange(1, 16)
    found = covariance_averaged_gls(values, launch=25, model="step_slope")
    assert found.slope is not None
    assert found.average.effect == pytest.approx(
        found.step.effect + 8 * found.slope.effect, rel=0.05
    )
    assert found.slope.excludes_zero


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (np.ones(30), {"launch": 20}, r"constant \(1 in all 30 periods\)"),
        (noisy(5), {"launch": 40}, "launch at 40 has no period after it; the series ends at 39"),
        (noisy(5), {"launch": 7}, "launch at 7 has 7 periods before it"),
        (noisy(5), {"launch": -3}, "launch at -3 has 0 periods before it"),
        (noisy(5), {"launch": 25, "time": np.zeros(40)}, "39 positions in time occur more"),
        (noisy(5), {"launch": 25, "time": np.arange(40) + 0.5}, "not whole numbers"),
        (noisy(5), {"launch": 25, "time": np.arange(39)}, "40 values and 39 positions"),
        (noisy(5), {"launch": 25, "covariates": np.ones(40)}, "covariate is constant"),
        (noisy(5), {"launch": 25, "covariates": np.ones(39)}, "39 rows, the series has 40"),
        (noisy(5), {"launch": 25, "covariates": np.full(40, np.nan)}, "miss 40 values"),
        (noisy(5), {"launch": 25, "covariates": np.arange(40) >= 25}, "change at 25 cannot be"),
        (noisy(5), {"launch": 39, "model": "step_slope"}, "change at 39 cannot be told"),
        (noisy(5), {"launch": 25, "covariates": np.eye(40)[:, :36]}, "40 periods for 39 coeff"),
        (np.ones((4, 2)), {"launch": 2}, "has 2 dimensions"),
        (np.full(30, np.nan), {"launch": 20}, "launch at 20 has 0 periods before it"),
    ],
)
def test_names_what_is_missing(values, options, words):
    with pytest.raises(DataError, match=words):
        covariance_averaged_gls(values, **options)


def test_refuses_a_series_without_any_noise():
    with pytest.raises(DataError, match="leaves no noise"):
        covariance_averaged_gls(np.arange(40.0), launch=25)
