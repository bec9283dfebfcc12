"""What a launch changed in one series, and how coefficients become it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from opsbook.methods.effect.segmented_series import SegmentedSeries
from opsbook.methods.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class SegmentedEffect:
    """What a launch changed in one series.

    Attributes:
        step: Change of level at the launch.
        slope: Change of slope per period, or None where the model has none. Its ramp is 1 in the
            first period after the launch, so that period changes by ``step + slope``.
        average: Mean change over the periods after the launch; equals `step` without a slope.
    """

    step: Estimate
    slope: Estimate | None
    average: Estimate


def linear_effect(
    method: str,
    series: SegmentedSeries,
    coefficients: NDArray[np.float64],
    spread: NDArray[np.float64],
    confidence: float,
    freedom: float | None = None,
) -> SegmentedEffect:
    """Turn the coefficients of a design and their covariance into effects with t intervals.

    Args:
        method: Name of the method.
        series: The series; its design has the changes first.
        coefficients: Estimated coefficients, shape (p,).
        spread: Their covariance, shape (p, p).
        confidence: Confidence level of the intervals, in (0, 1).
        freedom: Degrees of freedom; left out, observations less coefficients.

    Returns:
        The effects of the first launch.
    """
    degrees = series.freedom if freedom is None else freedom
    reach = float(student.ppf((1 + confidence) / 2, degrees))
    estimates = {}
    for name, weights in series.contrasts(0).items():
        effects = weights.size
        effect = float(weights @ coefficients[:effects])
        error = float(np.sqrt(weights @ spread[:effects, :effects] @ weights))
        estimates[name] = Estimate(
            method=method,
            effect=effect,
            lower=effect - reach * error,
            upper=effect + reach * error,
            confidence=confidence,
            p_value=float(2 * student.sf(abs(effect) / error, degrees)),
            n=series.values.size,
        )
    return collect_effects(estimates)


def collect_effects(estimates: dict[str, Estimate]) -> SegmentedEffect:
    """Collect the estimates of a launch's contrasts by their names."""
    return SegmentedEffect(
        step=estimates["step"],
        slope=estimates.get("slope"),
        average=estimates.get("average", estimates["step"]),
    )
