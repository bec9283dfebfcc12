"""Describe one stretch of a series by a straight line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of the series that one straight line describes.

    Attributes:
        start: Index of its first point.
        end: Index after its last point.
        level_first: The line at the first point, the series' unit, seasonal pattern removed.
        level_last: The line at the last point.
        slope: Change per step.
        spread: Standard deviation around the line; None with fewer than four points.
        n: Observations in it, missing ones not counted.
    """

    start: int
    end: int
    level_first: float
    level_last: float
    slope: float
    spread: float | None
    n: int


def segment_line(values: Floats, positions: NDArray[np.int64]) -> Segment:
    """Fit the line by least squares.

    Assumes that the noise has the same size throughout; the spread is understated where the noise
    is autocorrelated.

    Args:
        values: Observations of the stretch, shape (n,), n at least 2, finite.
        positions: Integer time of each, shape (n,), increasing.

    Returns:
        The line.

    Examples:
        >>> line = segment_line(np.array([1.0, 3.0, 5.0, 9.0]), np.array([0, 1, 2, 4]))
        >>> line.slope, line.level_last, line.end
        (2.0, 9.0, 5)
    """
    n = len(values)
    middle = float(positions.mean())
    time = positions - middle
    level = float(values.mean())
    slope = float(time @ (values - level) / (time @ time))
    rest = values - level - slope * time
    return Segment(
        start=int(positions[0]),
        end=int(positions[-1]) + 1,
        level_first=level + slope * float(time[0]),
        level_last=level + slope * float(time[-1]),
        slope=slope,
        spread=None if n < 4 else float(np.sqrt(rest @ rest / (n - 2))),
        n=n,
    )


def off_the_line(values: Floats, positions: NDArray[np.int64]) -> Floats:
    """Return each observation's distance from the least-squares line, shape (n,)."""
    time = positions - positions.mean()
    away = values - values.mean()
    distance: Floats = away - time * float(time @ away / (time @ time))
    return distance
