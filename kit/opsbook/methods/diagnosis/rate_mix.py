"""Rate or mix: did the segments themselves change, or only their shares?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError


@dataclass(frozen=True, kw_only=True)
class SegmentShift:
    """One segment's part in the change of a ratio.

    Attributes:
        segment: Its name.
        share_before: Its share of the denominator before, in [0, 1].
        share_after: Its share of the denominator after, in [0, 1].
        ratio_before: Its own ratio before, or None where it has no denominator.
        ratio_after: Its own ratio after, or None where it has no denominator.
        n: The smaller of its two denominators.
        enough: Whether ``n`` reaches the minimum; below it, show no bare ratio.
        rate: Change of the total because this segment's own ratio changed.
        mix: Change of the total because this segment's share changed: positive where a
            segment above the average grew or one below it shrank.
        contribution: Both together, computed from the amounts themselves. Where a segment's own
            ratio leaps, rate and mix are large and cancel; their sum then carries their rounding
            and this does not.
    """

    segment: str
    share_before: float
    share_after: float
    ratio_before: float | None
    ratio_after: float | None
    n: float
    enough: bool
    rate: float
    mix: float
    contribution: float


@dataclass(frozen=True, kw_only=True)
class RateMix:
    """The change of a ratio over segments, split without a rest.

    Attributes:
        before: The pooled ratio before.
        after: The pooled ratio after.
        total: ``after - before``; equals ``rate + mix``, and also
            ``rate_base_first + mix_base_first + interaction``.
        rate: Part from the segments' own ratios, at the average of both periods' shares.
        mix: Part from the segments' shares, at the average of both periods' ratios.
        rate_base_first: Part from the ratios, at the shares of before.
        mix_base_first: Part from the shares, at the ratios of before.
        interaction: What only the two moving together produce.
        residual: ``total`` minus all segments' contributions: rounding only.
        segments: Every segment's part, in the order given.
        rising: Number of segments, large enough, whose own ratio rose.
        falling: Number of segments, large enough, whose own ratio fell.
        reversal: Simpson's reversal: the segments' own ratios, on balance, moved against the
            total.
        complete_reversal: All segments that are large enough, two or more, moved against the
            total.
    """

    before: float
    after: float
    total: float
    rate: float
    mix: float
    rate_base_first: float
    mix_base_first: float
    interaction: float
    residual: float
    segments: tuple[SegmentShift, ...]
    rising: int
    falling: int
    reversal: bool
    complete_reversal: bool


def rate_mix(
    numerator_before: ArrayLike,
    denominator_before: ArrayLike,
    numerator_after: ArrayLike,
    denominator_after: ArrayLike,
    *,
    segments: Sequence[str] | None = None,
    minimum_n: float = 30,
) -> RateMix:
    """Tell how much of a ratio's change is the segments' own and how much a shift between them.

    Kitagawa's symmetric split weighs both periods alike, so that swapping them only flips the
    signs. A segment that is present in one period alone has no change of its own: all of its
    part is mix.

    Assumes that the segments are the reason for different ratios. Split by a dimension that does
    not matter and the mix part is near zero, which proves nothing about another dimension.

    Args:
        numerator_before: Numerator of each segment before, shape (n_segments,).
        denominator_before: Denominator of each segment before, same shape, not negative.
        numerator_after: Numerator of each segment after, same shape.
        denominator_after: Denominator of each segment after, same shape, not negative.
        segments: The segments' names; their positions from 0 if left out.
        minimum_n: Smallest denominator, in both periods, for a segment's ratio to count in
            ``rising``, ``falling`` and ``complete_reversal``. The sums always use every segment.

    Returns:
        The split of ``after - before``, in the ratio's own unit.

    Raises:
        DataError: If the shapes differ, a value is not finite, a denominator is negative, all
            denominators of a period are zero, or a numerator stands over a zero denominator.

    References:
        Kitagawa (1955), Journal of the American Statistical Association 50, 1168-1194.
        doi:10.1080/01621459.1955.10501299

    Examples:
        Each segment rises by ten points, yet the total falls, for the weak segment grows:

        >>> split = rate_mix([80, 20], [100, 100], [18, 54], [20, 180])
        >>> round(split.total, 3), round(split.rate, 3), round(split.mix, 3)
        (-0.14, 0.1, -0.24)
        >>> split.reversal
        True
    """
    given = {
        "numerator_before": numerator_before,
        "denominator_before": denominator_before,
        "numerator_after": numerator_after,
        "denominator_after": denominator_after,
    }
    columns = {name: np.asarray(values, dtype=float) for name, values in given.items()}
    names = _checked_names(columns, segments)
    top0, base0, top1, base1 = columns.values()

    share0, share1 = base0 / math.fsum(base0), base1 / math.fsum(base1)
    ratio0, ratio1 = _ratios(top0, base0, top1, base1)
    before = math.fsum(top0) / math.fsum(base0)
    after = math.fsum(top1) / math.fsum(base1)
    average = (before + after) / 2

    rate = (share0 + share1) / 2 * (ratio1 - ratio0)
    mix = (share1 - share0) * ((ratio0 + ratio1) / 2 - average)
    part = top1 / math.fsum(base1) - top0 / math.fsum(base0) - average * (share1 - share0)
    total, rate_sum, mix_sum = after - before, math.fsum(rate), math.fsum(mix)

    smaller = np.minimum(base0, base1)
    enough = (smaller >= minimum_n) & (smaller > 0)
    rising = int(np.count_nonzero(enough & (ratio1 > ratio0)))
    falling = int(np.count_nonzero(enough & (ratio1 < ratio0)))
    against, along = (falling, rising) if total > 0 else (rising, falling)

    return RateMix(
        before=before,
        after=after,
        total=total,
        rate=rate_sum,
        mix=mix_sum,
        rate_base_first=math.fsum(share0 * (ratio1 - ratio0)),
        mix_base_first=math.fsum((share1 - share0) * (ratio0 - before)),
        interaction=math.fsum((share1 - share0) * (ratio1 - ratio0)),
        residual=math.fsum([after, -before, *(-part)]),
        segments=tuple(
            SegmentShift(
                segment=name,
                share_before=float(share0[i]),
                share_after=float(share1[i]),
                ratio_before=float(ratio0[i]) if base0[i] > 0 else None,
                ratio_after=float(ratio1[i]) if base1[i] > 0 else None,
                n=float(smaller[i]),
                enough=bool(enough[i]),
                rate=float(rate[i]),
                mix=float(mix[i]),
                contribution=float(part[i]),
            )
            for i, name in enumerate(names)
        ),
        rising=rising,
        falling=falling,
        reversal=rate_sum * total < 0,
        complete_reversal=total != 0 and against >= 2 and along == 0,
    )


def _ratios(
    top0: NDArray[np.float64],
    base0: NDArray[np.float64],
    top1: NDArray[np.float64],
    base1: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both periods' ratios; where one period has none, it takes the other's."""
    ratio0 = np.divide(top0, base0, out=np.zeros_like(top0), where=base0 > 0)
    ratio1 = np.divide(top1, base1, out=np.zeros_like(top1), where=base1 > 0)
    return np.where(base0 > 0, ratio0, ratio1), np.where(base1 > 0, ratio1, ratio0)


