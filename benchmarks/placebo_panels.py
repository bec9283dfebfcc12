"""How often do the controlled designs claim an effect of a launch that never happened?

Every unit of a real panel in turn plays the treated one, once a year, and every design
judges it against the others at nominal 5 %. Power is the share of the same launches that is found
when the unit's values after are shifted by one standard deviation of its own values before.

    python benchmarks/placebo_panels.py [--data FILE.csv] [--json]

The file has the columns series, period, value, and may have the column panel; without a file the
project's own tables are used: 29 airports with four metrics, and the trusts of NHS England.
"""

from __future__ import annotations

import os

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # small matrices: threads are in each other's way

import argparse
import csv
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS

from opsbook.errors import DataError
from opsbook.methods.effect.before_after import before_after
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.placebo_rank import placebo_rank
from opsbook.methods.effect.synthetic_control import synthetic_control
from opsbook.methods.effect.synthetic_difference_in_differences import (
    synthetic_difference_in_differences,
)

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
BEFORE = AFTER = 12  # periods in each window: a year of months on either side
STEP = 12  # periods between fake launches
UNITS = 30  # larger panels are dealt into hands of this size, as a team has few comparable sites
LEVEL = 0.05
COLUMNS_ASKED = "Pass a CSV file with a header row and the columns series, period, value."

Table = NDArray[np.float64]


def cluster_robust(values: Table, unit: int, after: NDArray[np.bool_]) -> float | None:
    """The peer: two-way regression with errors clustered by unit, as most reports do it."""
    units, periods = values.shape
    who = np.repeat(np.arange(units), periods)
    net = values - values.mean(0) - values.mean(1, keepdims=True) + values.mean()
    launch = np.outer(np.arange(units) == unit, after).astype(float)
    launch += launch.mean() - launch.mean(0) - launch.mean(1, keepdims=True)
    fit = OLS(net.ravel(), launch.ravel()[:, None]).fit(
        cov_type="cluster", cov_kwds={"groups": who}
    )
    return float(fit.pvalues[0])


DESIGNS: dict[str, Callable[[Table, int, NDArray[np.bool_]], float | None]] = {
    "before_after (naive)": lambda v, u, a: before_after(v[u], after=a).estimate.p_value,
    "cluster-robust DiD (peer)": cluster_robust,
    "difference_in_differences": lambda v, u, a: (
        difference_in_differences(v, treated=u, after=a).estimate.p_value
    ),
    "difference_in_differences (ratio)": lambda v, u, a: (
        ratio.p_value if (ratio := difference_in_differences(v, treated=u, after=a).ratio) else None
    ),
    "placebo_rank": lambda v, u, a: placebo_rank(v, treated=u, after=a).estimate.p_value,
    "synthetic_control": lambda v, u, a: synthetic_control(v, treated=u, after=a).estimate.p_value,
    "synthetic_difference_in_differences": lambda v, u, a: (
        synthetic_difference_in_differences(v, treated=u, after=a).estimate.p_value
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="CSV with the columns series, period, value")
    parser.add_argument("--json", action="store_true", help="print one JSON object of the figures")
    arguments = parser.parse_args()
    try:
        figures = measure(dict(given(arguments.data) if arguments.data else own()))
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(figures))
    else:
        tell(figures)
    return 0


def measure(panels: dict[str, Table]) -> dict[str, Any]:
    """Fake launches in every panel, and the shares of claims.

    Raises:
        DataError: If no panel is long and broad enough for any.
    """
    claims = {name: judge(values) for name, values in panels.items()}
    if not any(panel["placebo_rank"] for panel in claims.values()):
        raise DataError(
            f"No launch can be faked: it takes {BEFORE + AFTER} periods of 3 series or more "
            "without a gap.",
            "Pass a longer table, or one of more series.",
        )
    return summarise(claims)


def tell(figures: dict[str, Any]) -> None:
    """Print the table."""
    print(f"Nominal {LEVEL:.0%}; {figures['launches']} fake launches\n")
    print(f"{'design':38}{'false alarms':>14}{'power':>8}")
    for design in DESIGNS:
        print(
            f"{design:38}{figures['false_alarms'][design]:>14.1%}{figures['power'][design]:>8.1%}"
        )
    print("\nFalse alarms by panel, designs in the order above")
    for name, rates in figures["by_panel"].items():
        print(f"  {name:30}" + "".join(f"{rate:>8.1%}" for rate in rates.values()))


