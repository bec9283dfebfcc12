"""The whole metric trigger, for one KPI or for many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.trigger.kpi_check import RHYTHMS, kpi_check
from opsbook.methods.trigger.structural_or_not import structural_or_not

MONTH = RHYTHMS["month"]


def noise(n: int, seed: int = 0, rows: int | None = None) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n if rows is None else (rows, n))


def test_many_series_get_the_verdicts_that_each_gets_alone():
    rows = noise(60, rows=8)
    rows[0, 40:] -= 3
    together = kpi_check(rows, better="higher", baseline=24, target=-0.5, rhythm=MONTH)
    for i, row in enumerate(rows):
        alone = kpi_check(row, better="higher", baseline=24, target=-0.5, rhythm=MONTH)
        assert together.combined.verdict[i].tolist() == alone.combined.verdict.tolist()
        assert together.combined.chance[i] == pytest.approx(float(alone.combined.chance))


def test_a_season_is_taken_out_before_the_verdict():
    months = 10 + 3 * np.sin(np.arange(72) * np.pi / 6) + 0.1 * noise(72)
    check = kpi_check(months, better="higher", baseline=24, rhythm=MONTH)
    assert check.cycles == (12,)
    assert np.std(check.judged) < 0.3
    assert not check.combined.alarm.any()


def test_a_holiday_is_neither_learned_from_nor_judged():
    weeks = 10 + 0.1 * noise(60)
    weeks[[5, 45, 46]] = 4
    holiday = np.isin(np.arange(60), [5, 45, 46])
    rhythm = RHYTHMS["week"]
    named = kpi_check(weeks, better="higher", baseline=26, rhythm=rhythm, excused=holiday)
    unnamed = kpi_check(weeks, better="higher", baseline=26, rhythm=rhythm)
    assert not named.combined.alarm.any()
    assert np.isnan(named.judged[[5, 45, 46]]).all()
    assert not unnamed.combined.alarm[45] or unnamed.combined.alarm[46]


def test_a_target_that_differs_by_period_is_held_against_the_values_with_their_season():
    season = 3 * np.sin(np.arange(72) * np.pi / 6)
    months = 10 + season + 0.1 * noise(72)
    check = kpi_check(months, better="higher", baseline=24, target=9 + season, rhythm=MONTH)
    assert check.to_target is not None
    assert not check.to_target.missed.any()
    assert not check.combined.short.any()


@pytest.mark.parametrize(
    "values", [np.full(60, 3.0), np.full(60, np.nan), np.array([1.0]), np.array([1.0, np.nan, 2.0])]
)
def test_where_nothing_is_known_of_the_noise_there_is_no_alarm_and_no_warning(values):
    check = kpi_check(values, better="lower", baseline=len(values) // 2, target=2, rhythm=MONTH)
    assert not check.combined.alarm.any()
    guard = structural_or_not(
        check.judged, check.combined.alarm, float(check.combined.chance), better="lower"
    )
    assert guard.verdict == "insufficient"
    assert guard.chance is None


@given(
    seed=st.integers(0, 200),
    scale=st.floats(0.01, 1000),
    shift=st.floats(-1000, 1000),
    flip=st.booleans(),
    drop=st.sampled_from([0.0, 1.0, 4.0]),
)
def test_scaling_shifting_and_reversing_change_no_verdict(seed, scale, shift, flip, drop):
    values = noise(60, seed) - drop * (np.arange(60) >= 48)
    sign = -1.0 if flip else 1.0

    def verdicts(x: Any, target: float, better: Any) -> tuple[Any, ...]:
        check = kpi_check(x, better=better, baseline=24, target=target, rhythm=MONTH)
        guard = structural_or_not(
            check.judged, check.combined.alarm, float(check.combined.chance), better=better
        )
        return check.combined.verdict.tolist(), guard.verdict, guard.reason, guard.since

    plain = verdicts(values, -1.0, "higher")
    moved = verdicts(
        sign * (scale * values + shift),
        sign * (scale * -1.0 + shift),
        "lower" if flip else "higher",
    )
    assert moved == plain


def test_says_that_a_target_does_not_fit():
    with pytest.raises((DataError, ValueError), match="shape"):
        kpi_check([1, 2, 3], better="higher", baseline=2, target=[1, 2])
