"""The change at the treated unit, less the change at the controls meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import as_ratio
from opsbook.methods.effect.panel import Floats, Mask, Panel, Treated, read_panel
from opsbook.methods.estimate import Estimate

Weights = Literal["pooled", "equal"]


@dataclass(frozen=True, kw_only=True)
class DifferenceInDifferences:
    """A change net of the controls', on both scales.

    Attributes:
        estimate: Change of the treated less change of the controls, in the metric's unit.
        ratio: The same as a ratio of ratios (1 is no change); None where a group's level is not
            positive, or the ratio is beyond what a number can hold. No interval where a single
            unit's level is 0.
        treated_before: Level of the treated units before.
        treated_after: Level of the treated units after.
        control_before: Level of the controls before.
        control_after: Level of the controls after.
        n_treated: Treated units used.
        n_controls: Controls used.
        dropped: Indices of controls left out because a window of theirs has no observed period.
        scales_disagree: Whether the two scales point in opposite directions, or only one of
            them excludes "no change".
    """

    estimate: Estimate
    ratio: Estimate | None
    treated_before: float
    treated_after: float
    control_before: float
    control_after: float
    n_treated: int
    n_controls: int
    dropped: tuple[int, ...]
    scales_disagree: bool

    @property
    def treated_change(self) -> float:
        """The naive change: the treated units alone."""
        return self.treated_after - self.treated_before

    @property
    def relative(self) -> float | None:
        """The effect as a share of the level expected without it; None where that is 0.

        Set beside ``ratio.effect - 1``, it shows how far the two scales are apart.
        """
        expected = self.treated_after - self.estimate.effect
        return self.estimate.effect / abs(expected) if expected else None

    @property
    def control_change(self) -> float:
        """What would have happened anyway, if the controls tell."""
        return self.control_after - self.control_before


def difference_in_differences(
    numerators: ArrayLike,
    denominators: ArrayLike | None = None,
    *,
    treated: Treated,
    after: ArrayLike,
    weights: Weights = "pooled",
    confidence: float = 0.95,
) -> DifferenceInDifferences:
    """Estimate how much more the treated units moved than the controls did.

    Each unit gives one number, its change between the two windows, so that neither correlated
    periods nor a single treated unit can shrink the interval: the treated change is set against
    the spread of the controls' changes (one against many, t with units - 2 degrees of freedom).
    Assumes that the treated unit would have moved as the controls did; the assumption that most
    often fails is that its own noise is no larger than theirs.

    Args:
        numerators: Shape (units, periods): counts or sums above the line, or plain values. NaN
            is a missing cell; a unit keeps its weight as long as each window has one cell.
        denominators: Same shape, or None for plain values.
        treated: Index or indices of the treated units, or a boolean mask.
        after: Boolean, shape (periods,): True from the first full period after the launch. Give
            both windows the same months where the metric has a season.
        weights: ``pooled`` sums numerators and denominators over the units of a group, as if it
            were one large unit, and a shift of volume among the controls counts as their
            change; ``equal`` averages the units' own rates. For plain values the two agree.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        The difference in differences on the metric's own scale and on the ratio scale. With two
        units in all there is no spread to judge by, and no interval.

    Raises:
        DataError: If the panel is malformed, a treated unit has an empty window, or no control
            is left.

    References:
        Donald & Lang (2007), Review of Economics and Statistics 89, 221-233.
        doi:10.1162/rest.89.2.221

    Examples:
        >>> panel = [[10, 10, 16, 16], [10, 10, 12, 12], [20, 20, 21, 21], [5, 5, 8, 8]]
        >>> after = [False, False, True, True]
        >>> difference_in_differences(panel, treated=0, after=after).estimate.effect
        4.0
    """
    panel = read_panel(numerators, denominators, treated=treated, after=after)
    levels = window_levels(panel)
    controls = levels.usable & ~panel.treated
    own, others = (group_levels(levels, group, weights) for group in (panel.treated, controls))

    def judge(scale: Callable[[Floats], Floats]) -> Estimate:
        moved = np.diff(scale(np.array([own, others])))[:, 0]
        error = _error(levels, (panel.treated, controls), weights, scale)
        return _one_against_many(float(moved[0] - moved[1]), error, levels, confidence)

    estimate = judge(np.positive)
    ratio = as_ratio(judge(np.log)) if min(*own, *others) > 0 else None
    return DifferenceInDifferences(
        estimate=estimate,
        ratio=ratio,
        treated_before=own[0],
        treated_after=own[1],
        control_before=others[0],
        control_after=others[1],
        n_treated=int(panel.treated.sum()),
        n_controls=int(controls.sum()),
        dropped=tuple(np.flatnonzero(~levels.usable).tolist()),
        scales_disagree=ratio is not None
        and (
            (estimate.effect > 0) != (ratio.effect > 1)
            or estimate.excludes_zero != ratio.excludes_zero
        ),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class WindowLevels:
    """Each unit's level and weight in the two windows, all of shape (units,)."""

    before: Floats
    after: Floats
    weight_before: Floats
    weight_after: Floats
    usable: Mask


