"""Say what changed at a break: the level, the trend, or both."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ChangeKind = Literal["level_shift", "trend_break", "level_and_trend"]


def change_kind(
    values: Floats, positions: NDArray[np.int64], start: int, autocorrelation: float
) -> ChangeKind:
    """Say whether a jump, a kink, or only both together describe a break.

    Three models of the two stretches are compared under the noise's autocorrelation: one slope
    and a jump, two slopes that meet, and two free lines. The Bayesian information criterion
    picks; its assumption that the break's place is known makes "both" a little too frequent.

    Args:
        values: The two stretches, shape (n,), finite.
        positions: Integer time of each, shape (n,).
        start: Position in `values` at which the second stretch begins.
        autocorrelation: Lag-1 autocorrelation of the noise, in [0, 1).

    Returns:
        ``level_shift``, ``trend_break`` or ``level_and_trend``.

    References:
        Schwarz (1978), Annals of Statistics 6, 461-464. doi:10.1214/aos/1176344136

    Examples:
        >>> wiggle = np.tile([0.1, -0.1, 0.0], 8)
        >>> change_kind(wiggle + np.repeat([1.0, 4.0], 12), np.arange(24), 12, 0.0)
        'level_shift'
    """
    time = positions - positions[start]
    after = (np.arange(len(values)) >= start).astype(np.float64)
    one = np.ones(len(values))
    columns = {
        "level_shift": (one, time, after),
        "trend_break": (one, time, after * time),
        "level_and_trend": (one, time, after, after * time),
    }
    carry = autocorrelation ** np.diff(positions)
    weight = np.sqrt((1 - autocorrelation**2) / (1 - carry**2))
    n = len(values)

    def whitened(column: Floats) -> Floats:
        head = np.sqrt(1 - autocorrelation**2) * column[:1]
        return np.concatenate([head, (column[1:] - carry * column[:-1]) * weight])

    target = whitened(values)
    best: ChangeKind = "level_and_trend"
    least = np.inf
    kinds: tuple[ChangeKind, ...] = ("level_shift", "trend_break", "level_and_trend")
    for kind in kinds:
        design = np.column_stack([whitened(np.asarray(c, dtype=np.float64)) for c in columns[kind]])
        fit, *_ = np.linalg.lstsq(design, target, rcond=None)
        rest = target - design @ fit
        criterion = n * np.log(rest @ rest / n + 1e-12) + design.shape[1] * np.log(n)
        if criterion < least:
            best, least = kind, criterion
    return best
