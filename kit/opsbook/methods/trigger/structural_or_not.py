"""The guard: short-term fluctuation, structural problem, trouble in the data, or cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.trigger.change_points import ChangePoints, change_points
from opsbook.methods.trigger.series import Better, Bools, Floats, as_one_series

GuardVerdict = Literal["fluctuation", "structural", "data_problem", "insufficient"]
GuardReason = Literal[
    "no_noise_known",
    "newest_missing",
    "within_noise",
    "known_event",
    "too_recent",
    "definition_change",
    "broken_data",
    "lasting_alarm",
    "lasting_miss",
    "lasting_change",
]
HappeningKind = Literal[
    "level_shift",
    "trend_break",
    "level_and_trend",
    "spread_change",
    "spike",
    "definition_change",
    "data_problem",
    "known_event",
]
EventKind = Literal["event", "holiday", "intervention", "definition_change", "data_problem"]
MADE_BY: dict[EventKind, HappeningKind] = {
    "definition_change": "definition_change",
    "data_problem": "data_problem",
}
NEAR = 2
"""A change so many periods from a known event's start may be the event's."""
SPREAD_CHANCE = 0.01
"""A change of the spread is told only where chance makes one less often than this."""
LASTING = 3
"""An alarm of fewer periods may still be a spike."""


@dataclass(frozen=True, kw_only=True)
class KnownTime:
    """When something known happened.

    Attributes:
        first: Position of the period in which it began.
        last: Position of the period in which it ended; None while it lasts.
        kind: What it is.
    """

    first: int
    last: int | None
    kind: EventKind


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that stands out in the series, and what it is.

    Attributes:
        index: Position of its first period.
        kind: What it is; a known event at its time decides.
        event: Position of that event among those given, or None.
        jump: New line less old line; for a spike its distance from the line. None if unknown.
        worse: Whether it is for the worse; None if only the spread changed.
        p_value: Chance that noise alone makes such a change; None for a spike.
        spread: Standard deviation around the line before and after, where that changed.
    """

    index: int
    kind: HappeningKind
    event: int | None
    jump: float | None
    worse: bool | None
    p_value: float | None
    spread: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class StructuralOrNot:
    """The guard's answer.

    Attributes:
        verdict: ``fluctuation``, ``structural``, ``data_problem`` or ``insufficient``.
        reason: Why, by key.
        since: Position at which the trouble began; None where there is none.
        chance: Chance that noise alone, correlated as this series is, would do this; None where
            the noise is not known.
        event: Position of the known event that explains it, or None.
        happenings: What stands out, in order of time.
        found: The change points behind them.
    """

    verdict: GuardVerdict
    reason: GuardReason
    since: int | None
    chance: float | None
    event: int | None
    happenings: tuple[Happening, ...]
    found: ChangePoints


def structural_or_not(
    values: ArrayLike,
    alarm: Bools,
    chance: float,
    *,
    better: Better,
    fell: bool = True,
    known: Sequence[KnownTime] = (),
    watched_from: int = 0,
) -> StructuralOrNot:
    """Say whether the newest trouble is noise, a known passing event, the data, or structural.

    Structural is an alarm beyond noise (`combined_verdict`) of three periods or more, or a change
    for the worse that the newest line has not made good, unless a known event at its beginning
    explains it: a change of definition or broken data make it a data problem, a passing event
    makes it a fluctuation. Interventions explain nothing away: they are suspects.

    The assumption that most often fails: what is known must be in the params. A promotion that
    nobody wrote down looks structural for three periods.

    Args:
        values: The KPI less its season, shape (n,); NaN marks a gap.
        alarm: Whether each period is in alarm, shape (n,).
        chance: How likely noise alone makes the newest periods look so bad; NaN if unknown.
        better: Direction of the metric.
        fell: Whether the newest alarm is that the level fell; False where the level is as it was
            and misses its target.
        known: Known events.
        watched_from: First position whose changes are news; earlier ones made the usual level.

    Raises:
        DataError: If the values are no single series of numbers.

    Examples:
        >>> weeks = [5, 6, 4, 5, 6, 5, 4, 5, 6, 4, 5, 5, 1, 0, 1, 0]
        >>> alarm = np.arange(16) > 11
        >>> structural_or_not(weeks, alarm, 0.001, better="higher").verdict
        'structural'
    """
    series = as_one_series(values)
    found = change_points(series)
    happenings = _happenings(series, found, better, known)
    sure = None if np.isnan(chance) else float(chance)
    since, change = _alarm_start(alarm), _unmade_good(series, found, better)
    change = None if change is None or change.index < watched_from else change

    def answer(
        verdict: GuardVerdict, reason: GuardReason, *, event: int | None = None
    ) -> StructuralOrNot:
        p_values = [p for p in (sure, change.p_value if change else None) if p is not None]
        begun = None if reason in {"within_noise", "no_noise_known", "newest_missing"} else start
        return StructuralOrNot(
            verdict=verdict,
            reason=reason,
            since=begun,
            chance=min(p_values, default=None),
            event=event,
            happenings=happenings,
            found=found,
        )

    start = since if change is None else change.index if since is None else since
    if np.isnan(series[-1]):
        return answer("insufficient", "newest_missing")
    if start is None:
        return answer(*_quiet(sure))
    event = _explained_by(start, len(series), known)
    if event is not None:
        kind = known[event].kind
        if kind == "definition_change":
            return answer("data_problem", "definition_change", event=event)
        if kind == "data_problem":
            return answer("data_problem", "broken_data", event=event)
        return answer("fluctuation", "known_event", event=event)
    if change is not None:
        return answer("structural", "lasting_change")
    if len(series) - start < LASTING:
        return answer("insufficient", "too_recent")
    return answer("structural", "lasting_alarm" if fell else "lasting_miss")


