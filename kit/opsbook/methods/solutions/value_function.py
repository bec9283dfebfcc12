"""Fixed value functions: from natural units to points between 0 and 100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """One agreed point of a value function, with the words that fix its meaning.

    Attributes:
        at: The measure, in the criterion's natural unit (weeks, person-weeks, a grade).
        points: What it is worth, 0 (worst acceptable) to 100 (best imaginable).
        meaning: The written description that raters hold on to.
    """

    at: float
    points: float
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class ValueFunction:
    """A piecewise-linear value function, drawn before any option was looked at.

    Attributes:
        criterion: The criterion it belongs to.
        anchors: Its anchor points, by rising measure.
    """

    criterion: str
    anchors: tuple[Anchor, ...]

    def points(self, measures: ArrayLike) -> NDArray[np.float64]:
        """Return the points of the measures, same shape; beyond the last anchor it stays flat."""
        at = [anchor.at for anchor in self.anchors]
        points = [anchor.points for anchor in self.anchors]
        return np.asarray(np.interp(np.asarray(measures, dtype=float), at, points))

    def outside(self, measures: ArrayLike) -> NDArray[np.bool_]:
        """Return which measures lie beyond the anchors, where the function can no longer tell."""
        values = np.asarray(measures, dtype=float)
        return np.asarray((values < self.anchors[0].at) | (values > self.anchors[-1].at))


def value_function(criterion: str, anchors: Sequence[Anchor]) -> ValueFunction:
    """Say once and for all what a measure is worth, whatever the other options are.

    An option's points depend on its own measure and on the anchors alone, so that adding or
    removing an option cannot turn the order of two others. What most often fails: anchors that
    are drawn around the options at hand; take the worst acceptable and the best imaginable.

    Args:
        criterion: The criterion's name.
        anchors: At least two anchor points with different measures. Points run from 0 to 100
            and never turn back: all rising or all falling with the measure.

    Returns:
        The value function; its `points` method takes measures of any shape.

    Raises:
        DataError: If there are fewer than two anchors, two stand at one measure, a number is
            not finite, the points leave 0..100, do not span it, or turn back.

    References:
        Keeney & Raiffa (1976), Decisions with Multiple Objectives, chapter 3. Belton & Gear
        (1983), Omega 11, 228-230, on ranks that turn without fixed anchors.
        doi:10.1016/0305-0483(83)90047-6

    Examples:
        >>> weeks = value_function("time", [Anchor(at=2, points=100), Anchor(at=12, points=0)])
        >>> weeks.points([2, 7, 20]).tolist()
        [100.0, 50.0, 0.0]
    """
    if len(anchors) < 2:
        raise DataError(
            f"The value function of '{criterion}' has {len(anchors)} anchor points.",
            "Give at least two: the worst acceptable (0 points) and the best imaginable (100).",
        )
    ordered = tuple(sorted(anchors, key=lambda anchor: anchor.at))
    at = np.array([anchor.at for anchor in ordered], dtype=float)
    points = np.array([anchor.points for anchor in ordered], dtype=float)
    if not (np.isfinite(at).all() and np.isfinite(points).all()):
        raise DataError(
            f"The value function of '{criterion}' has an anchor that is no finite number.",
            "Write each anchor as a measure and its points.",
        )
    if (np.diff(at) == 0).any():
        repeated = float(at[1:][np.diff(at) == 0][0])
        raise DataError(
            f"The value function of '{criterion}' has two anchors at {repeated:g}.",
            "Keep one of them.",
        )
    if points.min() != 0 or points.max() != 100:
        raise DataError(
            f"The points of '{criterion}' run from {points.min():g} to {points.max():g}.",
            "Give 0 points to the worst anchor and 100 to the best, so that weights keep meaning.",
        )
    steps = np.diff(points)
    if (steps > 0).any() and (steps < 0).any():
        raise DataError(
            f"The points of '{criterion}' rise and fall again: "
            f"{', '.join(f'{value:g}' for value in points)}.",
            "Let them run one way, or split the criterion in two.",
        )
    return ValueFunction(criterion=criterion, anchors=ordered)
