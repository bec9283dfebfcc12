import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.count_interrupted_series import count_interrupted_series
from opsbook.methods.effect.covariance_averaged_gls import covariance_averaged_launches
from opsbook.methods.effect.fake_launches import fake_launches, launch_by_launch
from opsbook.methods.effect.segmented_ols import segmented_ols
from opsbook.methods.effect.welch import welch

NOISE = np.random.default_rng(11).normal(size=60)


@launch_by_launch
def split(values, time, launch):
    return welch(values[time < launch], values[time >= launch])


@launch_by_launch
def segments(values, time, launch):
    return segmented_ols(values, launch=launch, time=time).step


def averaged(values, time, launches):
    return [
        found.step for found in covariance_averaged_launches(values, launches=launches, time=time)
    ]


def test_tries_every_date_with_enough_periods_on_both_sides():
    receipt = fake_launches(NOISE, split, periods_before=10, periods_after=5)
    assert receipt.launches == tuple(range(10, 56))
    assert len(receipt.estimates) == 46
    assert (receipt.target, receipt.power) == (None, None)


# On a random walk, a before/after test finds an effect at most dates; the share is that of the
# intervals without zero, counted here by hand.
def test_counts_the_alarms_of_a_method_that_cries_wolf():
    walk = np.cumsum(NOISE)
    receipt = fake_launches(walk, split)
    alarms = [welch(walk[:day], walk[day:]).excludes_zero for day in range(8, 57)]
    assert receipt.false_alarms == pytest.approx(np.mean(alarms))
    assert receipt.false_alarms > 0.5
    assert fake_launches(walk, averaged).false_alarms < 0.1


@pytest.mark.parametrize("target", [0.9, -0.9])
def test_the_power_is_that_of_a_shift_put_into_the_data(target):
    receipt = fake_launches(NOISE, segments, target=target)
    shown = []
    for day in receipt.launches:
        found = segmented_ols(NOISE + target * (np.arange(60) >= day), launch=day).step
        shown.append(found.excludes_zero and found.effect * target > 0)
    assert 0 < np.mean(shown) < 1
    assert receipt.power == pytest.approx(np.mean(shown))


@settings(max_examples=4, deadline=None)
@given(target=st.floats(0.1, 5))
def test_the_detectable_change_has_four_fifths_of_power(target):
    detectable = fake_launches(NOISE, segments, target=target).detectable
    assert detectable is not None
    above = fake_launches(NOISE, segments, target=detectable * 1.001).power
    below = fake_launches(NOISE, segments, target=detectable * 0.95).power
    assert above is not None
    assert below is not None
    assert below < 0.8 <= above


def test_a_ratio_is_detected_as_a_ratio():
    @launch_by_launch
    def counted(values, time, launch):
        return count_interrupted_series(values, launch=launch, time=time, errors="poisson").step

    counts = np.random.default_rng(12).poisson(50, size=30)
    down = fake_launches(counts, counted, target=0.7)
    up = fake_launches(counts, counted, target=1.4)
    assert down.detectable is not None
    assert up.detectable is not None
    assert 0 < down.detectable < 1 < up.detectable
    assert down.power == pytest.approx(
        np.mean([(found.upper or 0) * 0.7 < 1 for found in down.estimates])
    )


def test_the_order_of_the_rows_and_missing_values_do_not_matter():
    order = np.random.default_rng(13).permutation(60)
    holed = NOISE.copy()
    holed[20] = np.nan
    base = fake_launches(holed, segments, target=1.0)
    assert fake_launches(holed[order], segments, time=order, target=1.0) == base
    assert 20 not in base.launches


def test_needs_a_date_with_periods_on_both_sides():
    with pytest.raises(DataError, match="No date of the 11 periods has 8 before and 4 after"):
        fake_launches(NOISE[:11], split)
