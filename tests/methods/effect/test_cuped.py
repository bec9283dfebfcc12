import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.methods.effect.published import free, numbers

from opsbook.errors import DataError
from opsbook.methods.effect.cuped import Users, cuped
from opsbook.methods.effect.mean_difference import mean_difference


def tea(value: str, denominator: str | None = None) -> list[Users]:
    rows = free("ab_tea_users_seed42.csv.gz")
    arm = numbers(rows, "variant")

    def column(name: str, side: int) -> NDArray[np.float64]:
        own: NDArray[np.float64] = numbers(rows, name)[arm == side]
        return own

    return [
        Users(
            values=column(value, side),
            covariate=column(f"{value}_covariate", side),
            denominators=column(denominator, side) if denominator else None,
            covariate_denominators=column(f"{denominator}_covariate", side)
            if denominator
            else None,
        )
        for side in (0, 1)
    ]


# tea-tasting, example data of seed 42, with CUPED: orders per session +12 % (4.2, 21) p .00229;
# revenue per user +14 % (3.8, 26) p .00674.
@pytest.mark.parametrize(
    ("columns", "percent", "lower", "upper", "p_value"),
    [(("orders", "sessions"), 12, 4.2, 21, 0.00229), (("revenue",), 14, 3.8, 26, 0.00674)],
)
def test_agrees_with_tea_tasting(columns, percent, lower, upper, p_value):
    result = cuped(*tea(*columns)).adjusted
    ratio = result.ratio
    assert ratio is not None
    assert ratio.lower is not None
    assert ratio.upper is not None
    assert 100 * (ratio.effect - 1) == pytest.approx(percent, abs=0.5)
    assert 100 * (ratio.lower - 1) == pytest.approx(lower, abs=0.05)
    assert 100 * (ratio.upper - 1) == pytest.approx(upper, abs=0.5)
    assert result.difference.p_value == pytest.approx(p_value, abs=5e-6)


def test_the_users_past_shortens_the_interval():
    assert cuped(*tea("revenue")).variance_kept < 0.8


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_an_unrelated_past_changes_little(seed):
    rng = np.random.default_rng(seed)
    values, past = rng.normal(size=(2, 400)), rng.normal(size=(2, 400))
    result = cuped(
        Users(values=values[0], covariate=past[0]), Users(values=values[1], covariate=past[1])
    )
    plain = mean_difference(values[0], values[1]).difference
    assert result.adjusted.difference.effect == pytest.approx(plain.effect, abs=0.1)
    assert result.variance_kept == pytest.approx(1, abs=0.05)


def test_a_shift_of_the_whole_past_changes_nothing():
    values, past = np.random.default_rng(4).normal(size=(2, 2, 50))
    first, second = (
        cuped(
            Users(values=values[0], covariate=past[0] + shift),
            Users(values=values[1], covariate=past[1] + shift),
        ).adjusted.difference.effect
        for shift in (0, 1000)
    )
    assert second == pytest.approx(first)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"covariate": [1, 1]}, r"control arm's columns have \[3, 3, 2, 2\] users"),
        ({"denominators": [0, 0, 0]}, "control arm has denominators that do not sum"),
        ({"covariate": [1, np.nan, 2]}, "control arm's covariate has 2 finite values of 3"),
        ({"covariate": [7, 7, 7]}, "covariate has the same value for every user"),
    ],
)
def test_says_what_is_wrong_with_an_arm(change, words):
    sound = {"values": [1, 2, 4], "covariate": [1, 2, 3]}
    with pytest.raises(DataError, match=words):
        cuped(Users(**(sound | change)), Users(values=[1, 2, 5], covariate=[7, 7, 7]))
