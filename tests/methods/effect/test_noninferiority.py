from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.noninferiority import noninferiority
from opsbook.methods.effect.proportions import proportions
from opsbook.methods.estimate import Estimate


def change(
    lower: float | None, upper: float | None, scale: Literal["difference", "ratio"] = "difference"
) -> Estimate:
    middle = 0.0 if lower is None or upper is None else (lower + upper) / 2
    return Estimate(
        method="x", effect=middle, lower=lower, upper=upper, p_value=None, n=9, scale=scale
    )


# The four pictures of Piaggio et al. (2012), JAMA 308, 2594-2604, figure 1, lower is better.
@pytest.mark.parametrize(
    ("lower", "upper", "verdict", "worse"),
    [
        (-3, -1, "held", False),
        (-1, 1, "held", False),
        (0.5, 1.5, "held", True),
        (-1, 3, "unclear", False),
        (1, 3, "unclear", True),
        (2.5, 4, "broken", True),
    ],
)
def test_reads_the_interval_against_the_margin(lower, upper, verdict, worse):
    result = noninferiority(change(lower, upper), margin=2, better="lower")
    assert (result.verdict, result.worse) == (verdict, worse)


@given(st.floats(-5, 5), st.floats(0, 5), st.floats(0, 5))
def test_flipping_the_metric_keeps_the_verdict(lower, width, margin):
    forth = noninferiority(change(lower, lower + width), margin=margin, better="lower")
    back = noninferiority(change(-lower - width, -lower), margin=margin, better="higher")
    assert (back.verdict, back.worse) == (forth.verdict, forth.worse)


def test_a_short_experiment_never_proves_that_nothing_was_harmed():
    few = proportions((2, 50), (2, 50)).difference
    assert noninferiority(few, margin=0.01, better="lower").verdict == "unclear"


def test_a_margin_on_the_ratio_scale_is_a_share():
    result = noninferiority(change(0.99, 1.01, "ratio"), margin=0.02, better="higher")
    assert result.bound == 0.98
    assert result.verdict == "held"


def test_no_interval_is_no_verdict():
    assert noninferiority(change(None, None), margin=1, better="lower").verdict == "unclear"


@pytest.mark.parametrize(("margin", "scale"), [(-1, "difference"), (1, "ratio")])
def test_refuses_a_margin_that_cannot_be(margin, scale):
    with pytest.raises(DataError, match=f"margin is {margin}"):
        noninferiority(change(0.9, 1.1, scale), margin=margin, better="lower")
