"""How large a change of a leaf is still noise, given its size and how the quieter side moves?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from opsbook.methods.diagnosis.slice_cube import Floats, Ints

CORE = 0.6827  # share of a normal distribution within one standard deviation
_MOST_BINS = 16
_LEAVES_PER_BIN = 200
_VANISHED = 0.25  # prior share of changed leaves that vanish altogether
_SHAPES = np.linspace(0.35, 6.0, 120)
_TAILS = (0.99, 0.999)
_CLEAR = 1e-6  # what noise exceeds less often than this is an outlier


def _core_to_alpha(shape: Floats | float) -> NDArray[np.float64]:
    return special.gammaincinv(1.0 / np.asarray(shape), CORE) ** (-1.0 / np.asarray(shape))


def _reach(shape: Floats | float, share: float) -> NDArray[np.float64]:
    """Multiple of the core that holds this share of a generalised normal distribution."""
    inverse = 1.0 / np.asarray(shape)
    return special.gammaincinv(inverse, share) ** inverse * _core_to_alpha(shape)


_REACHES = {share: _reach(_SHAPES, share) for share in _TAILS}


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceNoise:
    """The distribution of relative changes that are noise, symmetric about zero.

    A generalised normal distribution whose scale goes with the leaf's size, with a share of
    outliers spread evenly, and a probability of vanishing that goes with the size too.

    Attributes:
        log_size: Logarithms of the sizes at which the noise is known, ascending; linear between.
        log_scale: Logarithm of the change within which the `CORE` of the noise lies, there.
        log_vanished: Logarithm of the probability that noise alone takes all of a leaf, there.
        shape: Exponent of the tail: 2 is normal, 1 exponential.
        outliers: Share of noise that is spread evenly.
    """

    log_size: NDArray[np.float64]
    log_scale: NDArray[np.float64]
    log_vanished: NDArray[np.float64]
    shape: float
    outliers: float

    def evidence(
        self, change: Floats, size: Floats, *, lowest: float, highest: float
    ) -> NDArray[np.float64]:
        """Weigh "a fall of any extent, blurred by noise" against noise alone.

        The log-likelihood ratio of each leaf. With F the distribution of noise and f its
        density, a fall by an extent that is uniform on [0, 1] makes the density of a change x
        F(x + 1) - F(x); noise beyond 1 is neglected in it.

        Args:
            change: Relative change in [-1, 1], shape (n,); falls are negative.
            size: The larger of actual and expected, same shape, positive.
            lowest: Least evidence of a leaf; bounds what a single leaf can refute.
            highest: Most evidence of a leaf; bounds what a single leaf can prove.
        """
        log_size = np.log(size)
        log_scale = np.interp(log_size, self.log_size, self.log_scale)
        score = np.interp(change * np.exp(-log_scale), *self._table(highest))
        score += log_scale
        if self.outliers > 0:
            score = -np.logaddexp(-score + np.log1p(-self.outliers), np.log(self.outliers / 2.0))
        gone = change <= -1.0
        score[gone] = np.log(_VANISHED) - np.interp(
            log_size[gone], self.log_size, self.log_vanished
        )
        return np.clip(score, lowest, highest, out=score)

    def beyond(self, change: Floats, size: Floats) -> NDArray[np.bool_]:
        """Mark rises of three cores and more."""
        return change > 3.0 * np.exp(np.interp(np.log(size), self.log_size, self.log_scale))

    def _table(self, highest: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Evidence of changes as multiples of the core, for a core of 1."""
        alpha = float(_core_to_alpha(self.shape))
        # As far as the evidence still grows, for a scale down to a billionth.
        furthest = alpha * (highest + 22.0) ** (1.0 / self.shape)
        multiple = np.concatenate(([0.0], np.geomspace(1e-3, furthest, 1000)))
        power = (multiple / alpha) ** self.shape
        density = np.log(self.shape / (2.0 * alpha)) - special.gammaln(1.0 / self.shape) - power
        beyond = special.gammaincc(1.0 / self.shape, power) / 2.0
        fall = np.log1p(-beyond) - density
        rise = np.log(np.maximum(beyond, 1e-300)) - density
        return np.concatenate((-multiple[:0:-1], multiple)), np.concatenate((fall[:0:-1], rise))


