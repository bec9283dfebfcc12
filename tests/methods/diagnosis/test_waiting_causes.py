"""Waiting causes: one story for each cause, and an hour-by-hour oracle on random logs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.methods.diagnosis.business_hours import Calendar
from opsbook.methods.diagnosis.event_log import EventLog, event_log
from opsbook.methods.diagnosis.waiting_causes import WaitingCauses, waiting_causes

OFFICE = Calendar(week=(((9.0, 17.0),),) * 5 + ((), ()))
NAMES = ("unavailability", "contention", "batching", "other")


def story(rows: Sequence[tuple[str, str, str | None, int, int]]) -> EventLog:
    """Read rows of (case, step, resource, from, to), hours of Monday 2 March 2026."""
    base = datetime(2026, 3, 2)  # noqa: DTZ001 - local business time has no zone
    case, step, who, start, end = zip(*rows, strict=True)
    return event_log(
        case,
        step,
        [base + timedelta(hours=h) for h in start],
        [base + timedelta(hours=h) for h in end],
        resource=who,
    )


def sums(log: EventLog, step: str, causes: WaitingCauses) -> dict[str, float]:
    own = log.step == log.steps.index(step)
    return {name: float(getattr(causes, name)[own].sum()) for name in NAMES}


def test_waiting_for_a_busy_clerk_is_contention():
    log = story(
        [
            ("a", "in", "x", 8, 8),
            ("b", "in", "x", 8, 8),
            ("a", "check", "y", 8, 11),
            ("b", "check", "y", 11, 12),
        ]
    )
    assert sums(log, "check", waiting_causes(log)) == pytest.approx(
        {"unavailability": 0, "contention": 3, "batching": 0, "other": 0}
    )


def test_waiting_over_night_is_unavailability():
    log = story([("a", "in", "x", 16, 16), ("a", "check", "y", 33, 34)])
    assert sums(log, "check", waiting_causes(log, calendar=OFFICE)) == pytest.approx(
        {"unavailability": 16, "contention": 0, "batching": 0, "other": 1}
    )


def test_a_clerks_own_shift_counts_before_the_common_hours():
    late = Calendar(week=(((14.0, 22.0),),) * 7)
    log = story([("a", "in", "x", 9, 9), ("a", "check", "y", 15, 16)])
    causes = waiting_causes(log, calendar=OFFICE, shifts={"y": late})
    assert sums(log, "check", causes) == pytest.approx(
        {"unavailability": 5, "contention": 0, "batching": 0, "other": 1}
    )


def test_waiting_for_others_to_be_done_in_one_go_is_batching():
    rows = [(c, "in", "x", 8 + i, 8 + i) for i, c in enumerate("abc")]
    rows += [(c, "ship", "y", 12 + i, 13 + i) for i, c in enumerate("abc")]
    log = story(rows)
    # Until c is ready at 10: a 2 h, b 1 h. All wait free until 12, then behind one another.
    assert sums(log, "ship", waiting_causes(log)) == pytest.approx(
        {"unavailability": 0, "contention": 0 + 1 + 2, "batching": 2 + 1 + 0, "other": 6}
    )


def test_one_case_alone_is_no_batch():
    log = story([("a", "in", "x", 8, 8), ("a", "ship", "y", 12, 13)])
    assert sums(log, "ship", waiting_causes(log))["other"] == pytest.approx(4)


def test_a_queue_that_never_rests_is_no_batch():
    rows = [(str(i), "in", "x", i, i) for i in range(8)]
    rows += [(str(i), "do", "y", 2 * i, 2 * i + 2) for i in range(8)]
    log = story(rows)
    found = sums(log, "do", waiting_causes(log))
    assert found["contention"] == pytest.approx(sum(range(8)))
    assert found["batching"] == found["other"] == 0


def test_work_without_a_resource_has_no_cause():
    log = story([("a", "in", "x", 8, 8), ("a", "do", None, 10, 11)])
    assert sums(log, "do", waiting_causes(log))["other"] == pytest.approx(2)


def by_hours(log: EventLog, calendar: Calendar | None) -> dict[str, list[float]]:
    """Give every hour of every wait its cause by looking at that hour."""
    result = {name: [0.0] * log.case.size for name in NAMES}
    for i in range(log.case.size):
        mates = np.flatnonzero(log.resource == log.resource[i])
        filled = _filled(log, i, mates)
        for hour in range(int(log.ready[i]), int(log.start[i])):
            middle = hour + 0.5
            busy = any(log.start[j] < middle < log.end[j] for j in mates)
            day, clock = divmod(middle, 24)
            spans = () if calendar is None else calendar.week[int(day + 3) % 7]
            opened = calendar is None or any(a <= clock < b for a, b in spans)
            cause = (
                "contention"
                if busy
                else "unavailability"
                if not opened
                else "batching"
                if middle < filled
                else "other"
            )
            result[cause][i] += 1
    return result


def _filled(log: EventLog, i: int, mates: np.ndarray) -> float:
    """When the batch of event i was full, found by walking through the resource's day."""
    order = sorted(mates, key=lambda j: (log.start[j], log.end[j], log.step[j]))
    runs: list[list[int]] = []
    for j in order:
        before = [k for run in runs for k in run]
        latest = max((log.end[k] for k in before), default=-np.inf)
        if runs and log.step[runs[-1][-1]] == log.step[j] and log.start[j] <= latest + 1 / 60:
            runs[-1].append(j)
        else:
            runs.append([j])
    run = next(run for run in runs if i in run)
    batch = [j for j in run if not log.first[j] and log.ready[j] <= log.start[run[0]]]
    return float(max(log.ready[j] for j in batch)) if i in batch and len(batch) > 1 else -np.inf


events = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["do", "ship"]),
        st.sampled_from("xy"),
        st.integers(0, 60),
        st.integers(0, 6),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(events, st.sampled_from([None, OFFICE]))
def test_agrees_with_a_look_at_every_hour(rows, calendar):
    log = story([(c, s, w, start, start + length) for c, s, w, start, length in rows])
    causes, expected = waiting_causes(log, calendar=calendar), by_hours(log, calendar)
    for name in NAMES:
        assert getattr(causes, name) == pytest.approx(np.array(expected[name]), abs=1e-7), name


@settings(max_examples=40, deadline=None)
@given(events, st.sampled_from([None, OFFICE]))
def test_the_causes_add_up_to_the_wait(rows, calendar):
    log = story([(c, s, w, start, start + length) for c, s, w, start, length in rows])
    causes = waiting_causes(log, calendar=calendar)
    total = sum(getattr(causes, name) for name in NAMES)
    assert total == pytest.approx(np.maximum(log.start - log.ready, 0), abs=1e-7)