def judge(values: Table) -> dict[str, list[tuple[bool, bool]]]:
    """For each design and fake launch: was an effect claimed without, and with, a real shift?"""
    after = np.arange(BEFORE + AFTER) >= BEFORE
    claims: dict[str, list[tuple[bool, bool]]] = {design: [] for design in DESIGNS}
    for launch in range(BEFORE, values.shape[1] - AFTER + 1, STEP):
        window = values[:, launch - BEFORE : launch + AFTER]
        window = window[np.isfinite(window).all(axis=1)]
        for unit in range(window.shape[0] if window.shape[0] > 2 else 0):
            shifted = window.copy()
            shifted[unit, after] += window[unit, ~after].std(ddof=1)
            for design, p_value in DESIGNS.items():
                found = (p_value(table, unit, after) for table in (window, shifted))
                still, moved = (p is not None and p <= LEVEL for p in found)
                claims[design].append((still, moved))
    return claims


def summarise(claims: dict[str, dict[str, list[tuple[bool, bool]]]]) -> dict[str, Any]:
    """Shares of claims over all panels, and false alarms in each."""
    every = {d: np.array([c for panel in claims.values() for c in panel[d]]) for d in DESIGNS}
    return {
        "level": LEVEL,
        "launches": len(every["placebo_rank"]),
        "false_alarms": {design: float(share[:, 0].mean()) for design, share in every.items()},
        "power": {design: float(share[:, 1].mean()) for design, share in every.items()},
        "by_panel": {
            name: {design: float(np.mean(panel[design], axis=0)[0]) for design in DESIGNS}
            for name, panel in claims.items()
            if panel["placebo_rank"]
        },
    }


def read(path: Path, *needed: str) -> Iterator[dict[str, str]]:
    """Rows of a table, gzipped or not.

    Raises:
        DataError: If it cannot be read as text, or lacks a column.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path} cannot be read as CSV: {error}.", COLUMNS_ASKED) from error
    rows = csv.DictReader(text.splitlines())
    columns = rows.fieldnames or ()
    if missing := set(needed) - set(columns):
        raise DataError(
            f"{path} has no column {', '.join(sorted(missing))}; it has: {', '.join(columns)}.",
            COLUMNS_ASKED,
        )
    yield from rows


def wide(cells: dict[tuple[str, str], float]) -> Table:
    """Cells of (series, period) as series by periods, NaN where missing."""
    series, periods = (sorted({key[i] for key in cells}, key=in_order) for i in (0, 1))
    values = np.full((len(series), len(periods)), np.nan)
    rows, columns = ({name: i for i, name in enumerate(names)} for names in (series, periods))
    for (name, period), value in cells.items():
        values[rows[name], columns[period]] = value
    return values


def in_order(name: str) -> tuple[float, str]:
    """Whole numbers by their size, all else (days, months, weeks) by its letters."""
    return (float(name), "") if name.lstrip("-").isdigit() else (0.0, name)


def dealt(name: str, values: Table) -> Iterator[tuple[str, Table]]:
    """A large panel in hands of about thirty units, at random but always the same."""
    order = np.random.default_rng(0).permutation(values.shape[0])
    hands = max(1, round(order.size / UNITS))
    for number, hand in enumerate(np.array_split(order, hands), start=1):
        yield (name if hands == 1 else f"{name} {number}"), values[np.sort(hand)]


def given(path: Path) -> Iterator[tuple[str, Table]]:
    """The panels of a user's file.

    Raises:
        DataError: If it lacks a column, or has two values for a period of a series.
    """
    panels: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for row in read(path, "series", "period", "value"):
        try:
            value = float(row["value"])
        except (TypeError, ValueError):  # a gap, or a row that ends before it
            continue
        panel, cell = panels[row.get("panel") or "all"], (row["series"], row["period"])
        if cell in panel:
            raise DataError(
                f"{path} has the period {cell[1]} of the series {cell[0]} more than once.",
                "Pass one value per series and period; the column panel may tell panels apart.",
            )
        panel[cell] = value
    for name, cells in panels.items():
        yield from dealt(name, wide(cells))


def own() -> Iterator[tuple[str, Table]]:
    """The project's own panels."""
    airports = list(read(SHARED / "us_airport_delays_monthly.csv.gz"))
    for metric in ("n_nas", "n_carrier", "delayed", "cancelled"):
        share = {
            (r["airport"], r["month"]): float(r[metric]) / float(r["flights"]) for r in airports
        }
        yield from dealt(f"airports: {metric} / flights", wide(share))
    trusts = [r for r in read(SHARED / "nhs_ae_monthly.csv.gz") if r["type"] == "1"]
    breaches = {
        (r["org_code"], r["period"]): float(r["breaches"]) / float(r["attendances"])
        for r in trusts
        if float(r["attendances"]) > 0
    }
    yield from dealt("nhs: breaches / attendances", wide(breaches))


if __name__ == "__main__":
    sys.exit(main())
