"""The u chart of a rate."""

import numpy as np
import pytest

from opsbook.errors import DataError
from opsbook.methods.trigger.u_chart import u_chart


# Montgomery (2013), 7.3.2: the centre is all events over all units, the limits ū ± 3 √(ū/n).
def test_limits_follow_the_exposure_of_each_period():
    events, units = [14, 12, 20, 11], [10.0, 8.0, 13.0, 10.0]
    chart = u_chart(events, units)
    rate = 57 / 41
    assert chart.centre == pytest.approx([rate] * 4)
    assert chart.upper == pytest.approx(rate + 3 * np.sqrt(rate / np.array(units)))
    assert chart.lower[0] == pytest.approx(rate - 3 * np.sqrt(rate / 10))


def test_a_period_without_exposure_is_a_gap():
    chart = u_chart([9, 0, 9, 40], [1, 0, 1, 1])
    assert chart.values[1] is None
    assert chart.outside == (3,)


def test_no_events_at_all_set_no_limits():
    assert set(u_chart([0, 0, 0], [5, 5, 5]).upper) == {None}


def test_events_may_exceed_exposure_but_not_fall_below_zero():
    assert u_chart([9, 8], [1, 1]).centre[0] == 8.5
    with pytest.raises(DataError, match="'exposure' has a negative value"):
        u_chart([9, 8], [1, -1])
