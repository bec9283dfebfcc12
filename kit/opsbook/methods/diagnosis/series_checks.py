"""Checks on series: before and after, and together with an event."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import t

from opsbook.errors import DataError
from opsbook.methods.diagnosis.judged import (
    Direction,
    WhyCheck,
    judged,
    numbers_of,
    undecided,
)
from opsbook.methods.estimate import Estimate


def before_after(
    before: ArrayLike,
    after: ArrayLike,
    *,
    direction: Direction = "higher",
    at_least: float = 0.0,
    confidence: float = 0.95,
) -> WhyCheck:
    """Tell whether a series moved as predicted when its supposed cause came or went.

    A Welch interval widened for the memory that both periods show: neighbours that resemble each
    other count as fewer. Assumes that nothing else changed at that time; a comparison with places
    that the cause did not reach is stronger.

    Args:
        before: The series before, one value a period, shape (n_before,); missing left out.
        after: The series after.
        direction: Whether it is predicted to move higher or lower.
        at_least: Smallest change predicted, in the series' unit.
        confidence: Confidence level of the interval.

    Returns:
        Mean after minus mean before. Not computed with fewer than three values on a side. Where
        neither side varies the change is exact, and its p-value the chance that values put
        in any order would part so.

    References:
        Welch (1947), Biometrika 34, 28-35. Marriott & Pope (1954), Biometrika 41, 390-402 (the
        bias of the autocorrelation).

    Examples:
        >>> before_after([10, 12, 11, 10, 12, 11], [15, 14, 16, 15, 16, 14]).outcome
        'supported'
    """
    name = "before_after"
    series = [numbers_of(before), numbers_of(after)]
    if min(s.size for s in series) < 3:
        reason = "A period has fewer than three values to compare."
        return undecided(name, direction, at_least, reason)
    rests = [s - s.mean() for s in series]
    memory = _memory(rests)
    shrink = (1 - memory) / (1 + memory)
    parts = [float(r @ r) / (r.size - 1) / (r.size * shrink) for r in rests]
    if sum(parts) == 0:
        return judged(_step(name, series, confidence), direction=direction, at_least=at_least)
    free = [max(1.0, r.size * shrink - 1) for r in rests]
    error = math.sqrt(sum(parts))
    df = 1 / sum((p / sum(parts)) ** 2 / f for p, f in zip(parts, free, strict=True))
    effect = float(series[1].mean() - series[0].mean())
    reach = float(t.ppf((1 + confidence) / 2, df)) * error
    return judged(
        Estimate(
            method=name,
            effect=effect,
            lower=effect - reach,
            upper=effect + reach,
            confidence=confidence,
            p_value=float(2 * t.sf(abs(effect) / error, df)),
            n=sum(s.size for s in series),
        ),
        direction=direction,
        at_least=at_least,
    )


def correlates_with_event(
    metric: ArrayLike,
    event: ArrayLike,
    *,
    direction: Direction = "higher",
    at_least: float = 0.0,
    confidence: float = 0.95,
) -> WhyCheck:
    """Tell whether a metric goes with an event, period by period, as predicted.

    The p-value compares the correlation with those at every other alignment of the two series,
    which keeps the memory of both. Assumes neither trends: two rising series correlate whatever
    the cause.

    Args:
        metric: The metric, one value a period in time order, shape (n,), none missing.
        event: How strongly the event was there in each period, such as 0 or 1, same shape.
        direction: ``higher`` if the metric is predicted to be higher with the event.
        at_least: Smallest correlation predicted, in [0, 1).
        confidence: Confidence level of the interval.

    Returns:
        The correlation. Not computed without variation, or with so few periods (20
        at 95 %) that even the best of all alignments would not be rare.

    Raises:
        DataError: If the shapes differ or a value is not finite.

    References:
        Bartlett (1935), Journal of the Royal Statistical Society 98, 536-543 (memory in the
        interval).

    Examples:
        >>> metric = [3, 9, 3, 2, 8, 3, 2, 3, 9, 9, 3, 2, 3, 8, 2, 2, 3, 9, 2, 3, 3, 8, 3, 2, 3]
        >>> event = [int(value > 5) for value in metric]
        >>> correlates_with_event(metric, event).outcome
        'supported'
    """
    name = "correlates_with_event"
    x, y = np.asarray(metric, dtype=float), np.asarray(event, dtype=float)
    if x.shape != y.shape or x.ndim != 1:
        raise DataError(
            f"Metric and event must be one-dimensional and equally long (got {x.shape} and "
            f"{y.shape}).",
            "Give one value of each for every period.",
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise DataError(
            "The metric or the event has a period without a number.",
            "Choose a stretch without gaps.",
        )
    needed = math.floor(1 / (1 - confidence) + 1e-9) + 1  # fewer alignments cannot be so rare
    if x.size < needed:
        reason = f"There are {x.size} periods; {needed} are needed."
        return undecided(name, direction, at_least, reason)
    if np.ptp(x) == 0 or np.ptp(y) == 0 or x.std() == 0 or y.std() == 0:
        return undecided(name, direction, at_least, "The metric or the event never varies.")
    x, y = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    n = x.size
    spectrum = np.fft.rfft(x) * np.conj(np.fft.rfft(y))
    aligned = np.fft.irfft(spectrum, n) / n
    r = float(np.clip(aligned[0], -1, 1))
    as_far = int(np.count_nonzero(np.abs(aligned[1:]) >= abs(r) - 1e-12))
    effective = n / max(1.0, 1 + 2 * _shared_memory(x, y))
    reach = float(ndtri((1 + confidence) / 2)) / math.sqrt(max(effective - 3, 1.0))
    centre = math.atanh(float(np.clip(r, -1 + 1e-12, 1 - 1e-12)))
    return judged(
        Estimate(
            method=name,
            effect=r,
            lower=math.tanh(centre - reach),
            upper=math.tanh(centre + reach),
            confidence=confidence,
            p_value=(1 + as_far) / n,
            n=n,
        ),
        direction=direction,
        at_least=at_least,
    )


def _step(name: str, series: list[NDArray[np.float64]], confidence: float) -> Estimate:
    """Estimate the change between two periods in which nothing varies."""
    before, after = series
    effect = float(after[0] - before[0])
    orders = math.comb(before.size + after.size, after.size)
    return Estimate(
        method=name,
        effect=effect,
        lower=effect,
        upper=effect,
        confidence=confidence,
        p_value=1.0 if effect == 0 else 2 / orders,
        n=before.size + after.size,
    )


def _memory(rests: list[NDArray[np.float64]]) -> float:
    """Return the lag-one autocorrelation around the periods' means, its bias taken out."""
    n = sum(rest.size for rest in rests) / len(rests)
    scatter = sum(float(rest @ rest) for rest in rests)
    if scatter == 0:
        return 0.0
    raw = sum(float(rest[1:] @ rest[:-1]) for rest in rests) / scatter
    return float(np.clip(raw + (1 + 4 * raw) / n, 0.0, 0.95))


def _shared_memory(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return how much both series' memory together inflates the variance of a correlation."""
    n = x.size
    return float(sum((x[k:] @ x[:-k]) * (y[k:] @ y[:-k]) / n**2 for k in range(1, max(2, n // 4))))
