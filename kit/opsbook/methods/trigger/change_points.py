"""Find when a series changed for good, and how sure one can be of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.trigger.change_chance import change_chance
from opsbook.methods.trigger.change_kind import ChangeKind, change_kind
from opsbook.methods.trigger.change_season import SPIKE_LIMIT, change_season
from opsbook.methods.trigger.change_spread import SpreadChange, change_spread
from opsbook.methods.trigger.local_evidence import local_evidence
from opsbook.methods.trigger.segment_line import Segment, off_the_line, segment_line
from opsbook.methods.trigger.segment_trend import SHORTEST_END, Segmentation, TrendSegmenter

Floats = NDArray[np.float64]
Reason = Literal["no_values", "too_short", "constant", "noise_explains_it", "too_faint"]

LEAST = 10  # fewer points than this cannot show a change
FAINTEST = 0.015  # share of the range below which no deviation counts: 0.0125 to 0.0175 score alike
VISIBLE = 0.15  # a break must lower the log variance around the trend on both its sides by this
LOOK_AHEAD = 3  # breaks that may only pay together: a dip needs two
MOST = 40


@dataclass(frozen=True, kw_only=True)
class Change:
    """A place where one straight line ends and another begins.

    Attributes:
        index: First point of the new segment.
        kind: ``level_shift``, ``trend_break`` or ``level_and_trend``.
        jump: New line minus old line at `index`, the series' unit.
        level_before: The old line at its last point.
        level_after: The new line at its first point.
        slope_before: Change per step before.
        slope_after: Change per step after.
        spread_before: Standard deviation around the old line; None where it is not known.
        spread_after: Standard deviation around the new line; None where it is not known.
        p_value: Probability that noise with autocorrelation 0.5 alone would gain as much from a
            break anywhere in the two stretches that this one parts.
    """

    index: int
    kind: ChangeKind
    jump: float
    level_before: float
    level_after: float
    slope_before: float
    slope_after: float
    spread_before: float | None
    spread_after: float | None
    p_value: float


@dataclass(frozen=True, kw_only=True)
class ChangePoints:
    """When a series changed.

    Attributes:
        changes: The changes claimed, in order of time.
        segments: The straight lines between them; empty where nothing could be fitted.
        reason: Why no change is claimed: ``no_values``; ``too_short`` (under 10 points);
            ``constant``; ``noise_explains_it``; ``too_faint`` (noise hardly would, but the
            breaks do not part the series, as in a pattern that comes and goes). None where a
            change is claimed.
        p_value: Smallest p-value of the changes claimed, else the probability that noise alone
            would look as much like a change as the likeliest candidate does; None where nothing
            could be fitted.
        autocorrelation: Lag-1 autocorrelation of the noise around the lines, to the nearest of a
            grid; None where nothing could be fitted.
        period: Length of the seasonal pattern that was removed, or None.
        spikes: Indices of the points that stand alone, at most four in a row; they count as noise.
        spread: Where the spread around the lines changed most, with its p-value; no change is
            claimed from it. None with fewer than 20 points.
        n: Observations used.
        resolution: Places are exact where this is 1; in longer series the search goes over every
            so many points first, and then to the best place between two of them.
    """

    changes: tuple[Change, ...]
    segments: tuple[Segment, ...]
    reason: Reason | None
    p_value: float | None
    autocorrelation: float | None
    period: int | None
    spikes: tuple[int, ...]
    spread: SpreadChange | None
    n: int
    resolution: int = 1

    @property
    def indices(self) -> tuple[int, ...]:
        """First point of each new segment."""
        return tuple(change.index for change in self.changes)


def change_points(
    values: ArrayLike, *, period: int | None = None, false_alarm: float = 0.05
) -> ChangePoints:
    """Tell when a series changed its level or its trend, and stay silent about noise.

    The series, without its seasonal pattern and its spikes, is cut into straight lines with
    autoregressive noise around them. One more cut, or up to three that only pay together, is
    accepted while (1) noise with autocorrelation 0.5 would gain as much likelihood with a
    probability of at most `false_alarm`, and (2) each cut is visible: without it the variance
    around the trend on both sides of it is at least 16 % larger. Then every cut must pay once more,
    within the two stretches that it parts and under their own noise (`local_evidence`), so that a
    restless part is not cut to pieces. Scale, shift and sign of the series change nothing.

    The assumption that most often fails: noise that is steady about its lines. Noise that wanders
    (a random walk) makes trends by itself, and in fewer than 100 points some pass for real ones.

    Args:
        values: Observations on an even time grid, shape (n,); a missing one is NaN, and so is
            each step of a gap.
        period: Length of the seasonal pattern where it is known; None lets the series tell.
        false_alarm: Accepted probability of claiming any change in noise with autocorrelation
            0.5, in (0, 0.2]; with independent noise it is smaller.

    Returns:
        The changes, the lines between them, and the reason where none is claimed.

    Raises:
        DataError: If values is not one-dimensional, has an infinite value, or false_alarm or
            period is out of range.

    References:
        Bai & Perron (2003), J. Applied Econometrics 18, 1-22. doi:10.1002/jae.659
        Chakar et al. (2017), Bernoulli 23, 1408-1447. doi:10.3150/15-BEJ782

    Examples:
        >>> found = change_points([20, 22, 21, 19, 20, 21, 20, 22, 29, 31, 30, 30, 31, 29, 30])
        >>> found.indices, found.changes[0].kind
        ((8,), 'level_shift')
    """
    series = _checked(values, period=period, false_alarm=false_alarm)
    known = np.flatnonzero(np.isfinite(series))
    n = len(known)
    if n < LEAST:
        return _none("no_values" if n == 0 else "too_short", n)
    middle, scale = _scale(series[known])
    if scale == 0.0:
        return _none("constant", n)
    first = int(known[0])
    cleaned = change_season((series[first : known[-1] + 1] - middle) / scale, period=period)
    left = cleaned.values[known - first]
    middle_left, scale_left = _scale(left)
    if scale_left < 1e-9:
        return _none("constant", n, period=cleaned.period)
    z = (left - middle_left) / scale_left
    segmenter = TrendSegmenter(z, known, floor=FAINTEST)
    searched, p_value = _accepted(segmenter, z, known, false_alarm)
    chosen, chances = local_evidence(segmenter, searched, false_alarm)

    kinds, starts = _kinds(z, known, chosen)
    pieces = [slice(a, b) for a, b in pairwise((0, *starts, n))]
    in_unit = (middle + scale * middle_left) + scale * scale_left * z
    segments = tuple(segment_line(in_unit[piece], known[piece]) for piece in pieces)
    changes = tuple(
        _change(old, new, kind, chance)
        for kind, (old, new), chance in zip(kinds, pairwise(segments), chances, strict=True)
    )
    raw = cleaned.with_spikes[known - first] * scale
    away = np.concatenate([off_the_line(raw[piece], known[piece]) for piece in pieces])
    spread = change_spread(away)
    return ChangePoints(
        changes=changes,
        segments=segments,
        reason=None if changes else "too_faint" if p_value <= false_alarm else "noise_explains_it",
        p_value=min((c.p_value for c in changes), default=p_value),
        autocorrelation=chosen.autocorrelation,
        period=cleaned.period,
        spikes=_spikes(away, known, {first + i for i in cleaned.spikes}),
        spread=None if spread is None else replace(spread, index=int(known[spread.index])),
        n=n,
        resolution=segmenter.step,
    )


def _checked(values: ArrayLike, *, period: int | None, false_alarm: float) -> Floats:
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1:
        raise DataError(
            f"Change points need one series; values has shape {series.shape}.",
            "Pass one series at a time.",
        )
    infinite = np.flatnonzero(np.isinf(series))
    if len(infinite):
        raise DataError(
            f"The value at index {infinite[0]} is infinite.", "Make it a number or missing."
        )
    if not 0 < false_alarm <= 0.2:
        raise DataError(
            f"false_alarm is {false_alarm}; the calibration holds for 0 < false_alarm <= 0.2.",
            "Choose 0.05, say.",
        )
    if period is not None and period < 2:
        raise DataError(f"period is {period}; a pattern has two steps at least.", "Correct period.")
    return series


def _scale(values: Floats) -> tuple[float, float]:
    """Return the middle and the range; a range of rounding errors only is 0."""
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    spread = high / 2 - low / 2
    return low / 2 + high / 2, 0.0 if spread <= 1e-13 * size else 2 * spread


def _none(reason: Reason, n: int, *, period: int | None = None) -> ChangePoints:
    return ChangePoints(
        changes=(),
        segments=(),
        reason=reason,
        p_value=None,
        autocorrelation=None,
        period=period,
        spikes=(),
        spread=None,
        n=n,
    )


def _accepted(
    segmenter: TrendSegmenter, z: Floats, known: NDArray[np.int64], false_alarm: float
) -> tuple[Segmentation, float]:
    """Return the segmentation accepted, and the chance of the likeliest step not taken."""
    chosen = segmenter.without_breaks()
    while True:
        chance = 1.0
        for more in range(1, LOOK_AHEAD + 1):
            candidate = segmenter.with_breaks(len(chosen.starts) + more)
            if candidate is None:
                break
            by_noise = change_chance(chosen.deviance - candidate.deviance, breaks=more)
            chance = min(chance, by_noise)
            if by_noise <= false_alarm and all_visible(z, known, candidate.starts):
                chosen = candidate
                break
        else:
            candidate = None
        if candidate is None or len(chosen.starts) >= MOST:
            return chosen, chance


def all_visible(z: Floats, known: NDArray[np.int64], starts: tuple[int, ...]) -> bool:
    """Tell whether each break lowers the variance around the lines on both its sides enough."""
    edges = (0, *starts, len(z))
    apart = [_squares(z, known, a, b) for a, b in pairwise(edges)]
    for i in range(1, len(edges) - 1):
        count = edges[i + 1] - edges[i - 1]
        together = _squares(z, known, edges[i - 1], edges[i + 1]) / count + FAINTEST**2
        split = (apart[i - 1] + apart[i]) / count + FAINTEST**2
        if np.log(together / split) < VISIBLE:
            return False
    return True


def _squares(z: Floats, known: NDArray[np.int64], start: int, end: int) -> float:
    rest = off_the_line(z[start:end], known[start:end])
    return float(rest @ rest)


def _spikes(away: Floats, known: NDArray[np.int64], suspects: set[int]) -> tuple[int, ...]:
    """Keep the suspects that also stand far from the line of their segment."""
    far = np.abs(away) > SPIKE_LIMIT * 1.4826 * float(np.median(np.abs(away)))
    return tuple(int(i) for i in known[far] if int(i) in suspects)


def _kinds(
    z: Floats, known: NDArray[np.int64], chosen: Segmentation
) -> tuple[list[ChangeKind], tuple[int, ...]]:
    """Return what changed at each break, and the starts with every bend in its best place."""
    edges = [0, *chosen.starts, len(z)]
    kinds: list[ChangeKind] = []
    for i in range(1, len(edges) - 1):
        piece = slice(edges[i - 1], edges[i + 1])
        kind, place = change_kind(
            z[piece], known[piece], edges[i] - edges[i - 1], chosen.autocorrelation
        )
        kinds.append(kind)
        moved = edges[i - 1] + place
        if SHORTEST_END <= moved <= len(z) - SHORTEST_END:
            edges[i] = moved
    return kinds, tuple(edges[1:-1])


def _change(old: Segment, new: Segment, kind: ChangeKind, p_value: float) -> Change:
    steps = new.start - (old.end - 1)
    return Change(
        index=new.start,
        kind=kind,
        jump=new.level_first - (old.level_last + old.slope * steps),
        level_before=old.level_last,
        level_after=new.level_first,
        slope_before=old.slope,
        slope_after=new.slope,
        spread_before=old.spread,
        spread_after=new.spread,
        p_value=p_value,
    )
