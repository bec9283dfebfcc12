import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS
from tests.methods.effect.published import free, table

from opsbook.errors import DataError
from opsbook.methods.effect.newey_west import newey_west

VALUES = np.cumsum(np.random.default_rng(4).normal(size=50))
AFTER = (np.arange(50) >= 30).astype(float)


# statsmodels 0.15, OLS(...).fit(cov_type="HAC", use_correction=True, use_t=True).
@pytest.mark.parametrize(("lags", "used"), [(None, 3), (0, 0), (7, 7)])
def test_agrees_with_statsmodels(lags, used):
    design = np.column_stack([np.ones(50), np.arange(50), AFTER])
    options = {"maxlags": used, "use_correction": True}
    expected = OLS(VALUES, design).fit(cov_type="HAC", cov_kwds=options, use_t=True)
    found = newey_west(VALUES, launch=30, lags=lags).step
    assert found.effect == pytest.approx(expected.params[2])
    assert (found.lower, found.upper) == pytest.approx(expected.conf_int()[2])


@settings(max_examples=20, deadline=None)
@given(power=st.integers(-6, 6))
def test_the_answer_scales_with_the_values(power):
    base = newey_west(VALUES, launch=30).step
    scaled = newey_west(VALUES * 10.0**power, launch=30).step
    assert scaled.lower == pytest.approx((base.lower or 0) * 10.0**power)
    assert scaled.p_value == pytest.approx(base.p_value)


def test_refuses_a_launch_outside_the_data():
    with pytest.raises(DataError, match="no period after it; the series ends at 49"):
        newey_west(VALUES, launch=60)


# Linden (2015), Stata Journal 15, 480-500: single-group analysis of Proposition 99,
# itsa cigsale, single trperiod(1989) lag(1): _t -1.779474, _x1989 -20.0581, _x_t1989 -1.494652.
# There the ramp is 0 in the first period after the launch, here 1.
def test_agrees_with_stata_itsa_on_proposition_99():
    rows = free("sc_prop99_synthdid.csv.gz", delimiter=";")
    units, years, packs = table(rows, "State", "Year", "PacksPerCapita")
    found = newey_west(
        packs[units.index("California")],
        launch=years.index("1989"),
        model="step_slope",
        lags=1,
    )
    assert found.slope is not None
    assert found.step.effect + found.slope.effect == pytest.approx(-20.0581, abs=5e-5)
    assert found.slope.effect == pytest.approx(-1.494652, abs=5e-7)
