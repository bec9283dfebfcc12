"""Which chart suits the data."""

import numpy as np
import pytest
from tests.methods.trigger.test_laney_p_chart import SEEN, WITHIN_FOUR_HOURS

from opsbook.errors import DataError
from opsbook.methods.trigger.chart_choice import chart_choice


def test_takes_laney_for_the_emergency_patients():
    choice = chart_choice(WITHIN_FOUR_HOURS, SEEN, kind="share")
    assert (choice.chart, choice.reason, choice.n) == ("laney_p_chart", "overdispersed", 20)
    assert choice.dispersion == pytest.approx(97.2, abs=0.05)
    assert choice.p_value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("kind", "plain"), [("share", "p_chart"), ("rate", "u_chart")])
def test_keeps_the_plain_chart_in_about_95_of_100_series_of_pure_counts(kind, plain):
    rng = np.random.default_rng(3)
    sizes = rng.integers(100, 400, size=(400, 26))
    counts = rng.binomial(sizes, 0.1) if kind == "share" else rng.poisson(0.1 * sizes)
    chosen = [chart_choice(*row, kind=kind).chart for row in zip(counts, sizes, strict=True)]
    assert 0.90 <= chosen.count(plain) / 400 <= 0.98


def test_a_level_shift_is_not_taken_for_overdispersion():
    rng = np.random.default_rng(4)
    counts = rng.binomial(500, np.repeat([0.3, 0.25], 15), size=(200, 30))
    chosen = [chart_choice(row, [500] * 30, kind="share").chart for row in counts]
    ordinary = (counts / 500).var(axis=1, ddof=1) / (0.275 * 0.725 / 500) > 1.47
    assert ordinary.mean() > 0.95  # the chi-square test of all 30 at 5 % takes it for unrest
    assert chosen.count("laney_p_chart") / 200 < 0.15


def test_finds_counts_that_are_too_regular():
    choice = chart_choice([50, 51, 50, 49, 50, 51, 50, 50], [100] * 8, kind="share")
    assert (choice.chart, choice.reason) == ("laney_p_chart", "underdispersed")


def test_values_take_the_individuals_chart():
    choice = chart_choice([1.0, 2.0, np.nan], kind="value")
    assert (choice.chart, choice.reason, choice.n) == ("xmr_chart", "one_value_per_period", 2)


@pytest.mark.parametrize(
    ("events", "reason"),
    [([3, 4, 5], "too_few_periods"), ([0] * 9, "no_variation"), ([np.nan] * 9, "too_few_periods")],
)
def test_says_why_it_could_not_test(events, reason):
    choice = chart_choice(events, [9] * len(events), kind="share")
    assert (choice.chart, choice.reason) == ("p_chart", reason)
    assert choice.p_value is None


def test_needs_the_sizes_of_counts():
    with pytest.raises(DataError, match="kind 'rate' needs the size of each period"):
        chart_choice([1, 2], kind="rate")
