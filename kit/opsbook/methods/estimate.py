"""What every method that measures a change returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A measured change with its uncertainty.

    Attributes:
        method: Name of the method, the same as its module and its params value.
        effect: The change, after minus before (or treated minus control); on the ``ratio``
            scale, after divided by before.
        lower: Lower limit of the interval, or None where it has none.
        upper: Upper limit of the interval, or None where it has none.
        confidence: Confidence level of the interval, in (0, 1).
        p_value: Two-sided p-value of "no change", or None where the method has none.
        n: Number of observations the estimate rests on.
        unit: The metric's unit; methods leave it empty, stages fill it in.
        scale: ``difference`` (no change is 0) or ``ratio`` (no change is 1).

    Raises:
        ValueError: If a number is not finite or the limits are the wrong way round.

    Examples:
        >>> drop = Estimate(method="welch", effect=-3.0, lower=-4.8, upper=-1.2, p_value=0.01, n=6)
        >>> drop.excludes_zero
        True
    """

    method: str
    effect: float
    lower: float | None
    upper: float | None
    confidence: float = 0.95
    p_value: float | None
    n: int
    unit: str = ""
    scale: Literal["difference", "ratio"] = "difference"

    def __post_init__(self) -> None:
        for name in ("effect", "lower", "upper", "confidence", "p_value"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{self.method}: {name} is {value}; not computed must be None.")
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise ValueError(f"{self.method}: interval ({self.lower}, {self.upper}) is reversed.")

    @property
    def no_change(self) -> float:
        """The value that means "no change" on this scale."""
        return 1.0 if self.scale == "ratio" else 0.0

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval leaves out "no change"."""
        above = self.lower is not None and self.lower > self.no_change
        below = self.upper is not None and self.upper < self.no_change
        return above or below
