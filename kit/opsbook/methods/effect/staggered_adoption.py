"""Launches at different dates at different units, without comparing the late with the early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from opsbook.errors import DataError
from opsbook.methods.effect.doubly_robust_change import doubly_robust_change
from opsbook.methods.effect.panel import Floats, Mask
from opsbook.methods.estimate import Estimate

Comparison = Literal["never", "not_yet"]
Whole = NDArray[np.int64]

FEW = 10  # below, a launch's own units cannot tell their spread: it is pooled with the others'


@dataclass(frozen=True, kw_only=True)
class GroupPeriod:
    """The effect on the units that launched in one period, measured in one period.

    Attributes:
        launched: Index of the period in which these units launched.
        period: Index of the period measured; before ``launched`` it is a check, not an effect.
        estimate: Mean effect on these units in that period.
    """

    launched: int
    period: int
    estimate: Estimate


@dataclass(frozen=True, kw_only=True)
class StaggeredAdoption:
    """Effects of staggered launches, and their averages.

    Attributes:
        simple: Average over all units and periods after their launch, each counted once.
        dynamic: Average over the lengths of exposure.
        group: Average over the launch periods, each unit counted once.
        by_exposure: Effect by periods since the launch; 0 is the first, negative is a check.
        by_launch: Average effect on the units of each launch period, with that period's index.
        group_periods: The building blocks.
        n_units: Units used.
        dropped: Indices of the units left out: a missing cell, or launched before there was
            anything to compare with.
    """

    simple: Estimate
    dynamic: Estimate
    group: Estimate
    by_exposure: tuple[tuple[int, Estimate], ...]
    by_launch: tuple[tuple[int, Estimate], ...]
    group_periods: tuple[GroupPeriod, ...]
    n_units: int
    dropped: tuple[int, ...]


def staggered_adoption(
    values: ArrayLike,
    *,
    launched: Sequence[int | None],
    controls: Comparison = "never",
    covariates: ArrayLike | None = None,
    confidence: float = 0.95,
) -> StaggeredAdoption:
    """Estimate the effect of a roll-out that reached different units at different times.

    A regression with unit and period effects compares units that launch late with units that
    launched early, whose own effect may still be growing, and can get the sign wrong. Here each
    launch is compared only with units that have not launched. Assumes that those would have
    moved in parallel with the launched ones; the checks before the launch show where not.

    Args:
        values: The metric, shape (units, periods). A unit with a missing cell is left out.
        launched: For each unit the index of its first period after the launch, None for never.
        controls: ``never`` compares with units that never launch, ``not_yet`` also with those
            that launch later.
        covariates: What was known of each unit before any launch, shape (units,) or (units, k);
            units like the launched ones then count for more. Needs ten units or more a launch.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        The effect by launch and period, and its averages, in the metric's unit. A launch of
        fewer than ten units takes its spread from the units it is compared with, too.

    Raises:
        DataError: If the shapes disagree, no unit launches within the periods, or fewer than two
            units are there to compare with; with covariates also if a launch has fewer than ten
            units, or the covariates tell it from the others without error.

    References:
        Callaway & Sant'Anna (2021), Journal of Econometrics 225, 200-230.
        doi:10.1016/j.jeconom.2020.12.001

    Examples:
        >>> values = [[1, 5, 5], [1, 4, 6], [1, 1, 7], [1, 2, 8], [1, 1, 1], [1, 2, 2]]
        >>> launched = [1, 1, 2, 2, None, None]
        >>> round(staggered_adoption(values, launched=launched).simple.effect, 2)
        4.33
    """
    table = np.asarray(values, dtype=float)
    if table.ndim != 2 or table.shape[0] != len(launched):
        raise DataError(
            f"The values have the shape {table.shape} and there are {len(launched)} launches.",
            "Give one row of periods and one launch (or None) per unit.",
        )
    periods = table.shape[1]
    start = np.array([periods if first is None else first for first in launched])
    start = np.minimum(start, periods)  # a launch after the last period has not happened yet
    known = None if covariates is None else np.asarray(covariates, dtype=float)
    whole = np.isfinite(table).all(axis=1) & (start > 0)
    if known is not None:
        known = known.reshape(len(launched), -1)
        whole &= np.isfinite(known).all(axis=1)
        known = known[whole]
    table, start = table[whole], start[whole]
    cohorts = [int(first) for first in np.unique(start) if first < periods]
    if not cohorts:
        raise DataError(
            "No unit launches within the periods, after the first of them.",
            "Check the launch dates, or add earlier periods.",
        )
    pairs = [(first, period) for first in cohorts for period in range(1, periods)]
    blocks = [
        block
        for first, period in pairs
        if (block := _block(table, start, known, (first, period), controls)) is not None
    ]
    late = [block for block in blocks if block.period >= block.launched]
    if not late:
        raise DataError(
            "Fewer than two units have not launched, so that there is nothing to compare with.",
            "Add units that never launch, or compare with those that launch later ('not_yet').",
        )
    exposures = sorted({block.exposure for block in blocks})
    by_exposure = {e: _by_size([b for b in blocks if b.exposure == e], start) for e in exposures}
    by_launch = [
        _evenly([block for block in late if block.launched == first])
        for first in sorted({block.launched for block in late})
    ]
    freedom = start.size - len(cohorts) - 1

    def judge(block: _Block) -> Estimate:
        error = float(np.sqrt(block.influence @ block.influence))
        known = freedom > 0 and error > 1e-13 * np.abs(table).max()
        reach = float(special.stdtrit(freedom, (1 + confidence) / 2)) * error
        return Estimate(
            method="staggered_adoption",
            effect=block.effect,
            lower=block.effect - reach if known else None,
            upper=block.effect + reach if known else None,
            confidence=confidence,
            p_value=float(2 * special.stdtr(freedom, -abs(block.effect) / error))
            if known
            else None,
            n=start.size,
        )

    return StaggeredAdoption(
        simple=judge(_by_size(late, start)),
        dynamic=judge(_evenly([by_exposure[e] for e in exposures if e >= 0])),
        group=judge(_by_size(by_launch, start)),
        by_exposure=tuple((e, judge(by_exposure[e])) for e in exposures),
        by_launch=tuple((block.launched, judge(block)) for block in by_launch),
        group_periods=tuple(
            GroupPeriod(launched=b.launched, period=b.period, estimate=judge(b)) for b in blocks
        ),
        n_units=start.size,
        dropped=tuple(np.flatnonzero(~whole).tolist()),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Block:
    """An effect, and how each unit's deviation moves it; the squares sum to its variance."""

    launched: int
    period: int
    effect: float
    influence: Floats

    @property
    def exposure(self) -> int:
        return self.period - self.launched


