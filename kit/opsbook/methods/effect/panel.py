"""The shape every controlled design reads: units by periods, who was treated, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Treated = int | Sequence[int] | NDArray[np.int64] | Mask


@dataclass(frozen=True, kw_only=True, eq=False)
class Complete:
    """A panel of values without a gap.

    Attributes:
        values: The metric, shape (units kept, periods kept).
        treated: Which kept units were treated.
        after: Which kept periods are after the launch.
        units: Index of each kept unit in the panel.
        periods: Index of each kept period in the panel.
        dropped: Indices of the controls left out.
    """

    values: Floats
    treated: Mask
    after: Mask
    units: tuple[int, ...]
    periods: tuple[int, ...]
    dropped: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """A checked panel. Missing cells are NaN in both tables and stay missing.

    Attributes:
        numerators: Shape (units, periods). Values, where the metric has no denominator.
        denominators: Shape (units, periods); 1 in every observed cell of a plain value.
        treated: Which units were treated, shape (units,).
        after: Which periods are after the launch, shape (periods,).
    """

    numerators: Floats
    denominators: Floats
    treated: Mask
    after: Mask

    @property
    def values(self) -> Floats:
        """The metric in each cell, NaN where it is missing or has nothing to divide by."""
        empty = ~(self.denominators > 0)
        return np.where(empty, np.nan, self.numerators / np.where(empty, 1.0, self.denominators))

    def complete(self) -> Complete:
        """The part without a gap: periods the treated are seen in, controls seen in all of them.

        Raises:
            DataError: If fewer than two periods before, no period after or no control is left.
        """
        seen = np.isfinite(self.values)
        periods = seen[self.treated].all(axis=0)
        units = seen[:, periods].all(axis=1)
        before = int((periods & ~self.after).sum())
        if before < 2 or not (periods & self.after).any():
            raise DataError(
                f"The treated unit is seen in {before} periods before the launch and "
                f"{int((periods & self.after).sum())} after.",
                "Matching its past needs 2 periods before at the very least, and 1 after.",
            )
        if not (units & ~self.treated).any():
            raise DataError(
                "Every control misses a period in which the treated unit is seen.",
                "Add controls without gaps, cut the windows, or use difference_in_differences.",
            )
        return Complete(
            values=self.values[np.ix_(units, periods)],
            treated=self.treated[units],
            after=self.after[periods],
            units=tuple(np.flatnonzero(units).tolist()),
            periods=tuple(np.flatnonzero(periods).tolist()),
            dropped=tuple(np.flatnonzero(~units).tolist()),
        )

    def window_means(self, periods: Mask) -> tuple[Floats, Floats]:
        """Mean numerator and denominator of each unit over its observed cells of a window.

        Means instead of sums let a unit with a missing month keep its weight among the
        others. A unit with no observed cell, or nothing to divide by, is NaN.
        """
        seen = np.isfinite(self.numerators[:, periods])
        count = seen.sum(axis=1)
        above = np.where(seen, self.numerators[:, periods], 0.0).sum(axis=1)
        below = np.where(seen, self.denominators[:, periods], 0.0).sum(axis=1)
        empty = (count == 0) | (below <= 0)
        count = np.where(empty, 1, count)
        return np.where(empty, np.nan, above / count), np.where(empty, np.nan, below / count)


def read_panel(
    numerators: ArrayLike,
    denominators: ArrayLike | None = None,
    *,
    treated: Treated,
    after: ArrayLike,
) -> Panel:
    """Check and align what a controlled design is given.

    Args:
        numerators: Shape (units, periods): counts or sums above the line, or plain values. NaN
            is a missing cell.
        denominators: Same shape, at least 0, or None for plain values.
        treated: Index or indices of the treated units, or a boolean mask over the units.
        after: Boolean, shape (periods,): True from the first full period after the launch. Cut
            periods that belong to neither window before calling.

    Returns:
        The panel, with a cell missing where either table misses it.

    Raises:
        DataError: If shapes disagree, a number is infinite, a denominator is negative, an index
            is outside the table, or a side of the comparison is empty.

    Examples:
        >>> read_panel([[1, 2], [3, 4]], treated=0, after=[False, True]).treated.tolist()
        [True, False]
    """
    above = np.asarray(numerators, dtype=float)
    if above.ndim != 2:
        raise DataError(
            f"A panel has units by periods; this table has {above.ndim} dimension(s).",
            "Give one row per unit and one column per period.",
        )
    below = np.where(np.isnan(above), np.nan, 1.0)
    if denominators is not None:
        below = np.asarray(denominators, dtype=float)
    if below.shape != above.shape:
        raise DataError(
            f"The numerators are {above.shape} and the denominators {below.shape}.",
            "Give both for the same units and periods.",
        )
    if np.isinf(above).any() or np.isinf(below).any():
        raise DataError("The panel holds an infinite number.", "Mark a missing cell as NaN.")
    if (below < 0).any():
        raise DataError(
            f"The panel has a negative denominator, {np.nanmin(below)}.",
            "Correct the data, or leave the cell missing.",
        )
    missing = np.isnan(above) | np.isnan(below)
    units, periods = above.shape
    panel = Panel(
        numerators=np.where(missing, np.nan, above),
        denominators=np.where(missing, np.nan, below),
        treated=_treated_mask(treated, units),
        after=np.asarray(after, dtype=bool),
    )
    if panel.after.shape != (periods,):
        raise DataError(
            f"The panel has {periods} periods and `after` {panel.after.size}.",
            "Give one True or False per period.",
        )
    if panel.after.all() or not panel.after.any():
        side = "before" if panel.after.all() else "after"
        raise DataError(
            f"The panel has no period {side} the launch.", "Check the launch date and the windows."
        )
    return panel


def _treated_mask(treated: Treated, units: int) -> Mask:
    chosen = np.atleast_1d(np.asarray(treated))
    if chosen.dtype == np.bool_:
        if chosen.shape != (units,):
            raise DataError(
                f"The panel has {units} units and `treated` {chosen.size}.",
                "Give one True or False per unit.",
            )
        mask = chosen.astype(np.bool_)
    else:
        if chosen.size and (chosen.min() < 0 or chosen.max() >= units):
            raise DataError(
                f"Treated unit {chosen.tolist()} is outside the panel of {units} units.",
                f"Indices run from 0 to {units - 1}.",
            )
        mask = np.zeros(units, dtype=np.bool_)
        mask[chosen.astype(int)] = True
    if not mask.any() or mask.all():
        side = "treated unit" if not mask.any() else "control"
        raise DataError(f"The panel has no {side}.", "Compare at least one unit with one control.")
    return mask
