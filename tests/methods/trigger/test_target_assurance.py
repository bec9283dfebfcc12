"""Whether the process will meet its target."""

import pytest

from opsbook.methods.trigger.series import Better
from opsbook.methods.trigger.target_assurance import target_assurance
from opsbook.methods.trigger.xmr_chart import xmr_chart

FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]  # limits 45.8159, 55.8041


@pytest.mark.parametrize(
    ("target", "better", "answer"),
    [
        (45.8, "higher", "will_hit"),
        (45.9, "higher", "may_do_either"),
        (55.7, "higher", "may_do_either"),
        (55.9, "higher", "will_miss"),
        (55.9, "lower", "will_hit"),
        (50.0, "lower", "may_do_either"),
        (45.8, "lower", "will_miss"),
    ],
)
def test_compares_the_target_with_the_limits(target, better, answer):
    assert target_assurance(xmr_chart(FLOW), target, better=better) == answer


@pytest.mark.parametrize("sign", [1, -1])
def test_scaling_and_reversing_change_no_answer(sign):
    better: Better = "higher" if sign > 0 else "lower"
    chart = xmr_chart([sign * 10 * x + 3 for x in FLOW])
    assert target_assurance(chart, sign * 559.0 + 3, better=better) == "will_miss"


def test_without_limits_or_target_nobody_can_tell():
    assert target_assurance(xmr_chart([5.0] * 20), 4, better="higher") == "cannot_tell"
    assert target_assurance(xmr_chart(FLOW), float("nan"), better="higher") == "cannot_tell"


def test_takes_the_limits_of_the_last_period_with_data():
    assert target_assurance(xmr_chart([*FLOW, float("nan")]), 40, better="higher") == "will_hit"
