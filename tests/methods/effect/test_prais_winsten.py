from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.regression.linear_model import GLS

from opsbook.errors import DataError
from opsbook.methods.effect.prais_winsten import prais_winsten

AFTER = (np.arange(60) >= 35).astype(float)
NOISE = np.random.default_rng(5).normal(size=60)
VALUES = np.array([NOISE[: n + 1] @ 0.6 ** np.arange(n, -1, -1) for n in range(60)]) + 2 * AFTER


def expected(time: NDArray[np.int64], values: NDArray[np.float64]) -> Any:
    """Iterate generalised least squares with dense covariances."""
    after = (time >= 35).astype(float)
    design = np.column_stack([np.ones(time.size), time, after])
    beside = np.diff(time) == 1
    rho = 0.0
    for _ in range(200):
        fit = GLS(values, design, sigma=rho ** np.abs(time[:, None] - time) + 0.0).fit()
        left = values - design @ fit.params
        before, now = left[:-1][beside], left[1:][beside]
        rho = before @ now / (before @ before)
    return fit


# statsmodels 0.15, GLS with the covariance of a first-order autoregression, iterated here.
@pytest.mark.parametrize("missing", [[], [10, 11, 40]])
def test_agrees_with_iterated_generalised_least_squares(missing):
    time = np.delete(np.arange(60), missing)
    fit = expected(time, VALUES[time])
    found = prais_winsten(VALUES[time], launch=35, time=time).step
    assert found.effect == pytest.approx(fit.params[2], rel=1e-6)
    assert (found.lower, found.upper) == pytest.approx(fit.conf_int()[2], rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(power=st.integers(-6, 6))
def test_the_answer_scales_with_the_values(power):
    base = prais_winsten(VALUES, launch=35).step
    scaled = prais_winsten(VALUES * 10.0**power, launch=35).step
    assert scaled.upper == pytest.approx((base.upper or 0) * 10.0**power)


def test_refuses_a_history_that_is_too_short():
    with pytest.raises(DataError, match="launch at 5 has 5 periods before it"):
        prais_winsten(VALUES, launch=5)
