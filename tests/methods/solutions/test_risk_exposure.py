from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.risk_exposure import Risk, risk_exposure

LATE = Risk(name="late", probability=0.5, impact=10_000, probability_after=0.1)
LEAK = Risk(name="leak", probability=0.01, impact=200_000, impact_after=150_000)


def test_adds_up_what_is_left_after_mitigation():
    result = risk_exposure([LATE, LEAK])
    assert result.before == pytest.approx(7_000)
    assert result.after == pytest.approx(2_500)
    assert result.largest == "leak"
    assert result.parts[1][0] == "late"
    assert result.parts[1][1] == pytest.approx(1_000)


def test_no_risks_are_an_exposure_of_zero():
    assert risk_exposure([]).after == 0


def test_names_what_is_wrong():
    with pytest.raises(DataError, match=r"probability of risk 'x' is 1\.2"):
        risk_exposure([Risk(name="x", probability=1.2, impact=1)])
    with pytest.raises(DataError, match="impact of risk 'x' is -1"):
        risk_exposure([Risk(name="x", probability=0.2, impact=-1)])
    with pytest.raises(DataError, match="worse after mitigation"):
        risk_exposure([Risk(name="x", probability=0.2, impact=1, probability_after=0.3)])
    with pytest.raises(DataError, match="found 'late' 2 times"):
        risk_exposure([LATE, LATE])
