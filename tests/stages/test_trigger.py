"""Stage 1 on made-up tables: its verdicts, its bad inputs, its other triggers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from tests.stages.trigger_case import LOG, MONDAY, PROCESS, check, noisy, weeks

from opsbook.errors import DataError
from opsbook.results.trigger import ControlChart, NoChart
from opsbook.text import Language


def test_a_lasting_rise_of_losses_starts_an_optimisation(tmp_path):
    shares = noisy(60)
    shares[50:] += 0.08
    result = check(tmp_path, weeks(shares), metric={"target": 0.22})
    assert result.verdict == "start"
    assert result.guard is not None
    assert result.guard.verdict == "structural"
    assert result.guard.since is not None
    assert str(result.guard.since.start) == str(MONDAY + dt.timedelta(weeks=50))


def test_a_red_run_that_noise_explains_is_watched_only(tmp_path):
    result = check(tmp_path, weeks(noisy(60)), metric={"target": 0.17})
    assert result.misses is not None
    assert result.misses.runs[0].level == "red"
    # Off its target from the start beyond noise: that is structural, and no noise.
    assert result.verdict == "start"
    calm = check(tmp_path, weeks(noisy(60)), metric={"target": 0.2})
    assert calm.verdict in {"watch", "no_reason"}


@pytest.mark.parametrize(
    "shares",
    [[0.2] * 60, [0.2], [0.2, None, 0.21], [0.2] * 30 + [None] * 5 + [0.2]],
)
def test_too_little_or_constant_data_end_as_not_enough_evidence(tmp_path, shares):
    result = check(tmp_path, weeks(shares), metric={"target": 0.22})
    assert result.verdict == "insufficient"
    assert result.guard is not None
    assert result.guard.settles is not None


@pytest.mark.parametrize("row", ["0,0,web", "5,0,web"])
def test_denominators_that_are_all_zero_are_no_data_and_say_what_is_needed(tmp_path, row):
    rows = ["week,lost,customers,channel"]
    rows += [f"{MONDAY + dt.timedelta(weeks=i)},{row}" for i in range(60)]
    result = check(tmp_path, rows, metric={"target": 0.22})
    assert result.verdict == "insufficient"
    assert result.history is not None
    assert {point.value for point in result.history.series.points} == {None}
    assert isinstance(result.chart, NoChart)
    assert result.rules is not None
    assert {row.false_per_year for row in result.rules.rows} == {None}
    told = [Language("en").say(c.settles) for c in result.cautions if c.settles]
    assert "Wait for the newest period, or mend the data." in told


def test_a_table_without_any_figure_is_refused_with_what_is_missing(tmp_path):
    rows = ["week,lost,customers,channel"]
    rows += [f"{MONDAY + dt.timedelta(weeks=i)},,100,web" for i in range(60)]
    with pytest.raises(DataError, match="no row to use: 60 rows in, 60 without a figure in lost"):
        check(tmp_path, rows)


@pytest.mark.parametrize("kind", ["mean", "sum"])
@pytest.mark.parametrize("value", [0, 7, -3.5, 1e13])
def test_a_constant_figure_of_any_size_is_not_enough_evidence(tmp_path, kind, value):
    rows = ["week,amount,channel"]
    rows += [f"{MONDAY + dt.timedelta(weeks=i)},{value},web" for i in range(50)]
    metric = {"kind": kind, "value": "amount", "numerator": None, "denominator": None}
    result = check(tmp_path, rows, metric={**metric, "target": 5})
    assert result.verdict == "insufficient"
    assert result.guard is not None
    assert result.guard.settles is not None
    assert Language("en").say(result.guard.settles).startswith("Collect at least 12 periods")


@pytest.mark.parametrize("about", ["", "late"])
def test_ten_mentions_of_nothing_or_of_one_thing_only_are_no_concentration(tmp_path, about):
    said = ["when,about", *[f"{MONDAY + dt.timedelta(weeks=38)},{about}"] * 10]
    (tmp_path / "said.csv").write_text("\n".join(said), encoding="utf-8")
    feedback = {"path": "said.csv", "date": "when", "topic": "about"}
    sections = {"metric": {"target": 0.3}, "data": {"feedback": feedback}}
    if not about:
        with pytest.raises(DataError, match=r"said\.csv has no row to use: 10 rows in"):
            check(tmp_path, weeks(noisy(40)), **sections)
        return
    result = check(tmp_path, weeks(noisy(40)), **sections)
    assert result.feedback is not None
    assert result.feedback.level == "unknown"
    assert "one topic only" in Language("en").say(result.feedback.statement)
    assert result.verdict != "start"


def test_a_zero_denominator_is_no_data(tmp_path):
    rows = [*weeks(noisy(40)), f"{MONDAY + dt.timedelta(weeks=40)},0,0,web"]
    result = check(tmp_path, rows, metric={"target": 0.22})
    assert result.history is not None
    assert result.history.series.points[-1].value is None
    assert result.verdict == "insufficient"


def test_a_run_of_misses_before_a_period_without_data_is_told_and_not_judged(tmp_path):
    shares = noisy(60)
    shares[50:] += 0.08
    rows = [*weeks(shares), f"{MONDAY + dt.timedelta(weeks=60)},0,0,web"]
    result = check(tmp_path, rows, metric={"target": 0.22})
    assert result.verdict == "insufficient"
    assert result.guard is not None
    assert not result.guard.alarm
    assert result.misses is not None
    run = result.misses.runs[0]
    assert (run.run, run.level) == (10, "unknown")
    assert run.since is not None
    assert run.until is not None
    assert (run.since.start, run.until.start) == (
        MONDAY + dt.timedelta(weeks=50),
        MONDAY + dt.timedelta(weeks=59),
    )
    told = Language("en").say(result.headline)
    assert "has no value in" in told
    assert "it was off its target 10 periods running" in told


def test_a_store_s_own_partial_last_week_is_left_out_and_told(tmp_path):
    rows = ["week,lost,customers,channel"]
    for i, share in enumerate(noisy(60)):
        for place in range(7):
            day = MONDAY + dt.timedelta(weeks=i, days=place)
            rows.append(f"{day},{round(share * 1000)},1000,web")
            if (i, place) < (59, 3):
                rows.append(f"{day},{round(share * 1000)},1000,shop")
    focus = {"kpi": {"path": "kpi.csv", "period": {"column": "week", "grain": "week"},
             "dimensions": ["channel"], "focus": {"channel": "shop"}}}  # fmt: skip
    result = check(tmp_path, rows, metric={"target": 0.22}, data=focus)
    assert result.history is not None
    assert result.history.as_of.start == MONDAY + dt.timedelta(weeks=58)
    assert result.verdict != "insufficient"
    assert result.guard is not None
    assert result.guard.changes[-1].kind == "partial_period"
    assert result.guard.changes[-1].at.start == MONDAY + dt.timedelta(weeks=59)


def test_a_holiday_as_the_newest_period_is_named_as_what_it_is(tmp_path):
    day = MONDAY + dt.timedelta(weeks=59)
    feast = {"title": "Feast", "from": str(day), "to": str(day), "kind": "holiday"}
    feast["to"] = str(day + dt.timedelta(days=6))
    result = check(tmp_path, weeks(noisy(60)), metric={"target": 0.22}, data={"events": [feast]})
    assert result.verdict == "insufficient"
    assert "a holiday or faulty" in Language("en").say(result.headline)


def test_why_no_chart_can_be_drawn_is_told(tmp_path):
    one = {"from": str(MONDAY), "to": str(MONDAY)}
    result = check(tmp_path, weeks(noisy(40)), trigger={"baseline": one})
    assert isinstance(result.chart, NoChart)
    assert "A baseline of 1 periods sets no limits" in Language("en").say(result.chart.reason)
    result = check(tmp_path, weeks(noisy(3)))
    assert isinstance(result.chart, NoChart)
    told = Language("en").say(result.chart.reason)
    assert "needs 4 periods with data" in told
    assert told.endswith("there are 3.")


@pytest.mark.parametrize("name", ["ewma_chart", "cusum_chart"])
def test_a_chart_with_memory_is_drawn_when_chosen_and_says_why(tmp_path, name):
    shares = 0.2 + 0.01 * np.tile([1, -1, 0.5, -0.5, 0], 12)
    shares[40:] += 0.012  # about one sigma: too small for single points to show
    half = {"from": str(MONDAY), "to": str(MONDAY + dt.timedelta(weeks=29))}
    params = {"limits": {"chart": name}, "baseline": half}
    chart = check(tmp_path, weeks(shares), trigger=params).chart
    assert isinstance(chart, ControlChart)
    assert chart.chart == name
    assert "because the params name it" in Language("en").say(chart.reason)
    assert len(chart.plotted) == len(chart.lower) == len(chart.periods) == 60
    assert chart.outside[0].start > MONDAY + dt.timedelta(weeks=39)
    if name == "cusum_chart":
        assert chart.onset is not None
        assert abs((chart.onset.start - MONDAY).days - 280) <= 28


def test_limits_that_start_afresh_have_a_centre_of_their_own(tmp_path):
    shares = noisy(60)
    shares[30:] += 0.1
    afresh = {"limits": {"start_afresh": [str(MONDAY + dt.timedelta(weeks=30))]}}
    for name in ("auto", "ewma_chart"):
        afresh["limits"]["chart"] = name  # type: ignore[assignment] # a mapping of both
        chart = check(tmp_path, weeks(shares), trigger=afresh).chart
        assert isinstance(chart, ControlChart)
        assert chart.centre_line[0] == pytest.approx(0.2, abs=0.005)
        assert chart.centre_line[-1] == pytest.approx(0.3, abs=0.005)
        assert not chart.outside


def test_a_chart_that_the_metric_cannot_have_is_refused(tmp_path):
    with pytest.raises(ValueError, match="a u_chart is drawn of a rate, and the metric is a share"):
        check(tmp_path, weeks(noisy(40)), trigger={"limits": {"chart": "u_chart"}})


@pytest.mark.parametrize(
    ("baseline", "problem"),
    [
        ({"from": "2021-01", "to": "2021-12"}, "holds no period"),
        ({"from": "2023-01", "to": "2024-12"}, "leaves no period to judge"),
    ],
)
def test_a_baseline_outside_the_data_is_refused_with_what_there_is(tmp_path, baseline, problem):
    there = f"run from {MONDAY} to {MONDAY + dt.timedelta(weeks=39)}"
    with pytest.raises(DataError, match=problem) as refused:
        check(tmp_path, weeks(noisy(40)), trigger={"baseline": baseline})
    assert there in str(refused.value)


def test_targets_by_period_and_segment_hold_where_they_say(tmp_path):
    targets = [
        {"value": "25%", "from": "2023-06"},
        {"value": "10%", "where": {"channel": "shop"}},
    ]
    result = check(tmp_path, weeks(noisy(40)), metric={"target": 0.3}, trigger={"targets": targets})
    assert result.history is not None
    assert result.history.target[0] == 0.3
    assert result.history.target[-1] == 0.25
    assert result.history.series.target == 0.25


@pytest.mark.parametrize(
    ("sections", "problem"),
    [
        ({"trigger": {"targets": [{"value": 25}]}}, "a share lies between 0 and 1"),
        ({"metric": {"target": 25}}, "a share lies between 0 and 1"),
        ({"metric": {"target": -1, "kind": "rate"}}, "a rate lies at 0 or above"),
        (
            {"metric": {"kind": "rate"}, "trigger": {"targets": [{"value": -2}]}},
            "a rate lies at 0 or above",
        ),
    ],
)
def test_a_target_outside_the_metrics_range_is_refused(tmp_path, sections, problem):
    with pytest.raises(ValueError, match=problem):
        check(tmp_path, weeks(noisy(40)), **sections)


def test_a_goal_with_a_blank_is_refused(tmp_path):
    with pytest.raises(ValueError, match="blank"):
        check(tmp_path, weeks(noisy(40)), project={"goal": {"text": "提升到 X %"}})


def test_a_change_of_definition_is_trouble_in_the_data(tmp_path):
    shares = noisy(60)
    shares[50:] += 0.08
    day = MONDAY + dt.timedelta(weeks=50)
    events = [{"title": "New counting", "from": str(day), "kind": "definition_change"}]
    result = check(tmp_path, weeks(shares), metric={"target": 0.22}, data={"events": events})
    assert result.guard is not None
    assert (result.guard.verdict, result.verdict) == ("data_problem", "watch")


def test_each_rule_stands_beside_its_false_starts(tmp_path):
    result = check(
        tmp_path,
        weeks(noisy(60)),
        metric={"target": 0.2},
        trigger={
            "rules": ["misses", "drop", "limits", "western_electric", "nelson", "ewma", "cusum"]
        },
    )
    assert result.rules is not None
    assert len(result.rules.rows) == 9
    ours = result.rules.rows[0]
    assert ours.decides
    assert ours.false_per_year is not None
    assert ours.false_per_year < 0.6
    wild = next(row for row in result.rules.rows if "against the target" in row.rule.term)
    assert wild.false_per_year is not None
    assert wild.false_per_year > 1


def test_a_rule_that_can_warn_stands_beside_its_false_starts_even_if_nobody_asked(tmp_path):
    often = {"n_of_m": {"misses": 8, "of": 12}}
    result = check(tmp_path, weeks(noisy(60)), metric={"target": 0.2}, trigger=often)
    assert result.rules is not None
    row = next(row for row in result.rules.rows if "So many of the last" in row.rule.term)
    assert row.false_per_year is not None
    assert row.false_per_year > 0.5


def test_a_slow_process_is_a_trigger_of_its_own(tmp_path):
    (tmp_path / "log.csv").write_text("\n".join(LOG), encoding="utf-8")
    rows = weeks(noisy(40))
    result = check(tmp_path, rows, metric={"target": 0.3}, data={"process": PROCESS})
    assert result.process is not None
    assert (result.process.lead_p50, result.process.touch_p50) == (4.5, 1.0)
    assert result.process.bottleneck == "pack"
    assert result.process.over_sla is not None
    assert result.process.over_sla.value == 1
    assert (result.process.level, result.verdict) == ("red", "start")
    easy = {"process": {"sla_hours": 8}}
    result = check(tmp_path, rows, metric={"target": 0.3}, data={"process": PROCESS}, trigger=easy)
    assert result.process is not None
    assert result.process.level == "none"


def test_feedback_that_gathers_on_one_topic_is_a_trigger(tmp_path):
    said = ["when,about,score"]
    for i in range(40):
        day = MONDAY + dt.timedelta(weeks=i)
        said += [f"{day},late,9", f"{day},broken,3"] * 2
        said += [f"{day},late,1"] * (10 if i >= 36 else 0)
    (tmp_path / "said.csv").write_text("\n".join(said), encoding="utf-8")
    feedback = {"path": "said.csv", "date": "when", "topic": "about", "score": "score"}
    result = check(tmp_path, weeks(noisy(40)), metric={"target": 0.3}, data={"feedback": feedback})
    assert result.feedback is not None
    assert (result.feedback.topic, result.feedback.level) == ("late", "red")
    assert result.feedback.volume == "customers"
    assert result.feedback.topics[0].rate == pytest.approx(120 / 40)
    assert result.feedback.nps is not None
    assert result.feedback.nps.n == 200


def test_a_launch_has_provisional_limits_and_is_held_against_its_ramp(tmp_path):
    launch = {
        "kind": "launch",
        "title": "New shop",
        "reason": "Growth",
        "date": str(MONDAY + dt.timedelta(weeks=34)),
        "decider": "Board",
        "ramp": ["30%", "25%", "10%"],
    }
    result = check(
        tmp_path, weeks(noisy(40)), metric={"target": 0.3}, trigger={"declared": [launch]}
    )
    card = result.declared[0]
    assert (card.since, card.trial, card.baseline_n) == (6, True, 12)
    assert card.lower is not None
    assert Language("en").say(card.statement).endswith("On plan or better: 2 of 3.")


def test_the_goal_is_checked_letter_by_letter_and_raci_has_one_who_answers(tmp_path):
    people = {"team": {"lead": "Ann"}, "goal": {"text": "Lose less.", "value": "10%"}}
    result = check(tmp_path, weeks(noisy(40)), project=people)
    assert {row.letter: row.met for row in result.smart} == {
        "S": True,
        "M": True,
        "A": None,
        "R": True,
        "T": False,
    }
    for row in result.raci:
        duties = (row.lead, row.data, row.execution, row.support)
        assert sum("A" in duty for duty in duties) == 1
        assert any("R" in duty for duty in duties)
