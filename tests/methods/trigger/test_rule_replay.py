"""How often a rule cries wolf."""

import numpy as np
import pytest

from opsbook.errors import DataError
from opsbook.methods.trigger.ar1_noise import ar1_noise
from opsbook.methods.trigger.combined_verdict import combined_verdict
from opsbook.methods.trigger.rule_replay import (
    RuleReplay,
    alarm_starts,
    false_starts,
    rule_replay,
    simulated_noise,
)
from opsbook.methods.trigger.series import Bools, run_lengths

HISTORY = np.random.default_rng(1).normal(100, 5, 104)


def two_declines(x) -> Bools:
    return run_lengths(np.diff(x, axis=1, prepend=np.nan) < 0) >= 2


def replay(values=HISTORY, rule=two_declines, **changes) -> RuleReplay:
    settings = {"baseline": 26, "periods_per_year": 52, "seed": 3}
    return rule_replay(values, rule, **(settings | changes))


# Of four independent values in random order, 3 of 24 orders go up, down, down: 52 / 8 a year.
def test_two_declines_in_a_row_start_six_and_a_half_times_a_year():
    result = replay(simulations=2000)
    assert result.false_starts_per_year == pytest.approx(6.5, abs=0.25)
    assert result.standard_error == pytest.approx(0.05, abs=0.02)
    assert result.correlation == pytest.approx(0.04, abs=0.04)


def test_counts_the_starts_in_the_past():
    result = replay()
    rises = np.flatnonzero(alarm_starts(two_declines(HISTORY[None, :])[0]))
    assert result.past_starts == tuple(i for i in rises if i >= 26)
    assert result.years == 1.5
    assert result.past_per_year == len(result.past_starts) / 1.5


def test_the_default_rule_cries_wolf_about_once_in_five_years():
    def default(x):
        return combined_verdict(x, baseline=26, better="higher").alarm

    assert replay(rule=default).false_starts_per_year == pytest.approx(0.2, abs=0.15)


def test_the_same_seed_gives_the_same_answer():
    assert replay() == replay()
    assert replay(seed=4) != replay()


@pytest.mark.parametrize("values", [[7.0] * 40, [np.nan] * 40])
def test_a_history_that_tells_no_noise_is_not_simulated(values):
    result = replay(values)
    assert result.false_starts_per_year is None
    assert result.standard_error is None
    assert result.past_starts == ()


def test_a_history_without_watched_periods_has_no_past_rate():
    assert replay(HISTORY[:26]).past_per_year is None


def test_simulated_noise_has_the_correlation_asked_for():
    rows = simulated_noise(np.full(500, 3.0), np.full(500, 2.0), np.full(500, 0.6), 80, seed=1)
    centred = rows - 3
    assert centred.std() == pytest.approx(2, rel=0.03)
    assert (centred[:, 1:] * centred[:, :-1]).mean() / 4 == pytest.approx(0.6, abs=0.03)


# Among independent values, two declines begin 52 / 8 times a year; correlated ones decline on.
def test_one_simulation_for_each_correlation_serves_all_kpis():
    curve = false_starts(two_declines, baseline=26, periods_per_year=52, simulations=1500)
    assert curve.per_year[0] == pytest.approx(6.5, abs=0.25)
    assert curve.per_year[5] == pytest.approx(7.0, abs=0.25)
    # Three values fall in a row in one of six orders.
    assert curve.share_in_alarm[0] == pytest.approx(1 / 6, abs=0.01)
    likely = ar1_noise(HISTORY).weight @ curve.per_year
    assert likely == pytest.approx(replay(simulations=1500).false_starts_per_year, abs=0.4)


def test_refuses_settings_that_make_no_replay():
    with pytest.raises(DataError, match="simulations = 1 make no replay"):
        replay(simulations=1)
