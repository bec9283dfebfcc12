"""How often does a method find an effect in real series in which nothing was launched?

Launches are faked at dates of each series' past; the share of intervals that exclude "no change"
is the false-alarm rate, nominal 5 %. Beside it the power: the share of dates at which a real
shift of so many standard deviations (around trend and season) would have been shown.

--data takes a CSV file with the columns series, period, value; a period is a day, a month
(2024-03), a quarter (2024Q1), a week (2024-W05) or a whole number, in any order; a period without
a row, or with a value that is no number, is a gap. A series that cannot be used (too short, always
the same, a period twice or not to be read) is named with the reason. Without --data, the airports,
the New York flights and the NHS trusts of the folder `shared` beside the project are used. The
season follows from the periods: weekday, week or month of the year, quarter.
"""

from __future__ import annotations

import os

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # small matrices: threads are in each other's way

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.effect.covariance_averaged_gls import covariance_averaged_launches
from opsbook.methods.effect.error_seasonality import error_seasonality
from opsbook.methods.effect.fake_launches import LaunchMethod, fake_launches, launch_by_launch
from opsbook.methods.effect.newey_west import newey_west
from opsbook.methods.effect.prais_winsten import prais_winsten
from opsbook.methods.effect.segmented_effect import SegmentedEffect
from opsbook.methods.effect.segmented_ols import segmented_ols
from opsbook.methods.effect.welch import welch
from opsbook.methods.estimate import Estimate

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"
COLUMNS_ASKED = "Pass a CSV file with a header row and the columns series, period, value."
FEWEST_PERIODS = 20
NO_SEASON = 1
Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One series with numbered periods and the length of its season."""

    group: str
    name: str
    time: NDArray[np.int64]
    values: Array
    season: int

    def covariates(self) -> Array | None:
        """Return the seasonal columns, if the history is long enough for any."""
        if self.season == NO_SEASON:
            return None
        columns = error_seasonality(self.time, self.season)
        return columns if columns.shape[1] else None

    def deviation(self) -> float:
        """Return the standard deviation around trend and season."""
        columns = [np.ones(self.time.size), self.time - self.time.mean()]
        season = self.covariates()
        design = np.column_stack(columns if season is None else [*columns, season])
        left = self.values - design @ np.linalg.lstsq(design, self.values)[0]
        return float(left.std(ddof=design.shape[1]))


def number_periods(periods: Sequence[str]) -> tuple[NDArray[np.int64], int]:
    """Number periods without gaps where none is missing, and tell the length of their season."""
    for pattern, season, number in (
        (r"(-?\d{1,5})(?:\.0)?", NO_SEASON, int),
        (r"(\d{4})[- ]?Q([1-4])", 4, lambda year, quarter: 4 * int(year) + int(quarter)),
        (r"(\d{4})[-/]?(\d{1,2})", 12, lambda year, month: 12 * int(year) + int(month)),
        (r"(\d{4})-?W(\d{2})", 52, monday),
    ):
        parts = [re.fullmatch(pattern, period) for period in periods]
        if all(parts):
            return np.array([number(*part.groups()) for part in parts if part]), season
    return number_days([day_of(period) for period in periods])


def day_of(period: str) -> date:
    """Read a day; a time beside it is passed over where it is midnight."""
    day, _, time = period.replace("/", "-").replace("T", " ").partition(" ")
    if time.strip("0:.+Z"):
        raise DataError(f"The period '{period}' has a time of day.", "Sum to days or longer.")
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise DataError(
            f"The period '{period}' cannot be read.",
            "Write a day (2024-03-31), a month (2024-03), 2024Q1, 2024-W05 or a whole number.",
        ) from error


def monday(year: str, week: str) -> int:
    """Number a week by its Monday."""
    try:
        return date.fromisocalendar(int(year), int(week), 1).toordinal() // 7
    except ValueError as error:
        raise DataError(f"There is no week {week} in {year}.", "Write ISO weeks.") from error


def number_days(days: Sequence[date]) -> tuple[NDArray[np.int64], int]:
    """Number days that may stand for weeks, months, quarters or years."""
    ordinals = np.array([day.toordinal() for day in days])
    months = np.array([12 * day.year + day.month for day in days])
    if np.diff(np.unique(ordinals)).min() < 28:
        weekly = (np.diff(np.unique(ordinals)) % 7 == 0).all()
        return (ordinals // 7, 52) if weekly else (ordinals, 7)
    apart = np.diff(np.unique(months))
    for length, season in ((12, NO_SEASON), (3, 4)):
        if (apart % length == 0).all():
            return months // length, season
    return months, 12


def long_table(table: pd.DataFrame) -> Iterator[tuple[str, str, Series | str]]:
    """Yield group, name and series of a table (group, series, period, value), or why it is none."""
    for (group, name), part in table.groupby(["group", "series"], sort=True):
        try:
            yield str(group), str(name), one_series(str(group), str(name), part)
        except DataError as error:
            yield str(group), str(name), str(error)


def one_series(group: str, name: str, part: pd.DataFrame) -> Series:
    """Read one series.

    Raises:
        DataError: If it is too short, always the same, or its periods cannot be numbered.
    """
    values = pd.to_numeric(part["value"], errors="coerce").to_numpy(dtype=float)
    known = np.isfinite(values)
    values = values[known]
    if values.size < FEWEST_PERIODS:
        raise DataError(f"{values.size} values.", f"At least {FEWEST_PERIODS} are needed.")
    if np.ptp(values) == 0:
        raise DataError(f"All values are {values[0]:g}.", "Nothing can be compared.")
    periods = part["period"].astype(str).str.strip()[known]
    if periods.duplicated().any():
        raise DataError(
            f"The period {periods[periods.duplicated()].iloc[0]} occurs more than once.",
            "Pass one value per series and period.",
        )
    time, season = number_periods(periods.tolist())
    order = np.argsort(time, kind="stable")
    return Series(group=group, name=name, time=time[order], values=values[order], season=season)


def default_table() -> pd.DataFrame:
    """Return the airports, the New York flights and the NHS trusts as one long table."""
    if not SHARED.is_dir():
        raise DataError(f"{SHARED} is missing.", "Pass --data FILE.csv (series, period, value).")
    airports = pd.read_csv(SHARED / "us_airport_delays_monthly.csv.gz")
    flights = pd.read_csv(SHARED / "nyc_flights_daily_2013.csv.gz")
    flights = pd.concat([flights, flights.assign(carrier="all")])
    flights = flights.groupby(["origin", "carrier", "date"], as_index=False).sum()
    flights = flights[flights.groupby(["origin", "carrier"])["date"].transform("size") >= 300]
    trusts = pd.read_csv(SHARED / "nhs_ae_monthly.csv.gz")
    trusts = trusts[trusts["type"] == "1"]
    trusts = trusts[trusts.groupby("org_code")["period"].transform("size") == 36]
    lane = flights["origin"] + " " + flights["carrier"]
    parts = []
    for group, name, period, value in (
        ("airport flights", airports["airport"], airports["month"], airports["flights"]),
        *(
            (f"airport {metric}", airports["airport"], airports["month"], share)
            for metric, share in (
                ("delayed share", airports["delayed"] / airports["flights"]),
                ("cancelled share", airports["cancelled"] / airports["flights"]),
                ("delay minutes", airports["min_total"] / airports["flights"]),
            )
        ),
        ("nyc flights", lane, flights["date"], flights["flights"]),
        ("nyc late share", lane, flights["date"], flights["late15"] / flights["flights"]),
        ("nyc delay", lane, flights["date"], flights["arr_delay_sum"] / flights["flights"]),
        ("nhs attendances", trusts["org_code"], trusts["period"], trusts["attendances"]),
        (
            "nhs breach share",
            trusts["org_code"],
            trusts["period"],
            trusts["breaches"] / trusts["attendances"],
        ),
    ):
        parts.append(
            pd.DataFrame({"group": group, "series": name, "period": period, "value": value})
        )
    return pd.concat(parts)


def averaged(series: Series) -> LaunchMethod:
    def method(values: Array, time: NDArray[np.int64], launches: Sequence[int]) -> list[Estimate]:
        found = covariance_averaged_launches(
            values, launches=launches, time=time, covariates=series.covariates()
        )
        return [effect.step for effect in found]

    return method


def single(estimator: Callable[..., SegmentedEffect]) -> Callable[[Series], LaunchMethod]:
    def for_series(series: Series) -> LaunchMethod:
        covariates = series.covariates()

        def method(values: Array, time: NDArray[np.int64], launch: int) -> Estimate:
            return estimator(values, launch=launch, time=time, covariates=covariates).step

        return launch_by_launch(method)

    return for_series


def before_after(series: Series) -> LaunchMethod:
    del series  # a before/after test knows no season
    return launch_by_launch(
        lambda values, time, launch: welch(values[time < launch], values[time >= launch])
    )


OURS = "covariance_averaged_gls"
METHODS: dict[str, Callable[[Series], LaunchMethod]] = {
    OURS: averaged,
    "welch": before_after,
    "segmented_ols": single(segmented_ols),
    "newey_west": single(newey_west),
    "prais_winsten": single(prais_winsten),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, help="CSV file: series, period, value")
    parser.add_argument("--shift", type=float, default=1.0, help="real shift, in deviations")
    parser.add_argument("--dates", type=int, default=40, help="fake launches a series; 0: all")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    try:
        measure(arguments)
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def measure(arguments: argparse.Namespace) -> None:
    """Fake launches on every series of the table, and print what comes of it.

    Raises:
        DataError: If the table cannot be read, or no series of it can be used.
    """
    table = default_table() if arguments.data is None else given_table(arguments.data)
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    refused: list[str] = []
    if not arguments.json:
        print(f"False alarms % / power % for a shift of {arguments.shift:g} deviations")
        print(f"{'':18}{'series':>7}" + "".join(f"{method:>25}" for method in METHODS))
    for group, members in groupby(long_table(table), key=lambda member: member[0]):
        for _, name, series in members:
            reasons = {series} if isinstance(series, str) else set()
            if isinstance(series, Series):
                reasons |= judge(series, arguments, found.setdefault(group, {}))
            if reasons:
                refused.append(f"{group}, {name}: {' '.join(sorted(reasons))}")
        if not arguments.json and found.get(group):
            print(line(group, found[group]), flush=True)
    pooled = {
        method: [share for by_method in found.values() for share in by_method.get(method, ())]
        for method in METHODS
    }
    if not pooled[OURS]:
        raise DataError("No series could be used: " + "; ".join(refused[:5]) + ".")
    if arguments.json:
        print(json.dumps(summary(pooled, found, refused, arguments.shift)))
    else:
        print(line("all", pooled))
        print(*refused, sep="\n")


def given_table(path: Path) -> pd.DataFrame:
    """Return the table of a file, all cells as text.

    Raises:
        DataError: If it is no table, or has not the columns asked for.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, EOFError, ValueError) as error:  # pandas' own faults are ValueErrors
        told = " ".join(str(error).split())
        raise DataError(f"{path} cannot be read as CSV: {told}.", COLUMNS_ASKED) from error
    if missing := {"series", "period", "value"} - set(table.columns):
        raise DataError(
            f"{path} has no column {', '.join(sorted(missing))}; "
            f"it has: {', '.join(table.columns)}.",
            COLUMNS_ASKED,
        )
    return table.assign(group=path.stem)


