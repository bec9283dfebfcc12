"""Pretend that each control had been the treated one, and see who moved as far."""

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
from opsbook.methods.effect.panel import Floats, Treated, read_panel
from opsbook.methods.estimate import Estimate

Design = Callable[[Floats, Floats, int, NDArray[np.bool_]], float]
Scale = Literal["difference", "log"]


@dataclass(frozen=True, kw_only=True)
class PlaceboRank:
    """Where the measured effect stands among the effects of launches that never happened.

    Attributes:
        estimate: The effect with its two-sided randomisation p-value and the interval that
            inverts it; no interval where there are too few controls for the confidence asked.
        rank: Share of the controls whose fake effect goes at least as far in the direction of
            the measured one. A description, easily told; it is no p-value, since it can be 0.
        p_value_one_sided: The p-value that belongs to that rank, the treated unit counted in.
        smallest_p_value: The smallest two-sided p-value that this many controls can give.
        placebos: Fake effect of each control, in the order of the panel's controls.
        controls: Index of the unit behind each placebo.
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
    design: Design | None = None,
    weights: Weights = "pooled",
    scale: Scale = "difference",
    confidence: float = 0.95,
) -> PlaceboRank:
    """Ask whether the treated unit moved further than untreated units do by themselves.

    Every control in turn plays the treated unit, measured against the other controls by the
    same design over the same windows; the truly treated unit stays out of all placebos. Assumes
    that the treated unit is exchangeable with its controls, which fails most often when it is
    noisier than they are, or smaller.

    Args:
        numerators: Shape (units, periods): counts or sums above the line, or plain values. NaN
            is a missing cell.
        denominators: Same shape, or None for plain values.
        treated: The one treated unit.
        after: Boolean, shape (periods,): True from the first full period after the launch.
        design: Computes one effect from (numerators, denominators, treated index, after);
            difference-in-differences where None.
        weights: How difference-in-differences pools its controls; ignored with a design.
        scale: ``difference``, or ``log`` for the logarithm of the ratio of ratios; ignored with
            a design.
        confidence: Confidence level of the interval, in (0, 1).

    Returns:
        The effect's rank among the placebos. Ties count against the effect.

    Raises:
        DataError: If the panel is malformed, more than one unit is treated, fewer than two
            controls are usable, or the log scale meets a level that is not positive.

    References:
        Abadie, Diamond & Hainmueller (2010), JASA 105, 493-505. doi:10.1198/jasa.2009.ap08746
        Phipson & Smyth (2010), SAGMB 9, 39, for counting the treated unit in the p-value.

    Examples:
        >>> panel = [[1, 5], [1, 2], [1, 1], [1, 3]]
        >>> placebo_rank(panel, treated=0, after=[False, True]).estimate.p_value
        0.25
    """
    panel = read_panel(numerators, denominators, treated=treated, after=after)
    if panel.treated.sum() != 1:
        raise DataError(
            f"A placebo rank is for one treated unit; this panel has {int(panel.treated.sum())}.",
            "Use difference_in_differences, or pool the treated units into one.",
        )
    if design is None:
        design = _by_differences(weights, scale)
    unit = int(np.flatnonzero(panel.treated)[0])
    seen = np.isfinite(panel.numerators) & (panel.denominators > 0)
    usable = seen[:, ~panel.after].any(axis=1) & seen[:, panel.after].any(axis=1)
    controls = np.flatnonzero(usable & ~panel.treated)
    if controls.size < 2:
        raise DataError(
            f"A placebo rank needs 2 controls seen in both windows; found {controls.size}.",
            "Add controls, or use an interrupted time series.",
        )
    above, below = panel.numerators, panel.denominators
    rows = np.concatenate(([unit], controls))
    effect = design(above[rows], below[rows], 0, panel.after)
    placebos = np.array(
        [design(above[controls], below[controls], i, panel.after) for i in range(controls.size)]
    )
    n = controls.size
    direction = -1.0 if effect < 0 else 1.0
    further = int(np.sum(direction * placebos >= abs(effect)))
    needed = math.ceil(confidence * (n + 1) - 1e-9)
    reach = float(np.sort(np.abs(placebos))[needed - 1]) if needed <= n else None
    return PlaceboRank(
        estimate=Estimate(
            method="placebo_rank",
            effect=effect,
            lower=None if reach is None else effect - reach,
            upper=None if reach is None else effect + reach,
            confidence=confidence,
            p_value=float((1 + np.sum(np.abs(placebos) >= abs(effect))) / (n + 1)),
            n=n + 1,
        ),
        rank=further / n,
        p_value_one_sided=(1 + further) / (n + 1),
        smallest_p_value=1 / (n + 1),
        placebos=tuple(placebos.tolist()),
        controls=tuple(controls.tolist()),
    )


def _by_differences(weights: Weights, scale: Scale) -> Design:
    def effect(above: Floats, below: Floats, treated: int, after: NDArray[np.bool_]) -> float:
        result = difference_in_differences(
            above, below, treated=treated, after=after, weights=weights
        )
        if scale == "difference":
            return result.estimate.effect
        if result.ratio is None:
            raise DataError(
                "The log scale needs a level above 0 in both windows of every unit.",
                "Leave out the units without events, or use the scale 'difference'.",
            )
        return float(np.log(result.ratio.effect))

    return effect
