"""Interrupted series of counts: the ratio by which a launch changed their rate."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import norm

from opsbook.errors import DataError
from opsbook.methods.effect.covariance_grid import covariance_grid, wandering_prior
from opsbook.methods.effect.covariance_posterior import covariance_posterior
from opsbook.methods.effect.segmented_effect import SegmentedEffect, collect_effects
from opsbook.methods.effect.segmented_series import Model, SegmentedSeries, segmented_series
from opsbook.methods.estimate import Estimate

Errors = Literal["averaged", "poisson", "quasi_poisson", "negative_binomial"]
ROUNDS_AT_MOST = 100
SETTLED = 1e-12
MOST_LOG_RATIO = 300.0
LEAST_DISPERSION, MOST_DISPERSION = 1e-9, 1e3


def count_interrupted_series(
    counts: ArrayLike,
    *,
    launch: int,
    time: ArrayLike | None = None,
    exposure: ArrayLike | None = None,
    model: Model = "step",
    covariates: ArrayLike | None = None,
    errors: Errors = "averaged",
    confidence: float = 0.95,
) -> SegmentedEffect:
    """Estimate the ratio by which a launch changed the rate of a count.

    A log-linear rate. With ``averaged`` errors, the variance of a count is proportional to that
    of a negative binomial, and its deviations, so standardised, depend on each other as in
    `covariance_averaged_gls`. The other errors take the periods for independent and are here for
    comparison; on real counts their intervals are too narrow, Poisson's by far.

    Args:
        counts: Counts per period, shape (n,), whole numbers of 0 and more; NaN where missing.
        launch: Position in `time` of the first period after the launch.
        time: See `segmented_ols`.
        exposure: What the counts are counted on (people, visits, days), positive, shape (n,).
        model: See `segmented_ols`; trend and slope are those of the log rate.
        covariates: What else moves the log rate, shape (n,) or (n, covariates): harmonics.
        errors: ``averaged``, ``poisson``, ``quasi_poisson`` or ``negative_binomial``.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        The changes as ratios, after divided by before; `average` is the geometric mean.

    Raises:
        DataError: See `segmented_ols`; also if a count is negative or no whole number, an
            exposure is not positive, or one side of the launch has no count above zero.

    References:
        Lopez Bernal, Cummins & Gasparrini (2017), Int J Epidemiol 46, 348-355.
        doi:10.1093/ije/dyw098. Liang & Zeger (1986), Biometrika 73, 13-22 (counts whose
        deviations depend on each other). doi:10.1093/biomet/73.1.13

    Examples:
        >>> calls = [9, 11, 10, 9, 11, 10, 9, 11, 20, 21, 19, 20]
        >>> found = count_interrupted_series(calls, launch=8, model="level", errors="poisson")
        >>> round(found.step.effect, 2)
        2.0
    """
    series = segmented_series(
        counts, launches=[launch], time=time, model=model, covariates=covariates
    )
    offset = _offset(counts, time, exposure)
    _check_counts(series)
    if errors == "averaged":
        return _averaged(
            series, offset, wandering_prior(model, int(series.time[-1]) + 1), confidence
        )
    return _independent(series, offset, errors, confidence)


def _averaged(
    series: SegmentedSeries,
    offset: NDArray[np.float64],
    wandering: float,
    confidence: float,
) -> SegmentedEffect:
    """Average over the covariance of the standardised deviations, linearised at the best fit."""
    dispersion = _dispersion(series, offset)
    coefficients = _log_linear(series, offset, dispersion)
    predictor = series.design @ coefficients
    rate = np.exp(predictor + offset)
    # The count's deviation, as a change of the log rate, has this precision.
    precision = np.sqrt(rate / (1 + dispersion * rate))
    working = predictor + series.values / rate - 1
    posterior = covariance_posterior(
        (precision * working)[:, None],
        series.time,
        precision[:, None] * series.nuisance,
        precision[:, None, None] * series.changes,
        covariance_grid(wandering),
    )
    estimates = {}
    for name, weights in series.contrasts(0).items():
        mixture = posterior.mixture(weights)
        estimates[name] = _ratio(
            series,
            float(mixture.mean[0, 0]),
            float(mixture.quantile((1 - confidence) / 2)[0, 0]),
            float(mixture.quantile((1 + confidence) / 2)[0, 0]),
            float(mixture.p_value()[0, 0]),
            confidence,
        )
    return collect_effects(estimates)


def _independent(
    series: SegmentedSeries, offset: NDArray[np.float64], errors: Errors, confidence: float
) -> SegmentedEffect:
    """Take the periods for independent: Wald intervals on the log scale."""
    dispersion = _dispersion(series, offset) if errors == "negative_binomial" else 0.0
    design = series.design
    coefficients = _log_linear(series, offset, dispersion)
    rate = np.exp(design @ coefficients + offset)
    weight = rate / (1 + dispersion * rate)
    spread = np.linalg.inv(design.T @ (weight[:, None] * design))
    if errors == "quasi_poisson":
        spread *= float(((series.values - rate) ** 2 / rate).sum()) / series.freedom
    reach = float(norm.ppf((1 + confidence) / 2))
    estimates = {}
    for name, weights in series.contrasts(0).items():
        effects = weights.size
        effect = float(weights @ coefficients[:effects])
        error = float(np.sqrt(weights @ spread[:effects, :effects] @ weights))
        estimates[name] = _ratio(
            series,
            effect,
            effect - reach * error,
            effect + reach * error,
            float(2 * norm.sf(abs(effect) / error)),
            confidence,
        )
    return collect_effects(estimates)


def _ratio(
    series: SegmentedSeries,
    effect: float,
    lower: float,
    upper: float,
    p_value: float,
    confidence: float,
) -> Estimate:
    """Return a change of the log rate as a ratio of rates."""
    if max(abs(effect), abs(lower), abs(upper)) > MOST_LOG_RATIO:
        raise DataError(
            "The ratio of rates has no finite interval.",
            "Wait for more counts, or count over longer periods.",
        )
    return Estimate(
        method="count_interrupted_series",
        effect=float(np.exp(effect)),
        lower=float(np.exp(lower)),
        upper=float(np.exp(upper)),
        confidence=confidence,
        p_value=p_value,
        n=series.values.size,
        scale="ratio",
    )


def _log_linear(
    series: SegmentedSeries,
    offset: NDArray[np.float64],
    dispersion: float,
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Fit the log rate by scoring; the variance is ``rate + dispersion * rate**2``."""
    design, counts = series.design, series.values
    rate = counts + counts.mean()
    rate = rate * counts.sum() / rate.sum()
    coefficients = np.zeros(design.shape[1])
    if start is not None:
        coefficients = start
        rate = np.exp(np.clip(design @ start + offset, -MOST_LOG_RATIO, MOST_LOG_RATIO))
    for _ in range(ROUNDS_AT_MOST):
        working = np.log(rate) - offset + counts / rate - 1
        weight = np.sqrt(rate / (1 + dispersion * rate))
        moved = np.linalg.lstsq(weight[:, None] * design, weight * working)[0]
        rate = np.exp(np.clip(design @ moved + offset, -MOST_LOG_RATIO, MOST_LOG_RATIO))
        settled = np.abs(moved - coefficients).max() <= SETTLED * (1 + np.abs(moved).max())
        coefficients = moved
        if settled:
            fitted: NDArray[np.float64] = coefficients
            return fitted
    raise DataError(
        "The log-linear rate found no best fit.",
        "Leave out covariates, or count over longer periods.",
    )


