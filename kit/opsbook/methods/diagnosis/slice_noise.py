"""How large a change of a leaf is still noise, given its size and how the quieter side moves?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from opsbook.methods.diagnosis.slice_cube import Floats

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
        edges: Sizes between the bins, shape (n_bins - 1,).
        scale: Change within which the `CORE` of the noise lies, per bin.
        shape: Exponent of the tail: 2 is normal, 1 exponential.
        outliers: Share of noise that is spread evenly.
        vanished: Probability that noise alone takes all of a leaf, or makes it, per bin.
    """

    edges: NDArray[np.float64]
    scale: NDArray[np.float64]
    shape: float
    outliers: float
    vanished: NDArray[np.float64]

    def evidence(
        self, change: Floats, size: Floats, *, lowest: float, highest: float
    ) -> NDArray[np.float64]:
        """Weigh "a fall of any extent" against noise: the log-likelihood ratio of each leaf.

        Args:
            change: Relative change in [-1, 1], shape (n,); falls are negative.
            size: The larger of actual and expected, same shape, positive.
            lowest: Least evidence of a leaf; bounds what a single leaf can refute.
            highest: Most evidence of a leaf; bounds what a single leaf can prove.
        """
        bins = np.searchsorted(self.edges, size)
        alpha = _core_to_alpha(self.shape)
        constant = np.log(self.shape / (2.0 * alpha)) - special.gammaln(1.0 / self.shape)
        peak = (constant - np.log(self.scale))[bins]
        extent = np.abs(change)
        extent /= self.scale[bins]
        # A rise is never a fall: it counts against one like no change, and more the larger it is.
        against = -peak - np.minimum(extent, 3.0)
        extent /= alpha
        np.power(extent, self.shape, out=extent)
        density = peak - extent
        if self.outliers > 0:
            density = np.logaddexp(
                density + np.log1p(-self.outliers), np.log(self.outliers / 2.0)
            )
        score = np.where(change < 0, -density, against)
        gone = change <= -1.0
        score[gone] = np.log(_VANISHED / self.vanished)[bins[gone]]
        return np.clip(score, lowest, highest, out=score)


def slice_noise(extent: Floats, size: Floats, all_sizes: Floats) -> SliceNoise:
    """Calibrate the noise on the changes of one side of zero.

    Args:
        extent: Absolute relative changes of the leaves that moved to the quieter side, in
            (0, 1], shape (n,); 1 means vanished.
        size: Sizes of these leaves, same shape.
        all_sizes: Sizes of all leaves; they set the bins.

    References:
        Nadarajah (2005), J. Appl. Stat. 32, 685-694, on the generalised normal distribution.
    """
    part = extent < 1.0
    inner, where = extent[part], size[part]
    n_bins = int(np.clip(len(inner) // _LEAVES_PER_BIN, 1, _MOST_BINS))
    cuts = np.linspace(0.0, 1.0, n_bins + 1)[1:-1]
    edges = np.quantile(all_sizes, cuts) if n_bins > 1 else np.empty(0)
    bins = np.searchsorted(edges, where)
    order = np.argsort(bins, kind="stable")
    counts = np.bincount(bins, minlength=n_bins)
    scale = np.empty(n_bins)
    for k, group in enumerate(np.split(inner[order], np.cumsum(counts)[:-1])):
        # Two imagined changes of a half keep a bin with next to no leaves from being sure.
        core = np.quantile(group, CORE) if len(group) else 0.5
        weight = len(group) / (len(group) + 2.0)
        scale[k] = max(float(core), 1e-9) ** weight * 0.5 ** (1.0 - weight)
    shape, outliers = _tail(inner / scale[bins])
    beyond = special.gammaincc(1.0 / shape, (1.0 / scale / _core_to_alpha(shape)) ** shape) / 2.0
    all_bins = np.searchsorted(edges, size)
    seen = np.bincount(all_bins, minlength=n_bins)
    gone = np.bincount(all_bins[~part], minlength=n_bins)
    overall = gone.sum() / max(seen.sum(), 1)
    vanished = (gone + 50.0 * overall) / (seen + 50.0) / 2.0
    return SliceNoise(
        edges=edges,
        scale=scale,
        shape=shape,
        outliers=outliers,
        vanished=np.maximum(np.maximum(vanished, beyond), 1e-13),
    )


def _tail(multiples: Floats) -> tuple[float, float]:
    """Fit the tail exponent to the far quantiles, and count what lies beyond even that."""
    shape = 2.0
    for k, share in enumerate(_TAILS):
        if len(multiples) * (1.0 - share) >= 2.0:
            reached = float(np.quantile(multiples, share))
            fitted = float(np.interp(-reached, -_REACHES[share], _SHAPES))
            shape = min(shape, fitted) if k else fitted
    if not len(multiples):
        return shape, 0.0
    clear = float(_reach(shape, 1.0 - _CLEAR))
    excess = np.count_nonzero(multiples > clear) - 1.0
    return shape, max(excess, 0.0) / len(multiples)
