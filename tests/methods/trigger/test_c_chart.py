"""The c chart of counts."""

import pytest

from opsbook.errors import DataError
from opsbook.methods.trigger.c_chart import c_chart

# NIST/SEMATECH e-Handbook 6.3.3.1 (pmc331): defects on 25 wafers.
WAFERS = [16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14]
WAFERS += [16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13]


def test_agrees_with_nist_on_the_wafers():
    chart = c_chart(WAFERS)
    assert (chart.centre[0], chart.lower[0], chart.upper[0]) == (16.0, 4.0, 28.0)
    assert chart.outside == (23,)
    assert chart.method == "c_chart"


def test_a_gap_is_no_zero():
    assert c_chart([4.0, float("nan"), 6.0]).centre[0] == 5.0


def test_refuses_negative_counts():
    with pytest.raises(DataError, match="'events' has a negative value"):
        c_chart([3, -1])
