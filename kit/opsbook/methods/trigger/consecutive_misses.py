"""Consecutive misses: the handbook's first rule, two in a row yellow and three red."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.trigger.series import (
    Better,
    Bools,
    Floats,
    Ints,
    as_series,
    run_lengths,
    towards_better,
)

Level = Literal["green", "yellow", "red", "no_data"]
LEVELS: tuple[Level, ...] = ("green", "yellow", "red", "no_data")


@dataclass(frozen=True, kw_only=True, eq=False)
class ConsecutiveMisses:
    """Misses of a target, period by period; every array has shape (..., n).

    Attributes:
        missed: Whether the period was worse than its target; False at a gap.
        run_length: Misses in a row ending at the period; 0 at a hit and at a gap.
        of_last: Misses among the last M periods, or None if no N-of-M rule was asked for.
        level: Position in `LEVELS`: 0 green, 1 yellow, 2 red, 3 no data.
        last_known: Position of the last period that could be compared, shape (...,); -1 for none.
    """

    missed: Bools
    run_length: Ints
    of_last: Ints | None
    level: Ints
    last_known: Ints

    @property
    def latest_level(self) -> Level:
        """The level of the last period (of one series)."""
        return LEVELS[int(self.level[..., -1])]

    @property
    def latest_run(self) -> int:
        """Misses in a row up to and with the last period (of one series)."""
        return int(self.run_length[..., -1])

    @property
    def last_run(self) -> Ints:
        """Misses in a row up to and with the last period that could be compared, shape (...,)."""
        at = np.maximum(self.last_known, 0)[..., None]
        return np.asarray(np.take_along_axis(self.run_length, at, axis=-1)[..., 0])


def same_period_last_year(values: ArrayLike, periods_per_year: int) -> Floats:
    """Return what each period is compared with year on year.

    Args:
        values: Shape (..., n), gaps NaN.
        periods_per_year: Periods between a value and its like a year before: 12 months, 52 weeks,
            364 days (which keeps the weekday).

    Returns:
        Shape (..., n): the value one year earlier, NaN in the first year.

    Raises:
        DataError: If a year has less than one period.

    Examples:
        >>> same_period_last_year([1, 2, 3], 2)
        array([nan, nan,  1.])
    """
    series = as_series(values)
    if periods_per_year < 1:
        raise DataError(
            f"A year of {periods_per_year} periods is no year.", "Give 12, 52 or 364, say."
        )
    earlier = np.full_like(series, np.nan)
    earlier[..., periods_per_year:] = series[..., :-periods_per_year]
    return earlier


def consecutive_misses(
    values: ArrayLike,
    target: ArrayLike,
    *,
    better: Better,
    yellow: int = 2,
    red: int = 3,
    n_of_m: tuple[int, int] | None = None,
) -> ConsecutiveMisses:
    """Count how many periods in a row missed the target, and colour them.

    A gap (NaN in the value or in the target) is neither a miss nor a hit: it breaks a run, is
    never counted, and has the level ``no_data``. Meeting the target exactly is a hit. Works on
    many series at once, without a loop over periods.

    The rule knows no noise: with the target at its mean, a healthy KPI shows three misses in a
    row some three times a year. Print it beside `rule_replay`.

    Args:
        values: Shape (..., n), the metric's unit.
        target: A number or an array that broadcasts to the values, same unit; for the comparison
            with last year, `same_period_last_year(values, ...)`.
        better: Direction of the metric.
        yellow: Misses in a row that make a warning.
        red: Misses in a row that make an alarm.
        n_of_m: (N, M): also warn if at least N of the last M periods missed.

    Raises:
        DataError: If the target does not fit the values, or the rule's numbers are no rule.

    Examples:
        >>> weeks = consecutive_misses([9, 8, 7, 6], 8.5, better="higher")
        >>> weeks.latest_run, weeks.latest_level
        (3, 'red')
    """
    series = as_series(values)
    if not 1 <= yellow <= red:
        raise DataError(
            f"yellow = {yellow} and red = {red} make no rule.", "Use 1 <= yellow <= red."
        )
    try:
        goal = np.broadcast_to(np.asarray(target, dtype=np.float64), series.shape)
    except ValueError as error:
        raise DataError(
            f"'target' of shape {np.shape(target)} does not fit values of shape {series.shape}.",
            "Give one number, or one for each period.",
        ) from error
    gap = np.isnan(series) | np.isnan(goal)
    missed = towards_better(series, better) < towards_better(goal, better)
    length = run_lengths(missed)
    level = (length >= yellow).astype(np.int64) + (length >= red)
    of_last: Ints | None = None
    if n_of_m is not None:
        needed, window = n_of_m
        if not 1 <= needed <= window:
            raise DataError(f"{needed} of {window} is no rule.", "Use 1 <= N <= M.")
        total = np.cumsum(missed, axis=-1, dtype=np.int64)
        of_last = total.copy()
        of_last[..., window:] -= total[..., :-window]
        level = np.maximum(level, of_last >= needed)
    level = np.where(gap, LEVELS.index("no_data"), level)
    position = np.arange(series.shape[-1])
    return ConsecutiveMisses(
        missed=missed,
        run_length=length,
        of_last=of_last,
        level=level,
        last_known=np.where(gap, -1, position).max(axis=-1),
    )
