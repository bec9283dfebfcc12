from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.discrete.discrete_model import NegativeBinomial

from opsbook.errors import DataError
from opsbook.methods.effect.count_interrupted_series import (
    Errors,
    count_interrupted_series,
)
from opsbook.methods.estimate import Estimate

ARTICLES = Path(__file__).parents[3].parent / "shared" / "facts" / "data"
COUNTS = np.random.default_rng(8).negative_binomial(5, 0.1, size=60)
AFTER = (np.arange(60) >= 40).astype(float)


def limits(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.effect, estimate.lower or 0, estimate.upper or 0


def width(estimate: Estimate) -> float:
    return (estimate.upper or 0) / (estimate.lower or 1)


# Lopez Bernal, Cummins & Gasparrini (2017), Int J Epidemiol 46, 348-355: admissions for acute
# coronary events in Sicily, smoking ban in January 2005.
@pytest.mark.skipif(not ARTICLES.is_dir(), reason="the article's data lie beside the project")
def test_agrees_with_the_published_sicilian_smoking_ban():
    table = pd.read_csv(ARTICLES / "its_sicily.csv.gz")
    angle = 2 * np.pi * table["month"].to_numpy() / 12
    waves = np.column_stack([np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)])

    def fitted(errors: Errors, covariates: NDArray[np.float64] | None) -> Estimate:
        return count_interrupted_series(
            table["aces"],
            launch=36,
            exposure=table["stdpop"],
            covariates=covariates,
            errors=errors,
        ).step

    assert limits(fitted("poisson", None)) == pytest.approx((0.894, 0.864, 0.925), abs=0.001)
    seasonal = fitted("quasi_poisson", waves)
    assert limits(seasonal) == pytest.approx((0.885, 0.839, 0.933), abs=0.001)
    averaged = fitted("averaged", waves)
    assert averaged.effect == pytest.approx(0.885, abs=0.02)
    assert limits(averaged)[2] < 1


# statsmodels 0.15, NegativeBinomial(...).fit(); its errors also count the dispersion as estimated.
def test_agrees_with_statsmodels_on_the_negative_binomial():
    design = np.column_stack([np.ones(60), np.arange(60) / 59, AFTER])
    expected = NegativeBinomial(COUNTS, design).fit(disp=False, maxiter=200)
    found = count_interrupted_series(COUNTS, launch=40, errors="negative_binomial").step
    assert found.effect == pytest.approx(np.exp(expected.params[2]), rel=1e-3)
    assert found.lower == pytest.approx(np.exp(expected.conf_int()[2, 0]), rel=0.02)


@settings(max_examples=10, deadline=None)
@given(size=st.floats(1e-3, 1e6), errors=st.sampled_from(["averaged", "poisson"]))
def test_the_unit_of_the_exposure_does_not_matter(size, errors):
    base = count_interrupted_series(COUNTS, launch=40, errors=errors).step
    scaled = count_interrupted_series(
        COUNTS, launch=40, errors=errors, exposure=np.full(60, size)
    ).step
    assert limits(scaled) == pytest.approx(limits(base), rel=1e-6)


def test_the_order_of_the_rows_does_not_matter():
    order = np.random.default_rng(9).permutation(60)
    people = 100.0 + np.arange(60)
    base = count_interrupted_series(COUNTS, launch=40, exposure=people)
    shuffled = count_interrupted_series(
        COUNTS[order], launch=40, time=order, exposure=people[order]
    )
    assert limits(shuffled.step) == pytest.approx(limits(base.step), rel=1e-9)


def test_allowing_for_dependence_widens_the_interval_around_the_same_answer():
    averaged = count_interrupted_series(COUNTS, launch=40).step
    plain = count_interrupted_series(COUNTS, launch=40, errors="negative_binomial").step
    assert limits(averaged)[1] < plain.effect < limits(averaged)[2]
    assert width(averaged) > width(plain)


def test_poisson_is_the_most_confident():
    kinds: tuple[Errors, ...] = ("poisson", "quasi_poisson", "averaged")
    widths = [
        width(count_interrupted_series(COUNTS, launch=40, errors=errors).step) for errors in kinds
    ]
    assert widths == sorted(widths)


def test_a_slope_is_a_ratio_per_period():
    rate = 100 * 1.05 ** np.maximum(0, np.arange(60) - 39)
    counts = np.random.default_rng(10).poisson(rate)
    found = count_interrupted_series(counts, launch=40, model="step_slope")
    assert found.slope is not None
    assert found.slope.effect == pytest.approx(1.05, abs=0.01)
    assert found.average.scale == "ratio"


@pytest.mark.parametrize(
    ("counts", "options", "words"),
    [
        (np.r_[COUNTS[:-1], -1], {}, "1 of 60 values are no counts, -1 for instance"),
        (np.r_[COUNTS[:-1], 0.5], {}, "no counts, 0.5 for instance"),
        (np.where(AFTER, 0, COUNTS), {}, "All 20 counts after the launch are 0"),
        (np.where(AFTER, COUNTS, 0), {}, "All 40 counts before the launch are 0"),
        (COUNTS, {"exposure": np.zeros(60)}, "60 periods with a count have no positive exposure"),
        (COUNTS, {"exposure": np.ones(59)}, "60 counts and 59 exposures"),
        (np.full(60, 7), {}, r"constant \(7 in all 60 periods\)"),
    ],
)
def test_names_what_is_no_count(counts, options, words):
    with pytest.raises(DataError, match=words):
        count_interrupted_series(counts, launch=40, **options)
