"""How large a change of a leaf is still noise, given its size and how the quieter side moves?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from opsbook.methods.diagnosis.slice_cube import Floats, Ints

CORE = 0.6827  # share of a normal distribution within one standard deviation
_MOST_BINS = 16
_LEAVES_PER_BIN = 10
_VANISHED = 0.25  # prior share of changed leaves that vanish altogether
_SHAPES = np.linspace(0.35, 6.0, 120)
_TAILS = (0.99, 0.999)
_Table = tuple[NDArray[np.float64], NDArray[np.float64]]
_BLOCK = 100_000  # leaves weighed at a time: they stay in the processor's cache
_PER_FOLD = 200.0  # points of the table of evidence to each e-fold of a change
_FAR = 3.0  # cores that a clear rise goes
_CLEAR = 1e-6  # what noise exceeds less often than this is an outlier


def _core_to_alpha(shape: Floats | float) -> NDArray[np.float64]:
    return special.gammaincinv(1.0 / np.asarray(shape), CORE) ** (-1.0 / np.asarray(shape))


def _reach(shape: Floats | float, share: float) -> NDArray[np.float64]:
    """Multiple of the core that holds this share of a generalised normal distribution."""
    inverse = 1.0 / np.asarray(shape)
    return special.gammaincinv(inverse, share) ** inverse * _core_to_alpha(shape)


_REACHES = {share: _reach(_SHAPES, share) for share in _TAILS}


@dataclass(frozen=True, kw_only=True, eq=False)
class LeafSizes:
    """Where each leaf stands among the sizes of all leaves.

    Attributes:
        nodes: Logarithms of the sizes at which noise is calibrated: the smallest, the middle
            of each bin, the largest.
        halves: Half bin of each leaf, equally many leaves in each, shape (n,).
        way: How far the leaf is on its way between the nodes beside it, 0 to 1, same shape.
    """

    nodes: NDArray[np.float64]
    halves: NDArray[np.int8]
    way: NDArray[np.float32]

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return len(self.nodes) - 2

    @property
    def bins(self) -> NDArray[np.int8]:
        """Bin of each leaf."""
        return self.halves >> 1

    def part(self, leaves: Ints | slice) -> LeafSizes:
        """Keep the sizes of some leaves, in the bins of all."""
        return LeafSizes(nodes=self.nodes, halves=self.halves[leaves], way=self.way[leaves])

    def interpolate(self, at_nodes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Draw a line between the nodes, shape (n,)."""
        left = _left_of_half(self.n_bins)
        values = np.diff(at_nodes)[left][self.halves]
        values *= self.way
        values += at_nodes[left][self.halves]
        return values


def _left_of_half(n_bins: int) -> Ints:
    """Node to the left of each half bin."""
    return (np.arange(2 * n_bins) + 1) // 2


