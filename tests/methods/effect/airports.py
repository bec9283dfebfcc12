"""The airport panel of the jfk_delays story, for the tests that recompute it."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLE = Path(__file__).parents[3] / "params" / "data" / "us_airport_delays_monthly.csv.gz"
CAPPED = ("JFK", "LGA", "EWR")  # the three airports with an hourly cap: never controls


@dataclass(frozen=True)
class Windows:
    """One capped airport, row 0, above its 26 controls; the windows before and after."""

    delayed: NDArray[np.float64]
    flights: NDArray[np.float64]
    after: NDArray[np.bool_]


@cache
def windows(airport: str, first_month: str, months: int = 12) -> Windows:
    with gzip.open(TABLE, "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    calendar = sorted({row["month"] for row in rows})
    hubs = sorted({row["airport"] for row in rows} - set(CAPPED))
    units = [airport, *hubs]
    delayed = np.full((len(units), len(calendar)), np.nan)
    flights = np.full_like(delayed, np.nan)
    for row in rows:
        if row["airport"] in units:
            cell = units.index(row["airport"]), calendar.index(row["month"])
            delayed[cell], flights[cell] = float(row["n_nas"]), float(row["flights"])
    launch = calendar.index(first_month)
    cut = slice(launch - months, launch + months)
    return Windows(delayed[:, cut], flights[:, cut], np.arange(2 * months) >= months)
