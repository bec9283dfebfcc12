"""The guard: noise, a passing event, the data, or structural."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.methods.trigger.kpi_check import kpi_check
from opsbook.methods.trigger.structural_or_not import KnownTime, StructuralOrNot, structural_or_not


def guard(values: Any, *known: KnownTime, better: Any = "higher") -> StructuralOrNot:
    check = kpi_check(values, better=better, baseline=24)
    combined = check.combined
    return structural_or_not(
        check.judged,
        combined.alarm,
        float(combined.chance),
        better=better,
        known=known,
        watched_from=24,
    )


def fallen(last: int, by: float = 6.0) -> np.ndarray:
    values = np.random.default_rng(4).normal(size=60)
    values[-last:] -= by
    return values


def test_a_lasting_drop_is_structural():
    found = guard(fallen(8))
    assert found.verdict == "structural"
    assert found.since == 52
    assert found.chance is not None
    assert found.chance < 0.01


def test_the_same_series_where_lower_is_better_has_no_trouble():
    assert guard(fallen(8), better="lower").verdict == "fluctuation"


def test_a_drop_of_one_period_is_too_recent_to_tell():
    found = guard(fallen(1))
    assert (found.verdict, found.reason) == ("insufficient", "too_recent")


def test_noise_is_fluctuation():
    assert guard(np.random.default_rng(4).normal(size=60)).verdict == "fluctuation"


@pytest.mark.parametrize(
    ("event", "verdict", "reason"),
    [
        (
            KnownTime(first=52, last=None, kind="definition_change"),
            "data_problem",
            "definition_change",
        ),
        (KnownTime(first=52, last=70, kind="data_problem"), "data_problem", "broken_data"),
        (KnownTime(first=51, last=60, kind="event"), "fluctuation", "known_event"),
        (KnownTime(first=52, last=None, kind="intervention"), "structural", None),
        (KnownTime(first=51, last=53, kind="event"), "structural", None),
        (KnownTime(first=30, last=70, kind="event"), "structural", None),
    ],
)
def test_a_known_event_explains_what_began_with_it_and_lasts_as_long(event, verdict, reason):
    found = guard(fallen(8), event)
    assert found.verdict == verdict
    assert reason is None or found.reason == reason


def test_a_drop_that_came_back_is_over():
    values = np.random.default_rng(4).normal(size=60)
    values[35:43] -= 6
    assert guard(values).verdict == "fluctuation"


def test_a_change_within_the_baseline_is_no_news():
    values = np.random.default_rng(4).normal(size=60)
    values[:10] += 6
    assert guard(values).reason != "lasting_change"


def test_a_missing_newest_period_cannot_be_judged():
    values = fallen(8)
    values[-1] = np.nan
    assert guard(values).reason == "newest_missing"


def test_a_spike_is_called_a_spike_and_a_known_one_by_its_event():
    values = np.random.default_rng(4).normal(size=60)
    values[30] = -15
    assert [(h.index, h.kind) for h in guard(values).happenings] == [(30, "spike")]
    known = guard(values, KnownTime(first=30, last=30, kind="holiday")).happenings
    assert [(h.kind, h.event) for h in known] == [("known_event", 0)]


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    drop=st.sampled_from([0.0, 2.0, 6.0]),
    scale=st.sampled_from([1e-6, 0.3, 1e5]),
    shift=st.sampled_from([0.0, -40.0, 1e3]),
    flip=st.booleans(),
)
def test_scaling_shifting_and_turning_over_change_no_verdict(seed, drop, scale, shift, flip):
    values = np.random.default_rng(seed).normal(size=60)
    values[-7:] -= drop
    moved = (-1 if flip else 1) * scale * (values + shift)
    plain, other = guard(values), guard(moved, better="lower" if flip else "higher")
    assert (plain.verdict, plain.reason, plain.since) == (other.verdict, other.reason, other.since)
    told = [(h.index, h.kind, h.worse) for h in plain.happenings]
    assert told == [(h.index, h.kind, h.worse) for h in other.happenings]
