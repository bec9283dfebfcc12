import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.sample_ratio import sample_ratio

counts = st.lists(st.integers(1, 10_000), min_size=2, max_size=5)


# Kohavi, Tang & Xu (2020), Trustworthy Online Controlled Experiments, chapter 3: p 1.8e-6;
# Cookie Cats: p .0086; tea-tasting, seed 42: p .477.
@pytest.mark.parametrize(
    ("users", "p_value", "digits"),
    [
        ([821_588, 815_482], 1.8e-6, 5e-8),
        ([44_700, 45_489], 0.0086, 5e-5),
        ([2023, 1977], 0.477, 5e-4),
    ],
)
def test_agrees_with_published_experiments(users, p_value, digits):
    assert sample_ratio(users).p_value == pytest.approx(p_value, abs=digits)


# Mendel's peas (1866), 315:108:101:32 against 9:3:3:1; chi-square .470, p .925.
def test_agrees_with_mendels_peas():
    assert sample_ratio([315, 108, 101, 32], [9, 3, 3, 1]).p_value == pytest.approx(0.925, abs=5e-4)


@given(counts)
def test_the_order_of_the_arms_does_not_matter(users):
    forth, back = sample_ratio(users), sample_ratio(users[::-1])
    assert back.p_value == pytest.approx(forth.p_value)


def test_the_alarm_is_slow_because_it_rings_for_every_experiment():
    assert not sample_ratio([44_700, 45_489]).mismatch
    assert sample_ratio([821_588, 815_482]).mismatch


@pytest.mark.parametrize("users", [[5], [0, 0], [-1, 5]])
def test_refuses_arms_that_cannot_be(users):
    with pytest.raises(DataError, match="The arms have"):
        sample_ratio(users)


def test_refuses_a_plan_for_other_arms():
    with pytest.raises(DataError, match="2 arms and the planned shares"):
        sample_ratio([5, 5], [1, 1, 1])
