"""The season of a series, as columns that a method takes out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError

PHASES_AT_MOST = 12
CYCLES_FOR_PHASES = 3
CYCLES_FOR_HARMONICS = 2
HARMONICS = 2


def error_seasonality(time: ArrayLike, season: int) -> NDArray[np.float64]:
    """Return the seasonal columns that this history can tell from noise.

    A season left in the errors makes false alarms; a season estimated from too little history
    makes them too. So, from three cycles on, a short season gets an effect for each of its
    phases (weekday, month); from two cycles on, and for a long season, two harmonics; below two
    cycles nothing, for then the season cannot be told from the launch. Where many periods are
    missing, those left must fill two cycles for phases, and one for harmonics. Assumes a season
    that stays the same; one that drifts needs `state_space`.

    Args:
        time: Whole-numbered positions of the periods, shape (n,), any order; holes are allowed.
        season: Periods in a cycle: 7 for days, 12 for months, 52 for weeks.

    Returns:
        Columns of shape (n, k), ready for `covariates`; k is 0 where no season can be told.

    Raises:
        DataError: If the season is shorter than two periods.

    Examples:
        >>> error_seasonality(range(36), 12).shape
        (36, 11)
        >>> error_seasonality(range(30), 12).shape
        (30, 4)
        >>> error_seasonality(range(20), 12).shape
        (20, 0)
    """
    if season < 2:
        raise DataError(f"A season of {season} periods is none.", "Pass 7 for days, 12 for months.")
    position = np.asarray(time, dtype=np.int64)
    phase = (position - position.min()) % season
    cycles = (np.ptp(position) + 1) / season
    filled = np.unique(position).size / season
    if cycles < CYCLES_FOR_HARMONICS or filled < CYCLES_FOR_HARMONICS - 1:
        return np.empty((position.size, 0))
    tells_phases = cycles >= CYCLES_FOR_PHASES and filled >= CYCLES_FOR_PHASES - 1
    if season <= PHASES_AT_MOST and tells_phases:
        effects: NDArray[np.float64] = (phase[:, None] == np.unique(phase)[1:]).astype(float)
        return effects
    waves = []
    for harmonic in range(1, min(HARMONICS, season // 2) + 1):
        angle = 2 * np.pi * harmonic * phase / season
        waves.append(np.cos(angle))
        if 2 * harmonic != season:
            waves.append(np.sin(angle))
    return np.column_stack(waves)
