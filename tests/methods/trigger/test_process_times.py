"""Lead, touch and waiting times."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.clopper_pearson import clopper_pearson
from opsbook.methods.trigger.process_times import process_times

rows = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 30), st.integers(0, 9)),
    min_size=1,
    max_size=25,
)
LOG: dict[str, Any] = {
    "case": ["a", "a", "a", "b", "b", "c"],
    "step": ["pick", "pack", "pick", "pick", "pack", "pick"],
    "start": [0.0, 3.0, 9.0, 1.0, 2.0, 5.0],
    "end": [2.0, 4.0, 10.0, 4.0, 6.0, np.nan],
}


def test_splits_the_lead_time_into_touch_and_wait():
    result = process_times(**LOG)
    assert (result.finished, result.open) == (2, 1)
    assert result.lead.p50 == pytest.approx((10 + 5) / 2)
    assert result.touch.p50 == pytest.approx((4 + 5) / 2)
    assert result.wait.p50 == pytest.approx((6 + 0) / 2)
    assert result.touch_share == pytest.approx(9 / 15)


def test_rework_is_a_step_that_occurs_twice_in_a_case():
    assert process_times(**LOG).rework == clopper_pearson(1, 2)


def test_a_case_that_takes_just_the_agreed_time_keeps_it():
    assert process_times(**LOG, sla=10).over_sla == clopper_pearson(0, 2)
    assert process_times(**LOG, sla=9.9).over_sla == clopper_pearson(1, 2)
    assert process_times(**LOG).over_sla is None


@given(rows)
def test_touch_is_the_time_on_which_someone_works(entries):
    table = np.array(entries, dtype=float)
    result = process_times(table[:, 0], table[:, 1], table[:, 2], table[:, 2] + table[:, 3])
    touch, lead = [], []
    for case in np.unique(table[:, 0]):
        own = table[table[:, 0] == case]
        hours = {h for _, _, s, d in own for h in range(int(s), int(s + d))}
        touch.append(len(hours))
        lead.append((own[:, 2] + own[:, 3]).max() - own[:, 2].min())
    assert result.touch.p90 == pytest.approx(np.quantile(touch, 0.9))
    assert result.lead.p90 == pytest.approx(np.quantile(lead, 0.9))
    assert result.wait.p50 == pytest.approx(np.median(np.array(lead) - np.array(touch)))


@pytest.mark.parametrize("log", [([], [], [], []), (["a"], ["pick"], [1.0], [np.nan])])
def test_without_finished_cases_there_are_no_times(log):
    result = process_times(*log, sla=5)
    assert result.lead.p50 is None
    assert result.touch_share is None
    assert result.rework.share is None
    assert result.over_sla == clopper_pearson(0, 0)


def test_a_case_without_duration_has_no_touch_share():
    assert process_times(["a"], ["pick"], [1.0], [1.0]).touch_share is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"end": [2.0, 2.0, 10.0, 4.0, 6.0, 7.0]}, "Row 1 ends before it starts"),
        ({"start": [0.0, np.nan, 9.0, 1.0, 2.0, 5.0]}, "Row 1 has no start"),
        ({"step": ["pick"]}, "columns have 6, 1, 6 and 6 rows"),
    ],
)
def test_refuses_an_impossible_log(change, words):
    with pytest.raises(DataError, match=words):
        process_times(**(LOG | change))
