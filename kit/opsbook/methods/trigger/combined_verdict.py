"""Combined verdict: the handbook's rule, believed only where noise does not explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.trigger.ar1_noise import (
    FEWEST,
    Ar1Noise,
    ar1_noise,
    chance_of_lower_mean,
    lowest_mean,
)
from opsbook.methods.trigger.consecutive_misses import LEVELS as MISS_LEVELS
from opsbook.methods.trigger.consecutive_misses import consecutive_misses
from opsbook.methods.trigger.series import Better, Bools, Floats, Ints, as_series, towards_better

Verdict = Literal["green", "fluctuation", "yellow", "red", "no_data"]
VERDICTS: tuple[Verdict, ...] = ("green", "fluctuation", "yellow", "red", "no_data")
WINDOWS = (1, 2, 3, 4, 6, 8)
"""Lengths of the stretches whose mean is looked at: short ones for drops, long ones for slides."""
CHANCE = 0.003
"""Chance of a lower mean, per stretch, that is an alarm. Chosen so that, with 26 periods of
baseline and 52 a year, alarms on noise start about once in five years (benchmarks/rules.py)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CombinedVerdict:
    """The verdict on each period of many series.

    Attributes:
        fell: Whether the level fell below the baseline's beyond noise, shape (..., n).
        short: Whether the level is below the target beyond noise, shape (..., n); all False
            without a target.
        verdict: Position in `VERDICTS`, shape (..., n).
        limits: For each stretch, the mean beyond which it is an alarm, shape (..., windows), the
            metric's unit; NaN where the baseline does not tell its noise.
        windows: Lengths of the stretches.
        chance: How likely noise alone makes the stretches that end in the last period look so
            bad (the least over the stretches, times their number), shape (...,); NaN at a gap.
        chance_short: How likely noise about the target makes them look so bad, likewise; 1 without
            a target, NaN at a gap.
        chance_either: How likely noise alone makes them look so bad by either, likewise.
        correlation: Mean lag-1 correlation that the baseline suggests, shape (...,).
    """

    fell: Bools
    short: Bools
    verdict: Ints
    limits: Floats
    windows: tuple[int, ...]
    chance: Floats
    chance_short: Floats
    chance_either: Floats
    correlation: Floats

    @property
    def alarm(self) -> Bools:
        """Whether the period belongs to an alarm, shape (..., n)."""
        return self.fell | self.short

    @property
    def latest(self) -> Verdict:
        """The verdict on the last period (of one series)."""
        return VERDICTS[int(self.verdict[..., -1])]


def stretch_means(values: Floats, length: int) -> Floats:
    """Return the mean of the `length` periods up to and with each one.

    Args:
        values: Shape (..., n), gaps NaN.
        length: Number of periods.

    Returns:
        Shape (..., n); NaN at the first periods and where a period of the stretch is missing.

    Examples:
        >>> stretch_means(np.array([1.0, 3.0, np.nan, 5.0]), 2)
        array([nan,  2., nan, nan])
    """
    means = np.full(values.shape, np.nan)
    if length <= values.shape[-1]:
        windows = np.lib.stride_tricks.sliding_window_view(values, length, axis=-1)
        means[..., length - 1 :] = windows.mean(axis=-1)
    return means


def held(signals: Bools, lengths: Sequence[int], cleared: Bools) -> Bools:
    """Return the alarms: each from a signal until a period clears it.

    A stretch that reaches back into an alarm already cleared signals nothing, so that a recovered
    series is not accused again of its old drop.

    Args:
        signals: For each length of stretch, whether one that ends at the period signals, shape
            (lengths, ..., n).
        lengths: Periods in the stretches.
        cleared: Whether the period ends an alarm, shape (..., n); it cannot start one.

    Examples:
        >>> signals = np.array([[False, True, False, False]])
        >>> held(signals, [1], np.array([True, False, False, True]))
        array([False,  True,  True, False])
    """
    alarms = np.zeros(cleared.shape, dtype=bool)
    on = np.zeros(cleared.shape[:-1], dtype=bool)
    since_cleared = np.full(on.shape, max(lengths))
    span = np.reshape(lengths, (-1, *[1] * on.ndim))
    for period in range(cleared.shape[-1]):
        since_cleared += 1
        signal = (signals[..., period] & (span <= since_cleared)).any(axis=0)
        clear = cleared[..., period]
        since_cleared[on & clear] = 0
        on = (on | signal) & ~clear
        alarms[..., period] = on
    return alarms


def _signals(
    monitored: Floats, noise: Ar1Noise, windows: Sequence[int], chance: float, goal: Floats | None
) -> tuple[Bools, Floats]:
    fired = np.zeros((len(windows), *monitored.shape), dtype=bool)
    limits = np.full((*monitored.shape[:-1], len(windows)), np.nan)
    for i, length in enumerate(windows):
        excess = monitored if goal is None else monitored - goal
        level = None if goal is None else np.zeros(monitored.shape[:-1])
        limits[..., i] = lowest_mean(noise, length, chance, level=level)
        fired[i] = stretch_means(excess, length) < limits[..., i, None]
    return fired, limits