def window_levels(panel: Panel) -> WindowLevels:
    """Measure each unit's rate, or mean, before and after.

    Raises:
        DataError: If a treated unit has an empty window, or no control has two full windows.
    """
    above_before, below_before = panel.window_means(~panel.after)
    above_after, below_after = panel.window_means(panel.after)
    usable = np.isfinite(above_before) & np.isfinite(above_after)
    unusable = np.flatnonzero(panel.treated & ~usable)
    if unusable.size:
        raise DataError(
            f"Treated unit {unusable.tolist()} has a window without an observed period.",
            "Move the windows, or leave the unit out.",
        )
    if not (usable & ~panel.treated).any():
        raise DataError(
            "No control has an observed period in both windows.",
            "Add controls, or widen the windows.",
        )
    return WindowLevels(
        before=above_before / below_before,
        after=above_after / below_after,
        weight_before=below_before,
        weight_after=below_after,
        usable=usable,
    )


def group_levels(levels: WindowLevels, group: Mask, weights: Weights) -> tuple[float, float]:
    """Level of a group of units before and after, pooled or averaged."""
    before, after = levels.before[group], levels.after[group]
    if weights == "equal":
        return float(before.mean()), float(after.mean())
    return (
        float(np.average(before, weights=levels.weight_before[group])),
        float(np.average(after, weights=levels.weight_after[group])),
    )


def _error(
    levels: WindowLevels,
    groups: tuple[Mask, Mask],
    weights: Weights,
    scale: Callable[[Floats], Floats],
) -> float | None:
    """Standard error from the spread of the units' changes within their groups.

    None where there is no spread to see: two units in all, changes that differ by rounding
    alone, or a unit whose level has no logarithm.
    """
    used = levels.usable
    squares = inflation = 0.0
    if scale is np.log and min(levels.before[used].min(), levels.after[used].min()) <= 0:
        return None
    before, after = (scale(np.where(used, level, 1.0)) for level in (levels.before, levels.after))
    for group in groups:
        change = after[group] - before[group]
        squares += float(np.sum((change - change.mean()) ** 2))
        size = np.ones(change.size)
        if weights == "pooled":
            size = levels.weight_before[group] + levels.weight_after[group]
        inflation += float(np.sum((size / size.sum()) ** 2))
    rounding = 1e-13 * float(np.abs([before[used], after[used]]).max())
    freedom = int(used.sum()) - 2
    if freedom < 1 or squares <= rounding**2:
        return None
    return float(np.sqrt(squares / freedom * inflation))


def _one_against_many(
    effect: float, error: float | None, levels: WindowLevels, confidence: float
) -> Estimate:
    n = int(levels.usable.sum())
    lower = upper = p_value = None
    if error is not None:
        reach = float(special.stdtrit(n - 2, (1 + confidence) / 2)) * error
        lower, upper = effect - reach, effect + reach
        p_value = float(2 * special.stdtr(n - 2, -abs(effect) / error))
    return Estimate(
        method="difference_in_differences",
        effect=effect,
        lower=lower,
        upper=upper,
        confidence=confidence,
        p_value=p_value,
        n=n,
    )
