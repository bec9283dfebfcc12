"""Process flow: one log worked out by hand, the laws of counting, the errors."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.business_hours import Calendar
from opsbook.methods.diagnosis.event_log import EventLog, event_log
from opsbook.methods.diagnosis.process_flow import process_flow

T = "2026-03-02T"
OFFICE = Calendar(week=(((9.0, 18.0),),) * 5 + ((), ()))
# Three orders: c is checked twice. One packer, so that b and c wait for him.
CASES = ["a", "a", "a", "b", "b", "b", "c", "c", "c", "c"]
STEPS = ["pick", "check", "pack"] * 2 + ["pick", "check", "check", "pack"]
FROM = [f"{T}{h:02}" for h in (9, 10, 11, 9, 10, 13, 9, 10, 11, 15)]
TO = [f"{T}{h:02}" for h in (10, 11, 13, 10, 11, 15, 10, 11, 12, 16)]
WHO = ["Li", "Wang", "Zhao", "Sun", "Zhou", "Zhao", "Wu", "Zheng", "Zheng", "Zhao"]


@pytest.fixture(scope="module")
def flow():
    return process_flow(
        event_log(CASES, STEPS, FROM, TO, resource=WHO), value_added={"pick": True, "pack": True}
    )


def test_counts_cases_events_and_lead_times(flow):
    assert (flow.cases, flow.events, flow.unfinished) == (3, 10, 0)
    assert flow.lead_p50 == pytest.approx(6)
    assert flow.lead_p90 == pytest.approx(6.8)


def test_the_packer_is_the_bottleneck_by_both_measures(flow):
    pack = next(s for s in flow.steps if s.step == "pack")
    assert flow.most_waiting == flow.most_utilised == "pack"
    assert pack.wait_hours == pytest.approx(2 + 3)
    assert (pack.contention_hours, pack.other_hours) == pytest.approx((2 + 3, 0))
    assert flow.resources[0].resource == "Zhao"
    assert flow.resources[0].utilisation == pytest.approx(5 / 7)
    assert pack.utilisation == pytest.approx(5 / 7)


def test_the_repeated_check_is_rework(flow):
    check = next(s for s in flow.steps if s.step == "check")
    assert (check.events, check.cases, check.rework) == (4, 3, 1)
    assert flow.rework_share == pytest.approx(1 / 3)


def test_follows_are_counted_with_their_waits(flow):
    pairs = {(h.source, h.target): h.count for h in flow.handovers}
    assert pairs == {("pick", "check"): 3, ("check", "pack"): 3, ("check", "check"): 1}
    assert flow.handovers[0].source == "check"
    assert flow.handovers[0].wait_hours == pytest.approx(5)
    assert flow.handovers[0].wait_p50 == pytest.approx(2)


def test_paths_are_counted_most_frequent_first(flow):
    assert flow.variant_count == 2
    assert [(v.steps, v.cases) for v in flow.variants] == [
        (("pick", "check", "pack"), 2),
        (("pick", "check", "check", "pack"), 1),
    ]


def test_the_share_of_value_added_is_of_the_lead_time(flow):
    assert flow.value_added_share == pytest.approx((3 + 5) / (4 + 6 + 7))
    assert flow.touch_share == pytest.approx((3 + 4 + 5) / (4 + 6 + 7))


def test_without_resources_nothing_is_said_about_them():
    flow = process_flow(event_log(CASES, STEPS, FROM, TO))
    assert flow.resources == ()
    assert flow.most_utilised is None
    assert flow.value_added_share is None
    assert {s.contention_hours for s in flow.steps} == {None}
    assert {s.utilisation for s in flow.steps} == {None}


def test_the_first_step_has_no_wait(flow):
    pick = next(s for s in flow.steps if s.step == "pick")
    assert (pick.wait_p50, pick.wait_p90, pick.wait_hours) == (None, None, 0)


def test_nights_do_not_count_with_a_calendar():
    log = event_log(
        ["a", "a"],
        ["in", "out"],
        ["2026-03-06T16:00", "2026-03-09T09:30"],
        ["2026-03-06T17:00", "2026-03-09T10:00"],
        resource=["x", "y"],
    )
    flow = process_flow(log, calendar=OFFICE)
    out = next(s for s in flow.steps if s.step == "out")
    assert out.wait_hours == pytest.approx(1.5)
    assert out.unavailability_hours == pytest.approx(63)
    assert flow.lead_p50 == pytest.approx(3)


events = st.lists(
    st.tuples(
        st.sampled_from("abcde"),
        st.sampled_from("xyz"),
        st.sampled_from("pq"),
        st.integers(0, 90),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=25,
)


def read(rows: Sequence[tuple[str, str, str, int, int]]) -> EventLog:
    case, step, who, start, length = zip(*rows, strict=True)
    begun = np.datetime64("2026-03-02T08", "h") + np.array(start)
    return event_log(case, step, begun, begun + np.array(length), resource=who)


@settings(max_examples=40, deadline=None)
@given(events)
def test_every_event_is_counted_once(rows):
    flow = process_flow(read(rows), most_variants=100)
    assert sum(s.events for s in flow.steps) == flow.events == len(rows)
    assert sum(h.count for h in flow.handovers) == flow.events - flow.cases
    assert sum(v.cases for v in flow.variants) == flow.cases
    assert sum(len(v.steps) * v.cases for v in flow.variants) == flow.events
    counted = Counter(row[1] for row in rows)
    assert {s.step: s.events for s in flow.steps} == counted
    assert all(r.utilisation is None or r.utilisation <= 1 + 1e-9 for r in flow.resources)


@settings(max_examples=40, deadline=None)
@given(events, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert process_flow(read(rows), calendar=OFFICE) == process_flow(
        read(shuffled), calendar=OFFICE
    )


@settings(max_examples=20, deadline=None)
@given(events)
def test_a_later_week_changes_nothing(rows):
    moved = [(c, s, w, start + 168, length) for c, s, w, start, length in rows]
    one, other = (
        process_flow(read(rows), calendar=OFFICE),
        process_flow(read(moved), calendar=OFFICE),
    )
    assert [s.wait_hours for s in other.steps] == pytest.approx([s.wait_hours for s in one.steps])
    assert [h.count for h in other.handovers] == [h.count for h in one.handovers]


def test_a_declared_step_must_exist():
    with pytest.raises(DataError, match="'pak' is declared and not in the event log; there are: c"):
        process_flow(event_log(CASES, STEPS, FROM, TO), value_added={"pak": True})
