import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.poisson_rate_ratio import poisson_rate_ratio

COUNTS = st.integers(1, 10_000)
EXPOSURES = st.floats(0.1, 1e6)


# R: poisson.test(c(11, 6 + 8 + 7), c(800, 1083 + 1050 + 878)), the example of its help page.
def test_agrees_with_r_on_the_example_of_poisson_test():
    found = poisson_rate_ratio(21, 3011, 11, 800)
    assert found.effect == pytest.approx(1.971, abs=5e-4)
    assert found.p_value == pytest.approx(0.0797, abs=5e-5)
    assert (found.lower, found.upper) == pytest.approx((0.858, 4.277), abs=5e-4)


@given(before=COUNTS, after=COUNTS, exposed=EXPOSURES, later=EXPOSURES)
def test_swapping_the_periods_inverts_the_ratio(before, after, exposed, later):
    forth = poisson_rate_ratio(before, exposed, after, later)
    back = poisson_rate_ratio(after, later, before, exposed)
    assert forth.effect * back.effect == pytest.approx(1)
    assert forth.lower * back.upper == pytest.approx(1)
    assert forth.p_value == pytest.approx(back.p_value)


def test_no_event_after_still_has_an_upper_limit():
    found = poisson_rate_ratio(5, 100, 0, 100)
    assert (found.effect, found.lower) == (0, 0)
    assert 0 < found.upper < 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 100, 5, 100), "No event before in 100"),
        ((5, 100, -1, 100), "count after is -1"),
        ((5.5, 100, 1, 100), "count before is 5.5"),
        ((5, 0, 1, 100), "exposure before is 0"),
    ],
)
def test_names_the_figure_that_cannot_be(arguments, words):
    with pytest.raises(DataError, match=words):
        poisson_rate_ratio(*arguments)
