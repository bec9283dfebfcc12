"""Take the repeating pattern out of a series, so that what is left can be judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

Floats = NDArray[np.float64]

LONGEST = 60  # longest period looked for
CYCLES = 3  # full cycles needed before a pattern is believed
SHARE = 0.25  # share of the step-to-step variance that the other cycles must predict,
FEW = 5.0  # and more in short series, by this over n: chance predicts much where cycles are few
MEMORY = 5  # cycles over which the pattern may be taken as constant
SPIKE_WINDOW = 9
SPIKE_LIMIT = 5.0  # robust standard deviations from the running median
ENOUGH = 18  # points below which neither a spike nor a season can be told from noise


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """A series without its seasonal pattern and its spikes.

    Attributes:
        values: What is left, shape (n,); missing where the input is missing.
        with_spikes: The same with the spikes left in, shape (n,).
        period: Length of the pattern, or None where there is none.
        spikes: Positions of the points moved to their running median.
    """

    values: Floats
    with_spikes: Floats
    period: int | None
    spikes: tuple[int, ...]


def change_season(values: Floats, *, period: int | None = None) -> Cleaned:
    """Separate what repeats and what stands alone from what lasts.

    The period is the one whose other cycles predict a cycle's step-to-step changes best, if they
    predict more of the variance than noise lets them (half of it in 20 points, 0.3 in 100) and
    there are three cycles and 18 points. The profile
    is the running median, over five cycles, of the distance from the centred moving average, so
    that it may grow with the series. A spike is a run of at most four points more than five
    robust standard deviations from the running median of nine; it is moved to that median. The
    assumption that most often fails: a period that varies, as paydays do, is not found.

    Args:
        values: Observations on an even grid, shape (n,); missing ones are NaN.
        period: Length of the pattern where it is known; None lets the series tell.

    Returns:
        The series with neither.

    References:
        Cleveland, Cleveland, McRae & Terpenning (1990), J. Official Statistics 6, 3-73.
        Hampel (1974), J. American Statistical Association 69, 383-393.
        doi:10.1080/01621459.1974.10482962

    Examples:
        >>> cleaned = change_season(np.tile([1.0, 5.0, 2.0, 9.0], 6))
        >>> cleaned.period
        4
        >>> bool(np.ptp(cleaned.values) < 1e-9)
        True
    """
    found = period if period is not None else _period(values)
    if found is not None and (found < 2 or len(values) < CYCLES * found):
        found = None
    left = values if found is None else values - _profile(values, found)
    cleaned, spikes = _without_spikes(left)
    return Cleaned(values=cleaned, with_spikes=left, period=found, spikes=spikes)


def _period(values: Floats) -> int | None:
    steps = np.diff(values)
    known = np.isfinite(steps)
    if known.sum() < ENOUGH - 1:
        return None
    size = np.abs(steps[known])
    limit = np.quantile(size, 0.98) if len(size) > 50 else size.max()
    steps = np.clip(steps, -limit, limit)
    steps = np.where(known, steps - steps[known].mean(), 0.0)
    total = float(steps @ steps)
    best, explained = None, 0.0
    for candidate in range(2, min(len(values) // CYCLES, LONGEST) + 1):
        phase = np.arange(len(steps)) % candidate
        seen = np.bincount(phase, known, minlength=candidate)
        if (seen < 2).any() or total == 0.0:
            continue
        profile = np.bincount(phase, steps, minlength=candidate) / seen
        others = seen / (seen - 1)  # turns the distance from the mean into that from the others
        rest = np.where(known, (steps - profile[phase]) * others[phase], 0.0)
        share = 1 - float(rest @ rest) / total
        if share > explained + 0.02:  # a multiple of the true period explains no more
            best, explained = candidate, share
    return best if explained >= SHARE + FEW / len(steps) else None


def _profile(values: Floats, period: int) -> Floats:
    profile = np.zeros(len(values))
    base = values
    for _ in range(2):
        away = values - _moving_average(base, period)
        profile = _running_median(away, period)
        profile -= _moving_average(profile, period)
        base = values - profile
    return profile


def _moving_average(values: Floats, period: int) -> Floats:
    """Average one full cycle around each point; missing points have no weight."""
    kernel = np.full(period + 1 - period % 2, 1.0)
    if period % 2 == 0:
        kernel[[0, -1]] = 0.5
    half = len(kernel) // 2
    before = values[period - half : period] - _drift(values[: 2 * period], period)
    after = values[-period:][:half] + _drift(values[-2 * period :], period)
    extended = np.concatenate([before, values, after])
    known = np.isfinite(extended)
    total = np.convolve(np.where(known, extended, 0.0), kernel, "valid")
    weight = np.convolve(known.astype(np.float64), kernel, "valid")
    average: Floats = np.full(len(values), np.nan)
    np.divide(total, weight, out=average, where=weight > 0)
    return average


def _drift(two_cycles: Floats, period: int) -> float:
    """Return how far the second cycle lies above the first."""
    steps = two_cycles[period:] - two_cycles[:-period]
    known = steps[np.isfinite(steps)]
    return float(known.mean()) if len(known) else 0.0


def _running_median(away: Floats, period: int) -> Floats:
    """Take, phase by phase, the median over the nearest cycles; an unseen phase has none."""
    cycles = -(-len(away) // period)
    padded = np.full(cycles * period, np.nan)
    padded[: len(away)] = away
    grid = padded.reshape(cycles, period)
    memory = min(MEMORY, cycles)
    first = np.clip(np.arange(cycles) - memory // 2, 0, cycles - memory)
    windows = np.sort(grid[first[:, None] + np.arange(memory)], axis=1)  # missing ones go last
    seen = np.isfinite(windows).sum(axis=1)
    low, high = np.maximum((seen - 1) // 2, 0), np.maximum(seen // 2, 0)
    high = np.minimum(high, memory - 1)
    pick = np.take_along_axis
    middle = (pick(windows, low[:, None], axis=1) + pick(windows, high[:, None], axis=1)) / 2
    profile: Floats = np.where(seen > 0, middle[:, 0], 0.0).ravel()[: len(away)]
    return profile


def _without_spikes(values: Floats) -> tuple[Floats, tuple[int, ...]]:
    known = np.flatnonzero(np.isfinite(values))
    seen = values[known]
    if len(seen) < ENOUGH:
        return values, ()
    middle = median_filter(seen, SPIKE_WINDOW, mode="nearest")
    away = np.abs(seen - middle)
    scale = 1.4826 * float(np.median(away))
    spike = away > SPIKE_LIMIT * scale if scale > 0 else np.zeros(len(seen), dtype=bool)
    cleaned = values.copy()
    cleaned[known[spike]] = middle[spike]
    return cleaned, tuple(int(i) for i in known[spike])