def leaf_sizes(size: Floats) -> LeafSizes:
    """Sort leaves into up to 16 bins of at least 400 leaves by their (positive) size."""
    n_bins = int(np.clip(len(size) // (2 * _LEAVES_PER_BIN), 1, _MOST_BINS))
    way = np.log(size)
    ranks = np.linspace(0, len(size) - 1, 2 * n_bins + 1).round().astype(int)
    cuts = np.sort(way)[ranks]
    halves = np.zeros(len(size), np.int8)
    for cut in cuts[1:-1]:
        halves += way >= cut
    nodes = np.r_[cuts[0], cuts[1::2], cuts[-1]]
    left = _left_of_half(n_bins)
    gap = np.diff(nodes)
    way -= nodes[left][halves]
    way /= np.where(gap > 0, gap, 1.0)[left][halves]
    return LeafSizes(nodes=nodes, halves=halves, way=way.astype(np.float32))


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceNoise:
    """The distribution of relative changes that are noise, symmetric about zero.

    A generalised normal distribution whose scale goes with the leaf's size, with a share of
    outliers spread evenly, and a probability of vanishing that goes with the size too.

    Attributes:
        log_scale: Logarithm of the change within which the `CORE` of the noise lies, at the
            nodes of the leaves' sizes.
        log_vanished: Logarithm of the probability that noise alone takes all of a leaf, there.
        shape: Exponent of the tail: 2 is normal, 1 exponential.
        outliers: Share of noise that is spread evenly.
    """

    log_scale: NDArray[np.float64]
    log_vanished: NDArray[np.float64]
    shape: float
    outliers: float

    def evidence(
        self, change: Floats, sizes: LeafSizes, *, lowest: float, highest: float
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Weigh "a fall of any extent, blurred by noise" against noise alone.

        The log-likelihood ratio of each leaf. With F the distribution of noise and f its
        density, a fall by an extent that is uniform on [0, 1] makes the density of a change x
        F(x + 1) - F(x); noise beyond 1 is neglected in it.

        Args:
            change: Relative change in [-1, 1], shape (n,); falls are negative.
            sizes: Sizes of these leaves.
            lowest: Least evidence of a leaf; bounds what a single leaf can refute.
            highest: Most evidence of a leaf; bounds what a single leaf can prove.

        Returns:
            The evidence, shape (n,), and a mark at each leaf that rose by three cores and more.
        """
        score, rose = np.empty(len(change)), np.empty(len(change), bool)
        table = self._table(highest)
        for start in range(0, len(change), _BLOCK):
            block = slice(start, start + _BLOCK)
            score[block], rose[block] = self._evidence(change[block], sizes.part(block), table)
        return np.clip(score, lowest, highest, out=score), rose

    def log_tail(self, change: Floats, sizes: LeafSizes) -> NDArray[np.float64]:
        """Logarithm of the probability that noise alone makes a leaf fall as far, shape (n,)."""
        multiple = np.maximum(-change * np.exp(-sizes.interpolate(self.log_scale)), 0.0)
        power = (multiple / float(_core_to_alpha(self.shape))) ** self.shape
        tail = np.maximum(special.gammaincc(1.0 / self.shape, power), self.outliers) / 2.0
        told = np.log(np.maximum(tail, 1e-300))
        gone = np.flatnonzero(change <= -1.0)
        told[gone] = sizes.part(gone).interpolate(self.log_vanished)
        return told

    def _evidence(
        self, change: Floats, sizes: LeafSizes, table: _Table
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        log_scale = sizes.interpolate(self.log_scale)
        multiple = change * np.exp(-log_scale)
        cell = np.log1p(np.abs(multiple))
        cell *= _PER_FOLD
        np.copysign(cell, multiple, out=cell)
        cell += len(table[1]) // 2
        np.clip(cell, 0, len(table[1]) - 1, out=cell)
        whole = cell.astype(np.int32)
        cell -= whole
        values, steps = table
        cell *= steps[whole]
        score = values[whole]
        score += cell
        score += log_scale
        if self.outliers > 0:
            score = -np.logaddexp(-score + np.log1p(-self.outliers), np.log(self.outliers / 2.0))
        gone = np.flatnonzero(change <= -1.0)
        if len(gone):
            score[gone] = np.log(_VANISHED) - sizes.part(gone).interpolate(self.log_vanished)
        return score, multiple > _FAR

    def _table(self, highest: float) -> _Table:
        """Evidence for a core of 1 and its steps, at multiples even in log(1 + multiple)."""
        alpha = float(_core_to_alpha(self.shape))
        # As far as the evidence still grows, for a scale down to a billionth.
        furthest = alpha * (highest + 22.0) ** (1.0 / self.shape)
        cells = int(np.ceil(_PER_FOLD * np.log1p(furthest)))
        multiple = np.expm1(np.arange(cells + 1) / _PER_FOLD)
        power = (multiple / alpha) ** self.shape
        density = np.log(self.shape / (2.0 * alpha)) - special.gammaln(1.0 / self.shape) - power
        beyond = special.gammaincc(1.0 / self.shape, power) / 2.0
        fall = np.log1p(-beyond) - density
        rise = np.log(np.maximum(beyond, 1e-300)) - density
        values = np.concatenate((fall[:0:-1], rise))
        return values, np.diff(values)


def slice_noise(change: Floats, sizes: LeafSizes) -> SliceNoise:
    """Calibrate the noise of falls on the rises (and what vanishes by chance on both).

    Args:
        change: Relative changes of all leaves in [-1, 1], shape (n,); -1 is gone, 1 is new.
        sizes: Sizes of these leaves.

    References:
        Nadarajah (2005), J. Appl. Stat. 32, 685-694, on the generalised normal distribution.
    """
    rises = np.flatnonzero(change > 0)
    extent = change[rises]
    new, gone = rises[extent >= 1.0], np.flatnonzero(change <= -1.0)
    within = rises if not len(new) else rises[extent < 1.0]
    inner, extent = sizes.part(within), extent if not len(new) else change[within]
    n_bins = sizes.n_bins
    log_scale = _smooth(sizes.nodes, np.log(_cores(extent, inner.bins, n_bins)), len(extent))
    shape, beyond_tail = _tail(extent * np.exp(-inner.interpolate(log_scale)))
    vanish = np.zeros(n_bins)
    if len(new):
        vanish = _often(sizes.part(new).bins, sizes.part(rises).bins, n_bins)
    if len(gone):
        falls = sizes.part(np.flatnonzero(change < 0)).bins
        vanish = np.maximum(vanish, _more_than_large(sizes.part(gone).bins, falls, n_bins))
    alpha = float(_core_to_alpha(shape))
    beyond = special.gammaincc(1.0 / shape, (np.exp(-log_scale) / alpha) ** shape)
    vanished = np.maximum(beyond, np.r_[vanish[0], vanish, vanish[-1]]) / 2.0
    return SliceNoise(
        log_scale=log_scale,
        log_vanished=np.log(np.maximum(vanished, 1e-13)),
        shape=shape,
        outliers=beyond_tail,
    )


def _cores(extent: Floats, bins: Ints, n_bins: int) -> NDArray[np.float64]:
    """Core of the extents per bin; two imagined changes of a half keep a thin bin unsure."""
    ordered = np.sort(bins + extent)  # extents are below 1
    count = np.bincount(bins, minlength=n_bins)
    if not len(ordered):
        return np.full(n_bins, 0.5)
    at = np.cumsum(count) - count + np.floor(CORE * np.maximum(count - 1, 0)).astype(int)
    core = ordered[np.minimum(at, len(ordered) - 1)] - np.arange(n_bins)
    weight = count / (count + 2.0)
    core = np.where(count > 0, np.maximum(core, 1e-9), 0.5)
    return np.power(core, weight) * np.power(0.5, 1.0 - weight)


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


def _smooth(nodes: Floats, y: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Draw the log scales of bins to their line as far as they scatter by chance; add both ends.

    The line never rises: relative noise shrinks with size, if it changes.
    """
    centred = nodes[1:-1] - nodes[1:-1].mean()
    slope = float(np.clip((centred @ y) / max(float(centred @ centred), 1e-12), -1.0, 0.0))
    line = y.mean() + slope * centred
    by_chance = 0.93 * len(y) / max(n, 1)  # variance of the log of a normal sample's core
    share = max(1.0 - by_chance / max(float(np.mean((y - line) ** 2)), 1e-12), 0.0)
    y = line + share * (y - line)
    low = y[0] + slope * (nodes[0] - nodes[1])
    high = y[-1] + slope * (nodes[-1] - nodes[-2])
    return np.concatenate(([low], y, [high]))


def _tail(multiples: Floats) -> tuple[float, float]:
    """Fit the tail exponent to the far quantiles, and count what lies beyond even that.

    Args:
        multiples: Noise as multiples of its core.
    """
    n = len(multiples)
    shape = 2.0
    for k, share in enumerate(_TAILS):
        beyond = n * (1.0 - share)
        if beyond >= 2.0:
            # One standard error further out: a tail is not taken to be lighter than it may be.
            rank = max(round(beyond - np.sqrt(beyond)), 1)
            reached = float(np.partition(multiples, n - rank)[n - rank])
            fitted = float(np.interp(-reached, -_REACHES[share], _SHAPES))
            shape = (shape + fitted) / 2.0 if k else fitted
    clear = float(_reach(shape, 1.0 - _CLEAR))
    beyond_tail = int(np.count_nonzero(multiples > clear)) - 1
    return shape, max(beyond_tail, 0) / max(n, 1)
