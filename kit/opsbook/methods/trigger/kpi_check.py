"""KPI check: the whole metric trigger for one KPI or for thousands, without a loop over them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.trigger.ar1_noise import FEWEST
from opsbook.methods.trigger.combined_verdict import CombinedVerdict, combined_verdict
from opsbook.methods.trigger.consecutive_misses import (
    ConsecutiveMisses,
    consecutive_misses,
    same_period_last_year,
)
from opsbook.methods.trigger.seasonal_adjustment import (
    CYCLES_FOR_EFFECTS,
    Means,
    seasonal_adjustment,
)
from opsbook.methods.trigger.series import Better, Bools, Floats, as_series


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """What repeats at a length of period.

    Attributes:
        cycles: Lengths of seasons to look for, shortest first.
        periods_per_year: Periods from a value to its like a year before: 364 days keep the
            weekday. None where a year is one period.
        baseline: Leading periods that teach the noise where nobody chose them.
    """

    cycles: tuple[int, ...]
    periods_per_year: int | None
    baseline: int

    def baseline_of(self, n: int) -> int:
        """Leading periods that teach, of a history of n; never more than half of it."""
        return min(self.baseline, n // 2)


#: What repeats, by the length of a period.
RHYTHMS = MappingProxyType(
    {
        "day": Rhythm(cycles=(7, 364), periods_per_year=364, baseline=56),
        "week": Rhythm(cycles=(52,), periods_per_year=52, baseline=26),
        "month": Rhythm(cycles=(12,), periods_per_year=12, baseline=24),
        "quarter": Rhythm(cycles=(4,), periods_per_year=4, baseline=8),
        "year": Rhythm(cycles=(), periods_per_year=None, baseline=8),
    }
)


@dataclass(frozen=True, kw_only=True, eq=False)
class KpiCheck:
    """What the metric trigger says of each KPI.

    Attributes:
        values: As given, shape (..., n).
        seasonal: What was taken off as the season, shape (..., n); 0 where none was found.
        judged: Values less season, NaN in the periods that are not judged, shape (..., n).
        cycles: Periods of the cycles for which some KPI has a season, shortest first.
        means: How the season of each cycle was estimated: ``effects``, or ``stl`` (one KPI only).
        to_target: Misses of the target; None without one.
        to_last_year: Periods worse than a year before; None where no period has a year before.
        combined: The verdict that noise does not explain, period by period.
    """

    values: Floats
    seasonal: Floats
    judged: Floats
    cycles: tuple[int, ...]
    means: tuple[Means, ...]
    to_target: ConsecutiveMisses | None
    to_last_year: ConsecutiveMisses | None
    combined: CombinedVerdict


def kpi_check(
    values: ArrayLike,
    *,
    better: Better,
    baseline: int,
    target: ArrayLike | None = None,
    rhythm: Rhythm = RHYTHMS["year"],
    unusual: ArrayLike | None = None,
    excused: ArrayLike | None = None,
    misses: tuple[int, int] = (2, 3),
) -> KpiCheck:
    """Hold every KPI against its target, its last year, and the noise of its own baseline.

    The season is taken out first, cycle by cycle, where at least three cycles show one. The
    handbook's misses are counted on the values as they are; the combined verdict judges the
    values less their season. A target that is the same in every period is held against the
    values less season, one that differs by period against the values themselves.

    The assumption that most often fails: the baseline must have been ordinary. Name what was not
    in `unusual`.

    Args:
        values: Shape (..., n), the metric's unit; NaN marks a gap.
        better: Direction of the metric.
        baseline: Number of leading periods that teach the noise.
        target: None, a number, or an array that broadcasts to the values.
        rhythm: What repeats: from `RHYTHMS`; nothing if left out.
        unusual: Periods that teach nothing (promotions, holidays), shape (n,).
        excused: Periods that are not judged either (holidays, broken data), shape (n,).
        misses: Misses in a row that warn, and that trigger.

    Raises:
        DataError: If the values are no numbers, or target or rules do not fit.

    Examples:
        >>> weeks = [5, 6, 4, 5, 6, 5, 4, 5, 6, 4, 5, 5, 6, 4, 1, 0, 1]
        >>> kpi_check(weeks, better="higher", baseline=13, target=3).combined.latest
        'red'
    """
    series, (yellow, red) = as_series(values), misses
    n = series.shape[-1]
    leave_out = _mask(unusual, n) | _mask(excused, n)
    seasonal, found = np.zeros_like(series), list[tuple[int, Means]]()
    for cycle in rhythm.cycles:
        if n >= CYCLES_FOR_EFFECTS * cycle:
            taught = np.where(leave_out, np.nan, series) - seasonal
            season = seasonal_adjustment(taught, cycle)
            seasonal = seasonal + season.seasonal
            if "season_removed" in season.reason:
                found.append((cycle, "stl" if "stl" in season.means else "effects"))
    judged = np.where(_mask(excused, n), np.nan, series - seasonal)
    teaching = np.arange(n) < baseline
    judged = np.where(teaching & leave_out, np.nan, judged)

    to_target = to_last_year = goal = None
    if target is not None:
        wanted = np.broadcast_to(np.asarray(target, dtype=np.float64), series.shape)
        to_target = consecutive_misses(series, wanted, better=better, yellow=yellow, red=red)
        differs = np.fmax.reduce(wanted, axis=-1) > np.fmin.reduce(wanted, axis=-1)
        goal = np.where(differs[..., None], wanted - seasonal, wanted)
    if rhythm.periods_per_year is not None and n > rhythm.periods_per_year:
        earlier = same_period_last_year(series, rhythm.periods_per_year)
        to_last_year = consecutive_misses(series, earlier, better=better, yellow=yellow, red=red)
    return KpiCheck(
        values=series,
        seasonal=seasonal,
        judged=judged,
        cycles=tuple(cycle for cycle, _ in found),
        means=tuple(means for _, means in found),
        to_target=to_target,
        to_last_year=to_last_year,
        combined=combined_verdict(
            judged, baseline=max(baseline, FEWEST), better=better, target=goal
        ),
    )


def _mask(periods: ArrayLike | None, n: int) -> Bools:
    if periods is None:
        return np.zeros(n, dtype=bool)
    return np.asarray(periods, dtype=bool)
