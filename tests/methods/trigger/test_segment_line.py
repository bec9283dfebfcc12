import numpy as np
import pytest

from opsbook.methods.trigger.segment_line import off_the_line, segment_line


def test_agrees_with_least_squares():
    rng = np.random.default_rng(1)
    positions = np.sort(rng.choice(100, 20, replace=False))
    values = rng.standard_normal(20)
    slope, intercept = np.polyfit(positions, values, 1)
    line = segment_line(values, positions)
    assert line.slope == pytest.approx(slope)
    assert line.level_first == pytest.approx(intercept + slope * positions[0])
    assert line.level_last == pytest.approx(intercept + slope * positions[-1])
    rest = values - intercept - slope * positions
    assert off_the_line(values, positions) == pytest.approx(rest)
    assert line.spread == pytest.approx(np.sqrt((rest**2).sum() / 18))


def test_three_points_have_no_spread():
    assert segment_line(np.array([1.0, 2.0, 4.0]), np.arange(3)).spread is None
