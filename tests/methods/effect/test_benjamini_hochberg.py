import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from opsbook.errors import DataError
from opsbook.methods.effect.benjamini_hochberg import benjamini_hochberg

# Benjamini & Hochberg (1995), JRSS B 57, section 4: thrombolysis, 15 p-values.
THROMBOLYSIS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000),
]


def test_agrees_with_the_article_on_four_discoveries():
    result = benjamini_hochberg(THROMBOLYSIS)
    assert sum(result.rejected) == 4
    assert sum(p <= 0.05 / 15 for p in THROMBOLYSIS) == 3  # Bonferroni


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_agrees_with_scipy(p_values):
    expected = stats.false_discovery_control(p_values)
    assert benjamini_hochberg(p_values).adjusted == pytest.approx(list(expected))


def test_a_test_that_was_not_computed_does_not_count():
    with_gap = benjamini_hochberg([0.02, None, 0.04])
    assert with_gap.n_tests == 2
    assert with_gap.adjusted == (0.04, None, 0.04)
    assert with_gap.rejected == (True, False, True)


def test_no_test_at_all_gives_no_discovery():
    assert benjamini_hochberg([]).rejected == ()


def test_refuses_a_p_value_above_one():
    with pytest.raises(DataError, match="leave 0 to 1"):
        benjamini_hochberg([0.5, 1.5])
