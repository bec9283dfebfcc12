"""Which failure to act on first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from opsbook.errors import DataError
from opsbook.methods.solutions.names import unique_names

Priority = Literal["high", "medium", "low"]

HIGH = ((9, 6, 1), (9, 4, 2), (9, 2, 7), (7, 8, 1), (7, 6, 2), (7, 4, 7), (4, 8, 5))
"""High from these on: at least this severity, this occurrence and this detection."""

MEDIUM = ((9, 1, 1), (7, 4, 1), (7, 2, 5), (4, 8, 1), (4, 6, 2), (4, 4, 7), (2, 8, 5))
"""Medium from these on, read likewise; everything else is low."""


@dataclass(frozen=True, kw_only=True)
class FailureMode:
    """A way in which an option or process may fail, with the plan against it.

    Attributes:
        name: What fails.
        severity: 1 (nobody notices) to 10 (harm to people, or breach of law).
        occurrence: 1 (practically never) to 10 (all the time).
        detection: 1 (always seen in time) to 10 (never seen in time).
        indicator: The measure that warns; None if there is none yet.
        threshold: The value from which it warns.
        warns_when: Whether it warns at or above the threshold, or at or below it.
        observed: The indicator's present value.
        plan: What is done about it.
        owner: Who does it.
    """

    name: str
    severity: int
    occurrence: int
    detection: int
    indicator: str | None = None
    threshold: float | None = None
    warns_when: Literal["above", "below"] = "above"
    observed: float | None = None
    plan: str | None = None
    owner: str | None = None


@dataclass(frozen=True, kw_only=True)
class RatedFailure:
    """A failure mode with its priority.

    Attributes:
        mode: The failure mode.
        priority: ``high`` (act), ``medium`` (act or say why not), ``low`` (may act).
        risk_priority_number: Severity x occurrence x detection, for comparison only.
        gaps: What a failure of high or medium priority still lacks: ``indicator``,
            ``threshold``, ``plan``, ``owner``.
        warning: Whether the indicator warns now; None if that is not known.
    """

    mode: FailureMode
    priority: Priority
    risk_priority_number: int
    gaps: tuple[str, ...]
    warning: bool | None


def failure_mode_effects(modes: Sequence[FailureMode]) -> tuple[RatedFailure, ...]:
    """Rank failures by action priority: severity first, then occurrence, then detection.

    The product of the three numbers treats a deadly rarity like a daily trifle: 10 x 1 x 4 and
    2 x 4 x 5 are both 40. The priority here is our own rule in the order of thought of the AIAG
    & VDA handbook, not its table: worse on any number never means less urgent, and what
    endangers people or breaks the law (severity 9 or 10) is never low. What most often fails:
    severity talked down because the failure is rare; rare belongs in the occurrence.

    Args:
        modes: The failure modes.

    Returns:
        The failures, the most urgent first; equal priorities by severity, occurrence, detection.

    Raises:
        DataError: If a failure is named twice or a rating is no whole number from 1 to 10.

    References:
        AIAG & VDA (2019), Failure Mode and Effects Analysis Handbook, chapters 2.5 and 3.5.

    Examples:
        >>> fire = FailureMode(name="fire", severity=10, occurrence=1, detection=4)
        >>> typo = FailureMode(name="typo", severity=2, occurrence=4, detection=5)
        >>> [(f.mode.name, f.priority) for f in failure_mode_effects([typo, fire])]
        [('fire', 'medium'), ('typo', 'low')]
    """
    unique_names("failure mode", [mode.name for mode in modes])
    wrong = [
        f"{what} of '{mode.name}' is {rating}"
        for mode in modes
        for what, rating in zip(("severity", "occurrence", "detection"), _sod(mode), strict=True)
        if rating not in range(1, 11)
    ]
    if wrong:
        raise DataError(f"{'; '.join(wrong)}.", "Rate with whole numbers from 1 to 10.")
    urgency = {"high": 0, "medium": 1, "low": 2}
    rated = [_rated(mode) for mode in modes]
    return tuple(
        sorted(rated, key=lambda r: (urgency[r.priority], *(-rating for rating in _sod(r.mode))))
    )


def action_priority(severity: int, occurrence: int, detection: int) -> Priority:
    """Return the priority of three ratings from 1 to 10; worse ratings never lower it.

    Examples:
        >>> action_priority(8, 6, 3)
        'high'
    """
    ratings = (severity, occurrence, detection)
    levels: tuple[tuple[Priority, tuple[tuple[int, int, int], ...]], ...] = (
        ("high", HIGH),
        ("medium", MEDIUM),
    )
    for priority, corners in levels:
        for corner in corners:
            if all(rating >= least for rating, least in zip(ratings, corner, strict=True)):
                return priority
    return "low"


def _sod(mode: FailureMode) -> tuple[int, int, int]:
    return mode.severity, mode.occurrence, mode.detection


def _rated(mode: FailureMode) -> RatedFailure:
    priority = action_priority(*_sod(mode))
    needed = {
        "indicator": mode.indicator,
        "threshold": mode.threshold,
        "plan": mode.plan,
        "owner": mode.owner,
    }
    missing = tuple(name for name, value in needed.items() if value in (None, ""))
    warning = None
    if mode.observed is not None and mode.threshold is not None:
        above = mode.warns_when == "above"
        warning = mode.observed >= mode.threshold if above else mode.observed <= mode.threshold
    return RatedFailure(
        mode=mode,
        priority=priority,
        risk_priority_number=mode.severity * mode.occurrence * mode.detection,
        gaps=() if priority == "low" else missing,
        warning=warning,
    )
