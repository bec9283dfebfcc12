"""Against the mixture of controls that moved like the treated unit before the launch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.methods.effect.convex_weights import convex_weights
from opsbook.methods.effect.panel import Floats, Mask, Treated, read_panel
from opsbook.methods.effect.placebo_rank import PlaceboRank, placebo_estimate
from opsbook.methods.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class SyntheticControl:
    """An effect against a mixture of controls, and how good the mixture is.

    Attributes:
        estimate: Mean gap after the launch, with the p-value and interval of the placebos; none
            where there are too few controls for placebos.
        weights: Weight in the mixture of each control used, in the order of ``controls``.
        controls: Indices of the controls used.
        dropped: Indices of the controls left out because a cell of theirs is missing.
        periods: Indices of the periods used: those in which the treated unit is seen.
        synthetic: The mixture in each period used, on the treated unit's level.
        gaps: Treated less mixture in each period used.
        fit: Root mean squared gap before the launch, in the metric's unit.
        fit_ratio: ``fit`` as a share of the treated unit's own spread before; near 1 the mixture
            follows nothing. None where that unit does not vary.
        placebo: The rank among placebos; None where there are too few controls.
    """

    estimate: Estimate
    weights: tuple[float, ...]
    controls: tuple[int, ...]
    dropped: tuple[int, ...]
    periods: tuple[int, ...]
    synthetic: tuple[float, ...]
    gaps: tuple[float, ...]
    fit: float
    fit_ratio: float | None
    placebo: PlaceboRank | None


def synthetic_control(
    numerators: ArrayLike,
    denominators: ArrayLike | None = None,
    *,
    treated: Treated,
    after: ArrayLike,
    demeaned: bool = True,
    confidence: float = 0.95,
    seed: int = 0,
) -> SyntheticControl:
    """Estimate an effect against the mixture of controls that moved like the treated unit.

    The weights are at least 0, sum to 1 and use the metric's own past only, so that nothing is
    tuned and nothing is extrapolated. Demeaning lets the mixture run parallel to a treated unit
    that lies above or below all of its controls. Assumes that what made them move alike before
    goes on after; it fails most often when few periods before were matched by chance, which
    `fit` cannot show but the placebos can.

    Args:
        numerators: Shape (units, periods): counts or sums above the line, or plain values. NaN
            is a missing cell. The metric is compared period by period, each with equal weight.
        denominators: Same shape, or None for plain values.
        treated: Index or indices of the treated units (their average is matched), or a mask.
        after: Boolean, shape (periods,): True from the first full period after the launch.
        demeaned: Match movements around the mean before (True) or levels too (False).
        confidence: Confidence level of the interval, in (0, 1).
        seed: Seed of the placebo sets where several units are treated.

    Returns:
        The mean gap after the launch, in the metric's unit.

    Raises:
        DataError: If the panel is malformed, the treated unit is seen in fewer than two periods
            before or none after, or every control has a gap.

    References:
        Abadie, Diamond & Hainmueller (2010), JASA 105, 493-505, for the method; Ferman & Pinto
        (2021), Quantitative Economics 12, 1197-1221, for demeaning.

    Examples:
        >>> panel = [[1, 2, 3, 9], [0, 1, 2, 3], [5, 4, 3, 2]]
        >>> synthetic_control(panel, treated=0, after=[0, 0, 0, 1]).estimate.effect
        5.0
    """
    panel = read_panel(numerators, denominators, treated=treated, after=after).complete()
    late = panel.after

    def effect(units: NDArray[np.int64], chosen: Mask) -> float:
        return float(_match(panel.values[units], chosen, late, demeaned=demeaned)[1][late].mean())

    weights, gaps = _match(panel.values, panel.treated, late, demeaned=demeaned)
    treated_rows, control_rows = np.flatnonzero(panel.treated), np.flatnonzero(~panel.treated)
    estimate, placebo = placebo_estimate(
        "synthetic_control",
        effect,
        treated=treated_rows,
        controls=control_rows,
        confidence=confidence,
        seed=seed,
    )
    own = panel.values[treated_rows].mean(axis=0)
    fit, spread = float(np.sqrt(np.mean(gaps[~late] ** 2))), float(own[~late].std())
    return SyntheticControl(
        estimate=estimate,
        weights=tuple(weights.tolist()),
        controls=tuple(panel.units[row] for row in control_rows),
        dropped=panel.dropped,
        periods=panel.periods,
        synthetic=tuple((own - gaps).tolist()),
        gaps=tuple(gaps.tolist()),
        fit=fit,
        fit_ratio=fit / spread if spread > 1e-13 * np.abs(own).max() else None,
        placebo=placebo,
    )


def _match(values: Floats, treated: Mask, late: Mask, *, demeaned: bool) -> tuple[Floats, Floats]:
    """Weights of the controls, and the gap of the treated unit's average in every period."""
    if demeaned:
        values = values - values[:, ~late].mean(axis=1, keepdims=True)
    own, others = values[treated].mean(axis=0), values[~treated]
    weights = convex_weights(others[:, ~late].T, own[~late])
    return weights, own - weights @ others
