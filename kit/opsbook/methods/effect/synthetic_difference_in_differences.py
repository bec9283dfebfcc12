"""Difference in differences with the controls and the periods that resemble the treated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.methods.effect.convex_weights import convex_weights
from opsbook.methods.effect.panel import Floats, Mask, Treated, read_panel
from opsbook.methods.effect.placebo_rank import PlaceboRank, placebo_estimate
from opsbook.methods.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class SyntheticDifferenceInDifferences:
    """An effect, and which controls and earlier periods it was measured against.

    Attributes:
        estimate: The effect, with the p-value and interval of the placebos; none where there
            are too few controls for placebos.
        weights: Weight of each control used, in the order of ``controls``.
        controls: Indices of the controls used.
        dropped: Indices of the controls left out because a cell of theirs is missing.
        period_weights: Weight of each period before, in the order of ``periods_before``.
        periods_before: Indices of the periods before that were used.
        standard_error: Spread of the placebos, the published standard error; None without them.
        placebo: The rank among placebos; None where there are too few controls.
    """

    estimate: Estimate
    weights: tuple[float, ...]
    controls: tuple[int, ...]
    dropped: tuple[int, ...]
    period_weights: tuple[float, ...]
    periods_before: tuple[int, ...]
    standard_error: float | None
    placebo: PlaceboRank | None


def synthetic_difference_in_differences(
    numerators: ArrayLike,
    denominators: ArrayLike | None = None,
    *,
    treated: Treated,
    after: ArrayLike,
    confidence: float = 0.95,
    seed: int = 0,
) -> SyntheticDifferenceInDifferences:
    """Estimate an effect against the controls, and from the periods, that resemble it most.

    Controls are weighted so that they moved like the treated unit before, with a penalty that
    spreads the weights; periods before so that they foretell the controls' level after. A
    difference in differences with both weights needs neither parallel trends nor a perfect
    match. Assumes, as they do, that the likeness goes on after the launch.

    Args:
        numerators: Shape (units, periods): counts or sums above the line, or plain values. NaN
            is a missing cell. The metric is compared period by period, each with equal weight.
        denominators: Same shape, or None for plain values.
        treated: Index or indices of the treated units, all from the same period on, or a mask.
        after: Boolean, shape (periods,): True from the first full period after the launch.
        confidence: Confidence level of the interval, in (0, 1).
        seed: Seed of the placebo sets where several units are treated.

    Returns:
        The mean effect on the treated after the launch, in the metric's unit.

    Raises:
        DataError: If the panel is malformed, the treated unit is seen in fewer than two periods
            before or none after, or every control has a gap.

    References:
        Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), American Economic Review 111,
        4088-4118. doi:10.1257/aer.20190159

    Examples:
        >>> panel = [[1, 2, 3, 9], [0, 1, 2, 3], [5, 6, 7, 8]]
        >>> result = synthetic_difference_in_differences(panel, treated=0, after=[0, 0, 0, 1])
        >>> round(result.estimate.effect, 6)
        5.0
    """
    panel = read_panel(numerators, denominators, treated=treated, after=after).complete()
    late = panel.after

    def effect(units: NDArray[np.int64], chosen: Mask) -> float:
        return _doubly_weighted(panel.values[units], chosen, late)[0]

    _, weights, period_weights = _doubly_weighted(panel.values, panel.treated, late)
    control_rows = np.flatnonzero(~panel.treated)
    estimate, placebo = placebo_estimate(
        "synthetic_difference_in_differences",
        effect,
        treated=np.flatnonzero(panel.treated),
        controls=control_rows,
        confidence=confidence,
        seed=seed,
    )
    return SyntheticDifferenceInDifferences(
        estimate=estimate,
        weights=tuple(weights.tolist()),
        controls=tuple(panel.units[row] for row in control_rows),
        dropped=panel.dropped,
        period_weights=tuple(period_weights.tolist()),
        periods_before=tuple(panel.periods[column] for column in np.flatnonzero(~late)),
        standard_error=float(np.std(placebo.placebos)) if placebo else None,
        placebo=placebo,
    )


def _doubly_weighted(values: Floats, treated: Mask, late: Mask) -> tuple[float, Floats, Floats]:
    """Effect, weights of the controls, weights of the periods before."""
    own, others = values[treated].mean(axis=0), values[~treated]
    before = others[:, ~late]
    steps = np.diff(before, axis=1)
    noise = float(steps.std(ddof=1)) if steps.size > 1 else 0.0
    penalty = np.sqrt(treated.sum() * late.sum()) * noise**2
    weights = convex_weights(
        _centred(before, axis=1).T,
        own[~late] - own[~late].mean(),
        ridge=float(penalty * before.shape[1]),
    )
    # A trace of a penalty makes the period weights unique, as in the authors' own program.
    outcome = others[:, late].mean(axis=1)
    period_weights = convex_weights(
        _centred(before, axis=0),
        outcome - outcome.mean(),
        ridge=(1e-6 * noise) ** 2 * before.shape[0],
    )
    gaps = own - weights @ others
    return float(gaps[late].mean() - period_weights @ gaps[~late]), weights, period_weights


def _centred(table: Floats, *, axis: int) -> Floats:
    """A table less its means along an axis."""
    return np.asarray(table - table.mean(axis=axis, keepdims=True))
