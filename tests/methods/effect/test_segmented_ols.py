import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from opsbook.errors import DataError
from opsbook.methods.effect.segmented_ols import segmented_ols
from opsbook.methods.effect.segmented_series import segmented_series

VALUES = 5 + np.random.default_rng(3).normal(size=30)


# The design of Wagner et al. (2002, J Clin Pharm Ther 27, 299-309): time, a level change, and the
# time after the launch, which is 1 in the first period; fitted by statsmodels.
def test_agrees_with_statsmodels_on_the_usual_design():
    time, launch = np.arange(30), 18
    after = (time >= launch).astype(float)
    design = np.column_stack([np.ones(30), time, after, after * (time - launch + 1)])
    expected = OLS(VALUES, design).fit()
    found = segmented_ols(VALUES, launch=launch, model="step_slope")
    for estimate, place in ((found.step, 2), (found.slope, 3)):
        assert estimate is not None
        assert estimate.effect == pytest.approx(expected.params[place])
        assert (estimate.lower, estimate.upper) == pytest.approx(expected.conf_int()[place])
        assert estimate.p_value == pytest.approx(expected.pvalues[place])
    average = expected.t_test([0, 0, 1, 6.5])
    assert found.average.effect == pytest.approx(average.effect[0])
    assert found.average.lower == pytest.approx(average.conf_int()[0, 0])


# Without a trend it is Student's t-test of after against before.
def test_the_level_model_compares_two_means():
    found = segmented_ols(VALUES, launch=18, model="level")
    assert found.step.effect == pytest.approx(VALUES[18:].mean() - VALUES[:18].mean())
    assert found.slope is None
    assert found.average == found.step


@settings(max_examples=30, deadline=None)
@given(rise=st.floats(-10, 10), start=st.floats(-1e3, 1e3))
def test_a_trend_in_the_values_is_not_an_effect(rise, start):
    base = segmented_ols(VALUES, launch=18).step
    tilted = segmented_ols(VALUES + start + rise * np.arange(30), launch=18).step
    assert tilted.effect == pytest.approx(base.effect, abs=1e-8)


def test_a_series_starts_at_zero_and_keeps_its_launches():
    series = segmented_series(VALUES, launches=[110, 120], time=np.arange(30) + 100)
    assert series.launches == (110, 120)
    assert series.time[0] == 0
    assert series.changes.sum(axis=0).tolist() == [[20], [10]]


def test_refuses_two_covariates_that_say_the_same():
    twins = np.column_stack([VALUES**2, 3 * VALUES**2])
    with pytest.raises(DataError, match="sum of the trend and other covariates"):
        segmented_ols(VALUES, launch=18, covariates=twins)
