"""Two randomised arms, one number per user: the difference, and the relative change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class Sums:
    """An arm known by its sums alone, as a data warehouse hands it over.

    Attributes:
        n: Users.
        total: Sum of the metric over the users.
        squares: Sum of its squares.
    """

    n: int
    total: float
    squares: float


@dataclass(frozen=True, kw_only=True)
class Arm:
    """A level with the variance of that level.

    Attributes:
        level: Mean or ratio of the arm.
        variance: Squared standard error of the level.
        n: Users in the arm.
    """

    level: float
    variance: float
    n: int


@dataclass(frozen=True, kw_only=True)
class ArmDifference:
    """How the treatment arm differs from the control arm, on three scales.

    Attributes:
        difference: Treatment less control, in the metric's unit.
        relative: The difference as a share of the control's level, with a symmetric interval by
            the delta method; None where the control's level cannot be told from 0.
        ratio: Treatment over control, with its interval taken in logs; None as above, or where
            a level is not positive. Better than ``relative`` where the control is small.
        control: Level of the control arm.
        treatment: Level of the treatment arm.
    """

    difference: Estimate
    relative: Estimate | None
    ratio: Estimate | None
    control: float
    treatment: float


def mean_difference(
    control: ArrayLike | Sums, treatment: ArrayLike | Sums, *, confidence: float = 0.95
) -> ArmDifference:
    """Estimate how much the mean per user differs between two randomised arms.

    Assumes that users are independent and were assigned at random, so that the row must be the
    unit that was randomised: one row per user, not one per session. Means of very skewed
    metrics (revenue) need thousands of users before the interval can be trusted.

    Args:
        control: One value per user, shape (n_control,), or the arm's sums.
        treatment: The same for the treatment arm.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        Treatment less control by Welch's t, and the relative change by the delta method.

    Raises:
        DataError: If an arm has fewer than two users or a value that is not finite, its sums
            contradict each other, or neither arm varies.

    References:
        Welch (1947), Biometrika 34, 28-35. doi:10.1093/biomet/34.1-2.28
        Deng, Knoblich & Lu (2018), KDD, 233-242, for the delta method.

    Examples:
        >>> result = mean_difference([10, 12, 11], [14, 15, 13])
        >>> result.difference.effect
        3.0
    """
    return compare_arms(
        "mean_difference",
        _arm(control, "control"),
        _arm(treatment, "treatment"),
        confidence=confidence,
    )


def compare_arms(
    method: str, control: Arm, treatment: Arm, *, confidence: float = 0.95
) -> ArmDifference:
    """Compare two independent levels whose standard errors are known.

    Args:
        method: Name that the estimates carry.
        control: The control arm.
        treatment: The treatment arm.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        The comparison on all three scales.

    Raises:
        DataError: If neither level has any variance.
    """
    variance = control.variance + treatment.variance
    if not variance > (1e-13 * max(abs(control.level), abs(treatment.level))) ** 2:
        raise DataError(
            "Neither arm varies, so there is no noise to judge the difference by.",
            "Check that the metric is recorded for every user.",
        )
    share = control.variance / variance
    freedom = 1 / (share**2 / (control.n - 1) + (1 - share) ** 2 / (treatment.n - 1))

    critical = float(special.stdtrit(freedom, (1 + confidence) / 2))

    def estimate(effect: float, error: float) -> Estimate:
        reach = critical * error
        return Estimate(
            method=method,
            effect=effect,
            lower=effect - reach,
            upper=effect + reach,
            confidence=confidence,
            p_value=float(2 * special.stdtr(freedom, -abs(effect) / error)),
            n=control.n + treatment.n,
        )

    change = treatment.level - control.level
    relative = ratio = None
    errors = np.sqrt([control.variance, treatment.variance])
    if abs(control.level) > critical * errors[0]:
        quotient = treatment.level / control.level
        error = float(np.hypot(errors[1], quotient * errors[0]) / abs(control.level))
        if 0 < error < np.inf:
            relative = estimate(change / abs(control.level), error)
        if relative is not None and control.level > 0 and treatment.level > 0:
            ratio = as_ratio(estimate(float(np.log(quotient)), error / quotient))
    return ArmDifference(
        difference=estimate(change, float(np.sqrt(variance))),
        relative=relative,
        ratio=ratio,
        control=control.level,
        treatment=treatment.level,
    )


def as_ratio(log: Estimate) -> Estimate | None:
    """Take an estimate in logs to the ratio scale.

    Args:
        log: The estimate of a difference of logarithms.

    Returns:
        The same as a ratio, or None where a limit is beyond what a number can hold.
    """
    limit = np.log(np.finfo(float).max)
    if max(abs(log.lower or 0.0), abs(log.upper or 0.0), abs(log.effect)) > limit:
        return None
    return Estimate(
        method=log.method,
        effect=float(np.exp(log.effect)),
        lower=None if log.lower is None else float(np.exp(log.lower)),
        upper=None if log.upper is None else float(np.exp(log.upper)),
        confidence=log.confidence,
        p_value=log.p_value,
        n=log.n,
        scale="ratio",
    )


def per_user(values: ArrayLike, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Check one arm's column of numbers, one per user.

    Args:
        values: Shape (n,).
        name: What the column is, for the error's words.

    Returns:
        The column as floats.

    Raises:
        DataError: If it has fewer than two users or a value that is not finite.
    """
    column = np.asarray(values, dtype=float).ravel()
    finite = int(np.isfinite(column).sum())
    if finite < 2 or finite < column.size:
        raise DataError(
            f"The {name} has {finite} finite values of {column.size}.",
            "Give every user of the arm a number (0 where nothing happened); two users at least.",
        )
    return column


def _arm(values: ArrayLike | Sums, name: str) -> Arm:
    if not isinstance(values, Sums):
        column = per_user(values, f"{name} arm")
        return Arm(
            level=float(column.mean()),
            variance=float(column.var(ddof=1) / column.size),
            n=column.size,
        )
    if values.n < 2:
        raise DataError(f"The {name} arm has {values.n} users.", "It needs two at least.")
    squares = values.squares - values.total**2 / values.n
    if squares < -1e-9 * abs(values.squares):
        raise DataError(
            f"The {name} arm's sum of squares {values.squares} is less than its total "
            f"{values.total} allows for {values.n} users.",
            "Sum the squares of the users' values, not the square of a sum.",
        )
    return Arm(
        level=values.total / values.n,
        variance=max(squares, 0.0) / (values.n - 1) / values.n,
        n=values.n,
    )
