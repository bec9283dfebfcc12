"""Net promoter score, with the interval that a handful of answers needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from opsbook.errors import DataError
from opsbook.methods.trigger.series import as_one_series

PSEUDO_ANSWERS = np.array([0.75, 1.5, 0.75])
"""Detractors, passives and promoters added for the interval (Rocks's adjusted Wald, 3 answers)."""


@dataclass(frozen=True, kw_only=True)
class NetPromoterScore:
    """A net promoter score in points, -100 to 100.

    Attributes:
        score: Promoters minus detractors, in percent of all answers; None without answers.
        lower: Lower limit of the interval; None likewise.
        upper: Upper limit; None likewise.
        promoters: Answers of 9 and 10.
        passives: Answers of 7 and 8.
        detractors: Answers of 0 to 6.
        n: Answers.
        confidence: Confidence level of the interval.
    """

    score: float | None
    lower: float | None
    upper: float | None
    promoters: int
    passives: int
    detractors: int
    n: int
    confidence: float


def net_promoter_score(scores: ArrayLike, *, confidence: float = 0.95) -> NetPromoterScore:
    """Say how many more customers would recommend us than would not.

    The assumption that most often fails: those who answer must be like those who do not.

    Args:
        scores: Answers to "would you recommend us?", 0 to 10, shape (n,); NaN is no answer.
        confidence: Confidence level, in (0, 1).

    Raises:
        DataError: If an answer lies outside 0 to 10, or the confidence outside (0, 1).

    References:
        Rocks (2016), The American Statistician 70, 365-372. doi:10.1080/00031305.2016.1198279

    Examples:
        >>> answers = net_promoter_score([10, 9, 9, 8, 7, 3, 10, 6])
        >>> answers.score, round(answers.lower), round(answers.upper)
        (25.0, -29, 66)
    """
    answers = np.asarray(scores, dtype=np.float64)
    if answers.size:
        answers = as_one_series(answers, "scores")
    answers = answers[~np.isnan(answers)]
    wrong = answers[(answers < 0) | (answers > 10)]
    if len(wrong):
        raise DataError(f"An answer is {wrong[0]:g}.", "Scores run from 0 to 10.")
    if not 0 < confidence < 1:
        raise DataError(f"A confidence of {confidence} is not in (0, 1).", "Take 0.95.")
    detractors, promoters = int((answers < 7).sum()), int((answers >= 9).sum())
    n = len(answers)
    score = lower = upper = None
    if n:
        score = 100.0 * (promoters - detractors) / n
        counts = np.array([detractors, n - detractors - promoters, promoters]) + PSEUDO_ANSWERS
        shares = counts / counts.sum()
        middle = shares[2] - shares[0]
        variance = (shares[2] + shares[0] - middle**2) / counts.sum()
        reach = ndtri((1 + confidence) / 2) * np.sqrt(variance)
        lower = float(max(-100.0, 100 * (middle - reach)))
        upper = float(min(100.0, 100 * (middle + reach)))
    return NetPromoterScore(
        score=score,
        lower=lower,
        upper=upper,
        promoters=promoters,
        passives=n - promoters - detractors,
        detractors=detractors,
        n=n,
        confidence=confidence,
    )
