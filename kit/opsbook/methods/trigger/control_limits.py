"""Control limits: which periods set them, and the result that every chart returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from opsbook.errors import DataError
from opsbook.methods.trigger.series import Bools, Floats, or_none

TRIAL_POINTS = 12
"""Limits from fewer points than this are trial limits (Wheeler)."""

ROUNDING = 1e-12
"""A sigma below this part of the values is the rounding of a constant, not variation."""

Numbers = tuple[float | None, ...]
Fit = Callable[[Bools], tuple[Floats, Floats]]
"""Given the reference periods, the centre and the sigma of every period."""


@dataclass(frozen=True, kw_only=True)
class ControlChart:
    """One control chart, ready to draw; every tuple has one entry per period.

    Attributes:
        method: Name of the chart, the same as its module and its params value.
        values: What is plotted; None at a gap.
        centre: Centre line.
        sigma: Standard deviation of the plotted value when nothing but chance acts.
        lower: Lower limit; None where none can be computed.
        upper: Upper limit; None where none can be computed.
        outside: Positions of the points beyond a limit.
        reference: Positions of the points that set the limits, stage by stage.
        screened: Positions left out of the reference because they lay beyond its limits.
        stages: Positions at which the limits start afresh, the first being 0.
        trial: Whether some stage's limits rest on fewer than 12 points.
        overdispersion: Laney's sigma of z, the factor by which the limits are wider than
            counting alone would make them; None for other charts.
    """

    method: str
    values: Numbers
    centre: Numbers
    sigma: Numbers
    lower: Numbers
    upper: Numbers
    outside: tuple[int, ...]
    reference: tuple[int, ...]
    screened: tuple[int, ...]
    stages: tuple[int, ...]
    trial: bool
    overdispersion: float | None = None

    @property
    def z(self) -> Numbers:
        """Each point's distance from the centre in sigmas: what the run rules read."""
        return tuple(
            None if x is None or c is None or not s else (x - c) / s
            for x, c, s in zip(self.values, self.centre, self.sigma, strict=True)
        )


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """Which periods set the limits.

    *Locked* limits come from the first periods and stay (`periods`); *rebased* limits start
    afresh at a known change (one entry in `starts`), *staged* ones at several.

    Attributes:
        periods: Number of leading periods of each stage that set its limits; None for all.
        starts: Positions at which a new stage begins.
        screen: Whether points beyond the limits are left out of the reference, the farthest
            first, until none is (a few bad weeks in the baseline then do not hide the next one).
    """

    periods: int | None = None
    starts: Sequence[int] = ()
    screen: bool = False

    def stages(self, n: int) -> list[tuple[int, int, int]]:
        """Return (start, end of the reference, end) of each stage of n periods.

        Raises:
            DataError: If a start lies outside the series or the baseline is empty.

        Examples:
            >>> Baseline(periods=4, starts=[10]).stages(20)
            [(0, 4, 10), (10, 14, 20)]
        """
        if self.periods is not None and self.periods < 2:
            raise DataError(
                f"A baseline of {self.periods} periods sets no limits.", "Give 12 or more."
            )
        wrong = [start for start in self.starts if not 0 < start < n]
        if wrong:
            raise DataError(
                f"The limits cannot start afresh at {wrong[0]}: the series has {n} periods.",
                "Give positions between 1 and the last period.",
            )
        edges = [0, *sorted(set(self.starts)), n]
        length = n if self.periods is None else self.periods
        return [(start, min(start + length, end), end) for start, end in pairwise(edges)]


ALL_PERIODS = Baseline()


def control_limits(
    method: str,
    values: Floats,
    fit: Fit,
    *,
    baseline: Baseline = ALL_PERIODS,
    width: float = 3.0,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> ControlChart:
    """Draw limits `width` sigmas about the centre that `fit` finds, stage by stage.

    A reference without variation, or with fewer than two points, sets no limits: they are None,
    and no point is outside.

    Args:
        method: Name of the chart.
        values: What is plotted, shape (n,), NaN at gaps.
        fit: Maps the reference periods (a mask, shape (n,)) to centre and sigma of all periods.
        baseline: Which periods set the limits.
        width: Distance of the limits from the centre, in sigmas.
        bounds: The values that the metric cannot leave; limits stop there.

    Raises:
        DataError: If the baseline does not fit the series.

    Examples:
        >>> about_ten = lambda reference: (np.full(3, 10.0), np.full(3, 1.0))
        >>> control_limits("fixed", np.array([10.0, 14.0, 9.0]), about_ten).outside
        (1,)
    """
    n = len(values)
    present = ~np.isnan(values)
    centre, sigma = np.full(n, np.nan), np.full(n, np.nan)
    referred, screened = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    fewest = n
    stages = baseline.stages(n)
    for start, stop, end in stages:
        reference = np.zeros(n, dtype=bool)
        reference[start:stop] = present[start:stop]
        found, spread = fit(reference)
        while baseline.screen and reference.sum() > 2:
            excess = np.where(reference, np.abs(values - found) - width * spread, -np.inf)
            worst = int(np.argmax(np.nan_to_num(excess, nan=-np.inf)))
            if not excess[worst] > 0:
                break
            reference[worst] = False
            found, spread = fit(reference)
        referred |= reference
        screened[start:stop] = present[start:stop] & ~reference[start:stop]
        centre[start:end], sigma[start:end] = found[start:end], spread[start:end]
        fewest = min(fewest, int(reference.sum()))
    size = np.abs(values[present]).max(initial=0.0)
    usable = sigma > ROUNDING * size
    lower = np.where(usable, np.maximum(centre - width * sigma, bounds[0]), np.nan)
    upper = np.where(usable, np.minimum(centre + width * sigma, bounds[1]), np.nan)
    outside = (values < lower) | (values > upper)
    return ControlChart(
        method=method,
        values=or_none(values),
        centre=or_none(centre),
        sigma=or_none(np.where(usable, sigma, np.nan)),
        lower=or_none(lower),
        upper=or_none(upper),
        outside=tuple(int(i) for i in np.flatnonzero(outside)),
        reference=tuple(int(i) for i in np.flatnonzero(referred)),
        screened=tuple(int(i) for i in np.flatnonzero(screened)),
        stages=tuple(start for start, _, _ in stages),
        trial=fewest < TRIAL_POINTS,
    )
