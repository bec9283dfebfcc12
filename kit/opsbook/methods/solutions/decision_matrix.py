"""The table every ranking method reads: options by criteria, complete and named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.solutions.names import check_known, unique_names

Better = Literal["higher", "lower"]


@dataclass(frozen=True, kw_only=True)
class DecisionMatrix:
    """Options by criteria; made and checked by `decision_matrix`.

    Attributes:
        options: Names of the options, the rows.
        criteria: Names of the criteria, the columns.
        scores: One row per option, in points or in the criteria's natural units.
        better: Which way each criterion is better.
    """

    options: tuple[str, ...]
    criteria: tuple[str, ...]
    scores: tuple[tuple[float, ...], ...]
    better: tuple[Better, ...]

    @property
    def values(self) -> NDArray[np.float64]:
        """The scores as an array, shape (n_options, n_criteria)."""
        return np.array(self.scores, dtype=float)

    @property
    def gains(self) -> NDArray[np.float64]:
        """The scores with the sign turned where lower is better, so that more is better."""
        return self.values * np.where(np.array(self.better) == "lower", -1.0, 1.0)

    def without(self, option: str) -> DecisionMatrix:
        """Return the same matrix with one option left out."""
        kept = [i for i, name in enumerate(self.options) if name != option]
        return DecisionMatrix(
            options=tuple(self.options[i] for i in kept),
            criteria=self.criteria,
            scores=tuple(self.scores[i] for i in kept),
            better=self.better,
        )


def decision_matrix(
    scores: ArrayLike,
    *,
    options: Sequence[str],
    criteria: Sequence[str],
    better: Better | Sequence[Better] = "higher",
) -> DecisionMatrix:
    """Check a table of scores: every option scored once on every criterion.

    Args:
        scores: Shape (n_options, n_criteria); a blank cell is None or NaN.
        options: Names of the rows.
        criteria: Names of the columns.
        better: ``higher`` or ``lower``, for all criteria or one each.

    Returns:
        The checked matrix.

    Raises:
        DataError: If a name is blank or stands twice, the shape does not fit the names, or
            scores are no numbers, blank or infinite; all blank cells are listed.

    Examples:
        >>> decision_matrix([[3, 1]], options=["Chatbot"], criteria=["effect", "risk"]).scores
        ((3.0, 1.0),)
    """
    rows, columns = unique_names("option", options), unique_names("criterion", criteria)
    try:
        values = np.array(scores, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"The scores hold something that is no number: {error}.",
            "Write plain numbers, without units or currency signs, one row per option.",
        ) from error
    if values.shape != (len(rows), len(columns)):
        raise DataError(
            f"The scores have shape {values.shape} for {len(rows)} options and "
            f"{len(columns)} criteria.",
            "Give one row per option and one column per criterion.",
        )
    blank = [f"'{rows[i]}' on '{columns[j]}'" for i, j in np.argwhere(~np.isfinite(values))]
    if blank:
        raise DataError(
            f"Scores are missing: {', '.join(blank)}.",
            "Score them, or take the option or the criterion out; a blank is no zero.",
        )
    ways: tuple[Better, ...] = (
        (better,) * len(columns) if isinstance(better, str) else tuple(better)
    )
    if len(ways) != len(columns) or not set(ways) <= {"higher", "lower"}:
        raise DataError(
            f"'better' is {', '.join(map(str, ways))} for {len(columns)} criteria.",
            "Give 'higher' or 'lower' for each criterion.",
        )
    table = tuple(tuple(float(value) for value in row) for row in values)
    return DecisionMatrix(options=rows, criteria=columns, scores=table, better=ways)


def matrix_from_rows(
    rows: Sequence[tuple[str, Mapping[str, float | None]]],
    *,
    criteria: Sequence[str],
    better: Better | Sequence[Better] = "higher",
) -> DecisionMatrix:
    """Check scores given as one mapping per option, as people write them down.

    Args:
        rows: Each option's name with its score per criterion; None is blank.
        criteria: Names of the criteria, in the order to keep.
        better: ``higher`` or ``lower``, for all criteria or one each.

    Returns:
        The checked matrix.

    Raises:
        DataError: As `decision_matrix`, and if a row names an unknown criterion.

    Examples:
        >>> rows = [("Chatbot", {"risk": 1, "effect": 3}), ("Script", {"risk": 2, "effect": 2})]
        >>> matrix_from_rows(rows, criteria=["effect", "risk"]).scores
        ((3.0, 1.0), (2.0, 2.0))
    """
    for option, row in rows:
        check_known("criterion", row, criteria, f"the scores of option '{option}'")
    blank = float("nan")
    cells = [
        [blank if (score := row.get(criterion)) is None else score for criterion in criteria]
        for _, row in rows
    ]
    return decision_matrix(
        cells,
        options=[option for option, _ in rows],
        criteria=criteria,
        better=better,
    )