def judge(
    series: Series, arguments: argparse.Namespace, found: dict[str, list[tuple[float, float]]]
) -> set[str]:
    """Add each method's false alarms and power on one series; return why a method refused it."""
    reasons = set()
    for method, make in METHODS.items():
        try:
            receipt = fake_launches(
                series.values,
                make(series),
                time=series.time,
                target=arguments.shift * series.deviation(),
                at_most=arguments.dates or None,
            )
        except DataError as error:
            reasons.add(str(error))
        else:
            found.setdefault(method, []).append((receipt.false_alarms, receipt.power or 0.0))
    return reasons


def rates(shares: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return the mean false-alarm rate and power over series."""
    alarms, power = np.mean(shares, axis=0) if shares else (0.0, 0.0)
    return {"false_alarms": float(alarms), "power": float(power), "series": len(shares)}


def line(title: str, by_method: dict[str, list[tuple[float, float]]]) -> str:
    """Return a line of the table."""
    cells = "".join(
        f"{100 * rate['false_alarms']:18.1f} /{100 * rate['power']:5.1f}"
        for rate in (rates(by_method.get(method, ())) for method in METHODS)
    )
    return f"{title:18}{max(map(len, by_method.values())):7}{cells}"


def summary(
    pooled: dict[str, list[tuple[float, float]]],
    found: dict[str, dict[str, list[tuple[float, float]]]],
    refused: Sequence[str],
    shift: float,
) -> dict[str, object]:
    """Return the figures as one object; shares, not percent."""
    return {
        **rates(pooled[OURS]),
        "method": OURS,
        "nominal": 0.05,
        "shift": shift,
        "methods": {method: rates(shares) for method, shares in pooled.items()},
        "groups": {
            group: {method: rates(shares) for method, shares in by_method.items()}
            for group, by_method in found.items()
        },
        "refused": list(refused),
    }


if __name__ == "__main__":
    sys.exit(main())
