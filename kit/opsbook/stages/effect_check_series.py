"""Checks of the unit's own series: gaps, dependence, outliers."""

from __future__ import annotations

import datetime as dt

import numpy as np

from opsbook.data.metric_series import Floats
from opsbook.results.effect import Check, Comparison
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.stages.effect_check import check
from opsbook.stages.effect_measures import params_of
from opsbook.stages.effect_one_series import one_series
from opsbook.text import Period, Quantity, say, term

OUTLIER = 3.5


def gaps(comparison: Comparison) -> Check:
    """Are periods missing in the windows?"""
    missing = [
        point.period
        for point in comparison.series.points
        if point.value is None
        and (
            point.period.start <= comparison.before.end.start
            or point.period.start >= comparison.after.start.start
        )
    ]
    if not missing:
        return check("gaps", term("Gaps"), "pass", say("No period is missing in the two windows."))
    return check(
        "gaps",
        term("Gaps"),
        "look",
        say(
            "Periods missing in the windows: {n}, the first {first}.",
            n=Quantity(value=len(missing), unit="count"),
            first=missing[0],
        ),
        say("Find out why; a gap that came with the change is no accident."),
    )


def autocorrelation(measured: Measurements) -> Check | None:
    """Do neighbouring periods depend on each other?"""
    found = measured.interrupted
    if found is None or found.autocorrelation is None:
        return None
    limit = 2 / np.sqrt(found.n_before + found.n_after)
    linked = abs(found.autocorrelation) > limit
    return check(
        "autocorrelation",
        term("Neighbouring periods alike"),
        "look" if linked else "pass",
        say(
            "Neighbouring residuals correlate by {r}; chance alone reaches {limit}.",
            r=Quantity(value=found.autocorrelation, digits=2, signed=True),
            limit=Quantity(value=float(limit), digits=2),
        ),
        say("The verdict's method allows for it; the naive interval does not: do not quote it."),
    )


def outliers(context: Context) -> Check:
    """Periods that stand apart from the line and step through the series."""
    series = one_series(context)
    title = term("Outliers")
    left = _residuals(series.values, series.time >= series.launch)
    known = left[np.isfinite(left)]
    spread = 1.4826 * float(np.median(np.abs(known - np.median(known)))) if known.size else 0.0
    if spread == 0:
        return check("outliers", title, "pass", say("No period stands apart."))
    window = params_of(context).periods * 2
    near = np.abs(series.time - series.launch) <= window
    apart = np.isfinite(left) & (np.abs(left) > OUTLIER * spread) & near
    if not apart.any():
        return check("outliers", title, "pass", say("No period stands apart."))
    day: dt.date = series.periods[int(np.flatnonzero(apart)[0])]
    return check(
        "outliers",
        title,
        "look",
        say(
            "Periods that stand apart: {n}, the first {day}.",
            n=Quantity(value=int(apart.sum()), unit="count"),
            day=Period(start=day),
        ),
        say("Find out what happened there; measure once with and once without them."),
    )


def _residuals(values: Floats, late: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """What is left when each side of the launch has its own median taken out."""
    left = values.copy()
    for side in (late, ~late):
        if np.isfinite(left[side]).any():
            left[side] -= np.nanmedian(left[side])
    return left