def _block(
    table: Floats, start: Whole, known: Floats | None, pair: tuple[int, int], controls: Comparison
) -> _Block | None:
    """Effect on one launch in one period, or None where fewer than two units compare."""
    launched, period = pair
    base = launched - 1 if period >= launched else period - 1
    own = start == launched
    # A unit that launches up to the later of the two periods is no longer untouched in both.
    untouched = start > max(period, base) if controls == "not_yet" else start == table.shape[1]
    others = untouched & ~own
    if others.sum() < 2:
        return None
    change, both = table[:, period] - table[:, base], own | others
    influence = np.zeros(start.size)
    if known is None:
        effect, influence[both] = _plain_change(change[both], own[both])
    elif own.sum() >= FEW:
        effect, influence[both] = doubly_robust_change(change[both], own[both], known[both])
    else:
        raise DataError(
            f"The launch in period {launched} has {int(own.sum())} units; covariates need {FEW}.",
            "Leave the covariates out, or pool launches.",
        )
    return _Block(launched=launched, period=period, effect=effect, influence=influence)


def _plain_change(change: Floats, own: Mask) -> tuple[float, Floats]:
    """Difference of mean changes, and each unit's influence on it."""
    deviation = np.where(own, change - change[own].mean(), change - change[~own].mean())
    n_own, n_others = int(own.sum()), int((~own).sum())
    influence = np.where(own, 0.0, -deviation / np.sqrt(n_others * (n_others - 1)))
    if n_own >= FEW:
        influence[own] = deviation[own] / np.sqrt(n_own * (n_own - 1))
    else:
        influence[own] = np.sqrt(deviation @ deviation / (change.size - 2)) / n_own
    return float(change[own].mean() - change[~own].mean()), influence


def _by_size(blocks: list[_Block], start: Whole) -> _Block:
    """Average with each block weighted by the number of its units, itself a random number."""
    share = np.array([np.mean(start == block.launched) for block in blocks])
    weights = share / share.sum()
    effects = np.array([block.effect for block in blocks])
    effect = float(weights @ effects)
    drawn = np.array(
        [(start == block.launched) - p for block, p in zip(blocks, share, strict=True)]
    )
    influence = weights @ np.array([block.influence for block in blocks])
    influence = influence + (effects - effect) @ drawn / share.sum() / start.size
    return _Block(launched=-1, period=-1, effect=effect, influence=influence)


def _evenly(blocks: list[_Block]) -> _Block:
    """Average with equal weights."""
    return _Block(
        launched=blocks[0].launched,
        period=blocks[0].period,
        effect=float(np.mean([block.effect for block in blocks])),
        influence=np.mean([block.influence for block in blocks], axis=0),
    )
