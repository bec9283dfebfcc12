"""Clopper-Pearson interval: what a count of cases says about the share behind it, exactly."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import betaincinv

from opsbook.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Proportion:
    """A share with its exact interval.

    Attributes:
        share: Events over trials, 0 to 1; None if there were no trials.
        lower: Lower limit; None likewise.
        upper: Upper limit; None likewise.
        events: Cases that count.
        trials: All cases.
        confidence: Confidence level of the interval.
    """

    share: float | None
    lower: float | None
    upper: float | None
    events: int
    trials: int
    confidence: float


def clopper_pearson(events: int, trials: int, *, confidence: float = 0.95) -> Proportion:
    """Say how large a share may be, given a count.

    The interval covers the truth at least as often as it claims, however few the cases. The
    assumption that most often fails: cases must be independent and drawn alike; ten interviews
    with one team are not.

    Args:
        events: Cases that count.
        trials: All cases; with none there is no share, and its limits are None.
        confidence: Confidence level, in (0, 1); each tail gets half of the rest.

    Raises:
        DataError: If the counts or the confidence are impossible.

    References:
        Clopper and Pearson (1934), Biometrika 26, 404-413. doi:10.1093/biomet/26.4.404

    Examples:
        >>> round(clopper_pearson(10, 10).lower, 2)
        0.69
    """
    if not 0 <= events <= trials:
        raise DataError(f"{events} of {trials} is no share.", "Give 0 <= events <= trials.")
    if not 0 < confidence < 1:
        raise DataError(f"A confidence of {confidence} is not in (0, 1).", "Take 0.95.")
    share = lower = upper = None
    if trials:
        tail = (1 - confidence) / 2
        share = events / trials
        lower = float(betaincinv(events, trials - events + 1, tail)) if events else 0.0
        upper = float(betaincinv(events + 1, trials - events, 1 - tail)) if events < trials else 1.0
    return Proportion(
        share=share, lower=lower, upper=upper, events=events, trials=trials, confidence=confidence
    )
