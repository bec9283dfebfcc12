"""What every trigger method takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.trigger.series import as_counts, as_series, or_none, run_lengths


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_run_lengths_count_as_a_person_would(hits):
    expected, length = [], 0
    for hit in hits:
        length = length + 1 if hit else 0
        expected.append(length)
    assert run_lengths(np.array(hits)).tolist() == expected


def test_none_is_a_gap_and_comes_back_as_none():
    assert or_none(as_series(np.array([1, None, 3]))) == (1.0, None, 3.0)


def test_no_cases_are_no_data_in_both_columns():
    events, trials = as_counts([[0, 1]], [[0, 4]], "trials", at_most_size=True)
    assert np.isnan(events[0, 0])
    assert np.isnan(trials[0, 0])


@pytest.mark.parametrize("values", [3.0, [], np.empty((4, 0))])
def test_refuses_values_without_periods(values):
    with pytest.raises(DataError, match="'values' has no periods"):
        as_series(values)
