from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.raters import raters


def test_takes_the_middle_and_shows_how_far_raters_disagree():
    result = raters({"Li": 2, "Wang": 4, "Zhao": 3, "Qian": 3})
    assert (result.median, result.low, result.high, result.spread) == (3, 2, 4, 2)


@given(st.lists(st.floats(1, 5), min_size=1, max_size=6))
def test_a_missing_rater_changes_nothing_but_the_list_of_the_missing(scores):
    present = {str(i): score for i, score in enumerate(scores)}
    with_absent = raters({**present, "absent": None, "blank": float("nan")})
    assert with_absent.missing == ("absent", "blank")
    assert with_absent.n == len(scores)
    assert with_absent.median == raters(present).median


def test_says_which_cell_nobody_has_scored():
    with pytest.raises(DataError, match="Nobody has scored 'risk' of option 'A'"):
        raters({"Li": None}, cell="'risk' of option 'A'")
    with pytest.raises(DataError, match="is infinite"):
        raters({"Li": float("inf")})
