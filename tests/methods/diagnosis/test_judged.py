"""Judging an estimate: beyond the prediction, short of it, or neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.judged import judged
from opsbook.methods.estimate import Estimate


def measured(lower: float | None, upper: float | None, p: float | None = 0.001, **more: str):
    middle = 0.0 if lower is None or upper is None else (lower + upper) / 2
    return Estimate(
        method="made",
        effect=middle,
        lower=lower,
        upper=upper,
        p_value=p,
        n=9,
        scale="ratio" if more else "difference",
    )


@pytest.mark.parametrize(
    ("lower", "upper", "at_least", "outcome"),
    [
        (1, 3, 0, "supported"),
        (-1, 3, 0, "undecided"),
        (-3, -1, 0, "contradicted"),
        (1, 3, 2, "undecided"),
        (1, 3, 4, "contradicted"),
        (-0.5, 0.5, 1, "contradicted"),  # a difference too small to matter
        (None, 3, 0, "undecided"),
        (None, None, 0, "undecided"),
    ],
)
def test_the_whole_interval_decides(lower, upper, at_least, outcome):
    assert judged(measured(lower, upper), at_least=at_least).outcome == outcome


def test_a_p_value_that_disagrees_holds_support_back():
    assert judged(measured(1, 3, p=0.06)).outcome == "undecided"


def test_a_ratio_is_judged_around_one():
    assert judged(measured(1.1, 1.4, scale="ratio")).outcome == "supported"
    assert judged(measured(0.6, 0.9, scale="ratio"), direction="lower").outcome == "supported"


@given(st.floats(-5, 5), st.floats(0, 5), st.floats(0, 5))
def test_the_directions_mirror_each_other(lower, width, at_least):
    up = judged(measured(lower, lower + width), at_least=at_least)
    down = judged(measured(-lower - width, -lower), direction="lower", at_least=at_least)
    assert up.outcome == down.outcome


def test_a_negative_size_is_refused():
    with pytest.raises(DataError, match="The predicted size is -1; it must be 0 or more"):
        judged(measured(1, 2), at_least=-1)