def slice_noise(change: Floats, size: Floats, *, outliers: bool = True) -> SliceNoise:
    """Calibrate the noise of falls on the rises (and what vanishes by chance on both).

    Args:
        change: Relative changes of all leaves in [-1, 1], shape (n,); -1 is gone, 1 is new.
        size: Sizes of the leaves, positive, same shape.
        outliers: Whether to count what lies beyond the tail as a part of the noise.

    References:
        Nadarajah (2005), J. Appl. Stat. 32, 685-694, on the generalised normal distribution.
    """
    rises = change > 0
    part = rises & (change < 1.0)
    extent = change[part]
    n_bins = int(np.clip(len(extent) // _LEAVES_PER_BIN, 1, _MOST_BINS))
    cuts = np.quantile(size, np.linspace(0.0, 1.0, 2 * n_bins + 1))
    edges, log_size = cuts[2:-1:2], np.log(cuts[1::2])
    bins = np.searchsorted(edges, size)
    inner = bins[part]
    groups = np.split(
        extent[np.argsort(inner, kind="stable")],
        np.cumsum(np.bincount(inner, minlength=n_bins))[:-1],
    )
    log_scale = np.log([_prudent_core(group) for group in groups])
    vanish = np.maximum(
        _often(bins[change >= 1.0], bins[rises], n_bins),
        _more_than_large(bins[change <= -1.0], bins[change < 0], n_bins),
    )
    if n_bins > 1:
        ends = float(np.log(cuts[0])), float(np.log(cuts[-1]))
        log_size, log_scale = _smooth(log_size, log_scale, ends, len(extent) / n_bins)
        vanish = np.r_[vanish[0], vanish, vanish[-1]]
    scale_of_part = np.exp(np.interp(np.log(size[part]), log_size, log_scale))
    shape, beyond_tail = _tail(extent / scale_of_part)
    alpha = float(_core_to_alpha(shape))
    beyond = special.gammaincc(1.0 / shape, (np.exp(-log_scale) / alpha) ** shape)
    vanished = np.maximum(beyond, vanish) / 2.0
    return SliceNoise(
        log_size=log_size,
        log_scale=log_scale,
        log_vanished=np.log(np.maximum(vanished, 1e-13)),
        shape=shape,
        outliers=beyond_tail if outliers else 0.0,
    )


def _prudent_core(extent: Floats) -> float:
    """Core of the extents; two imagined changes of a half keep a thin bin from being sure."""
    core = max(float(np.quantile(extent, CORE)), 1e-9) if len(extent) else 0.5
    weight = len(extent) / (len(extent) + 2.0)
    return float(core**weight * 0.5 ** (1.0 - weight))


def _often(events: Ints, trials: Ints, n_bins: int) -> NDArray[np.float64]:
    """Rate per bin, drawn towards the overall rate with the weight of 50 trials."""
    count, n = (np.bincount(x, minlength=n_bins) for x in (events, trials))
    overall = len(events) / max(len(trials), 1)
    return np.asarray((count + 50.0 * overall) / (n + 50.0))


def _more_than_large(events: Ints, trials: Ints, n_bins: int) -> NDArray[np.float64]:
    """How much more often an event befalls the leaves of a bin than those of the larger half.

    A change takes large and small leaves alike; chance takes the small ones.
    """
    count, n = (np.bincount(x, minlength=n_bins) for x in (events, trials))
    half = n_bins // 2
    usual = (count[half:].sum() + 1.0) / (n[half:].sum() + 2.0)
    margin = 4.0 * np.sqrt(usual * (1.0 - usual) / np.maximum(n, 1))
    more = count / np.maximum(n, 1) - usual
    return np.where(more > margin, more, 0.0)


def _smooth(
    x: NDArray[np.float64], y: NDArray[np.float64], ends: tuple[float, float], per_bin: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the scales to their line as far as they scatter by chance, and add both ends.

    The line never rises: relative noise shrinks with size, if it changes.
    """
    centred = x - x.mean()
    slope = float(np.clip((centred @ y) / max(centred @ centred, 1e-12), -1.0, 0.0))
    line = y.mean() + slope * centred
    by_chance = 0.93 / per_bin  # variance of the logarithm of a normal sample's core
    share = max(1.0 - by_chance / max(float(np.mean((y - line) ** 2)), 1e-12), 0.0)
    y = line + share * (y - line)
    low, high = y[0] + slope * (ends[0] - x[0]), y[-1] + slope * (ends[1] - x[-1])
    return np.r_[ends[0], x, ends[1]], np.r_[low, y, high]


def _tail(multiples: Floats) -> tuple[float, float]:
    """Fit the tail exponent to the far quantiles, and count what lies beyond even that."""
    shape = 2.0
    for k, share in enumerate(_TAILS):
        if len(multiples) * (1.0 - share) >= 2.0:
            reached = float(np.quantile(multiples, share))
            fitted = float(np.interp(-reached, -_REACHES[share], _SHAPES))
            shape = (shape + fitted) / 2.0 if k else fitted
    if not len(multiples):
        return shape, 0.0
    clear = float(_reach(shape, 1.0 - _CLEAR))
    excess = np.count_nonzero(multiples > clear) - 1.0
    return shape, max(excess, 0.0) / len(multiples)
