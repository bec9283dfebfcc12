"""The receipt: what a method finds in a series' own past, where nothing was launched."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate

Values = NDArray[np.float64]
Times = NDArray[np.int64]
LaunchMethod = Callable[[Values, Times, Sequence[int]], Sequence[Estimate]]
PERIODS_BEFORE = 8
PERIODS_AFTER = 4
POWER = 0.8


@dataclass(frozen=True, kw_only=True)
class FakeLaunches:
    """How often a method would have been wrong on this series, and how often right.

    Attributes:
        launches: Positions of the fake launches, each the first period after one.
        estimates: What the method found at each.
        false_alarms: Share of fake launches whose interval excludes "no change".
        target: The change to be detected, or None.
        power: Share of dates at which the target, had it come true, would have been shown.
        detectable: The smallest change, towards the target, that `POWER` of the dates would
            have shown; without a target, upwards or downwards, whichever is larger. On the
            ``difference`` scale a size without sign, on the ``ratio`` scale a ratio.
    """

    launches: tuple[int, ...]
    estimates: tuple[Estimate, ...]
    false_alarms: float
    target: float | None
    power: float | None
    detectable: float | None


def fake_launches(
    values: ArrayLike,
    method: LaunchMethod,
    *,
    time: ArrayLike | None = None,
    target: float | None = None,
    periods_before: int = PERIODS_BEFORE,
    periods_after: int = PERIODS_AFTER,
    at_most: int | None = None,
) -> FakeLaunches:
    """Count a method's false alarms, and its power, on a series in which nothing was launched.

    A launch is faked at every date with enough periods on both sides. A real change would have
    moved the estimate and its interval by its size (multiplied them, on the ``ratio`` scale), so
    that the power needs no second fit; exact for methods linear in the values.

    Assumes that the history is free of launches and other jumps. An alarm at a jump of the past
    counts as false, though it is not: so look where the alarms lie.

    Args:
        values: The series' past, shape (n,); NaN where a period is missing.
        method: Called with the values, their positions and the launches; gives an estimate per
            launch. `launch_by_launch` makes one of a method that takes a single launch.
        time: Whole-numbered positions of the values, shape (n,), in any order; left out, the
            values follow each other without a hole.
        target: The change to be detected, as the method measures it: a signed difference, or a
            ratio.
        periods_before: Fewest observed periods before a fake launch.
        periods_after: Fewest observed periods after it, as many as the real launch has.
        at_most: Try so many dates only, evenly spread, for a method that is slow; left out, all.

    Returns:
        The dates, the estimates and the shares.

    Raises:
        DataError: If no date is admissible, or the method refuses the series.

    Examples:
        >>> from opsbook.methods.effect.welch import welch
        >>> def split(values, time, launch):
        ...     return welch(values[time < launch], values[time >= launch])
        >>> past = [5, 7, 6, 5, 7, 6, 5, 7, 6, 5, 7, 6, 5, 7]
        >>> receipt = fake_launches(past, launch_by_launch(split), target=2.0)
        >>> receipt.launches, receipt.false_alarms, receipt.power
        ((8, 9, 10), 0.0, 1.0)
    """
    observed = np.asarray(values, dtype=float)
    position = np.arange(observed.size) if time is None else np.asarray(time, dtype=np.int64)
    order = np.argsort(position, kind="stable")
    order = order[np.isfinite(observed[order])]
    observed, position = observed[order], position[order]
    launches = tuple(position[periods_before : observed.size - periods_after + 1].tolist())
    if not launches:
        raise DataError(
            f"No date of the {observed.size} periods has {periods_before} before and "
            f"{periods_after} after.",
            "Pass a longer history.",
        )
    if at_most is not None and len(launches) > at_most:
        picked = np.linspace(0, len(launches) - 1, at_most).round().astype(int)
        launches = tuple(launches[index] for index in picked)
    estimates = tuple(method(observed, position, launches))
    return FakeLaunches(
        launches=launches,
        estimates=estimates,
        false_alarms=float(np.mean([found.excludes_zero for found in estimates])),
        target=target,
        power=None if target is None else _power(estimates, target),
        detectable=_detectable(estimates, target),
    )


def launch_by_launch(method: Callable[[Values, Times, int], Estimate]) -> LaunchMethod:
    """Make a method that takes a single launch into one that takes many."""

    def each(values: Values, time: Times, launches: Sequence[int]) -> Sequence[Estimate]:
        return [method(values, time, launch) for launch in launches]

    return each


def _needed(estimates: Sequence[Estimate], *, upwards: bool) -> NDArray[np.float64] | None:
    """Return the change that each date would just have shown, on the scale where it adds."""
    needed = []
    for found in estimates:
        limit = found.lower if upwards else found.upper
        if limit is None or (found.scale == "ratio" and limit <= 0):
            return None
        limit = math.log(limit) if found.scale == "ratio" else limit
        needed.append(-limit if upwards else limit)
    return np.array(needed)


def _power(estimates: Sequence[Estimate], target: float) -> float | None:
    """Return the share of dates at which the target would have been shown."""
    ratio = estimates[0].scale == "ratio"
    change = math.log(target) if ratio else target
    needed = _needed(estimates, upwards=change > 0)
    return None if needed is None else float(np.mean(abs(change) > needed))


def _detectable(estimates: Sequence[Estimate], target: float | None) -> float | None:
    """Return the change that `POWER` of the dates would have shown."""
    ratio = estimates[0].scale == "ratio"
    upwards = None if target is None else target > estimates[0].no_change
    sizes = []
    for direction in (True, False) if upwards is None else (upwards,):
        needed = _needed(estimates, upwards=direction)
        if needed is None:
            return None
        size = max(float(np.quantile(needed, POWER, method="inverted_cdf")), 0.0)
        sizes.append(size if direction or not ratio else -size)
    size = max(sizes, key=abs)
    return math.exp(size) if ratio else size
