"""Cut a series into straight lines: the exact best cut for every number of pieces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AUTOCORRELATIONS = (0.0, 0.2, 0.4, 0.6, 0.75, 0.87, 0.94, 0.98)
SHORTEST = 3  # two points always lie on a line, so a piece needs a third
SHORTEST_END = 5  # at an end a shorter run may be a spike that was cut off
FINEST = 400  # up to this many points every point may start a piece
COARSE = 400  # beyond it, about this many evenly spaced points may


@dataclass(frozen=True, kw_only=True)
class Segmentation:
    """The best cut into a given number of straight lines.

    Attributes:
        starts: First position of each piece after the first.
        autocorrelation: Lag-1 autocorrelation of the noise under which this cut is likeliest.
        deviance: Minus twice the log-likelihood, up to a constant shared by all cuts of a series.
    """

    starts: tuple[int, ...]
    autocorrelation: float
    deviance: float


class TrendSegmenter:
    """Every best segmentation of one series, found by dynamic programming.

    Within a piece the series is a straight line plus first-order autoregressive noise that starts
    afresh with the piece. For each autocorrelation of a grid the residual sum of squares of every
    possible piece comes from running sums of the whitened series; dynamic programming then
    yields the exact minimum for 1, 2, 3 … pieces, and the likelihood picks the autocorrelation.
    A pause between observations weakens their correlation (rho to the power of the pause); the
    pause is not filled.

    Args:
        values: Observations in order, shape (n,), finite, scaled so that their range is 1.
        positions: Integer time of each observation, shape (n,), strictly increasing.
        floor: Noise, as a share of the range, that is not worth explaining.

    References:
        Bai & Perron (2003), J. Applied Econometrics 18, 1-22. doi:10.1002/jae.659
        Chakar, Lebarbier, Levy-Leduc & Robin (2017), Bernoulli 23, 1408-1447.
        doi:10.3150/15-BEJ782
    """

    def __init__(self, values: Floats, positions: NDArray[np.int64], *, floor: float) -> None:
        self.n = len(values)
        self.floor = floor
        step = 1 if self.n <= FINEST else -(-self.n // COARSE)
        self.step = step
        gaps = np.diff(positions)
        regular = bool((gaps == 1).all())
        key = () if regular else tuple(int(gap) for gap in gaps)
        self._design = _design(self.n, step, key)
        self._values = values
        self._costs = self._piece_costs(values)
        self._best = [self._costs[:, 0, :]]  # best[k][r, e]: k breaks up to boundary e
        self._found: list[Segmentation | None] = []

    def without_breaks(self) -> Segmentation:
        """Return the one straight line."""
        return self.fitted(())

    def with_breaks(self, count: int) -> Segmentation | None:
        """Return the best segmentation with so many breaks, or None where none fits."""
        while len(self._found) <= count:
            self._found.append(self._search(len(self._found)))
        return self._found[count]

    def stretch_deviance(self, *edges: int) -> float:
        """Return the deviance of a stretch alone, with the size and correlation of its own noise.

        Args:
            edges: First position of the stretch, of each piece in it after the first, and the
                position after its last.
        """
        total = sum((self._piece(start, end) for start, end in pairwise(edges)), start=0.0)
        return float(np.min(self._alone(total, edges[-1] - edges[0], len(edges) - 1)))

    def best_place(self, first: int, start: int, end: int) -> int:
        """Return where a break within a stretch is likeliest, judged by the stretch alone.

        Args:
            first: First position of the stretch.
            start: Where the break is now; it stays if there is no other place for it.
            end: Position after the stretch's last.
        """
        places = self._design.boundaries
        low, high = np.searchsorted(places, [first + 1, end])
        i, j = np.searchsorted(places, [first, end])
        before, after = self._costs[:, i, low:high], self._costs[:, low:high, j]
        deviances = self._alone((before + after).T, end - first, 2).min(axis=1)
        if np.isfinite(deviances).any():
            start = int(places[low + np.argmin(deviances)])
        if self.step == 1:
            return start
        near = range(
            max(start - self.step, first + SHORTEST, SHORTEST_END),
            min(start + self.step, end - SHORTEST, self.n - SHORTEST_END) + 1,
        )
        return min(near, key=lambda at: self.stretch_deviance(first, at, end), default=start)

    def _alone(self, totals: Floats | float, count: int, pieces: int) -> Floats:
        """Deviances for each autocorrelation, the last axis of the sums of squares."""
        fit = count * np.log(totals / count + self.floor**2)
        deviances: Floats = fit - pieces * np.log1p(-(self._design.rho**2))
        return deviances

    def fitted(self, starts: tuple[int, ...]) -> Segmentation:
        """Return a given cut under its likeliest autocorrelation."""
        total = np.zeros(len(AUTOCORRELATIONS))
        for start, end in pairwise((0, *starts, self.n)):
            total += self._piece(start, end)
        deviances = self._deviances(total, len(starts))
        at = int(np.argmin(deviances))
        return Segmentation(
            starts=starts,
            autocorrelation=AUTOCORRELATIONS[at],
            deviance=float(deviances[at]),
        )

    def _search(self, count: int) -> Segmentation | None:
        if count == 0:
            return self.without_breaks()
        while len(self._best) < count:
            before = self._best[-1]
            self._best.append((before[:, :, None] + self._costs).min(axis=1))
        closing = self._best[count - 1] + self._costs[:, :, -1]
        totals = closing.min(axis=1)
        if not np.isfinite(totals).any():
            return None
        at = int(np.argmin(self._deviances(totals, count)))
        end = len(self._design.boundaries) - 1
        cuts: list[int] = []
        for k in range(count - 1, -1, -1):
            end = int(np.argmin(self._best[k][at] + self._costs[at, :, end]))
            cuts.append(int(self._design.boundaries[end]))
        starts = tuple(reversed(cuts))
        if self.step > 1:
            starts = self._refined(starts, at)
        return self.fitted(starts)

    def _refined(self, starts: tuple[int, ...], at: int) -> tuple[int, ...]:
        """Move each start of a coarse search to its best place between two coarse boundaries."""
        edges = [0, *starts, self.n]
        for i in range(1, len(edges) - 1):
            low = max(edges[i] - self.step, edges[i - 1] + SHORTEST, SHORTEST_END)
            high = min(edges[i] + self.step, edges[i + 1] - SHORTEST, self.n - SHORTEST_END)
            costs = {
                place: self._piece(edges[i - 1], place)[at] + self._piece(place, edges[i + 1])[at]
                for place in range(low, high + 1)
            }
            edges[i] = min(costs, key=costs.__getitem__, default=edges[i])
        return tuple(edges[1:-1])

    def _deviances(self, totals: Floats, count: int) -> Floats:
        deviances: Floats = (
            self.n * np.log(totals / self.n + self.floor**2)
            + self._design.pauses
            - (count + 1) * np.log1p(-(self._design.rho**2))
        )
        return deviances

    def _piece_costs(self, values: Floats) -> Floats:
        d = self._design
        white = (values[1:] - d.carry * values[:-1]) * d.weight
        head = values[d.starts]
        one = _sums(white * d.white_one, d.boundaries, d.first * head)
        slope = _sums(white * d.white_time, d.boundaries, d.first * d.time[d.starts] * head)
        costs = _sums(white * white, d.boundaries, d.first * head**2)
        slope -= d.mean_time * one  # in place from here: these arrays are most of the work
        slope *= slope
        slope *= d.inverse_time
        costs -= slope
        one *= one
        one *= d.inverse_one
        costs -= one
        np.maximum(costs, 0.0, out=costs)
        costs += d.barred
        return costs

    def _piece(self, start: int, end: int) -> Floats:
        """Return the residual sum of squares of one piece for every autocorrelation, shape (r,)."""
        d = self._design
        y = self._values[start:end]
        carry, weight = d.carry[:, start : end - 1], d.weight[:, start : end - 1]
        head = np.sqrt(d.first)
        white = np.concatenate([head * y[:1], (y[1:] - carry * y[:-1]) * weight], axis=1)
        one = np.concatenate([head, d.white_one[:, start : end - 1]], axis=1)
        time = np.concatenate([head * d.time[start], d.white_time[:, start : end - 1]], axis=1)
        n11, n1t, ntt = (one * one).sum(1), (one * time).sum(1), (time * time).sum(1)
        n1y, nty, nyy = (one * white).sum(1), (time * white).sum(1), (white * white).sum(1)
        mean = n1t / n11
        spread = ntt - mean * n1t
        total: Floats = nyy - n1y**2 / n11 - (nty - mean * n1y) ** 2 / spread
        return np.maximum(total, 0.0)


@dataclass(frozen=True, kw_only=True)
class _Design:
    """All that depends on the times alone; r autocorrelations, b boundaries."""

    rho: Floats  # (r,)
    time: Floats  # (n,)
    boundaries: NDArray[np.int64]  # (b,)
    starts: NDArray[np.int64]  # (b,), the last clipped into the series
    carry: Floats  # (r, n - 1): rho to the power of the pause
    weight: Floats  # (r, n - 1): 1 / sd of the innovation
    white_one: Floats  # (r, n - 1): the whitened constant
    white_time: Floats  # (r, n - 1): the whitened time
    first: Floats  # (r, 1): weight of a piece's first point
    inverse_one: Floats  # (r, b, b)
    mean_time: Floats
    inverse_time: Floats
    barred: Floats  # (b, b): infinity where a piece is too short
    pauses: Floats  # (r,): log-determinant of longer pauses


@lru_cache(maxsize=4)
def _design(n: int, step: int, gaps: tuple[int, ...]) -> _Design:
    rho = np.array(AUTOCORRELATIONS)
    pause = np.array(gaps) if gaps else np.ones(n - 1, dtype=np.int64)
    position = np.concatenate([[0], np.cumsum(pause)])
    time = position / position[-1] - 0.5
    carry = rho[:, None] ** pause
    variance = (1 - carry**2) / (1 - rho[:, None] ** 2)
    weight = 1 / np.sqrt(variance)
    white_one = (1 - carry) * weight
    white_time = (time[1:] - carry * time[:-1]) * weight
    boundaries = np.append(np.arange(0, n, step), n)
    starts = np.minimum(boundaries, n - 1)
    first = (1 - rho**2)[:, None]
    head = time[starts]
    one = _sums(white_one**2, boundaries, first * np.ones(len(starts)))
    cross = _sums(white_one * white_time, boundaries, first * head)
    square = _sums(white_time**2, boundaries, first * head**2)
    short = (boundaries[None, :] - boundaries[:, None]) < SHORTEST
    short[0] |= boundaries < SHORTEST_END
    short[:, -1] |= n - boundaries < SHORTEST_END
    one[:, short] = 1.0
    mean_time = cross / one
    spread = square - mean_time * cross
    spread[:, short] = 1.0
    return _Design(
        rho=rho,
        time=time,
        boundaries=boundaries,
        starts=starts,
        carry=carry,
        weight=weight,
        white_one=white_one,
        white_time=white_time,
        first=first,
        inverse_one=1 / one,
        mean_time=mean_time,
        inverse_time=1 / spread,
        barred=np.where(short, np.inf, 0.0),
        pauses=np.log(variance).sum(axis=1),
    )


def _sums(terms: Floats, boundaries: NDArray[np.int64], heads: Floats) -> Floats:
    """Sum over the piece from each boundary to each other one: its head and the terms inside it.

    Term i joins the points i and i + 1, so that a piece [start, end) has the terms from start
    to end - 2.
    """
    running = np.concatenate([np.zeros((len(terms), 1)), np.cumsum(terms, axis=1)], axis=1)
    last = running.shape[1] - 1
    upper = running[:, np.clip(boundaries - 1, 0, last)]
    lower = running[:, np.minimum(boundaries, last)] - heads
    difference: Floats = upper[:, None, :] - lower[:, :, None]
    return difference
