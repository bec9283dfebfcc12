"""Laney's u′ chart."""

import numpy as np
import pytest

from opsbook.methods.trigger.laney_u_chart import laney_u_chart
from opsbook.methods.trigger.u_chart import u_chart


def test_is_the_u_chart_when_sigma_of_z_is_one():
    rng = np.random.default_rng(5)
    exposure = rng.uniform(50, 150, 2000)
    chart = laney_u_chart(rng.poisson(0.3 * exposure), exposure)
    assert chart.overdispersion == pytest.approx(1.0, abs=0.06)


def test_takes_unrest_between_periods_into_the_limits():
    rng = np.random.default_rng(6)
    rate = rng.gamma(20, 0.5 / 20, 40)
    events = rng.poisson(2000 * rate)
    assert len(u_chart(events, [2000] * 40).outside) > 15
    assert laney_u_chart(events, [2000] * 40).outside == ()


def test_no_events_at_all_set_no_limits():
    chart = laney_u_chart([0, 0, 0], [5, 5, 5])
    assert set(chart.upper) == {None}
    assert chart.overdispersion is None
