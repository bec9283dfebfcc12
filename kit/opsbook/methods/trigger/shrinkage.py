"""Shrinkage: believe a small store's rate only as far as its numbers carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, gammaincinv

from opsbook.methods.trigger.series import Floats, as_counts, as_one_series, or_none


@dataclass(frozen=True, kw_only=True)
class Shrinkage:
    """Rates drawn towards their common mean; tuples have one entry per store.

    Attributes:
        raw: Events over size; None for a store without any.
        estimate: The rate to believe; the common mean for a store without numbers.
        lower: Lower limit of the store's interval.
        upper: Upper limit.
        weight: Share of the estimate that is the store's own rate, 0 to 1.
        common: The common mean; None if no store has numbers.
        between_sd: Standard deviation of the stores' true rates; 0 if counting explains all
            differences; None if no two stores have numbers.
        confidence: Level of the intervals.
    """

    raw: tuple[float | None, ...]
    estimate: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    weight: tuple[float | None, ...]
    common: float | None
    between_sd: float | None
    confidence: float


def between_variance(rates: Floats, variances: Floats) -> tuple[float, float]:
    """Return the common mean and the variance between true rates, by moments.

    Args:
        rates: Observed rates, shape (k,).
        variances: Variance of each by counting alone, shape (k,), positive.

    Returns:
        The mean weighted by precision, and DerSimonian and Laird's variance, not below zero.

    Examples:
        >>> between_variance(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
        (2.0, 1.5)
    """
    precision = 1 / variances
    mean = float((precision * rates).sum() / precision.sum())
    excess = (precision * (rates - mean) ** 2).sum() - (len(rates) - 1)
    scale = precision.sum() - (precision**2).sum() / precision.sum()
    return mean, float(max(0.0, excess / scale)) if scale > 0 else 0.0


def shrinkage(
    events: ArrayLike,
    sizes: ArrayLike,
    *,
    kind: Literal["share", "rate"] = "share",
    confidence: float = 0.95,
) -> Shrinkage:
    """Estimate each store's rate from its own numbers and those of all.

    Empirical Bayes: the stores' true rates follow a beta (shares) or gamma (rates) distribution
    whose mean and variance are estimated from all of them, and each store updates it. The
    assumption that most often fails: stores must be of one kind; do not shrink an outlet towards
    the flagships. The intervals leave out the uncertainty of the common distribution, and are
    somewhat too narrow for fewer than ten stores.

    Args:
        events: Events of each store, shape (k,); NaN for none known.
        sizes: Trials (``share``) or exposure (``rate``) of each, shape (k,).
        kind: Whether events are a part of the sizes.
        confidence: Level of the intervals.

    Raises:
        DataError: If shapes differ, numbers are negative, or events exceed trials.

    References:
        Morris (1983), Journal of the American Statistical Association 78, 47-55.

    Examples:
        >>> stores = shrinkage([1, 30, 55, 20], [2, 100, 100, 100])
        >>> round(stores.estimate[0], 2), round(stores.weight[0], 2)
        (0.38, 0.23)
    """
    as_one_series(events, "events")
    counts, base = as_counts(
        events, sizes, "trials" if kind == "share" else "exposure", at_most_size=kind == "share"
    )
    present = ~np.isnan(counts)
    x, size = counts[present], base[present]
    stores = len(counts)
    nothing: tuple[None, ...] = (None,) * stores
    pooled = float(x.sum() / size.sum()) if len(x) else np.nan
    unit = pooled * (1 - pooled) if kind == "share" else pooled  # variance of one case
    if not unit > 0:
        own = tuple(pooled if len(x) else None for _ in range(stores))
        return Shrinkage(
            raw=or_none(counts / base),
            estimate=own,
            lower=nothing,
            upper=nothing,
            weight=nothing,
            common=pooled if len(x) else None,
            between_sd=0.0 if len(x) > 1 else None,
            confidence=confidence,
        )
    mean, variance = between_variance(x / size, unit / size)
    # How many cases the common knowledge is worth; without differences, more than all there are.
    most = 1e6 * float(size.sum())
    worth = min(unit / variance - (1.0 if kind == "share" else 0.0), most) if variance else most
    worth = max(worth, 1e-6)
    known, seen = np.where(present, base, 0.0), np.where(present, counts, 0.0)
    weight = known / (known + worth)
    alpha, total = worth * mean + seen, worth + known
    tail = (1 - confidence) / 2
    if kind == "share":
        lower, upper = (betaincinv(alpha, total - alpha, q) for q in (tail, 1 - tail))
    else:
        lower, upper = (gammaincinv(alpha, q) / total for q in (tail, 1 - tail))
    return Shrinkage(
        raw=or_none(counts / base),
        estimate=or_none(alpha / total),
        lower=or_none(np.asarray(lower, dtype=np.float64)),
        upper=or_none(np.asarray(upper, dtype=np.float64)),
        weight=or_none(weight),
        common=mean,
        between_sd=float(np.sqrt(variance)) if len(x) > 1 else None,
        confidence=confidence,
    )
