"""A measured change as a reader meets it: its value, its interval, and a picture of both."""

from __future__ import annotations

from dataclasses import dataclass

from opsbook.methods.estimate import Estimate
from opsbook.report.traced import Source
from opsbook.text import UNITS, Language, Quantity, say

#: Where the interval's picture ends on either side of "no change", in its own units.
REACH = 46.0
MIDDLE = 50.0


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Where an estimate and its interval stand on a line from 0 to 100, no change at 50."""

    at: float
    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True)
class KeyNumber:
    """A measured change in words.

    Attributes:
        value: The change with its unit.
        interval: Its interval, or None where the method has none.
        grade: Letter of the evidence grade, or None.
        picture: Where the two stand, or None without an interval.
        source: Where they are saved.
        effect: The change as it is saved.
        limits: Both ends of the interval as they are saved.
    """

    value: str
    interval: str | None
    grade: str | None
    picture: Interval | None
    source: Source | None = None
    effect: str = ""
    limits: str = ""


def key_number(
    estimate: Estimate, grade: str | None, language: Language, source: Source | None = None
) -> KeyNumber:
    """Put an estimate into words, its unit said once."""
    unit, base = estimate.unit, 0.0
    if estimate.scale == "ratio":
        unit, base = "relative", 1.0
    factor, digits, _, _ = UNITS.get(unit, (1.0, None, False, ""))
    interval = picture = None
    if estimate.lower is not None and estimate.upper is not None:
        lower, upper = estimate.lower - base, estimate.upper - base
        interval = language.say(
            say(
                "{confidence} interval {lower} to {upper}",
                confidence=Quantity(value=estimate.confidence, unit="share", digits=0),
                lower=language.number(lower * factor, digits, signed=True),
                upper=language.number(upper * factor, digits, signed=True),
            )
        )
        widest = max(abs(lower), abs(upper), abs(estimate.effect - base)) or 1.0
        picture = Interval(
            at=_place(estimate.effect - base, widest),
            lower=_place(lower, widest),
            upper=_place(upper, widest),
        )
    return KeyNumber(
        value=language.quantity(Quantity(value=estimate.effect - base, unit=unit, signed=True)),
        interval=interval,
        grade=grade,
        picture=picture,
        source=source,
        effect=f"{estimate.effect:.12g}",
        limits="" if interval is None else f"{estimate.lower:.12g}, {estimate.upper:.12g}",
    )


def _place(value: float, widest: float) -> float:
    return round(MIDDLE + REACH * value / widest, 1)
