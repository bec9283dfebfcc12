"""Funnel limits: which stores differ from the rest by more than their size explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from opsbook.methods.trigger.series import Floats, as_counts, as_one_series, or_none
from opsbook.methods.trigger.shrinkage import between_variance

FEWEST = 4
"""With fewer stores, differences between them cannot be told from chance."""
WARNING, ALARM = 0.95, 0.998
Limits = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class FunnelLimits:
    """A funnel plot; tuples have one entry per store.

    Attributes:
        rate: Events over size; None for a store without any.
        size: Trials or exposure; None likewise.
        centre: Common rate; None if no store has numbers or nothing varies.
        warning: Lower and upper 95 % limits.
        alarm: Lower and upper 99.8 % limits.
        z: Distance from the centre in standard deviations.
        outside: Positions of the stores beyond the 99.8 % limits.
        between_sd: Ordinary difference between stores that the limits allow for; 0 if counting
            explains all.
    """

    rate: tuple[float | None, ...]
    size: tuple[float | None, ...]
    centre: float | None
    warning: tuple[Limits, ...]
    alarm: tuple[Limits, ...]
    z: tuple[float | None, ...]
    outside: tuple[int, ...]
    between_sd: float | None


def winsorised(z: Floats, share: float = 0.1) -> Floats:
    """Return the values with a share on each side drawn in to its quantile.

    Examples:
        >>> winsorised(np.array([0.0, 1.0, 2.0, 3.0, 40.0]), 0.2).round(1).tolist()
        [0.8, 1.0, 2.0, 3.0, 10.4]
    """
    low, high = np.quantile(z, [share, 1 - share])
    return np.clip(z, low, high)


def funnel_limits(
    events: ArrayLike, sizes: ArrayLike, *, kind: Literal["share", "rate"] = "share"
) -> FunnelLimits:
    """Find the stores that stand out, given that small ones vary more.

    The centre is the rate of all stores together; limits are
    centre ± z √(variance/size + τ²). τ² is the ordinary difference between stores,
    estimated from winsorised distances so that the outliers themselves do not widen the funnel.
    Of 500 like stores one lies beyond the 99.8 % limits by chance. The assumption that most often
    fails: stores must serve like customers; adjust for the mix first. With fewer than about five
    events a store the normal limits are rough.

    Args:
        events: Events of each store, shape (k,); NaN for none known.
        sizes: Trials (``share``) or exposure (``rate``) of each, shape (k,).
        kind: Whether events are a part of the sizes.

    Raises:
        DataError: If shapes differ, numbers are negative, or events exceed trials.

    References:
        Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202. doi:10.1002/sim.1970

    Examples:
        >>> orders = [100, 500, 510, 500, 12, 90, 300, 250, 800, 410, 75]
        >>> late = [10, 52, 48, 110, 1, 8, 33, 22, 84, 39, 9]
        >>> funnel_limits(late, orders).outside
        (3,)
    """
    as_one_series(events, "events")
    share = kind == "share"
    counts, base = as_counts(events, sizes, "trials" if share else "exposure", at_most_size=share)
    present = ~np.isnan(counts)
    rates = counts / base
    centre = float(counts[present].sum() / base[present].sum()) if present.any() else np.nan
    unit = centre * (1 - centre) if share else centre
    if not unit > 0:
        empty = ((None, None),) * len(counts)
        return FunnelLimits(
            rate=or_none(rates),
            size=or_none(base),
            centre=None,
            warning=empty,
            alarm=empty,
            z=(None,) * len(counts),
            outside=(),
            between_sd=None,
        )
    variance = unit / base
    spread = 0.0
    if present.sum() >= FEWEST:
        z = winsorised((rates[present] - centre) / np.sqrt(variance[present]))
        drawn_in = centre + z * np.sqrt(variance[present])
        _, spread = between_variance(drawn_in, variance[present])
    deviation = np.sqrt(variance + spread)
    z = (rates - centre) / deviation
    return FunnelLimits(
        rate=or_none(rates),
        size=or_none(base),
        centre=centre,
        warning=_limits(centre, deviation, WARNING, share=share),
        alarm=_limits(centre, deviation, ALARM, share=share),
        z=or_none(z),
        outside=tuple(int(i) for i in np.flatnonzero(np.abs(z) > ndtri(0.999))),
        between_sd=float(np.sqrt(spread)),
    )


def funnel_lines(
    funnel: FunnelLimits, sizes: ArrayLike, *, kind: Literal["share", "rate"] = "share"
) -> tuple[tuple[Limits, ...], tuple[Limits, ...]]:
    """Return the warning and alarm limits at other sizes: the funnel's lines, to be drawn.

    Args:
        funnel: The funnel.
        sizes: Sizes at which the lines are wanted, shape (m,).
        kind: As it was for the funnel.

    Raises:
        DataError: If the sizes are no series.

    Examples:
        >>> funnel = funnel_limits([10, 52, 48, 22], [100, 500, 510, 250])
        >>> warning, alarm = funnel_lines(funnel, [100.0, 400.0])
        >>> warning[0][1] > warning[1][1], alarm[0][1] > warning[0][1]
        (True, True)
    """
    base = as_one_series(sizes, "sizes")
    if funnel.centre is None:
        empty: tuple[Limits, ...] = ((None, None),) * len(base)
        return empty, empty
    share = kind == "share"
    unit = funnel.centre * (1 - funnel.centre) if share else funnel.centre
    deviation = np.sqrt(unit / base + (funnel.between_sd or 0.0) ** 2)
    return (
        _limits(funnel.centre, deviation, WARNING, share=share),
        _limits(funnel.centre, deviation, ALARM, share=share),
    )


def _limits(
    centre: float, deviation: Floats, confidence: float, *, share: bool
) -> tuple[Limits, ...]:
    reach = ndtri((1 + confidence) / 2) * deviation
    low = or_none(np.maximum(centre - reach, 0.0))
    high = or_none(np.minimum(centre + reach, 1.0 if share else np.inf))
    return tuple(zip(low, high, strict=True))
