"""The event log: order, what is ready when, and the faults that logs have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.business_hours import Calendar
from opsbook.methods.diagnosis.event_log import EventLog, event_log, open_clocks

T = "2026-03-02T"


def test_events_are_ordered_by_case_and_start():
    log = event_log(
        ["b", "a", "a"],
        ["x", "y", "x"],
        [T + "10", T + "12", T + "09"],
        [T + "11", T + "13", T + "10"],
    )
    assert log.case.tolist() == [0, 0, 1]
    assert [log.steps[i] for i in log.step] == ["x", "y", "x"]
    assert log.first.tolist() == [True, False, True]
    assert (log.start - log.ready).tolist() == [0, 2, 0]


def test_a_case_is_ready_when_the_last_of_its_parallel_steps_has_ended():
    log = event_log(
        ["a"] * 3,
        ["long", "short", "join"],
        [T + "08", T + "09", T + "15"],
        [T + "14", T + "10", T + "16"],
    )
    assert (log.start - log.ready).tolist() == [0, -5, 1]


def test_an_event_without_an_end_is_left_out_and_counted():
    log = event_log(["a", "b"], ["x", "x"], [T + "08", T + "09"], [T + "09", None])
    assert (log.cases, log.unfinished, log.case.size) == (1, 1, 1)


def test_a_missing_resource_is_unknown():
    log = event_log(
        ["a", "b", "c", "d"],
        ["x"] * 4,
        [T + "08"] * 4,
        [T + "09"] * 4,
        resource=["Li", None, "", float("nan")],
    )
    assert log.resources == ("Li",)
    assert sorted(log.resource.tolist()) == [-1, -1, -1, 0]


def test_numbers_serve_as_names():
    log = event_log(np.array([7, 5]), np.array([1, 1]), [T + "08"] * 2, [T + "09"] * 2)
    assert log.steps == ("1",)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 5), st.integers(0, 5)
        ),
        min_size=1,
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_rows_does_not_matter(rows, random):
    def read(rows: list[tuple[str, str, int, int]]) -> EventLog:
        case, step, start, length = zip(*rows, strict=True)
        begun = np.datetime64("2026-03-02T08", "h") + np.array(start)
        return event_log(case, step, begun, begun + np.array(length))

    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = read(rows), read(shuffled)
    for name in ("case", "step", "start", "end", "ready", "first"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (
            (["a", "a"], ["x", "y"], [T + "08", T + "11"], [T + "09", T + "10"]),
            r"1 of 2 events end before they start, the first in case 'a', step 'y' \(row 1\)",
        ),
        ((["a"], ["x", "y"], [T + "08"], [T + "09"]), "differ in length"),
        ((["a"], ["x"], [T + "08"], [None]), "None of 1 events has an end"),
        ((["a"], [None], [T + "08"], [T + "09"]), "1 of 1 events have no step, the first in row 0"),
        ((["a"], ["x"], [None], [T + "09"]), "1 of 1 events have no start"),
        (([""], ["x"], [T + "08"], [T + "09"]), "1 of 1 events have no case"),
    ],
)
def test_a_faulty_log_is_refused_with_its_first_fault(columns, words):
    with pytest.raises(DataError, match=words):
        event_log(*columns)


def test_a_shift_of_nobody_is_refused():
    log = event_log(["a"], ["x"], [T + "08"], [T + "09"], resource=["Li"])
    shift = Calendar(week=(((9.0, 18.0),),) * 7)
    with pytest.raises(DataError, match="'Wang', which is no resource of the event log"):
        open_clocks(log, None, {"Wang": shift})