def _checked_names(
    columns: dict[str, NDArray[np.float64]], segments: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the segments' names after checking every array against them."""
    shapes = {name: values.shape for name, values in columns.items()}
    first = columns["numerator_before"]
    if len(set(shapes.values())) > 1 or first.ndim != 1:
        raise DataError(
            f"The four arrays must be one-dimensional and equally long (got {shapes}).",
            "Give one value for each segment in each of them.",
        )
    names = tuple(map(str, range(first.size) if segments is None else segments))
    if len(names) != first.size:
        raise DataError(
            f"There are {len(names)} segment names for {first.size} segments.",
            "Give one name for each segment.",
        )
    for column, values in columns.items():
        if not np.isfinite(values).all():
            where = names[int(np.flatnonzero(~np.isfinite(values))[0])]
            raise DataError(
                f"{column} is not a finite number in segment '{where}'.",
                "Leave the segment out of both periods, or fill the gap.",
            )
    for period in ("before", "after"):
        base, top = columns[f"denominator_{period}"], columns[f"numerator_{period}"]
        for wrong, words in (
            (base < 0, "is negative"),
            ((base == 0) & (top != 0), "is 0 under a numerator that is not"),
        ):
            if wrong.any():
                where = names[int(np.flatnonzero(wrong)[0])]
                raise DataError(
                    f"denominator_{period} {words} in segment '{where}'.",
                    "Check the columns of metric.denominator and the filter.",
                )
        if not base.any():
            raise DataError(
                f"denominator_{period} is 0 in all of {len(names)} segments.",
                "Choose a period that has data.",
            )
    return names
