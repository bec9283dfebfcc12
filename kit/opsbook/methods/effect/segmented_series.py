"""One series, cut where something was launched: its values, its design, and their checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError

Model = Literal["level", "step", "step_slope"]
PERIODS_BEFORE = 8
SPARE_PERIODS = 3
NO_NOISE = 1e-12


@dataclass(frozen=True, kw_only=True)
class SegmentedSeries:
    """One series with its design, in the order of time.

    Attributes:
        values: Observed values, shape (n,).
        time: Positions in periods, increasing from 0, shape (n,); holes are missing periods.
        start: Position of the first period as it was given; `time` counts from there.
        launches: Positions of the launches as given, each the first period after its launch.
        nuisance: What moves the series anyway: level, trend, covariates; shape (n, nuisances).
        changes: What each launch may have changed, shape (n, launches, effects); the effects
            are the step and, in the model ``step_slope``, the ramp.
    """

    values: NDArray[np.float64]
    time: NDArray[np.int64]
    start: int
    launches: tuple[int, ...]
    nuisance: NDArray[np.float64]
    changes: NDArray[np.float64]

    @property
    def design(self) -> NDArray[np.float64]:
        """The design of the first launch, its changes first; shape (n, effects + nuisances)."""
        return np.column_stack([self.changes[:, 0, :], self.nuisance])

    @property
    def freedom(self) -> int:
        """Observations less coefficients."""
        return int(self.values.size - self.nuisance.shape[1] - self.changes.shape[2])

    def contrasts(self, launch: int) -> dict[str, NDArray[np.float64]]:
        """Return the weights that turn the coefficients of a launch into its effects."""
        changes = self.changes[:, launch, :]
        weights = {"step": np.array([1.0])}
        if changes.shape[1] == 2:
            after = changes[:, 0] == 1
            weights = {
                "step": np.array([1.0, 0.0]),
                "slope": np.array([0.0, 1.0]),
                "average": np.array([1.0, changes[after, 1].mean()]),
            }
        return weights


def segmented_series(
    values: ArrayLike,
    *,
    launches: Sequence[int],
    time: ArrayLike | None = None,
    model: Model = "step",
    covariates: ArrayLike | None = None,
) -> SegmentedSeries:
    """Check one series and build its design for one launch or several.

    Args:
        values: The series, shape (n,); NaN where a period is missing.
        launches: Positions in `time` of the first period after each launch.
        time: Whole-numbered positions of the values, shape (n,); left out, 0 to n - 1.
        model: ``level``, ``step`` or ``step_slope``, see `segmented_ols`.
        covariates: What else moves the series, shape (n,) or (n, covariates).

    Returns:
        The series in the order of time, without missing periods, with its design.

    Raises:
        DataError: See `segmented_ols`.
    """
    observed = np.asarray(values, dtype=float)
    if observed.ndim != 1:
        raise DataError(f"The series has {observed.ndim} dimensions.", "Pass one value per period.")
    extra = _covariates(covariates, observed.size)
    position = _positions(time, observed.size)
    order = np.argsort(position, kind="stable")
    order = order[np.isfinite(observed[order])]
    observed, position, extra = observed[order], position[order], extra[order]
    _check_launches(position, launches)
    if np.ptp(observed) == 0:
        raise DataError(
            f"The series is constant ({observed[0]:g} in all {observed.size} periods).",
            "Choose a metric that varies, or count over longer periods.",
        )
    start = int(position[0])
    clock = position - start
    tested = np.array([launch - start for launch in launches])
    step = (clock[:, None] >= tested).astype(float)
    changes = [step]
    if model == "step_slope":
        changes.append(step * (clock[:, None] - tested + 1))
    nuisance = [np.ones(clock.size)]
    if model != "level":
        nuisance.append(clock / clock[-1])
    series = SegmentedSeries(
        values=observed,
        time=clock,
        start=start,
        launches=tuple(int(launch) for launch in launches),
        nuisance=np.column_stack([*nuisance, extra]),
        changes=np.stack(changes, axis=2),
    )
    _check_design(series)
    return series


def _covariates(covariates: ArrayLike | None, rows: int) -> NDArray[np.float64]:
    """Return the covariates as columns, centred and scaled; none gives no column."""
    if covariates is None:
        return np.empty((rows, 0))
    extra = np.asarray(covariates, dtype=float)
    extra = extra[:, None] if extra.ndim == 1 else extra
    if extra.shape[0] != rows:
        raise DataError(
            f"The covariates have {extra.shape[0]} rows, the series has {rows}.",
            "Pass one row of covariates per value.",
        )
    if not np.isfinite(extra).all():
        raise DataError(
            f"The covariates miss {int((~np.isfinite(extra)).sum())} values.",
            "Fill them in, or leave those periods out of the series.",
        )
    extra = extra - extra.mean(axis=0)
    size = np.abs(extra).max(axis=0)
    scaled: NDArray[np.float64] = extra / np.where(size > 0, size, 1.0)
    return scaled


def _positions(time: ArrayLike | None, rows: int) -> NDArray[np.int64]:
    """Return whole-numbered, distinct positions."""
    if time is None:
        return np.arange(rows)
    given = np.asarray(time)
    if given.shape != (rows,):
        raise DataError(
            f"The series has {rows} values and {given.size} positions in time.",
            "Pass one position per value.",
        )
    position = given.astype(np.int64)
    if not np.array_equal(position, given):
        raise DataError(
            "The positions in time are not whole numbers.",
            "Number the periods, for instance the months since the first.",
        )
    twice = position.size - np.unique(position).size
    if twice:
        raise DataError(
            f"{twice} positions in time occur more than once.", "Pass one value per period."
        )
    return position


def _check_launches(position: NDArray[np.int64], launches: Sequence[int]) -> None:
    """Refuse a launch that leaves too few periods on one side."""
    for launch in launches:
        before = int((position < launch).sum())
        after = position.size - before
        if position.size and after == 0:
            raise DataError(
                f"The launch at {launch} has no period after it; the series ends at "
                f"{position[-1]}.",
                "Wait for the first period after the launch, or correct its date.",
            )
        if before < PERIODS_BEFORE:
            raise DataError(
                f"The launch at {launch} has {before} periods before it.",
                f"At least {PERIODS_BEFORE} are needed; pass a longer history.",
            )


def _check_design(series: SegmentedSeries) -> None:
    """Refuse a design with too few periods or with columns that cannot be told apart."""
    if series.freedom < SPARE_PERIODS:
        raise DataError(
            f"{series.values.size} periods for {series.values.size - series.freedom} coefficients.",
            f"At least {SPARE_PERIODS} periods more than coefficients are needed: pass fewer "
            "covariates or a longer series.",
        )
    basis, triangle = np.linalg.qr(series.nuisance)
    if np.abs(np.diag(triangle)).min() < 1e-8:
        raise DataError(
            "A covariate is constant, or a sum of the trend and other covariates.",
            "Leave it out.",
        )
    flat = series.changes.reshape(series.values.size, -1)
    left = flat - basis @ (basis.T @ flat)
    apart = left.reshape(series.changes.shape)
    size = np.linalg.norm(series.changes, axis=0)
    lost = np.linalg.norm(apart, axis=0) < 1e-8 * size
    if series.changes.shape[2] == 2:
        shared = (apart[:, :, 0] * apart[:, :, 1]).sum(axis=0) ** 2
        lost[:, 1] |= (apart**2).sum(axis=0).prod(axis=1) - shared < 1e-12 * size.prod(axis=1) ** 2
    if lost.any():
        launch = series.launches[int(lost.any(axis=1).argmax())]
        raise DataError(
            f"The change at {launch} cannot be told from the trend or the covariates.",
            "Pass more periods after the launch, or leave out the covariate that moves with it.",
        )
    centred = series.values - series.values.mean()
    free = centred - basis @ (basis.T @ centred)
    products = np.einsum("nlq,n->lq", apart, free)[:, :, None]
    information = np.einsum("nlp,nlq->lpq", apart, apart)
    explained = (products * np.linalg.solve(information, products)).sum(axis=(1, 2))
    noise = free @ free - explained
    if noise.min() < NO_NOISE * (centred @ centred):
        raise DataError(
            f"Trend, covariates and a change at {series.launches[int(noise.argmin())]} explain "
            "the series exactly, which leaves no noise to judge the change by.",
            "Check whether the values are measured or computed.",
        )