def _least_chance(
    monitored: Floats, noise: Ar1Noise, windows: Sequence[int], level: float | None
) -> Floats:
    """Chance of the worst of the stretches that end in the last period, times their number."""
    goal = None if level is None else np.full(monitored.shape[:-1], level)
    chances = [
        chance_of_lower_mean(
            noise, stretch_means(monitored[..., -length:], length)[..., -1], length, level=goal
        )
        for length in windows
    ]
    return np.asarray(np.minimum(1.0, np.fmin.reduce(chances, axis=0) * len(windows)))


def combined_verdict(
    values: ArrayLike,
    *,
    baseline: int,
    better: Better,
    target: ArrayLike | None = None,
    chance: float = CHANCE,
    windows: Sequence[int] = WINDOWS,
) -> CombinedVerdict:
    """Say which misses and drops are more than noise.

    The leading periods teach level, noise and correlation (`ar1_noise`, uncertainty included). A
    later stretch of 1, 2, 3, 4, 6 or 8 periods whose mean noise would undercut with a chance of
    0.003 starts an alarm; with a target, so does a stretch of two misses or more whose mean is
    below the target with half that chance. The alarm lasts until a period is back at the level
    (or at the target). Only with an alarm do the handbook's colours count: red with three misses
    in a row, else yellow; misses without an alarm are a fluctuation. Without a target, misses are
    counted against the baseline's level.

    Works on many series at once. A gap breaks every stretch and run, and neither starts nor ends
    an alarm. The assumptions that most often fail: the baseline must have had one level and no
    season (remove it first, `seasonal_adjustment`), and the noise must have no long tail on the
    worse side. Where it has one, as waiting times do, alarms on noise are some four times as
    many: pass logarithms.

    Args:
        values: Shape (..., n), the metric's unit; NaN marks a gap.
        baseline: Number of leading periods that teach; 26 weeks, say. They get ``no_data``, as
            does every period if they are constant or fewer than five have values.
        better: Direction of the metric; only changes for the worse are looked for.
        target: None, a number, or an array that broadcasts to the values.
        chance: Chance of a lower mean, per stretch, that starts an alarm.
        windows: Lengths of the stretches.

    Raises:
        DataError: If the baseline or the windows are too short, or the target does not fit.

    Examples:
        >>> weeks = [5, 6, 4, 5, 6, 5, 4, 5, 6, 4, 5, 5, 6, 4, 1, 0, 1]
        >>> combined_verdict(weeks, baseline=13, better="higher").latest
        'red'
    """
    series = as_series(values)
    if baseline < FEWEST:
        raise DataError(
            f"A baseline of {baseline} periods teaches nothing.", "Give 12 or more periods."
        )
    if not windows or min(windows) < 1:
        raise DataError(
            f"Stretches of {list(windows)} periods cannot be averaged.", "Give lengths from 1."
        )
    upright = towards_better(series, better)
    noise = ar1_noise(upright[..., :baseline])
    usual = noise.mean_level[..., None]
    goal = None
    if target is not None:
        goal = np.broadcast_to(np.asarray(target, dtype=np.float64), series.shape)
        goal = towards_better(goal, better)
    monitored = upright.copy()
    monitored[..., :baseline] = np.nan

    fired, limits = _signals(monitored, noise, windows, chance, None)
    fell = held(fired, windows, monitored >= usual)
    misses = consecutive_misses(
        monitored, np.broadcast_to(usual, series.shape) if goal is None else goal, better="higher"
    )
    short = np.zeros(series.shape, dtype=bool)
    if goal is not None:
        longer = [length for length in windows if length > 1]
        fired, _ = _signals(monitored, noise, longer, chance / 2, goal)
        short = held(fired & (misses.run_length > 1), longer, monitored >= goal)

    alarm, ruled = fell | short, misses.level
    red = alarm & (ruled == MISS_LEVELS.index("red"))
    verdict = np.where(ruled > 0, VERDICTS.index("fluctuation"), VERDICTS.index("green"))
    verdict = np.where(alarm, VERDICTS.index("yellow"), verdict)
    verdict = np.where(red, VERDICTS.index("red"), verdict)
    unknown = np.isnan(monitored) | ~noise.known[..., None]
    verdict = np.where(unknown, VERDICTS.index("no_data"), verdict)

    chance_fell = _least_chance(monitored, noise, windows, None)
    chance_short = np.where(np.isnan(chance_fell), np.nan, 1.0)
    chance_either = chance_fell
    if goal is not None:
        longer = [length for length in windows if length > 1]
        chance_short = _least_chance(monitored - goal, noise, longer, 0.0)
        chance_either = np.minimum(1.0, 2 * np.fmin(chance_fell, chance_short))
    sign = 1.0 if better == "higher" else -1.0
    return CombinedVerdict(
        fell=fell,
        short=short,
        verdict=np.asarray(verdict, dtype=np.int64),
        limits=sign * limits,
        windows=tuple(windows),
        chance=chance_fell,
        chance_short=chance_short,
        chance_either=chance_either,
        correlation=noise.mean_correlation,
    )
