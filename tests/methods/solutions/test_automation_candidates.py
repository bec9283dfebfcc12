from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.automation_candidates import RepeatedTask, automation_candidates


# By hand: 20 a day, 6 minutes, 10 % done twice, 250 days: 550 hours; half of them at 40 an hour
# are 11,000, less 1,000 to run it: 10,000 a year against 5,000 to build.
def test_counts_hours_money_and_payback():
    task = RepeatedTask(
        name="refund",
        times_per_day=20,
        minutes=6,
        error_rate=0.1,
        saved_share=0.5,
        build_cost=5_000,
        running_cost=1_000,
    )
    (found,) = automation_candidates([task], hourly_cost=40)
    assert found.hours_saved == pytest.approx(275)
    assert found.saving == pytest.approx(10_000)
    assert found.payback_months == pytest.approx(6)


def test_rare_tasks_come_last_and_ten_a_day_are_enough():
    often = RepeatedTask(name="often", times_per_day=10, minutes=1, build_cost=9_000)
    rare = RepeatedTask(name="rare", times_per_day=9, minutes=60, build_cost=1)
    soon = RepeatedTask(name="soon", times_per_day=50, minutes=5, build_cost=100)
    found = automation_candidates([often, rare, soon], hourly_cost=30)
    assert [(c.name, c.frequent) for c in found] == [
        ("soon", True),
        ("often", True),
        ("rare", False),
    ]


def test_what_costs_more_to_run_than_it_saves_never_pays_back():
    task = RepeatedTask(name="x", times_per_day=10, minutes=1, build_cost=1, running_cost=1_000_000)
    assert automation_candidates([task], hourly_cost=30)[0].payback_months is None


def test_names_what_is_wrong():
    with pytest.raises(DataError, match="minutes of task 'x' is -1"):
        automation_candidates(
            [RepeatedTask(name="x", times_per_day=1, minutes=-1, build_cost=0)], hourly_cost=1
        )
    with pytest.raises(DataError, match="error_rate of task 'x' is 20"):
        automation_candidates(
            [RepeatedTask(name="x", times_per_day=1, minutes=1, build_cost=0, error_rate=20)],
            hourly_cost=1,
        )
    with pytest.raises(DataError, match="hourly cost is nan"):
        automation_candidates(
            [RepeatedTask(name="x", times_per_day=1, minutes=1, build_cost=0)],
            hourly_cost=float("nan"),
        )
