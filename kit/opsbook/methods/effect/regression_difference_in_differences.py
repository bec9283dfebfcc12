"""The difference in differences of many units, by regression, with covariates."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from opsbook.errors import DataError
from opsbook.methods.effect.panel import Floats
from opsbook.methods.estimate import Estimate


def regression_difference_in_differences(
    outcome: ArrayLike,
    *,
    treated: ArrayLike,
    after: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    errors: Literal["robust", "classical"] = "robust",
    confidence: float = 0.95,
) -> Estimate:
    """Estimate how much more many treated units changed than many untreated ones.

    Two forms. Give each unit's change as the outcome (a balanced panel, and the better form), or
    give single observations with `after`, when the units before and after are not the same.
    Assumes parallel changes and independent units; the errors are wrong when the launch was
    decided for whole groups of units (a region, a chain): then compare groups, by
    `difference_in_differences`.

    Args:
        outcome: Shape (n,): the change of each unit, or the level of each observation.
        treated: Boolean, shape (n,).
        after: Boolean, shape (n,), where the outcome is a level; None where it is a change.
        covariates: Shape (n,) or (n, k): what else may explain the outcome. A row with a gap in
            any column is left out.
        errors: ``robust`` allows unequal variances (HC2: without covariates Welch's), and
            ``classical`` does not.
        confidence: Confidence level of the interval, in (0, 1).

    Returns:
        The coefficient of treated, or of treated and after; ``n`` counts the complete rows.

    Raises:
        DataError: If the columns differ in length, a group is empty, there are fewer rows than
            coefficients, or a covariate follows from the others.

    References:
        Card & Krueger (1994), American Economic Review 84, 772-793; MacKinnon & White (1985),
        Journal of Econometrics 29, 305-325, for HC2.

    Examples:
        >>> change, treated = [3.0, 5.0, 1.0, 2.0], [True, True, False, False]
        >>> regression_difference_in_differences(change, treated=treated).effect
        2.5
    """
    y = np.asarray(outcome, dtype=float)
    groups = [np.asarray(treated, dtype=float)]
    if after is not None:
        late = np.asarray(after, dtype=float)
        groups = [groups[0] * late, groups[0], late] if late.shape == groups[0].shape else [late]
    extra = np.empty((y.size, 0)) if covariates is None else np.asarray(covariates, dtype=float)
    extra = extra[:, None] if extra.ndim == 1 else extra
    if {column.shape[0] for column in (*groups, extra)} != {y.size}:
        raise DataError(
            "The outcome, treated, after and covariates differ in length.",
            "Give one row per unit or observation in each.",
        )
    design = np.column_stack([*groups, np.ones(y.size), extra])
    whole = np.isfinite(y) & np.isfinite(design).all(axis=1)
    coefficients, variance, freedom = _least_squares(design[whole], y[whole], errors)
    effect, error = float(coefficients[0]), float(np.sqrt(variance))
    lower = upper = p_value = None
    if error > 1e-13 * np.abs(y[whole]).max():  # else only rounding varies
        reach = float(special.stdtrit(freedom, (1 + confidence) / 2) * error)
        lower, upper = effect - reach, effect + reach
        p_value = float(2 * special.stdtr(freedom, -abs(effect) / error))
    return Estimate(
        method="regression_difference_in_differences",
        effect=effect,
        lower=lower,
        upper=upper,
        confidence=confidence,
        p_value=p_value,
        n=int(whole.sum()),
    )


def _least_squares(design: Floats, y: Floats, errors: str) -> tuple[Floats, float, int]:
    """Coefficients, the variance of the first, and the degrees of freedom left."""
    rows, columns = design.shape
    if rows <= columns or np.linalg.matrix_rank(design) < columns:
        raise DataError(
            f"{rows} complete rows cannot tell {columns} coefficients apart.",
            "Each group needs units in it, and no covariate may follow from the others.",
        )
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    residual = y - design @ coefficients
    influence = design @ inverse[:, 0]  # how each row moves the first coefficient
    if errors == "classical":
        variance = inverse[0, 0] * (residual @ residual) / (rows - columns)
    else:
        leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
        alone = leverage > 1 - 1e-10
        if (np.abs(influence[alone]) > 1e-10).any():
            raise DataError(
                "A group has a single unit, whose noise this regression cannot see.",
                "Use difference_in_differences, which sets it against the spread of the others.",
            )
        variance = float(influence[~alone] ** 2 @ (residual[~alone] ** 2 / (1 - leverage[~alone])))
    return coefficients, float(variance), rows - columns
