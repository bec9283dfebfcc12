"""Checks on counts: rates of a slice, times over a limit, topics, interviews."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri
from scipy.stats import binomtest, fisher_exact

from opsbook.errors import DataError
from opsbook.methods.diagnosis.judged import (
    Direction,
    WhyCheck,
    judged,
    numbers_of,
    outcome,
    undecided,
)
from opsbook.methods.estimate import Estimate


def slice_rate_differs(
    cases_in: int,
    n_in: int,
    cases_out: int,
    n_out: int,
    *,
    direction: Direction = "higher",
    at_least: float = 0.0,
    confidence: float = 0.95,
) -> WhyCheck:
    """Tell whether the rate inside a slice differs from the rate outside as predicted.

    Assumes independent cases; the same customer counted ten times is one witness, not ten. A
    slice that was found by searching the same data needs fresh data to be proven here.

    Args:
        cases_in: Cases with the effect inside the slice.
        n_in: All cases inside.
        cases_out: Cases with the effect outside.
        n_out: All cases outside.
        direction: Whether the slice is predicted to be higher or lower.
        at_least: Smallest difference predicted, as a share.
        confidence: Confidence level of the interval.

    Returns:
        The difference inside minus outside with Newcombe's interval and Fisher's exact p-value;
        both must agree to support. Not computed where a side is empty.

    Raises:
        DataError: If a count is not whole, negative, or above its total.

    References:
        Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.

    Examples:
        >>> check = slice_rate_differs(56, 70, 48, 80)
        >>> check.outcome, round(check.estimate.lower, 4), round(check.estimate.upper, 4)
        ('supported', 0.0524, 0.3339)
    """
    name = "slice_rate_differs"
    _check_counts(cases_in, n_in, "inside the slice")
    _check_counts(cases_out, n_out, "outside the slice")
    if n_in == 0 or n_out == 0:
        side = "inside" if n_in == 0 else "outside"
        return undecided(name, direction, at_least, f"There are no cases {side} the slice.")
    rate_in, rate_out = cases_in / n_in, cases_out / n_out
    low_in, high_in = _wilson(cases_in, n_in, confidence)
    low_out, high_out = _wilson(cases_out, n_out, confidence)
    effect = rate_in - rate_out
    table = [[cases_in, n_in - cases_in], [cases_out, n_out - cases_out]]
    return judged(
        Estimate(
            method=name,
            effect=effect,
            lower=effect - math.hypot(rate_in - low_in, high_out - rate_out),
            upper=effect + math.hypot(high_in - rate_in, rate_out - low_out),
            confidence=confidence,
            p_value=min(1.0, float(fisher_exact(np.array(table)).pvalue)),
            n=n_in + n_out,
        ),
        direction=direction,
        at_least=at_least,
    )


def step_time_over_limit(
    hours: ArrayLike, limit: float, *, at_least: float = 0.5, confidence: float = 0.95
) -> WhyCheck:
    """Tell whether more than a predicted share of a step's times exceeds the limit.

    Assumes that the times are independent; a day's backlog delays all its cases together, and
    then the interval is too narrow.

    Args:
        hours: The step's times, shape (n,), in the limit's unit; missing ones are left out.
        limit: The longest time allowed.
        at_least: Share predicted to exceed it.
        confidence: Confidence level of the interval.

    Returns:
        The share over the limit with its exact interval.

    Raises:
        DataError: If the predicted share is outside [0, 1].

    Examples:
        >>> step_time_over_limit([3, 4, 5, 6, 3, 4, 7, 8, 1, 5], 2).outcome
        'supported'
    """
    times = numbers_of(hours)
    over = int(np.count_nonzero(times > limit))
    return _share("step_time_over_limit", over, times.size, at_least, confidence)


def topic_concentrates(
    mentions: int,
    feedback: int,
    *,
    at_least: float = 0.5,
    minimum_mentions: int = 10,
    confidence: float = 0.95,
) -> WhyCheck:
    """Tell whether more than a predicted share of the feedback is on one topic.

    Assumes that the topic was named before the feedback was counted: the largest of many topics
    is large by choice.

    Args:
        mentions: Feedback on the topic.
        feedback: All feedback.
        at_least: Share predicted.
        minimum_mentions: Fewer mentions decide nothing.
        confidence: Confidence level of the interval.

    Returns:
        The topic's share with its exact interval.

    Raises:
        DataError: If a count is not whole, negative, or above its total, or the predicted share
            is outside [0, 1].

    Examples:
        >>> topic_concentrates(45, 60).outcome
        'supported'
        >>> topic_concentrates(9, 9).outcome
        'undecided'
    """
    _check_counts(mentions, feedback, "of the topic")
    found = _share("topic_concentrates", mentions, feedback, at_least, confidence)
    if mentions < minimum_mentions and found.outcome == "supported":
        return replace(found, outcome="undecided")
    return found


def interviews_agree(
    agreeing: int, interviews: int, *, at_least: float = 0.5, confidence: float = 0.95
) -> WhyCheck:
    """Tell whether more than a predicted share of the people would agree, from those asked.

    Ten of ten shows at least 69 %, not all. Assumes that those asked are a fair sample; people
    chosen because they complained are not.

    Args:
        agreeing: Interviews that confirm the claim.
        interviews: All interviews.
        at_least: Share predicted to agree.
        confidence: Confidence level of the interval.

    Returns:
        The share agreeing with its exact interval.

    Raises:
        DataError: If a count is not whole, negative, or above its total, or the predicted share
            is outside [0, 1].

    Examples:
        >>> check = interviews_agree(10, 10)
        >>> check.outcome, round(check.estimate.lower, 2)
        ('supported', 0.69)
    """
    _check_counts(agreeing, interviews, "of the interviews")
    return _share("interviews_agree", agreeing, interviews, at_least, confidence)


def _share(name: str, cases: int, n: int, at_least: float, confidence: float) -> WhyCheck:
    """Judge whether a share exceeds the predicted one, by its exact interval."""
    if not 0 <= at_least <= 1:
        raise DataError(
            f"The predicted share is {at_least}; it must be between 0 and 1.",
            "Write 30 % as 0.3.",
        )
    if n == 0:
        return undecided(name, "higher", at_least, "There is nothing to count.")
    test = binomtest(cases, n, at_least)
    interval = test.proportion_ci(confidence, method="exact")
    lower, upper = float(interval.low), float(interval.high)
    return WhyCheck(
        check=name,
        outcome=outcome(lower, upper, at_least),
        direction="higher",
        at_least=at_least,
        estimate=Estimate(
            method=name,
            effect=cases / n,
            lower=lower,
            upper=upper,
            confidence=confidence,
            p_value=min(1.0, float(test.pvalue)),
            n=n,
        ),
    )


def _wilson(cases: int, n: int, confidence: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share."""
    z = float(ndtri((1 + confidence) / 2))
    centre = (cases + z * z / 2) / (n + z * z)
    reach = z * math.sqrt(cases * (n - cases) / n + z * z / 4) / (n + z * z)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def _check_counts(cases: float, n: float, where: str) -> None:
    """Refuse counts that are not whole, negative, or above their total."""
    whole = all(math.isfinite(v) and v >= 0 and float(v).is_integer() for v in (cases, n))
    if not whole or cases > n:
        raise DataError(
            f"The counts {where} are {cases:.10g} of {n:.10g}; they must be whole, 0 or more, "
            "and the first not above the second.",
            "Count cases, not shares.",
        )
