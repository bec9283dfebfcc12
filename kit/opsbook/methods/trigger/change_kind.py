"""Say what changed at a break: the level, the trend, or both; and place a bend exactly."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ChangeKind = Literal["level_shift", "trend_break", "level_and_trend"]

REACH = 50  # points on each side of the break among which a bend is looked for
MARGIN = 3  # points that both stretches keep


def change_kind(
    values: Floats, positions: NDArray[np.int64], start: int, autocorrelation: float
) -> tuple[ChangeKind, int]:
    """Say whether a jump, a bend, or only both together describe a break, and where it is.

    Three models of the two stretches are compared under the noise's autocorrelation: one slope
    and a jump, two slopes that meet, and two free lines. Free lines place a bend badly, for they
    may jump to the noise; so the bend is tried at every place nearby. The Bayesian information
    criterion picks. Its assumption that the place is known makes "both" a little too frequent.

    Args:
        values: The two stretches, shape (n,), finite.
        positions: Integer time of each, shape (n,).
        start: Position in `values` at which the second stretch begins.
        autocorrelation: Lag-1 autocorrelation of the noise, in [0, 1).

    Returns:
        ``level_shift``, ``trend_break`` or ``level_and_trend``; and the start of the second
        stretch, which only a trend break moves.

    References:
        Schwarz (1978), Annals of Statistics 6, 461-464. doi:10.1214/aos/1176344136

    Examples:
        >>> wiggle = np.tile([0.1, -0.1, 0.0], 8)
        >>> change_kind(wiggle + np.repeat([1.0, 4.0], 12), np.arange(24), 12, 0.0)
        ('level_shift', 12)
    """
    n = len(values)
    carry = (autocorrelation ** np.diff(positions))[:, None]
    weight = np.sqrt((1 - autocorrelation**2) / (1 - carry**2))
    time = (positions - positions[start]) / (positions[-1] - positions[0])
    places = np.arange(max(MARGIN, start - REACH), min(n - MARGIN, start + REACH) + 1)
    after = (np.arange(n) >= start).astype(np.float64)
    # A bend between two points counts as at the later one.
    bends = np.maximum(0.0, time[:, None] - time[places][None, :])
    columns = np.column_stack([values, np.ones(n), time, after, after * time, bends])
    head = np.sqrt(1 - autocorrelation**2) * columns[:1]
    white = np.concatenate([head, (columns[1:] - carry * columns[:-1]) * weight])

    base, _ = np.linalg.qr(white[:, 1:3])
    free = white - base @ (base.T @ white)  # what one straight line leaves of each column
    left, jump, turn, bend = free[:, 0], free[:, 3], free[:, 4], free[:, 5:]
    total = float(left @ left)
    by_jump = _explained(left, jump[:, None])[0]
    by_bend = _explained(left, bend)
    at = int(np.argmax(by_bend))
    both, _ = np.linalg.qr(np.column_stack([jump, turn]))
    by_both = float(((both.T @ left) ** 2).sum())

    tiny = 1e-12 * total + np.finfo(np.float64).tiny
    criteria: dict[ChangeKind, float] = {
        "level_shift": n * np.log(max(total - by_jump, tiny)),
        "trend_break": n * np.log(max(total - float(by_bend[at]), tiny)),
        "level_and_trend": n * np.log(max(total - by_both, tiny)) + np.log(n),
    }
    kind = min(criteria, key=criteria.__getitem__)
    return kind, int(places[at]) if kind == "trend_break" else start


def _explained(left: Floats, columns: Floats) -> Floats:
    """Return the squares that each column alone explains of what is left."""
    size = (columns**2).sum(axis=0)
    explained: Floats = (left @ columns) ** 2 / np.where(size > 0, size, np.inf)
    return explained