def _dispersion(series: SegmentedSeries, offset: NDArray[np.float64]) -> float:
    """Return the negative binomial's dispersion of greatest likelihood; 0 is Poisson's."""
    counts = series.values
    coefficients: NDArray[np.float64] | None = None

    def loss(log_dispersion: float) -> float:
        nonlocal coefficients
        dispersion = float(np.exp(log_dispersion))
        coefficients = _log_linear(series, offset, dispersion, coefficients)
        rate = np.exp(series.design @ coefficients + offset)
        size = 1 / dispersion
        likelihood = (
            gammaln(counts + size)
            - gammaln(size)
            + counts * (np.log(rate) - np.log(rate + size))
            - size * np.log1p(rate * dispersion)
        )
        return -float(likelihood.sum())

    bounds = (np.log(LEAST_DISPERSION), np.log(MOST_DISPERSION))
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    dispersion = float(np.exp(best.x))
    return dispersion if dispersion > 2 * LEAST_DISPERSION else 0.0


def _offset(
    counts: ArrayLike, time: ArrayLike | None, exposure: ArrayLike | None
) -> NDArray[np.float64]:
    """Return the log exposure of the periods with a count, in the order of time."""
    observed = np.asarray(counts, dtype=float)
    given = np.ones(observed.size) if exposure is None else np.asarray(exposure, dtype=float)
    if given.shape != observed.shape:
        raise DataError(
            f"There are {observed.size} counts and {given.size} exposures.",
            "Pass one exposure per count.",
        )
    order = np.arange(observed.size) if time is None else np.argsort(time, kind="stable")
    kept = given[order[np.isfinite(observed[order])]]
    if not (np.isfinite(kept).all() and (kept > 0).all()):
        raise DataError(
            f"{int((~(kept > 0)).sum())} periods with a count have no positive exposure.",
            "Leave those periods out, or correct the exposure.",
        )
    log_exposure: NDArray[np.float64] = np.log(kept)
    return log_exposure


def _check_counts(series: SegmentedSeries) -> None:
    """Refuse what is no count, and a side of the launch without any."""
    counts = series.values
    wrong = (counts < 0) | (counts != np.floor(counts))
    if wrong.any():
        raise DataError(
            f"{int(wrong.sum())} of {counts.size} values are no counts, {counts[wrong][0]:g} "
            "for instance.",
            "Pass whole numbers from 0; for rates and means use covariance_averaged_gls.",
        )
    after = series.changes[:, 0, 0] == 1
    for side, part in (("before", counts[~after]), ("after", counts[after])):
        if part.sum() == 0:
            raise DataError(
                f"All {part.size} counts {side} the launch are 0.",
                "Wait for more counts, or count over longer periods.",
            )
