import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from tests.methods.effect.published import article, numbers

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import mean_difference
from opsbook.methods.effect.regression_difference_in_differences import (
    regression_difference_in_differences,
)
from opsbook.methods.estimate import Estimate

TREATED = [True] * 4 + [False] * 4
changes = arrays(float, 8, elements=st.integers(-100, 100)).filter(
    lambda c: c[:4].std() + c[4:].std() > 0
)


@pytest.fixture
def stores():
    """Card & Krueger's stores: every column before and after the minimum wage, by store."""
    rows = article("did_card_krueger.csv.gz")
    waves = [sorted((r for r in rows if r["d"] == d), key=lambda r: int(r["id"])) for d in "01"]
    return {
        name: np.array([numbers(wave, name) for wave in waves])
        for name in ("nj", "fte", "wage", "status", "bk", "kfc", "roys", "co_owned")
    }


# Card & Krueger (1994), American Economic Review 84, table 3, column (iii).
def test_agrees_with_card_and_krueger_on_all_stores(stores):
    estimate = regression_difference_in_differences(
        stores["fte"].ravel(), treated=stores["nj"].ravel() == 1, after=np.repeat([0, 1], 410)
    )
    assert estimate.effect == pytest.approx(2.76, abs=0.01)
    assert estimate.n == 794


def test_agrees_with_card_and_krueger_on_the_balanced_sample(stores):
    estimate = regression_difference_in_differences(
        np.diff(stores["fte"], axis=0)[0], treated=stores["nj"][0] == 1
    )
    assert estimate.effect == pytest.approx(2.75, abs=0.005)
    assert standard_error(estimate, 382) == pytest.approx(1.34, abs=0.005)
    assert estimate.n == 384


# Table 4, columns (i) and (ii): stores with wages in both waves, or closed for good.
@pytest.mark.parametrize(
    ("controls", "effect", "error"),
    [((), 2.33, 1.19), (("bk", "kfc", "roys", "co_owned"), 2.30, 1.20)],
)
def test_agrees_with_card_and_krueger_on_the_regressions(stores, controls, effect, error):
    change = np.diff(stores["fte"], axis=0)[0]
    paid = np.isfinite(stores["wage"])
    change[~(paid[0] & (paid[1] | (stores["status"][1] == 3)))] = np.nan
    estimate = regression_difference_in_differences(
        change,
        treated=stores["nj"][0] == 1,
        covariates=np.column_stack([stores[name][0] for name in controls]) if controls else None,
        errors="classical",
    )
    assert estimate.n == 357
    assert estimate.effect == pytest.approx(effect, abs=0.005)
    assert standard_error(estimate, 355 - len(controls)) == pytest.approx(error, abs=0.005)


def standard_error(estimate: Estimate, freedom: int) -> float:
    assert estimate.lower is not None
    assert estimate.upper is not None
    return float((estimate.upper - estimate.lower) / 2 / stats.t.ppf(0.975, freedom))


@settings(max_examples=30)
@given(changes)
def test_without_covariates_it_is_the_difference_of_mean_changes(change):
    regression = regression_difference_in_differences(change, treated=TREATED)
    means = mean_difference(change[4:], change[:4]).difference
    assert regression.effect == pytest.approx(means.effect, abs=1e-9)


@settings(max_examples=30)
@given(changes, arrays(float, 8, elements=st.floats(-100, 100)))
def test_levels_and_changes_agree_on_the_effect(change, before):
    levels = regression_difference_in_differences(
        [*before, *(before + change)], treated=TREATED * 2, after=[False] * 8 + [True] * 8
    )
    changes_only = regression_difference_in_differences(change, treated=TREATED)
    assert levels.effect == pytest.approx(changes_only.effect, abs=1e-9)


def test_a_change_without_noise_has_no_interval():
    estimate = regression_difference_in_differences([1, 1, 0, 0], treated=[1, 1, 0, 0])
    assert estimate.effect == pytest.approx(1)
    assert estimate.p_value is None


def test_sends_a_single_treated_unit_to_one_against_many():
    with pytest.raises(DataError, match="single unit"):
        regression_difference_in_differences([5, 1, 2, 3], treated=[1, 0, 0, 0])


def test_refuses_an_empty_group():
    with pytest.raises(DataError, match="cannot tell 2 coefficients apart"):
        regression_difference_in_differences([1, 2, 3], treated=[1, 1, 1])


def test_refuses_columns_of_unequal_length():
    with pytest.raises(DataError, match="differ in length"):
        regression_difference_in_differences([1, 2, 3], treated=[1, 0])
    with pytest.raises(DataError, match="differ in length"):
        regression_difference_in_differences([1, 2, 3], treated=[1, 0, 1], after=[1])
