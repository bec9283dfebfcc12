"""Options by criteria where the cells are guesses: low, most likely, high."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.solutions.decision_matrix import DecisionMatrix, decision_matrix
from opsbook.methods.solutions.names import check_known
from opsbook.methods.solutions.triangular import triangular
from opsbook.methods.solutions.value_function import ValueFunction


@dataclass(frozen=True, kw_only=True)
class GuessMatrix:
    """Guesses of options by criteria; made and checked by `guess_matrix`.

    Attributes:
        low: The lowest possible measures.
        mode: The most likely measures.
        high: The highest possible measures.
        value_functions: What the measures are worth, per criterion; None where the measures are
            points already.
    """

    low: DecisionMatrix
    mode: DecisionMatrix
    high: DecisionMatrix
    value_functions: tuple[ValueFunction | None, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options."""
        return self.mode.options

    @property
    def criteria(self) -> tuple[str, ...]:
        """Names of the criteria."""
        return self.mode.criteria

    def uncertain(self, criterion: int) -> NDArray[np.bool_]:
        """Return for which options the criterion is a guess, shape (n_options,)."""
        return np.asarray(self.high.values[:, criterion] > self.low.values[:, criterion])

    def points(self, criterion: int, quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the points on one criterion at quantiles of the guesses.

        Args:
            criterion: Place of the criterion.
            quantiles: Probabilities, shape (n_options, n).

        Returns:
            The points, same shape.
        """
        column = slice(criterion, criterion + 1)
        measures = triangular(
            quantiles,
            self.low.values[:, column],
            self.mode.values[:, column],
            self.high.values[:, column],
        )
        function = self.value_functions[criterion]
        return measures if function is None else function.points(measures)


def guess_matrix(
    low: ArrayLike,
    mode: ArrayLike,
    high: ArrayLike,
    *,
    options: Sequence[str],
    criteria: Sequence[str],
    value_functions: Mapping[str, ValueFunction] | None = None,
) -> GuessMatrix:
    """Check a table of guesses: each with its low, most likely and high measure.

    Args:
        low: Lowest possible measures, shape (n_options, n_criteria).
        mode: Most likely measures, same shape.
        high: Highest possible measures, same shape; where all three agree, the cell is known.
        options: Names of the rows.
        criteria: Names of the columns.
        value_functions: Value function per criterion in natural units; the other criteria are
            in points, more being better.

    Returns:
        The checked guesses.

    Raises:
        DataError: As `decision_matrix`, if a guess is not ``low <= mode <= high`` (all such
            cells are listed), or a value function is of an unknown criterion.

    Examples:
        >>> guesses = guess_matrix([[2]], [[4]], [[9]], options=["A"], criteria=["ease"])
        >>> guesses.mode.scores
        ((4.0,),)
    """
    tables = [
        decision_matrix(part, options=options, criteria=criteria) for part in (low, mode, high)
    ]
    lows, modes, highs = (table.values for table in tables)
    names = tables[0]
    wrong = [
        f"'{names.options[i]}' on '{names.criteria[j]}' "
        f"({lows[i, j]:g}, {modes[i, j]:g}, {highs[i, j]:g})"
        for i, j in np.argwhere((lows > modes) | (modes > highs))
    ]
    if wrong:
        raise DataError(
            f"A guess must rise from low to most likely to high; not so: {', '.join(wrong)}.",
            "Put the three numbers in order.",
        )
    functions = value_functions or {}
    check_known("criterion", functions, names.criteria, "the value functions")
    return GuessMatrix(
        low=tables[0],
        mode=tables[1],
        high=tables[2],
        value_functions=tuple(functions.get(criterion) for criterion in names.criteria),
    )
