"""Pretend that the controls had been the treated ones, and see who moved as far."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.effect.difference_in_differences import (
    Weights,
    difference_in_differences,
)
from opsbook.methods.effect.panel import Mask, Treated, read_panel
from opsbook.methods.estimate import Estimate

Design = Callable[[NDArray[np.int64], Mask], float]
"""Computes an effect from the indices of the units to use and which of those play the treated."""

Scale = Literal["difference", "log"]


@dataclass(frozen=True, kw_only=True)
class PlaceboRank:
    """Where the measured effect stands among the effects of launches that never happened.

    Attributes:
        estimate: The effect with its two-sided randomisation p-value and the interval that
            inverts it; no interval where there are too few controls for the confidence asked.
        rank: Share of the placebos that go at least as far in the direction of the measured
            effect. A description, easily told; it is no p-value, since it can be 0.
        p_value_one_sided: The p-value that belongs to that rank, the treated unit counted in.
        smallest_p_value: The smallest p-value that this many placebos can give.
        placebos: The fake effects; with one treated unit, one for each of ``controls``.
        controls: Indices of the controls used.
    """

    estimate: Estimate
    rank: float
    p_value_one_sided: float
    smallest_p_value: float
    placebos: tuple[float, ...]
    controls: tuple[int, ...]


def placebo_rank(
    numerators: ArrayLike,
    denominators: ArrayLike | None = None,
    *,
    treated: Treated,
    after: ArrayLike,
    weights: Weights = "pooled",
    scale: Scale = "difference",
    confidence: float = 0.95,
    seed: int = 0,
) -> PlaceboRank:
    """Ask whether the treated unit moved further than untreated units do by themselves.

    Every control in turn plays the treated unit of a difference in differences, set against the
    other controls over the same windows; the truly treated stay out of all placebos. Assumes
    that the treated unit is exchangeable with its controls, which fails most often when it is
    noisier than they are, or smaller.

    Args:
        numerators: Shape (units, periods): counts or sums above the line, or plain values. NaN
            is a missing cell.
        denominators: Same shape, or None for plain values.
        treated: Index or indices of the treated units, or a boolean mask. Several are ranked
            among random sets of as many controls.
        after: Boolean, shape (periods,): True from the first full period after the launch.
        weights: How the controls are put together, see `difference_in_differences`.
        scale: ``difference``, or ``log`` for the logarithm of the ratio of ratios.
        confidence: Confidence level of the interval, in (0, 1).
        seed: Seed of the random sets; without effect for one treated unit.

    Returns:
        The effect's rank among the placebos. Ties count against the effect.

    Raises:
        DataError: If the panel is malformed, fewer than two controls are left for a placebo, or
            the log scale meets a level that is not positive.

    References:
        Abadie, Diamond & Hainmueller (2010), JASA 105, 493-505. doi:10.1198/jasa.2009.ap08746
        Phipson & Smyth (2010), SAGMB 9, 39, for counting the treated unit in the p-value.

    Examples:
        >>> panel = [[1, 5], [1, 2], [1, 1], [1, 3]]
        >>> placebo_rank(panel, treated=0, after=[False, True]).estimate.p_value
        0.25
    """
    panel = read_panel(numerators, denominators, treated=treated, after=after)

    def effect(units: NDArray[np.int64], chosen: Mask) -> float:
        result = difference_in_differences(
            panel.numerators[units],
            panel.denominators[units],
            treated=chosen,
            after=panel.after,
            weights=weights,
        )
        if scale == "difference":
            return result.estimate.effect
        if result.ratio is None:
            raise DataError(
                "The log scale needs a level above 0 in both windows of every unit.",
                "Leave out the units without events, or use the scale 'difference'.",
            )
        return float(np.log(result.ratio.effect))

    seen = np.isfinite(panel.values)
    usable = seen[:, ~panel.after].any(axis=1) & seen[:, panel.after].any(axis=1)
    return rank_among_placebos(
        "placebo_rank",
        effect,
        treated=np.flatnonzero(panel.treated),
        controls=np.flatnonzero(usable & ~panel.treated),
        confidence=confidence,
        seed=seed,
    )


def rank_among_placebos(
    method: str,
    design: Design,
    *,
    treated: NDArray[np.int64],
    controls: NDArray[np.int64],
    confidence: float = 0.95,
    seed: int = 0,
    sets: int = 499,
) -> PlaceboRank:
    """Rank the effect that any design measures among the placebos of the same design.

    Args:
        method: Name that the estimate carries.
        design: Computes an effect.
        treated: Indices of the treated units.
        controls: Indices of the controls that can play the treated.
        confidence: Confidence level of the interval, in (0, 1).
        seed: Seed of the random sets.
        sets: Random sets drawn where several units are treated.

    Returns:
        The effect's rank among the placebos.

    Raises:
        DataError: If too few controls are left for a placebo to be compared with any.
    """
    size = treated.size
    if controls.size < size + 1:
        raise DataError(
            f"Placebos of {size} treated unit(s) need {size + 1} controls seen in both windows; "
            f"found {controls.size}.",
            "Add controls, or use an interrupted time series.",
        )
    rows = np.concatenate((treated, controls))
    effect = design(rows, np.arange(rows.size) < size)
    chosen = np.eye(controls.size, dtype=np.bool_)
    if size > 1:
        rng = np.random.default_rng(seed)
        order = rng.permuted(np.tile(np.arange(controls.size), (sets, 1)), axis=1)
        chosen = order < size
    placebos = np.array([design(controls, each) for each in chosen])
    n = placebos.size
    further = int(np.sum((-placebos if effect < 0 else placebos) >= abs(effect)))
    needed = math.ceil(confidence * (n + 1) - 1e-9)
    reach = float(np.sort(np.abs(placebos))[needed - 1]) if needed <= n else None
    return PlaceboRank(
        estimate=Estimate(
            method=method,
            effect=effect,
            lower=None if reach is None else effect - reach,
            upper=None if reach is None else effect + reach,
            confidence=confidence,
            p_value=float((1 + np.sum(np.abs(placebos) >= abs(effect))) / (n + 1)),
            n=int(rows.size),
        ),
        rank=further / n,
        p_value_one_sided=(1 + further) / (n + 1),
        smallest_p_value=1 / (n + 1),
        placebos=tuple(placebos.tolist()),
        controls=tuple(controls.tolist()),
    )


def placebo_estimate(
    method: str,
    design: Design,
    *,
    treated: NDArray[np.int64],
    controls: NDArray[np.int64],
    confidence: float,
    seed: int,
) -> tuple[Estimate, PlaceboRank | None]:
    """Estimate an effect and, where there are controls enough, rank it among placebos.

    Args:
        method: Name that the estimate carries.
        design: Computes an effect.
        treated: Indices of the treated units.
        controls: Indices of the controls.
        confidence: Confidence level of the interval, in (0, 1).
        seed: Seed of the random sets.

    Returns:
        The estimate, without interval and p-value where the rank is None.
    """
    if controls.size > treated.size:
        rank = rank_among_placebos(
            method, design, treated=treated, controls=controls, confidence=confidence, seed=seed
        )
        return rank.estimate, rank
    rows = np.concatenate((treated, controls))
    alone = Estimate(
        method=method,
        effect=design(rows, np.arange(rows.size) < treated.size),
        lower=None,
        upper=None,
        confidence=confidence,
        p_value=None,
        n=rows.size,
    )
    return alone, None
