"""Laney's p′ chart."""

import numpy as np
import pytest

from opsbook.methods.trigger.control_limits import Baseline
from opsbook.methods.trigger.laney_p_chart import laney_p_chart
from opsbook.methods.trigger.p_chart import p_chart

# Emergency patients of English hospitals, 20 weeks, seen within four hours; printed in Mohammed
# et al. (2013), "Statistical process control charts for attribute data involving very large
# sample sizes", BMJ Quality & Safety 22, 362-368. doi:10.1136/bmjqs-2012-001373
WITHIN_FOUR_HOURS = [266501, 264225, 276532, 281461, 269071, 261215, 270409, 279778, 270483]
WITHIN_FOUR_HOURS += [270320, 267923, 271478, 255353, 256820, 261835, 259144, 255910, 260863]
WITHIN_FOUR_HOURS += [264465, 260989]
SEEN = [280443, 276823, 291681, 296155, 282343, 275888, 283867, 295251, 284468, 282529]
SEEN += [279618, 283932, 266629, 268091, 276803, 271578, 266005, 273520, 278574, 273772]


def test_agrees_with_mohammed_on_the_emergency_patients():
    chart = laney_p_chart(WITHIN_FOUR_HOURS, SEEN)
    assert chart.centre[0] == pytest.approx(0.95290, abs=5e-6)
    assert chart.overdispersion == pytest.approx(10.640, abs=5e-4)
    assert chart.outside == ()


def test_equals_the_p_chart_up_to_the_sigma_of_z():
    events, trials = [3, 9, 4, 12, 6], [40, 60, 50, 70, 45]
    plain, laney = p_chart(events, trials), laney_p_chart(events, trials)
    ratio = np.array(laney.sigma, dtype=float) / np.array(plain.sigma, dtype=float)
    assert ratio == pytest.approx(np.full(5, laney.overdispersion))


def test_each_stage_has_its_own_unrest():
    calm, wild = [50, 52, 49, 51] * 3, [20, 80, 25, 75] * 3
    chart = laney_p_chart(calm + wild, [100] * 24, baseline=Baseline(starts=[12]))
    sigma = np.array(chart.sigma, dtype=float)
    assert sigma[12] > 5 * sigma[0]
    assert chart.overdispersion == pytest.approx(sigma[12] / 0.05)
    assert chart.outside == ()


@pytest.mark.parametrize(
    "events", [[0, 0, 0, 0], [4, 4, 4, 4], [np.nan] * 4, [1, np.nan, 2, np.nan]]
)
def test_where_neighbours_tell_nothing_there_are_no_limits(events):
    chart = laney_p_chart(events, [9, 9, 9, 9])
    assert set(chart.upper) == {None}
    assert chart.overdispersion is None