def _quiet(sure: float | None) -> tuple[GuardVerdict, GuardReason]:
    if sure is None:
        return "insufficient", "no_noise_known"
    return "fluctuation", "within_noise"


def _alarm_start(alarm: Bools) -> int | None:
    if not alarm[-1]:
        return None
    off = np.flatnonzero(~alarm)
    return int(off[-1]) + 1 if len(off) else 0


def _unmade_good(series: Floats, found: ChangePoints, better: Better) -> _Lasting | None:
    """The last change, if it left the series worse than the line before it would now be."""
    if not found.changes:
        return None
    change = found.changes[-1]
    after = series[change.index :]
    usual = change.level_before + change.slope_before * np.arange(1, len(after) + 1)
    if change.kind == "level_shift":
        usual = np.full(len(after), change.level_before)
    away = after - usual
    away = away[~np.isnan(away)]
    worse = -1.0 if better == "higher" else 1.0
    if not len(away) or not (away[-LASTING:] * worse > 0).all():
        return None
    return _Lasting(index=change.index, p_value=change.p_value)


@dataclass(frozen=True, kw_only=True)
class _Lasting:
    index: int
    p_value: float


def _explained_by(start: int, n: int, known: Sequence[KnownTime]) -> int | None:
    """The known event that began about when the trouble did and, if passing, still lasts."""
    for kinds in (("definition_change",), ("data_problem",), ("event", "holiday")):
        for i, event in enumerate(known):
            passing = event.kind in {"event", "holiday", "data_problem"}
            over = event.last is not None and event.last < n - 1
            if event.kind in kinds and abs(event.first - start) <= NEAR and not (passing and over):
                if event.kind == "event" and event.last is None:
                    continue  # an open-ended event has changed the process for good
                return i
    return None


def _happenings(
    series: Floats, found: ChangePoints, better: Better, known: Sequence[KnownTime]
) -> tuple[Happening, ...]:
    sign = 1.0 if better == "higher" else -1.0
    made = []
    for change in found.changes:
        event = _nearest(change.index, known)
        kind: HappeningKind = change.kind
        if event is not None:
            kind = MADE_BY.get(known[event].kind, "known_event")
        bends = change.kind == "trend_break"
        made.append(
            Happening(
                index=change.index,
                kind=kind,
                event=event,
                jump=None if bends else change.jump,
                worse=sign * ((change.slope_after - change.slope_before) if bends else change.jump)
                < 0,
                p_value=change.p_value,
            )
        )
    spread = found.spread
    if spread is not None and spread.p_value <= SPREAD_CHANCE:
        event = _nearest(spread.index, known)
        made.append(
            Happening(
                index=spread.index,
                kind="spread_change"
                if event is None
                else MADE_BY.get(known[event].kind, "known_event"),
                event=event,
                jump=None,
                worse=None,
                p_value=spread.p_value,
                spread=(spread.before, spread.after),
            )
        )
    for index in found.spikes:
        inside = [
            i
            for i, event in enumerate(known)
            if event.first <= index <= (event.first if event.last is None else event.last)
        ]
        line = next((s for s in found.segments if s.start <= index < s.end), None)
        jump = None
        if line is not None:
            jump = float(series[index] - (line.level_first + line.slope * (index - line.start)))
        made.append(
            Happening(
                index=index,
                kind="known_event" if inside else "spike",
                event=inside[0] if inside else None,
                jump=jump,
                worse=None if jump is None else sign * jump < 0,
                p_value=None,
            )
        )
    return tuple(sorted(made, key=lambda happening: happening.index))


def _nearest(index: int, known: Sequence[KnownTime]) -> int | None:
    edges = [
        (abs(index - edge), i)
        for i, event in enumerate(known)
        for edge in (event.first, None if event.last is None else event.last + 1)
        if edge is not None and abs(index - edge) <= NEAR
    ]
    return min(edges)[1] if edges else None
