"""Run rules: patterns in a chart's points that chance seldom makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.trigger.series import Bools, Floats, as_series, run_lengths

Side = Literal["both", "above", "below"]
Rule = Callable[[Floats], Bools]


@dataclass(frozen=True, kw_only=True, eq=False)
class RunSignals:
    """Where each rule fired.

    Attributes:
        method: Name of the set of rules.
        fired: For each rule, whether it fired at a period, shape (..., n).
    """

    method: str
    fired: Mapping[str, Bools]

    @property
    def any(self) -> Bools:
        """Whether any rule fired at a period, shape (..., n)."""
        return np.asarray(np.logical_or.reduce(list(self.fired.values())))


def beyond(sigmas: float, needed: int, window: int) -> Rule:
    """Return the rule "`needed` of `window` points beyond so many sigmas, on the upper side".

    It fires at every period whose last `window` points hold the pattern, the newest point being
    any of them. Points before a gap do not count.

    Examples:
        >>> beyond(2, 2, 3)(np.array([2.5, 0.0, 2.1, 0.0]))
        array([False, False,  True, False])
    """

    def rule(z: Floats) -> Bools:
        total = np.cumsum(z > sigmas, axis=-1, dtype=np.int64)
        forgotten = np.maximum.accumulate(np.where(np.isnan(z), total, 0), axis=-1)
        forgotten[..., window:] = np.maximum(forgotten[..., window:], total[..., :-window])
        return np.asarray(total - forgotten >= needed)

    return rule


def in_a_row(length: int) -> Rule:
    """Return the rule "`length` points in a row above the centre"; a gap breaks the row.

    Examples:
        >>> in_a_row(2)(np.array([1.0, 1.0, np.nan, 1.0]))
        array([False,  True, False, False])
    """
    return lambda z: run_lengths(z > 0) >= length


def rising(length: int) -> Rule:
    """Return the rule "`length` points in a row, each above the one before".

    Examples:
        >>> rising(3)(np.array([1.0, 2.0, 3.0, 3.0]))
        array([False, False,  True, False])
    """
    return lambda z: run_lengths(np.diff(z, axis=-1, prepend=np.nan) > 0) >= length - 1


def alternating(length: int) -> Rule:
    """Return the rule "`length` points in a row, up and down in turn".

    Examples:
        >>> alternating(4)(np.array([1.0, 2.0, 1.0, 2.0]))
        array([False, False, False,  True])
    """

    def rule(z: Floats) -> Bools:
        steps = np.diff(z, axis=-1, prepend=np.nan)
        turns = np.zeros(z.shape, dtype=bool)
        turns[..., 1:] = steps[..., 1:] * steps[..., :-1] < 0
        return run_lengths(turns) >= length - 2

    return rule


def within(sigmas: float, length: int) -> Rule:
    """Return the rule "`length` points in a row nearer to the centre than so many sigmas".

    Examples:
        >>> within(1, 2)(np.array([0.1, -0.2, 3.0]))
        array([False,  True, False])
    """
    return lambda z: run_lengths(np.abs(z) < sigmas) >= length


def away(sigmas: float, length: int) -> Rule:
    """Return the rule "`length` points in a row farther from the centre, on either side".

    Examples:
        >>> away(1, 2)(np.array([1.5, -2.0, 0.0]))
        array([False,  True, False])
    """
    return lambda z: run_lengths(np.abs(z) > sigmas) >= length


def run_rules(
    method: str,
    z: ArrayLike,
    available: Mapping[str, Rule],
    rules: Sequence[str] | None,
    side: Side,
) -> RunSignals:
    """Apply the chosen rules of a set on one side of the chart or on both.

    Args:
        method: Name of the set.
        z: Distances from the centre in sigmas, shape (..., n); NaN marks a gap.
        available: The set: names and rules for the upper side.
        rules: Names of the chosen rules; None for all.
        side: Which side of the chart to watch.

    Raises:
        DataError: If a rule or a side is not known.

    Examples:
        >>> some = {"beyond_3_sigma": beyond(3, 1, 1)}
        >>> run_rules("some", [0.0, -3.5], some, None, "both").any
        array([False,  True])
    """
    distances = as_series(z, "z")
    chosen = list(available) if rules is None else list(rules)
    unknown = [name for name in chosen if name not in available]
    if unknown or not chosen:
        raise DataError(
            f"{method} has no rule {unknown[0]!r}." if unknown else f"{method}: no rule chosen.",
            f"Choose from: {', '.join(available)}.",
        )
    if side not in ("both", "above", "below"):
        raise DataError(f"side must be both, above or below (got {side!r}).", "Correct it.")
    views = [sign * distances for sign in (1.0, -1.0) if side != ("below", "above")[sign < 0]]
    return RunSignals(
        method=method,
        fired={
            name: np.logical_or.reduce([available[name](view) for view in views]) for name in chosen
        },
    )
