"""Each kind of change, simulated, is called by its name through the whole stage."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from tests.stages.trigger_case import MONDAY, quick_check, weeks

from opsbook.results.trigger import TriggerResult
from opsbook.show import changes
from opsbook.text import Language

N, AT = 78, 60
TIME = np.arange(N)


def day(position: int) -> str:
    return str(MONDAY + dt.timedelta(weeks=position))


def event(kind: str, first: int, last: int | None = None) -> dict[str, Any]:
    told = {"title": "It", "from": day(first), "kind": kind}
    return {"events": [told if last is None else {**told, "to": day(last)}]}


def found(folder: Any, added: Any, data: Any = None, *, noise: Any = 1.0) -> TriggerResult:
    """The stage on noise of one point of percentage, a correlation of 0.3, and what is added."""
    rng = np.random.default_rng(11)
    wiggle = rng.normal(size=N)
    for i in range(1, N):
        wiggle[i] = 0.3 * wiggle[i - 1] + np.sqrt(1 - 0.3**2) * wiggle[i]
    shares = 0.2 + 0.01 * wiggle * noise + added
    return quick_check(folder, weeks(shares, size=10_000), metric={"target": 0.23}, data=data or {})


SHIFT = 0.06 * (TIME >= AT)
CASES = {
    "level_shift": (SHIFT, None),
    "trend_break": (0.003 * np.maximum(0, TIME - 45), None),
    "spike": (0.09 * (TIME == AT), None),
    "definition_change": (SHIFT, event("definition_change", AT)),
    "data_problem": (SHIFT, event("data_problem", AT, N + 1)),
    "known_event": (SHIFT, event("event", AT, N + 4)),
}
VERDICTS = {
    "level_shift": ("structural", "start"),
    "trend_break": ("structural", "start"),
    "spike": ("fluctuation", "watch"),
    "definition_change": ("data_problem", "watch"),
    "data_problem": ("insufficient", "insufficient"),  # broken periods are not judged
    "known_event": ("fluctuation", "watch"),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_change_is_called_what_it_is(tmp_path, kind):
    result = found(tmp_path, *CASES[kind])
    guard = result.guard
    assert guard is not None
    assert (guard.verdict, result.verdict) == VERDICTS[kind]
    if kind == "data_problem":
        return
    (change,) = (one for one in guard.changes if abs((one.at.start - MONDAY).days // 7 - AT) <= 18)
    assert change.kind == kind
    assert change.worse
    where = (change.at.start - MONDAY).days // 7
    assert where == pytest.approx(45 if kind == "trend_break" else AT, abs=3)
    assert (change.event == "It") == (CASES[kind][1] is not None)


def test_noise_alone_changes_nothing_and_its_chance_allows_for_its_memory(tmp_path):
    guard = found(tmp_path, 0.0).guard
    assert guard is not None
    assert guard.verdict == "fluctuation"
    assert guard.changes == ()
    assert guard.chance is not None
    assert guard.autocorrelation is not None


def test_a_figure_that_becomes_restless_is_told_beside_its_spread(tmp_path):
    result = found(tmp_path, 0.0, noise=np.where(TIME >= 42, 5.0, 1.0))
    assert result.guard is not None
    change = next(one for one in result.guard.changes if one.kind == "spread_change")
    assert abs((change.at.start - MONDAY).days // 7 - 42) <= 4
    assert change.spread is not None
    before, after = change.spread
    assert before.value == pytest.approx(0.01, rel=0.4)
    assert after.value == pytest.approx(0.05, rel=0.4)
    assert change.p_value is not None
    assert change.p_value <= 0.01
    assert result.verdict != "start"  # no worse on the whole
    assert "±" in changes(result.guard).html


def test_a_period_that_has_only_begun_is_named_and_left_out(tmp_path):
    rows = ["week,lost,customers,channel"]
    rng = np.random.default_rng(1)
    for week in range(40):
        for place in range(7 if week < 39 else 2):
            date = MONDAY + dt.timedelta(weeks=week, days=place)
            rows.append(f"{date},{round(200 + 10 * rng.normal())},1000,web")
    guard = quick_check(tmp_path, rows, metric={"target": 0.23}).guard
    assert guard is not None
    assert guard.changes[-1].kind == "partial_period"
    assert guard.changes[-1].at.start == MONDAY + dt.timedelta(weeks=39)


def test_a_jump_after_a_constant_baseline_is_no_false_claim_about_the_rules(tmp_path):
    result = quick_check(tmp_path, weeks([0.2] * 50 + [0.4] * 10), metric={"target": 0.22})
    assert result.verdict == "watch"
    told = Language("en").say(result.headline)
    assert "no rule" not in told
    assert "changed for the worse at 2023-W51" in told


@pytest.mark.parametrize("change", ["shift", "spike", "noise"])
def test_another_unit_scale_or_direction_changes_no_verdict(tmp_path, change):
    rng = np.random.default_rng(4)
    values = rng.normal(100, 2, N) + {"shift": 14 * (TIME >= AT), "spike": 20 * (TIME == AT)}.get(
        change, 0
    )
    answers = set()
    for scale, moved in ((1, 0), (1000, 0), (1, 5000), (-0.1, 30)):
        rows = [
            f"{MONDAY + dt.timedelta(weeks=i)},{scale * value + moved},web"
            for i, value in enumerate(values)
        ]
        metric = {
            "kind": "mean",
            "value": "amount",
            "numerator": None,
            "denominator": None,
            "better": "lower" if scale > 0 else "higher",
            "target": scale * 106 + moved,
        }
        result = quick_check(tmp_path, ["week,amount,channel", *rows], metric=metric)
        assert result.guard is not None
        assert result.misses is not None
        kinds = tuple((one.at.start, one.kind, one.worse) for one in result.guard.changes)
        levels = tuple(run.level for run in result.misses.runs)
        answers.add((result.verdict, result.guard.verdict, kinds, levels))
    assert len(answers) == 1
