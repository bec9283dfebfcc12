"""The difference between two groups' changes, with what else tells them apart taken out."""

from __future__ import annotations

import numpy as np
from scipy import special

from opsbook.errors import DataError
from opsbook.methods.effect.panel import Floats, Mask


def doubly_robust_change(change: Floats, treated: Mask, covariates: Floats) -> tuple[float, Floats]:
    """Estimate how much more the treated changed than untreated units like them.

    The untreated are weighted to resemble the treated, and their change is predicted from the
    covariates; the answer is right if either of the two models is. Assumes that for every
    treated unit there are untreated ones like it.

    Args:
        change: Each unit's change, shape (n,).
        treated: Boolean, shape (n,).
        covariates: What was known before the launch, shape (n, k), without gaps.

    Returns:
        The mean effect on the treated, and each unit's influence on it, whose squares sum to
        the variance.

    Raises:
        DataError: If the covariates tell the groups apart without error, or one follows from
            the others.

    References:
        Sant'Anna & Zhao (2020), Journal of Econometrics 219, 101-122.

    Examples:
        >>> treated = np.array([True, False, True, False, True, False, False])
        >>> past = np.array([[1.0], [1.0], [2.0], [2.0], [3.0], [3.0], [4.0]])
        >>> effect, _ = doubly_robust_change(2 * past[:, 0] + 5 * treated, treated, past)
        >>> round(effect, 6)
        5.0
    """
    spread = covariates.std(axis=0)
    centred = (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    design = np.column_stack([np.ones(change.size), centred])
    own, n = treated.astype(float), change.size
    others = design[~treated]
    if np.linalg.matrix_rank(others) < design.shape[1]:
        raise DataError(
            "A covariate follows from the others among the units that are compared with.",
            "Leave it out.",
        )
    chance = _propensity(design, own)
    outcome_bread = np.linalg.inv(others.T @ others) * n
    slope = np.linalg.lstsq(others, change[~treated], rcond=None)[0]
    rest = change - design @ slope
    weight = (1 - own) * chance / (1 - chance)
    means = own @ rest / own.sum(), weight @ rest / weight.sum()

    # Each unit moves the two means by its own share, the regression, and the weights.
    by_outcome = ((1 - own) * rest)[:, None] * design @ outcome_bread
    bread = np.linalg.inv((design * (chance * (1 - chance))[:, None]).T @ design) * n
    by_chance = (own - chance)[:, None] * design @ bread
    of_own = own * (rest - means[0]) - by_outcome @ (own @ design / n)
    of_others = (
        weight * (rest - means[1])
        + by_chance @ ((weight * (rest - means[1])) @ design / n)
        - by_outcome @ (weight @ design / n)
    )
    influence = of_own / own.sum() - of_others / weight.sum()
    return float(means[0] - means[1]), np.asarray(influence)


def _propensity(design: Floats, own: Floats) -> Floats:
    """Probability of being treated, by logistic regression (Newton's method)."""
    slope = np.zeros(design.shape[1])
    for _ in range(50):
        chance = np.asarray(special.expit(design @ slope))
        bread = (design * (chance * (1 - chance))[:, None]).T @ design
        if chance.max() > 0.999 or np.linalg.cond(bread) > 1e12:
            break
        step = np.linalg.solve(bread, design.T @ (own - chance))
        slope = slope + step
        if np.abs(step).max() < 1e-10:
            return chance
    raise DataError(
        "The covariates tell the launched units from the others without error.",
        "Drop a covariate, or compare with units that are more alike.",
    )
