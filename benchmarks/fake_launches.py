"""How often does a method find an effect in real series in which nothing was launched?

Launches are faked at dates of each series' past; the share of intervals that exclude "no change"
is the false-alarm rate, nominal 5 %. Beside it the power: the share of dates at which a real
shift of so many standard deviations (around trend and season) would have been shown.

--data takes a CSV file with the columns series, period, value; a period is a day, a month
(2024-03), a quarter (2024Q1), a week (2024-W05) or a whole number. Without it, the airports, the
New York flights and the NHS trusts of the folder `shared` beside the project are used. The
season follows from the periods: weekday, week or month of the year, quarter.
"""

from __future__ import annotations

import argparse
import json
import re
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
        (r"(-?\d{1,5})", NO_SEASON, int),
        (r"(\d{4})-?Q([1-4])", 4, lambda year, quarter: 4 * int(year) + int(quarter)),
        (r"(\d{4})[-/]?(\d{2})", 12, lambda year, month: 12 * int(year) + int(month)),
        (r"(\d{4})-?W(\d{2})", 52, monday),
    ):
        parts = [re.fullmatch(pattern, period) for period in periods]
        if all(parts):
            return np.array([number(*part.groups()) for part in parts if part]), season
    return number_days([date.fromisoformat(period[:10].replace("/", "-")) for period in periods])


def monday(year: str, week: str) -> int:
    """Number a week by its Monday."""
    return date.fromisocalendar(int(year), int(week), 1).toordinal() // 7


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


def long_table(table: pd.DataFrame) -> Iterator[Series]:
    """Yield the usable series of a table with the columns group, series, period, value."""
    for (group, name), part in table.groupby(["group", "series"], sort=True):
        kept = part.dropna(subset=["value"])
        if len(kept) >= FEWEST_PERIODS and np.ptp(kept["value"]) > 0:
            time, season = number_periods(kept["period"].astype(str).tolist())
            order = np.argsort(time, kind="stable")
            yield Series(
                group=str(group),
                name=str(name),
                time=time[order],
                values=kept["value"].to_numpy(dtype=float)[order],
                season=season,
            )


def default_table() -> pd.DataFrame:
    """Return the airports, the New York flights and the NHS trusts as one long table."""
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED} is missing; pass --data FILE.csv (series, period, value).")
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


METHODS: dict[str, Callable[[Series], LaunchMethod]] = {
    "covariance_averaged_gls": averaged,
    "welch": before_after,
    "segmented_ols": single(segmented_ols),
    "newey_west": single(newey_west),
    "prais_winsten": single(prais_winsten),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, help="CSV file: series, period, value")
    parser.add_argument("--shift", type=float, default=1.0, help="real shift, in deviations")
    parser.add_argument("--dates", type=int, default=40, help="fake launches a series; 0: all")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    if arguments.data is None:
        table = default_table()
    else:
        table = pd.read_csv(arguments.data, dtype={"series": str, "period": str})
        table = table.assign(group=arguments.data.stem)
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    refused: list[str] = []
    if not arguments.json:
        print(f"False alarms % / power % for a shift of {arguments.shift:g} deviations")
        print(f"{'':18}{'series':>7}" + "".join(f"{method:>25}" for method in METHODS))
    for group, members in groupby(long_table(table), key=lambda series: series.group):
        for series in members:
            try:
                receipts = {
                    method: fake_launches(
                        series.values,
                        make(series),
                        time=series.time,
                        target=arguments.shift * series.deviation(),
                        at_most=arguments.dates or None,
                    )
                    for method, make in METHODS.items()
                }
            except DataError as error:
                refused.append(f"{series.group}, {series.name}: {error}")
                continue
            for method, receipt in receipts.items():
                shares = (receipt.false_alarms, receipt.power or 0.0)
                found.setdefault(group, {}).setdefault(method, []).append(shares)
        if not arguments.json and group in found:
            print(line(group, found[group]), flush=True)
    pooled = {
        method: [share for by_method in found.values() for share in by_method[method]]
        for method in METHODS
    }
    if not found:
        raise SystemExit("No series could be used: " + "; ".join(refused[:5]))
    if arguments.json:
        print(json.dumps(summary(pooled, found, refused, arguments.shift)))
    else:
        print(line("all", pooled))
        print(*refused, sep="\n")


def rates(shares: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return the mean false-alarm rate and power over series."""
    alarms, power = np.mean(shares, axis=0)
    return {"false_alarms": float(alarms), "power": float(power), "series": len(shares)}


def line(title: str, by_method: dict[str, list[tuple[float, float]]]) -> str:
    """Return a line of the table."""
    cells = "".join(
        f"{100 * rate['false_alarms']:18.1f} /{100 * rate['power']:5.1f}"
        for rate in (rates(shares) for shares in by_method.values())
    )
    return f"{title:18}{len(next(iter(by_method.values()))):7}{cells}"


def summary(
    pooled: dict[str, list[tuple[float, float]]],
    found: dict[str, dict[str, list[tuple[float, float]]]],
    refused: Sequence[str],
    shift: float,
) -> dict[str, object]:
    """Return the figures as one object; shares, not percent."""
    ours = "covariance_averaged_gls"
    return {
        **rates(pooled[ours]),
        "method": ours,
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
    main()
