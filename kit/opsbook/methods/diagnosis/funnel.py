"""The funnel: how many go on at each step, how sure that is, and what the rest is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

from opsbook.errors import DataError


@dataclass(frozen=True, kw_only=True)
class FunnelStep:
    """One step of a funnel.

    Attributes:
        step: Its name.
        people: How many reached it.
        conversion: Share of the step before that reached this one; None for the first step and
            where nobody reached the step before.
        lower: Lower limit of the exact interval of ``conversion``.
        upper: Upper limit of it.
        reached: Share of the first step that reached this one; None where that is empty.
        lost: People of the step before who did not reach this one; None for the first step.
        lost_value: Money that those lost would bring if they went on like those who stayed: an
            upper bound. None without a value, for the first step, and where nobody stayed.
    """

    step: str
    people: int
    conversion: float | None
    lower: float | None
    upper: float | None
    reached: float | None
    lost: int | None
    lost_value: float | None


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """A funnel with its weakest places.

    Attributes:
        steps: All steps, in order.
        conversion: Share of the first step that reached the last; None where the first is empty.
        lower: Lower limit of the exact interval of ``conversion``.
        upper: Upper limit of it.
        confidence: Confidence level of every interval.
        lowest_conversion: Step that the smallest share reached; None where none is computed.
        most_lost: Step at which most people were lost; None where nobody was.
    """

    steps: tuple[FunnelStep, ...]
    conversion: float | None
    lower: float | None
    upper: float | None
    confidence: float
    lowest_conversion: str | None
    most_lost: str | None


def funnel(
    people: Sequence[int],
    *,
    steps: Sequence[str] | None = None,
    value: float | None = None,
    confidence: float = 0.95,
) -> Funnel:
    """Tell where people leave on the way, with the certainty that the counts allow.

    Intervals are exact (Clopper-Pearson): they hold for small counts too.

    Assumes that the same people are followed from step to step. Counts of one day at every step
    mix those who came with those who left earlier, and drift when traffic does.

    Args:
        people: How many reached each step, in order; whole, not rising.
        steps: The steps' names; their positions from 0 if left out.
        value: Money that one person at the last step brings.
        confidence: Confidence level of the intervals, in (0, 1).

    Returns:
        Every step with its conversion, its loss and its interval.

    Raises:
        DataError: If there are fewer than two steps, a count is negative or not whole, a step
            has more people than the one before, or the names do not match.

    References:
        Clopper & Pearson (1934), Biometrika 26, 404-413. doi:10.1093/biomet/26.4.404

    Examples:
        >>> signup = funnel([1000, 500, 340], steps=["visit", "form", "done"], value=20)
        >>> last = signup.steps[2]
        >>> last.conversion, round(last.lower, 3), round(last.upper, 3)
        (0.68, 0.637, 0.721)
        >>> signup.steps[1].lost_value
        6800.0
    """
    names = tuple(map(str, range(len(people)) if steps is None else steps))
    counts = _checked(people, names)
    rows = [_step(names, counts, i, value, confidence) for i in range(len(counts))]
    rated = [row for row in rows if row.conversion is not None]
    losing = [row for row in rows if row.lost]
    lower, upper = _interval(counts[-1], counts[0], confidence)
    return Funnel(
        steps=tuple(rows),
        conversion=counts[-1] / counts[0] if counts[0] else None,
        lower=lower,
        upper=upper,
        confidence=confidence,
        lowest_conversion=min(rated, key=lambda r: r.conversion or 0.0).step if rated else None,
        most_lost=max(losing, key=lambda r: r.lost or 0).step if losing else None,
    )


def _step(
    names: tuple[str, ...], counts: list[int], i: int, value: float | None, confidence: float
) -> FunnelStep:
    """Describe one step against the first and the one before."""
    here, first = counts[i], counts[0]
    previous = counts[i - 1] if i else 0
    lower, upper = _interval(here, previous, confidence)
    lost = previous - here if i else None
    onwards = counts[-1] / here if here else None
    return FunnelStep(
        step=names[i],
        people=here,
        conversion=here / previous if previous else None,
        lower=lower,
        upper=upper,
        reached=here / first if first else None,
        lost=lost,
        lost_value=None
        if lost is None or value is None or onwards is None
        else lost * onwards * value,
    )


def _interval(successes: int, n: int, confidence: float) -> tuple[float | None, float | None]:
    """Return the exact interval of a share; none where there is no one to count."""
    if n == 0:
        return None, None
    interval = binomtest(successes, n).proportion_ci(confidence, method="exact")
    return float(interval.low), float(interval.high)


def _checked(people: Sequence[int], names: tuple[str, ...]) -> list[int]:
    """Return the counts as whole numbers after checking them."""
    if len(people) < 2 or len(names) != len(people):
        raise DataError(
            f"A funnel needs two steps or more, each with a name (got {len(people)} counts and "
            f"{len(names)} names).",
            "List every step once.",
        )
    counts = []
    for name, count in zip(names, people, strict=True):
        if not (math.isfinite(count) and count >= 0 and float(count).is_integer()):
            raise DataError(
                f"Step '{name}' has {count} people; it must be a whole number, 0 or more.",
                "Count people, not shares.",
            )
        counts.append(int(count))
    for i in range(1, len(counts)):
        if counts[i] > counts[i - 1]:
            raise DataError(
                f"Step '{names[i]}' has {counts[i]} people, more than the {counts[i - 1]} of "
                f"'{names[i - 1]}' before it.",
                "Put the steps in order, and count only those who came through the step before.",
            )
    return counts
