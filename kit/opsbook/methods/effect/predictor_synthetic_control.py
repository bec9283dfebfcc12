"""Against the mixture of controls that shares the treated unit's characteristics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from opsbook.errors import DataError
from opsbook.methods.effect.convex_weights import convex_weights
from opsbook.methods.effect.panel import Floats, Treated, read_panel
from opsbook.methods.estimate import Estimate

EVEN = 0.1  # strength of the pull towards equal importance, a share of the loss
TRIES = 100  # random starts that are looked at
POLISHED = 8  # best of them that are optimised


@dataclass(frozen=True, kw_only=True)
class PredictorSyntheticControl:
    """An effect against a mixture that matches characteristics.

    Attributes:
        estimate: Mean gap after the launch. It has no interval: see `synthetic_control`.
        weights: Weight of each control, in the order of ``controls``.
        controls: Indices of the controls.
        importance: Weight of each predictor; they sum to 1.
        gaps: Treated less mixture in each period.
        fit: Root mean squared gap before the launch, in the metric's unit.
    """

    estimate: Estimate
    weights: tuple[float, ...]
    controls: tuple[int, ...]
    importance: tuple[float, ...]
    gaps: tuple[float, ...]
    fit: float


def predictor_synthetic_control(
    values: ArrayLike,
    predictors: ArrayLike,
    *,
    treated: Treated,
    after: ArrayLike,
    training: tuple[ArrayLike, ArrayLike] | None = None,
    seed: int = 0,
) -> PredictorSyntheticControl:
    """Estimate an effect against the mixture of controls most like the treated unit.

    The mixture matches predictors (averages of the past, size, structure); how much each counts
    is chosen so that the mixture follows the metric before the launch. Many choices follow it
    equally well, so that of those the most even is taken: the answer then depends neither on
    the start nor on the seed. Assumes that the predictors are what drives the metric; choosing
    among many sets of them after seeing the gap is the most frequent abuse. `synthetic_control`,
    which has nothing to choose, is the default.

    Args:
        values: The metric, shape (units, periods), without gaps.
        predictors: Characteristics, shape (units, k), without gaps; each is divided by its
            standard deviation over the units.
        treated: The treated unit.
        after: Boolean, shape (periods,): True from the first full period after the launch.
        training: Predictors of an earlier time, shape (units, k), and a boolean mask of the later
            periods that they must foretell; importance is learnt there. None learns it from
            the predictors themselves over all periods before.
        seed: Seed of the random starts.

    Returns:
        The mean gap after the launch, in the metric's unit.

    Raises:
        DataError: If shapes disagree, a number is missing, a predictor has the same value for
            all units, or more than one unit is treated.

    References:
        Abadie & Gardeazabal (2003), American Economic Review 93, 113-132; Abadie, Diamond &
        Hainmueller (2015), American Journal of Political Science 59, 495-510, for the training.

    Examples:
        >>> values = [[1, 2, 9], [1, 1, 1], [1, 3, 3]]
        >>> result = predictor_synthetic_control(
        ...     values, [[2.0], [1.0], [3.0]], treated=0, after=[False, False, True]
        ... )
        >>> round(result.estimate.effect, 6)
        7.0
    """
    panel = read_panel(values, treated=treated, after=after)
    if panel.treated.sum() != 1 or not np.isfinite(panel.numerators).all():
        raise DataError(
            f"Matching predictors needs one treated unit and no gap; here are "
            f"{int(panel.treated.sum())} and {int(np.isnan(panel.numerators).sum())} gaps.",
            "Use synthetic_control.",
        )
    table, unit = panel.numerators, int(np.flatnonzero(panel.treated)[0])
    final = _standardised(predictors, table.shape[0])
    early, follow = final, ~panel.after
    if training is not None:
        early, follow = _standardised(training[0], table.shape[0]), np.asarray(training[1], bool)
    if (
        follow.shape != panel.after.shape
        or early.shape != final.shape
        or (follow & panel.after).any()
    ):
        raise DataError(
            "The training predictors or periods do not fit the panel.",
            "Give the same predictors of an earlier time, and periods before the launch.",
        )
    target = table[:, follow]

    def loss(importance: Floats) -> float:
        weights = _match(early, unit, importance)
        gap = target[unit] - weights @ np.delete(target, unit, axis=0)
        return float(gap @ gap) * (1 + EVEN * float(importance @ importance))

    importance = _most_faithful(loss, final.shape[1], seed)
    weights = _match(final, unit, importance)
    gaps = table[unit] - weights @ np.delete(table, unit, axis=0)
    return PredictorSyntheticControl(
        estimate=Estimate(
            method="predictor_synthetic_control",
            effect=float(gaps[panel.after].mean()),
            lower=None,
            upper=None,
            p_value=None,
            n=table.shape[0],
        ),
        weights=tuple(weights.tolist()),
        controls=tuple(np.flatnonzero(~panel.treated).tolist()),
        importance=tuple(importance.tolist()),
        gaps=tuple(gaps.tolist()),
        fit=float(np.sqrt(np.mean(gaps[~panel.after] ** 2))),
    )


def _match(predictors: Floats, unit: int, importance: Floats) -> Floats:
    scaled = np.asarray(predictors * np.sqrt(importance))
    return convex_weights(np.delete(scaled, unit, axis=0).T, scaled[unit])


def _standardised(predictors: ArrayLike, units: int) -> Floats:
    table = np.asarray(predictors, dtype=float)
    if table.ndim != 2 or table.shape[0] != units or not np.isfinite(table).all():
        raise DataError(
            f"The predictors have the shape {table.shape} for {units} units, or a gap.",
            "Give one row of numbers per unit, without gaps.",
        )
    spread = table.std(axis=0, ddof=1)
    if (spread == 0).any():
        raise DataError(
            f"Predictor {int(np.argmin(spread))} has the same value for all units.",
            "Leave it out: it cannot tell them apart.",
        )
    return np.asarray(table / spread)


def _most_faithful(loss: Callable[[Floats], float], k: int, seed: int) -> Floats:
    """Importance with the smallest loss, from many starts."""
    if k == 1:
        return np.ones(1)

    def share(raw: Floats) -> Floats:
        size = np.abs(raw)
        return np.asarray(size / size.sum())

    random = np.random.default_rng(seed).dirichlet(np.ones(k), size=TRIES)
    starts = np.vstack([np.full((1, k), 1 / k), 0.9 * np.eye(k) + 0.1 / k, random])
    losses = np.array([loss(start) for start in starts])
    best, least = np.full(k, 1 / k), np.inf

    def raw_loss(raw: Floats) -> float:
        return loss(share(raw))

    for start in starts[np.argsort(losses)[:POLISHED]]:
        point: Floats = start
        for _ in range(2):  # a simplex search that has shrunk too early finds on from its end
            found = optimize.minimize(
                raw_loss,
                point,
                method="Nelder-Mead",
                options={"maxiter": 400, "xatol": 1e-3, "fatol": 1e-6 * losses.min()},
            )
            point = share(found.x)
        if found.fun < least:
            best, least = point, float(found.fun)
    return best
