"""Limits, seasons and comparisons of the trigger check, as the params ask for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from tests.stages.trigger_case import MONDAY, check, noisy, quick_check, weeks

from opsbook.results.trigger import ControlChart, TriggerResult
from opsbook.show import chart_reason
from opsbook.text import Language


def chart_of(result: TriggerResult) -> ControlChart:
    assert isinstance(result.chart, ControlChart)
    return result.chart


def day(position: int) -> str:
    return str(MONDAY + dt.timedelta(weeks=position))


def test_locked_limits_are_set_by_the_first_periods_alone(tmp_path):
    shares = noisy(60)
    shares[30:] += 0.05
    locked = chart_of(quick_check(tmp_path, weeks(shares), trigger={"limits": {"locked": 20}}))
    assert locked.centre == pytest.approx(shares[:20].mean(), abs=5e-4)
    assert len([p for p in locked.outside if str(p.start) >= day(30)]) >= 25
    free = chart_of(quick_check(tmp_path, weeks(shares)))
    assert free.centre == pytest.approx(shares.mean(), abs=5e-4)


def test_stages_begin_where_the_params_say_and_each_may_be_locked(tmp_path):
    shares = noisy(60)
    shares[20:] += 0.03
    shares[40:] += 0.03
    limits = {"start_afresh": [day(20), day(40)], "locked": 12}
    chart = chart_of(quick_check(tmp_path, weeks(shares), trigger={"limits": limits}))
    assert [str(stage.start) for stage in chart.stages] == [day(20), day(40)]
    assert [chart.centre_line[i] for i in (0, 30, 59)] == pytest.approx(
        [shares[a : a + 12].mean() for a in (0, 20, 40)], abs=5e-4
    )


def test_screening_leaves_a_wild_point_out_of_what_sets_the_limits(tmp_path):
    shares = noisy(60)
    shares[30] += 0.2
    plain = chart_of(quick_check(tmp_path, weeks(shares)))
    screened = quick_check(tmp_path, weeks(shares), trigger={"limits": {"screen": True}})
    chart = chart_of(screened)
    left_out = {str(period.start) for period in chart.screened}
    assert day(30) in left_out
    assert left_out <= {str(period.start) for period in chart.outside}  # still told
    wide, narrow = ((c.upper[-1] or 0) - (c.lower[-1] or 0) for c in (plain, chart))
    assert narrow < wide
    assert f"what sets the limits: {len(left_out)}." in chart_reason(chart).html


@pytest.mark.parametrize(("periods", "trial"), [(11, True), (12, False)])
def test_limits_of_fewer_than_twelve_periods_are_trial_limits_and_say_so(tmp_path, periods, trial):
    result = quick_check(tmp_path, weeks(noisy(periods)))
    chart = chart_of(result)
    assert chart.trial is trial
    assert ("Trial limits" in chart_reason(chart).html) is trial
    assert any(caution.id == "trial_limits" for caution in result.cautions) is trial


@pytest.mark.parametrize(
    ("target", "assured"), [(0.3, "will_hit"), (0.1, "will_miss"), (0.2, "may_do_either")]
)
def test_a_stable_process_promises_or_does_not_promise_its_target(tmp_path, target, assured):
    shares = 0.2 + 0.01 * np.tile([1, -1, 0.5, -0.5, 0], 12)
    result = quick_check(tmp_path, weeks(shares), metric={"target": target})
    assert chart_of(result).assurance == assured
    assert any(finding.id == "assurance" for finding in result.findings)


def test_the_newest_period_stands_beside_its_target_the_last_one_and_last_year(tmp_path):
    shares = noisy(60)
    shares[-1], shares[-2], shares[-1 - 52] = 0.24, 0.2, 0.16
    result = quick_check(tmp_path, weeks(shares), metric={"target": 0.22}, trigger={"drop": "15%"})
    assert result.history is not None
    found = {one.against: one for one in result.history.comparisons}
    assert found["previous"].relative == pytest.approx(0.2)
    assert found["last_year"].relative == pytest.approx(0.5)
    assert found["target"].difference == pytest.approx(0.02)
    assert {against for against, one in found.items() if one.dropped} == {"previous", "last_year"}


def of_days(folder: Any, values: Any, *, grain: str = "day", **sections: Any) -> TriggerResult:
    first = MONDAY if grain == "day" else dt.date(2014, 1, 1)
    rows = ["week,lost,customers,channel"]
    for i, value in enumerate(values):
        date = (
            first + dt.timedelta(days=i)
            if grain == "day"
            else dt.date(2014 + i // 12, i % 12 + 1, 1)
        )
        if value is not None:
            rows.append(f"{date},{round(value * 10_000)},10000,web")
    period = {"column": "week", "grain": grain}
    kpi = {"kpi": {"path": "kpi.csv", "period": period, "dimensions": ["channel"]}}
    return quick_check(folder, rows, data={**kpi, **sections.pop("data", {})}, **sections)


def test_a_weekday_s_pattern_is_taken_off_and_named(tmp_path):
    values = (
        0.2 + 0.05 * (np.arange(140) % 7 >= 5) + 0.004 * np.random.default_rng(2).normal(size=140)
    )
    result = of_days(tmp_path, values, metric={"target": 0.3})
    chart = chart_of(result)
    assert chart.season is not None
    assert "(by weekday, changing slowly: STL)" in Language("en").say(chart.season)
    assert not chart.outside
    assert result.verdict == "no_reason"
    gappy = [None if 60 <= i < 75 else value for i, value in enumerate(values)]
    chart = chart_of(of_days(tmp_path, gappy, metric={"target": 0.3}))
    assert chart.season is not None  # no decomposition across a gap: plain means
    assert "(means by weekday)" in Language("en").say(chart.season)
    assert len(chart.outside) <= 1


def test_a_month_s_pattern_is_taken_off_and_named(tmp_path):
    season = 0.04 * np.sin(2 * np.pi * np.arange(84) / 12)
    values = 0.2 + season + 0.004 * np.random.default_rng(2).normal(size=84)
    chart = chart_of(of_days(tmp_path, values, grain="month"))
    assert chart.season is not None
    assert "(by month, changing slowly: STL)" in Language("en").say(chart.season)
    assert not chart.outside
    few = chart_of(of_days(tmp_path, values[:48], grain="month"))
    assert few.season is not None
    assert "(means by month)" in Language("en").say(few.season)
    short = chart_of(of_days(tmp_path, values[:30], grain="month"))
    assert short.season is None  # under three cycles a season cannot be told from chance


def test_a_promotion_in_the_params_teaches_nothing(tmp_path):
    shares = noisy(60)
    shares[5:12] += 0.1
    promo = {"title": "Promotion", "from": day(5), "to": day(12), "kind": "event"}
    told = quick_check(tmp_path, weeks(shares), metric={"target": 0.3}, data={"events": [promo]})
    kept = quick_check(tmp_path, weeks(shares), metric={"target": 0.3})
    assert told.rules is not None
    assert kept.rules is not None
    assert (told.rules.correlation or 0) < (kept.rules.correlation or 0)


@pytest.mark.parametrize("rule", ["western_electric", "nelson"])
def test_the_rules_of_the_chart_are_chosen_in_the_params(tmp_path, rule):
    result = check(tmp_path, weeks(noisy(60)), trigger={"rules": [rule]})
    assert result.rules is not None
    assert len(result.rules.rows) == 2  # and the verdict's own
    assert result.rules.rows[1].false_per_year is not None
