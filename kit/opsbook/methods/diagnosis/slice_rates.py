"""How strongly do the counts of a leaf say that its rate changed by more than rates drift?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

from opsbook.methods.diagnosis.slice_cube import Floats

MOST_UNSEEN_DRIFT = 0.001  # a former rate is known no better than some 1,000 trials tell
MOST_DRIFT = 0.5
_LEAST_PRIOR, _MOST_PRIOR = 2.0, 10.0
_HALF = 0.4549  # median of the square of a standard normal variable
_Moves = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
_ONE_SIDED = 2.0  # falls less rises, in standard errors: beyond, leaves are taken to move together
_TOGETHER = 3.7  # 2.5 standard deviations of a normal law, in widths of its middle half
_FEWEST = 8  # quiet leaves from which a drift is told


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceRates:
    """Counts of leaves (or of slices) after and before.

    Attributes:
        hits: Successes after, shape (n,).
        trials: Trials after.
        hits_before: Successes before; need not be whole.
        trials_before: Trials before.
    """

    hits: NDArray[np.float64]
    trials: NDArray[np.float64]
    hits_before: NDArray[np.float64]
    trials_before: NDArray[np.float64]

    def pooled(self, leaves: NDArray[np.bool_]) -> SliceRates:
        """Add up some leaves, shape (1,)."""
        return SliceRates(
            hits=self.hits[leaves].sum(keepdims=True),
            trials=self.trials[leaves].sum(keepdims=True),
            hits_before=self.hits_before[leaves].sum(keepdims=True),
            trials_before=self.trials_before[leaves].sum(keepdims=True),
        )

    def amounts(self) -> tuple[NDArray[np.float64], ...]:
        """Hits and trials after, hits and trials before."""
        return self.hits, self.trials, self.hits_before, self.trials_before

    def as_shares(self) -> tuple[SliceRates, float]:
        """Turn any ratio into a share between 0 and 1, and give the overall share before.

        Shares stay as they are, up to a hundredth of hits too many (rounding). Other ratios
        become hits / (hits + k * trials), one half at the overall ratio before, and the number
        of trials becomes what the spread of the leaves tells.
        """
        total, total_before = float(self.hits.sum()), float(self.hits_before.sum())
        over = float(np.maximum(self.hits - self.trials, 0.0).sum())
        over_before = float(np.maximum(self.hits_before - self.trials_before, 0.0).sum())
        if over <= 0.01 * total and over_before <= 0.01 * total_before:
            shares = SliceRates(
                hits=np.minimum(self.hits, self.trials),
                trials=self.trials,
                hits_before=np.minimum(self.hits_before, self.trials_before),
                trials_before=self.trials_before,
            )
            return shares, float(shares.hits_before.sum() / self.trials_before.sum())
        usual = (total_before or total) / float(self.trials_before.sum())
        size = self.hits / usual + self.trials
        size_before = self.hits_before / usual + self.trials_before
        both = (size > 0) & (size_before > 0)
        change = (self.hits[both] / size[both] - self.hits_before[both] / size_before[both]) / usual
        sampling = 1.0 / size[both] + 1.0 / size_before[both]
        spread = min(
            _spread(change[side] ** 2 / sampling[side]) for side in (change > 0, change < 0)
        )
        unit = max(4.0 * spread / _HALF, 1e-12 * float(size.max()))
        shares = SliceRates(
            hits=self.hits / usual / unit,
            trials=size / unit,
            hits_before=self.hits_before / usual / unit,
            trials_before=size_before / unit,
        )
        return shares, 0.5

    def falls(self) -> NDArray[np.float64]:
        """How far each rate fell; 0 without trials on both sides."""
        both = (self.trials > 0) & (self.trials_before > 0)
        after = np.divide(self.hits, self.trials, out=np.zeros(len(both)), where=both)
        before = np.divide(
            self.hits_before, self.trials_before, out=np.zeros(len(both)), where=both
        )
        return np.asarray(before - after)

    def stratified(self, drift: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Fall of each leaf against itself and its variance, weighted so that sums can be tested.

        The weights are those of Mantel and Haenszel: neither a leaf without a past nor a change
        of the mix of leaves has a say.

        Args:
            drift: Intraclass correlation of what rates do by themselves.
        """
        trials, before = np.maximum(self.trials, 1e-300), np.maximum(self.trials_before, 1e-300)
        weight = trials * before / (trials + before)
        change = self.hits_before / before - self.hits / trials
        pool = (self.hits + self.hits_before + 0.5) / (trials + before + 1.0)
        spread = pool * (1.0 - pool) * (1.0 / trials + 1.0 / before + 2.0 * drift)
        told = (self.trials > 0) & (self.trials_before > 0)
        return np.where(told, weight * change, 0.0), np.where(told, weight**2 * spread, 0.0)

    def odds_against(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Misses now by hits before, and hits now by misses before: what odds fell by, in parts.

        The sum of the first over the sum of the second is how many times the odds fell, common
        to all leaves, each against itself (Mantel and Haenszel).
        """
        both = (self.trials > 0) & (self.trials_before > 0)
        n = np.where(both, self.trials + self.trials_before, np.inf)
        misses, misses_before = self.trials - self.hits, self.trials_before - self.hits_before
        return misses * self.hits_before / n, self.hits * misses_before / n

    def without_common_shift(self) -> SliceRates:
        """Move the rates before by the change of the odds of the typical leaf."""
        both = (self.trials > 0) & (self.trials_before > 0)
        odds = np.log((self.hits + 0.5) / (self.trials - self.hits + 0.5))
        odds -= np.log((self.hits_before + 0.5) / (self.trials_before - self.hits_before + 0.5))
        weight = np.sqrt(1.0 / (1.0 / self.trials[both] + 1.0 / self.trials_before[both]))
        factor = np.exp(_typical(odds[both], weight))
        misses = self.trials_before - self.hits_before
        shifted = self.hits_before * factor / np.maximum(self.hits_before * factor + misses, 1e-300)
        return replace(self, hits_before=self.trials_before * shifted)

    def evidence(
        self, fell: bool, overall: float, drift: float, prior: float
    ) -> NDArray[np.float64]:
        """Weigh "the rate fell (rose) to anywhere" against "it only drifted".

        The log Bayes factor of a uniform rate below (above) the former one against a
        beta-binomial draw around it.

        Args:
            fell: Look for falls (else for rises).
            overall: Overall rate before; leaves with few trials before lean on it.
            drift: Intraclass correlation of what rates do by themselves.
            prior: Trials that the overall rate counts for.
        """
        shrink = 1.0 / (1.0 + np.maximum(self.trials - 1.0, 0.0) * drift)
        shrink_before = 1.0 / (1.0 + np.maximum(self.trials_before - 1.0, 0.0) * drift)
        hits, misses = self.hits * shrink, (self.trials - self.hits) * shrink
        a = self.hits_before * shrink_before + prior * overall
        b = (self.trials_before - self.hits_before) * shrink_before + prior * (1.0 - overall)
        a, b = np.maximum(a, 1e-3), np.maximum(b, 1e-3)
        rate = a / (a + b)
        unchanged = special.betaln(a + hits, b + misses) - special.betaln(a, b)
        if not fell:
            hits, misses, rate = misses, hits, 1.0 - rate
        below = special.betainc(hits + 1.0, misses + 1.0, rate)
        changed = (
            special.betaln(hits + 1.0, misses + 1.0)
            + np.log(np.maximum(below, 1e-300))
            - np.log(rate)
        )
        return np.where(self.trials > 0, changed - unchanged, 0.0)

    def prior_weight(self, overall: float) -> float:
        """How many trials the overall rate before counts for in a leaf: more where leaves agree.

        From the intraclass correlation of leaves before, by moments; 2 to 10.
        """
        seen = self.trials_before > 0
        n, hits = self.trials_before[seen], self.hits_before[seen]
        spread = float(((hits - n * overall) ** 2 / n).sum()) / max(overall * (1 - overall), 1e-12)
        apart = (spread - len(n)) / max(float(n.sum()) - len(n), 1.0)
        return float(np.clip(1.0 / max(apart, 1e-9) - 1.0, _LEAST_PRIOR, _MOST_PRIOR))

    def drift(self, fell: bool) -> float | None:
        """Calibrate how much rates drift on the leaves that moved the other way.

        The intraclass correlation under which half of these leaves lie within the middle half
        of the noise; None where fewer than 8 tell. Where clearly more leaves moved one way than
        the other, all of them may have, and the few left are no witness of noise: then how
        leaves scatter about their common shift is heard, too, and the smaller one counts.
        """
        both = (self.trials > 0) & (self.trials_before > 0)
        change, spread, sampling = _moves(*(x[both] for x in self.amounts()))
        away = change > 0 if fell else change < 0
        drift = _drift(spread[away], sampling[away])
        fallen, risen = np.count_nonzero(change < 0), np.count_nonzero(change > 0)
        if abs(fallen - risen) <= _ONE_SIDED * sqrt(fallen + risen):
            return drift
        told = (drift, self.without_common_shift().scatter())
        return min((d for d in told if d is not None), default=None)

    def scatter(self) -> float | None:
        """The same, told by the leaves that moved either way; None where fewer than 8 tell."""
        both = (self.trials > 0) & (self.trials_before > 0)
        _, spread, sampling = _moves(*(x[both] for x in self.amounts()))
        return _drift(spread, sampling)


def _typical(values: Floats, weight: Floats) -> float:
    """Weighted median of the values that lie together, even if many others lie to one side.

    Together lies what is within 2.5 standard deviations of the middle of the shortest half.

    References:
        Rousseeuw & Leroy (1988), Stat. Neerl. 42, 103-116, on the shortest half.
    """
    order = np.argsort(values)
    x, w = values[order], weight[order]
    reached = np.cumsum(w)
    ends = np.searchsorted(reached, reached - w + reached[-1] / 2.0 * (1 - 1e-12))
    starts = np.flatnonzero(ends < len(x))
    width = x[ends[starts]] - x[starts]
    first = int(np.argmin(width))
    middle, reach = x[starts[first]] + width[first] / 2.0, _TOGETHER * width[first] / 2.0
    near = np.abs(x - middle) <= reach
    share = np.cumsum(w[near])
    return float(x[near][np.searchsorted(share, share[-1] / 2.0)])


def drift_over_periods(hits: Floats, trials: Floats, length: int | None = None) -> float | None:
    """Tell from the leaves' own past how much rates drift from one part of it to the next.

    Parts as long as what they are to judge, for longer ones average more; shorter ones where
    leaves are too few to tell by so few parts, which errs on the side of too much drift.

    Args:
        hits: Successes of each leaf in each period, shape (n_periods, n_leaves).
        trials: Trials, same shape.
        length: Periods that are judged; a quarter of the past if left out.

    Returns:
        The intraclass correlation; None where fewer than 8 pairs of parts tell.
    """
    wanted = 4 if length is None else len(hits) // max(length, 1)
    parts = min(max(wanted, 1 + ceil(_FEWEST / max(hits.shape[1], 1))), len(hits))
    h, n = (
        np.array([part.sum(axis=0) for part in np.array_split(x, parts)]) for x in (hits, trials)
    )
    both = (n[1:] > 0) & (n[:-1] > 0)
    _, spread, sampling = _moves(h[1:][both], n[1:][both], h[:-1][both], n[:-1][both])
    return _drift(spread, sampling)


def _moves(hits: Floats, trials: Floats, hits_before: Floats, trials_before: Floats) -> _Moves:
    """Change of each rate, its square over what one trial spreads, and the share of sampling."""
    change = hits / trials - hits_before / trials_before
    pool = (hits + hits_before + 0.5) / (trials + trials_before + 1.0)
    return change, change**2 / (pool * (1.0 - pool)), 1.0 / trials + 1.0 / trials_before


def _drift(spread: Floats, sampling: Floats) -> float | None:
    """Drift under which half of the changes lie in the middle half of the noise.

    At least what so many leaves could not have shown, and no more than 0.001 of that.
    """
    if len(spread) < _FEWEST:
        return None
    drift = min(2.0 * float(np.median(sampling)) / sqrt(len(spread)), MOST_UNSEEN_DRIFT)
    for more in np.geomspace(drift, MOST_DRIFT, 80):
        drift = float(more)
        if np.median(spread / (sampling + 2.0 * drift)) <= _HALF:
            break
    return drift


def _spread(squares: Floats) -> float:
    """Median of the squares; nothing to go by counts as wide."""
    return float(np.median(squares)) if len(squares) else np.inf
