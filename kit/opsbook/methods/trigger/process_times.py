"""Process times: how long cases take, how much of it they wait, and how often work is redone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.clopper_pearson import Proportion, clopper_pearson
from opsbook.methods.trigger.quantile_interval import quantile_interval
from opsbook.methods.trigger.series import Floats


@dataclass(frozen=True, kw_only=True)
class Quantiles:
    """Two quantiles of a time.

    Attributes:
        p50: Half of the cases take no longer; None without cases.
        p90: Nine of ten cases take no longer; None without cases.
        p50_limits: Exact limits of the half; None where too few cases give any.
        p90_limits: Exact limits of the nine of ten, likewise.
    """

    p50: float | None
    p90: float | None
    p50_limits: tuple[float | None, float | None]
    p90_limits: tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class ProcessTimes:
    """How a process ran; times in the unit of the log.

    Attributes:
        lead: From a case's first start to its last end.
        touch: Time in which somebody worked on it (work side by side counts once).
        wait: Lead less touch.
        touch_share: All touch over all lead; None if cases take no time.
        over_sla: Share of finished cases whose lead exceeds the agreed time; None without one.
        rework: Share of finished cases in which some step occurs more than once.
        finished: Cases of which every row has an end.
        open: Cases with a row that has none; they are left out of everything else.
    """

    lead: Quantiles
    touch: Quantiles
    wait: Quantiles
    touch_share: float | None
    over_sla: Proportion | None
    rework: Proportion
    finished: int
    open: int


def _quantiles(times: Floats, confidence: float) -> Quantiles:
    half, most = (quantile_interval(times, q, confidence=confidence) for q in (0.5, 0.9))
    return Quantiles(
        p50=half.value,
        p90=most.value,
        p50_limits=(half.lower, half.upper),
        p90_limits=(most.lower, most.upper),
    )


def touched(case: NDArray[np.int64], start: Floats, end: Floats) -> Floats:
    """Return for each case the length of the union of its working times.

    Args:
        case: Case of each row, 0 to cases - 1, shape (rows,).
        start: Start of each row, finite.
        end: End of each row, finite, not before the start.

    Returns:
        Shape (cases,).

    Examples:
        >>> touched(np.array([0, 0, 0]), np.array([0.0, 1, 8]), np.array([4.0, 3, 9]))
        array([5.])
    """
    # Cases are laid one after another on one time line, so that one running maximum serves all.
    span = float(end.max() - start.min()) + 1.0
    offset = case * span - float(start.min())
    order = np.argsort(start + offset, kind="stable")
    starts, ends = (start + offset)[order], (end + offset)[order]
    covered = np.maximum.accumulate(np.concatenate([starts[:1], ends[:-1]]))
    new = np.maximum(ends - np.maximum(starts, covered), 0.0)
    return np.asarray(np.bincount(case[order], weights=new), dtype=np.float64)


def process_times(
    case: ArrayLike,
    step: ArrayLike,
    start: ArrayLike,
    end: ArrayLike,
    *,
    sla: float | None = None,
    confidence: float = 0.95,
) -> ProcessTimes:
    """Say how long finished cases took, how long they waited, and how often a step was repeated.

    The assumption that most often fails: finished cases must be like all cases. When many are
    still open, the slow ones are missing, and the process looks faster than it is.

    Args:
        case: Case of each row, any labels, shape (rows,).
        step: Step of each row, any labels, shape (rows,).
        start: Start of each row as a number (hours since some moment, say), shape (rows,).
        end: End of each row, same unit; NaN if it is not over.
        sla: Agreed lead time, same unit; a case that takes exactly so long keeps it.
        confidence: Confidence level of the exact intervals of times and shares.

    Raises:
        DataError: If the columns differ in length, a start is missing, or an end precedes its
            start.

    Examples:
        >>> log = process_times([1, 1, 2], ["pick", "pack", "pick"], [0, 5, 0], [2, 6, 3], sla=5)
        >>> log.lead.p50, log.wait.p90, log.over_sla.events
        (4.5, 2.7, 1)
    """
    cases, steps = np.asarray(case).ravel(), np.asarray(step).ravel()
    starts = np.asarray(start, dtype=np.float64).ravel()
    ends = np.asarray(end, dtype=np.float64).ravel()
    lengths = {len(column) for column in (cases, steps, starts, ends)}
    if len(lengths) > 1:
        raise DataError(
            f"The log's columns have {len(cases)}, {len(steps)}, {len(starts)} and {len(ends)} "
            "rows.",
            "Give case, step, start and end of each row.",
        )
    if not np.isfinite(starts).all():
        raise DataError(
            f"Row {int(np.argmin(np.isfinite(starts)))} has no start.", "Drop or mend it."
        )
    if (ends < starts).any():
        raise DataError(
            f"Row {int(np.argmax(ends < starts))} ends before it starts.", "Check its clock."
        )
    labels, code = np.unique(cases, return_inverse=True)
    unfinished = np.unique(code[~np.isfinite(ends)])
    keep = ~np.isin(code, unfinished)
    finished = len(labels) - len(unfinished)
    lead = touch = np.array([])
    repeated = 0
    if finished:
        code = np.unique(code[keep], return_inverse=True)[1]
        starts, ends = starts[keep], ends[keep]
        first, last = np.full(finished, np.inf), np.full(finished, -np.inf)
        np.minimum.at(first, code, starts)
        np.maximum.at(last, code, ends)
        lead = last - first
        touch = np.minimum(touched(code, starts, ends), lead)
        kinds, kind = np.unique(steps[keep], return_inverse=True)
        pairs, times = np.unique(code * len(kinds) + kind, return_counts=True)
        repeated = len(np.unique(pairs[times > 1] // len(kinds)))
    over = None
    if sla is not None:
        over = clopper_pearson(int((lead > sla).sum()), finished, confidence=confidence)
    return ProcessTimes(
        lead=_quantiles(lead, confidence),
        touch=_quantiles(touch, confidence),
        wait=_quantiles(lead - touch, confidence),
        touch_share=float(touch.sum() / lead.sum()) if lead.sum() > 0 else None,
        over_sla=over,
        rework=clopper_pearson(repeated, finished, confidence=confidence),
        finished=finished,
        open=len(unfinished),
    )
