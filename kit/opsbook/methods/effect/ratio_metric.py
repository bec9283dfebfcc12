"""Two randomised arms and a ratio of sums, such as orders per session."""

from __future__ import annotations

from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import Arm, ArmDifference, compare_arms, per_user


def ratio_metric(
    control: tuple[ArrayLike, ArrayLike],
    treatment: tuple[ArrayLike, ArrayLike],
    *,
    confidence: float = 0.95,
) -> ArmDifference:
    """Estimate how much a ratio of sums differs between two arms randomised by user.

    A user's sessions are alike, so that counting sessions as independent gives an interval that
    is too short; the delta method goes back to the users. Assumes that the denominator is not
    itself moved by the treatment: if sessions fall, orders per session may rise for no good.

    Args:
        control: Numerators and denominators, one number per user each, shape (n_control,).
        treatment: The same for the treatment arm.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        Treatment less control of sum over sum, in the ratio's unit, and the relative change.

    Raises:
        DataError: If an arm has fewer than two users, columns of unequal length or with gaps,
            or denominators that do not sum to more than 0.

    References:
        Deng, Knoblich & Lu (2018), Applying the delta method in metric analytics, KDD, 233-242.

    Examples:
        >>> result = ratio_metric(([1, 0, 2], [2, 2, 4]), ([2, 1, 2], [2, 2, 4]))
        >>> result.difference.effect
        0.25
    """
    return compare_arms(
        "ratio_metric",
        _arm(*control, "control"),
        _arm(*treatment, "treatment"),
        confidence=confidence,
    )


def _arm(numerators: ArrayLike, denominators: ArrayLike, name: str) -> Arm:
    above = per_user(numerators, f"{name} arm's numerator")
    below = per_user(denominators, f"{name} arm's denominator")
    if above.size != below.size:
        raise DataError(
            f"The {name} arm has {above.size} numerators and {below.size} denominators.",
            "Give both for every user.",
        )
    if below.sum() <= 0:
        raise DataError(
            f"The {name} arm's denominators sum to {below.sum():g}.",
            "A ratio needs something to divide by.",
        )
    ratio = float(above.sum() / below.sum())
    linear = (above - ratio * below) / below.mean()
    return Arm(level=ratio, variance=float(linear.var(ddof=1) / above.size), n=above.size)
