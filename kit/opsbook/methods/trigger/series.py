"""What every trigger method takes: values per period, NaN where a period is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError

Better = Literal["higher", "lower"]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def as_series(values: ArrayLike, name: str = "values") -> Floats:
    """Return the values as floats, shape (..., n), time on the last axis.

    Args:
        values: One series, shape (n,), or many, shape (..., n). NaN or None marks a gap.
        name: What to call the values in an error.

    Raises:
        DataError: If a value is no number or infinite, or there are no periods at all.

    Examples:
        >>> as_series([1, None, 3])
        array([ 1., nan,  3.])
    """
    try:
        series = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"'{name}' holds something that is not a number.", "Give numbers, and NaN for gaps."
        ) from error
    if series.ndim == 0 or series.shape[-1] == 0:
        raise DataError(f"'{name}' has no periods.", "Give one value for each period.")
    if np.isinf(series).any():
        raise DataError(f"'{name}' has an infinite value.", "Mark a missing period with NaN.")
    return series


def as_one_series(values: ArrayLike, name: str = "values") -> Floats:
    """Return one series, shape (n,), as floats.

    Raises:
        DataError: As `as_series`, or if the values have more than one axis.

    Examples:
        >>> as_one_series([1, 2])
        array([1., 2.])
    """
    series = as_series(values, name)
    if series.ndim != 1:
        raise DataError(
            f"'{name}' must be one series (got shape {series.shape}).", "Pass one row at a time."
        )
    return series


def as_counts(
    events: ArrayLike, sizes: ArrayLike, size_name: str, *, at_most_size: bool
) -> tuple[Floats, Floats]:
    """Return events and sizes as floats; a size of zero becomes a gap in both.

    No customers is no data: a period without any is neither 0 % nor 100 %.

    Args:
        events: Counts per period, shape (..., n).
        sizes: Trials or exposure per period, shape (..., n).
        size_name: What to call the sizes in an error.
        at_most_size: Whether more events than trials are impossible.

    Raises:
        DataError: If the shapes differ, a number is negative, or events exceed trials.

    Examples:
        >>> as_counts([3, 0], [10, 0], "trials", at_most_size=True)
        (array([ 3., nan]), array([10., nan]))
    """
    counts, base = as_series(events, "events"), as_series(sizes, size_name)
    if counts.shape != base.shape:
        raise DataError(
            f"'events' has shape {counts.shape} but '{size_name}' has {base.shape}.",
            "Give both numbers for each period.",
        )
    for name, numbers in (("events", counts), (size_name, base)):
        if (numbers < 0).any():
            raise DataError(
                f"'{name}' has a negative value ({np.nanmin(numbers):g}).", "Counts start at zero."
            )
    if at_most_size and (counts > base).any():
        period = int(np.argwhere(counts > base)[0, -1])
        raise DataError(
            f"'events' exceeds '{size_name}' in period {period}.",
            "Check that the numerator is a part of the denominator.",
        )
    gap = np.isnan(counts) | np.isnan(base) | (base == 0)
    return np.where(gap, np.nan, counts), np.where(gap, np.nan, base)


def towards_better(values: Floats, better: Better) -> Floats:
    """Return the values with the sign that makes higher better.

    Raises:
        DataError: If `better` is neither ``higher`` nor ``lower``.

    Examples:
        >>> towards_better(np.array([1.0, 2.0]), "lower")
        array([-1., -2.])
    """
    if better == "higher":
        return values
    if better == "lower":
        return -values
    raise DataError(
        f"better must be 'higher' or 'lower' (got {better!r}).", "Correct metric.better."
    )


def run_lengths(hits: Bools) -> Ints:
    """Return, for each period, how many periods in a row ending there are hits.

    Args:
        hits: Shape (..., n).

    Returns:
        Shape (..., n); 0 where the period is no hit.

    Examples:
        >>> run_lengths(np.array([True, True, False, True]))
        array([1, 2, 0, 1])
    """
    position = np.arange(1, hits.shape[-1] + 1)
    last_reset = np.maximum.accumulate(np.where(hits, 0, position), axis=-1)
    return np.where(hits, position - last_reset, 0).astype(np.int64)


def or_none(numbers: Floats | Sequence[float]) -> tuple[float | None, ...]:
    """Return the numbers as a tuple, with None where there is none.

    Examples:
        >>> or_none(np.array([1.5, np.nan]))
        (1.5, None)
    """
    return tuple(float(x) if np.isfinite(x) else None for x in numbers)
