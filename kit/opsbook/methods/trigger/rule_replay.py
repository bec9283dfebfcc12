"""Rule replay: how often a rule cries wolf, on this KPI's past and on noise like it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.trigger.ar1_noise import GRID, ar1_noise
from opsbook.methods.trigger.series import Bools, Floats, as_one_series

AlarmRule = Callable[[Floats], Bools]
"""Values of shape (k, n) to alarms of the same shape."""


@dataclass(frozen=True, kw_only=True)
class RuleReplay:
    """How often one rule fires.

    Attributes:
        past_starts: Positions at which an alarm began in the KPI's own history.
        past_per_year: The same per year of monitored history; None without any.
        false_starts_per_year: Alarms begun per year on simulated noise like the history; None
            if the history is constant or too short to tell its noise.
        standard_error: Simulation error of that; None likewise.
        correlation: Lag-1 correlation of the noise simulated, on average; None likewise.
        years: Years of monitored history.
    """

    past_starts: tuple[int, ...]
    past_per_year: float | None
    false_starts_per_year: float | None
    standard_error: float | None
    correlation: float | None
    years: float


def alarm_starts(alarms: Bools) -> Bools:
    """Return whether an alarm begins at a period: on now, off before.

    Args:
        alarms: Shape (..., n).

    Examples:
        >>> alarm_starts(np.array([False, True, True, False, True]))
        array([False,  True, False, False,  True])
    """
    starts = alarms.copy()
    starts[..., 1:] &= ~alarms[..., :-1]
    return starts


def simulated_noise(level: Floats, sigma: Floats, correlation: Floats, n: int, seed: int) -> Floats:
    """Return seeded AR(1) noise, one row for each level.

    Args:
        level: Shape (k,).
        sigma: Standard deviation of a value, shape (k,).
        correlation: Lag-1 correlation, shape (k,).
        n: Number of periods.
        seed: Seed of the generator.

    Returns:
        Shape (k, n).

    Examples:
        >>> simulated_noise(np.zeros(2), np.ones(2), np.zeros(2), 3, seed=1).shape
        (2, 3)
    """
    fresh = np.random.default_rng(seed).standard_normal((n, len(level)))
    rows = np.empty_like(fresh)
    state = fresh[0]
    for period in range(n):
        if period:
            state = correlation * state + np.sqrt(1 - correlation**2) * fresh[period]
        rows[period] = state
    return level[:, None] + sigma[:, None] * rows.T


@dataclass(frozen=True, kw_only=True, eq=False)
class FalseStarts:
    """What a rule does on noise of each correlation; arrays have shape (g,).

    For KPIs by the thousand: weigh by `Ar1Noise.weight`, as in
    ``ar1_noise(history).weight @ curve.per_year``.

    Attributes:
        correlation: Lag-1 correlations, those of `ar1_noise`.
        per_year: Alarms begun per year.
        share_in_alarm: Share of periods that are in alarm: times the number of KPIs, the number
            expected in alarm at any moment by chance.
    """

    correlation: Floats
    per_year: Floats
    share_in_alarm: Floats


def false_starts(
    rule: AlarmRule,
    *,
    baseline: int,
    periods_per_year: int,
    simulations: int = 2000,
    seed: int = 0,
) -> FalseStarts:
    """Say how often a rule cries wolf on AR(1) noise, by its correlation.

    For rules that a shift or a change of unit does not touch, so that one simulation serves all
    KPIs; a rule with a fixed target needs `rule_replay` for each.

    Args:
        rule: As in `rule_replay`.
        baseline: Number of leading periods that are not watched.
        periods_per_year: Periods watched.
        simulations: Simulated years for each correlation.
        seed: Seed of the simulation.

    Examples:
        >>> def below_mean(x):
        ...     return x < x[:, :26].mean(axis=1, keepdims=True)
        >>> curve = false_starts(below_mean, baseline=26, periods_per_year=52, simulations=200)
        >>> curve.per_year.shape, round(float(curve.share_in_alarm[0]), 1)
        ((10,), 0.5)
    """
    per_year, share = np.empty(len(GRID)), np.empty(len(GRID))
    nought, one = np.zeros(simulations), np.ones(simulations)
    for g, correlation in enumerate(GRID):
        rows = simulated_noise(
            nought, one, np.full(simulations, correlation), baseline + periods_per_year, seed + g
        )
        alarms = np.asarray(rule(rows), dtype=bool)[:, baseline:]
        per_year[g] = alarm_starts(alarms).sum() / simulations
        share[g] = alarms.mean()
    return FalseStarts(correlation=GRID, per_year=per_year, share_in_alarm=share)


def rule_replay(
    values: ArrayLike,
    rule: AlarmRule,
    *,
    baseline: int,
    periods_per_year: float,
    simulations: int = 400,
    seed: int = 0,
) -> RuleReplay:
    """Say how often a rule would have fired on the KPI's past, and how often on noise alone.

    An alarm is counted where it begins. The noise is AR(1); each simulated series has a level, a
    spread and a correlation drawn from what the history supports, a baseline of the same length
    as the real one, and one year to be watched. Compare the two rates: a past rate near the noise
    rate says that the rule has told you nothing so far.

    The assumption that most often fails: the history must have had one level. A real change in it
    passes for correlation, and makes the noise look wilder than it is.

    Args:
        values: The KPI's history, shape (n,), NaN at gaps, season removed.
        rule: Maps series of shape (k, n) to alarms of the same shape; the first `baseline`
            periods are its baseline.
        baseline: Number of leading periods that are not watched.
        periods_per_year: 52 for weeks, 12 for months.
        simulations: Number of simulated years.
        seed: Seed of the simulation.

    Raises:
        DataError: If baseline, year or simulations are not positive numbers.

    Examples:
        >>> weeks = np.random.default_rng(0).normal(size=60)
        >>> def below_mean(x):
        ...     return x < x[:, :26].mean(axis=1, keepdims=True)
        >>> replay = rule_replay(weeks, below_mean, baseline=26, periods_per_year=52)
        >>> 11 < replay.false_starts_per_year < 14
        True
    """
    series = as_one_series(values)
    if baseline < 1 or periods_per_year < 1 or simulations < 2:
        raise DataError(
            f"baseline = {baseline}, periods_per_year = {periods_per_year} and "
            f"simulations = {simulations} make no replay.",
            "Take 26, 52 and 400, say.",
        )
    watched = int((~np.isnan(series[baseline:])).sum())
    years = watched / periods_per_year
    past: tuple[int, ...] = ()
    if watched:
        alarms = np.asarray(rule(series[None, :]), dtype=bool)[0]
        past = tuple(int(i) + baseline for i in np.flatnonzero(alarm_starts(alarms[baseline:])))
    noise = ar1_noise(series)
    rate = error = correlation = None
    if noise.known:
        rng = np.random.default_rng(seed)
        drawn = rng.choice(len(noise.correlation), size=simulations, p=noise.weight)
        freedom = int(noise.n) - 1
        sigma = np.sqrt(noise.variance[drawn] * freedom / rng.chisquare(freedom, simulations))
        year = round(periods_per_year)
        rows = simulated_noise(
            noise.level[drawn]
            + sigma * np.sqrt(noise.level_variance[drawn]) * rng.standard_normal(simulations),
            sigma,
            noise.correlation[drawn],
            baseline + year,
            int(rng.integers(2**32)),
        )
        counts = alarm_starts(np.asarray(rule(rows), dtype=bool)[:, baseline:]).sum(axis=-1)
        rate = float(counts.mean() * periods_per_year / year)
        error = float(counts.std(ddof=1) / np.sqrt(simulations))
        correlation = float(noise.mean_correlation)
    return RuleReplay(
        past_starts=past,
        past_per_year=len(past) / years if watched else None,
        false_starts_per_year=rate,
        standard_error=error,
        correlation=correlation,
        years=years,
    )
