"""Two randomised arms, sharpened by what the same users did before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import Arm, ArmDifference, compare_arms, per_user
from opsbook.methods.effect.panel import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Users:
    """One arm, one number per user in every column.

    Attributes:
        values: The metric in the experiment (the numerator of a ratio metric).
        covariate: The same metric before the experiment, or another that it cannot have moved.
        denominators: Denominator of the metric; None for a plain mean.
        covariate_denominators: Denominator of the covariate; None for a plain mean.
    """

    values: ArrayLike
    covariate: ArrayLike
    denominators: ArrayLike | None = None
    covariate_denominators: ArrayLike | None = None


@dataclass(frozen=True, kw_only=True)
class Cuped:
    """The adjusted comparison, and what the adjustment did.

    Attributes:
        adjusted: The comparison of the arms with the covariate's part taken out.
        theta: Change in the metric per unit of the covariate, common to both arms.
        variance_kept: Variance of the adjusted difference as a share of the unadjusted one.
    """

    adjusted: ArmDifference
    theta: float
    variance_kept: float


def cuped(control: Users, treatment: Users, *, confidence: float = 0.95) -> Cuped:
    """Estimate the difference between two arms with the users' own past taken out.

    Assumes that the covariate was measured before the assignment. A covariate that the treatment
    could move (anything measured during the experiment) takes part of the effect away.

    Args:
        control: The control arm's users.
        treatment: The treatment arm's users.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        Treatment less control after adjustment, on all three scales.

    Raises:
        DataError: If an arm has fewer than two users, columns of unequal length or with gaps,
            denominators that do not sum to more than 0, or a covariate that does not vary.

    References:
        Deng, Xu, Kohavi & Walker (2013), WSDM, 123-132. doi:10.1145/2433396.2433413

    Examples:
        >>> result = cuped(
        ...     Users(values=[3, 5, 8], covariate=[2, 4, 6]),
        ...     Users(values=[5, 7, 11], covariate=[2, 4, 7]),
        ... )
        >>> round(result.adjusted.difference.effect, 2)
        1.91
    """
    arms = [_columns(control, "control"), _columns(treatment, "treatment")]
    together = [np.concatenate(column) for column in zip(*arms, strict=True)]
    past = _deviations(*together[2:])
    if not past @ past > 0:
        raise DataError(
            "The covariate has the same value for every user.",
            "Use a covariate that varies, or mean_difference.",
        )
    theta = float(_deviations(*together[:2]) @ past / (past @ past))
    centre = together[2].sum() / together[3].sum()
    adjusted, plain = [], 0.0
    for values, denominators, covariate, covariate_denominators in arms:
        own = _deviations(values, denominators)
        rest = own - theta * _deviations(covariate, covariate_denominators)
        level = values.sum() / denominators.sum()
        head_start = covariate.sum() / covariate_denominators.sum() - centre
        adjusted.append(
            Arm(
                level=float(level - theta * head_start),
                variance=float(rest.var(ddof=1) / rest.size),
                n=rest.size,
            )
        )
        plain += float(own.var(ddof=1) / own.size)
    result = compare_arms("cuped", *adjusted, confidence=confidence)
    return Cuped(
        adjusted=result,
        theta=theta,
        variance_kept=(adjusted[0].variance + adjusted[1].variance) / plain,
    )


def _columns(users: Users, name: str) -> tuple[Floats, Floats, Floats, Floats]:
    """Check an arm: values, denominators, covariate and its denominators, all of one length."""
    values = per_user(users.values, f"{name} arm")
    covariate = per_user(users.covariate, f"{name} arm's covariate")
    below, covariate_below = (
        np.ones(above.size) if column is None else per_user(column, f"{name} arm's {what}")
        for above, column, what in (
            (values, users.denominators, "denominator"),
            (covariate, users.covariate_denominators, "covariate's denominator"),
        )
    )
    lengths = [column.size for column in (values, below, covariate, covariate_below)]
    if len(set(lengths)) > 1:
        raise DataError(
            f"The {name} arm's columns have {lengths} users.",
            "Give every column for every user; a new user's past is 0.",
        )
    if below.sum() <= 0 or covariate_below.sum() <= 0:
        raise DataError(
            f"The {name} arm has denominators that do not sum to more than 0.",
            "A ratio needs something to divide by.",
        )
    return values, below, covariate, covariate_below


def _deviations(above: Floats, below: Floats) -> Floats:
    """Each user's part in a ratio of sums, by the delta method; for a mean, value less mean."""
    ratio = float(above.sum() / below.sum())
    return (above - ratio * below) / float(below.mean())
