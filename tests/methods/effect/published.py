"""Tables of published studies: the free ones from tests/data, the others where they are found."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

FREE = Path(__file__).parents[2] / "data"
ARTICLES = Path(__file__).parents[3].parent / "shared" / "facts" / "data"


@cache
def _rows(path: Path, delimiter: str) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter=delimiter))


def free(name: str, *, delimiter: str = ",") -> list[dict[str, str]]:
    """Rows of a table that this project may ship."""
    return _rows(FREE / name, delimiter)


def article(name: str) -> list[dict[str, str]]:
    """Rows of a table that may not be shipped; skips the test where it is missing."""
    if not (ARTICLES / name).exists():
        pytest.skip(f"{name} comes from an article without a data licence and is not shipped.")
    return _rows(ARTICLES / name, ",")


def numbers(rows: list[dict[str, str]], column: str) -> NDArray[np.float64]:
    """A column as floats, with NaN where it is empty or NA."""
    return np.array(
        [float(row[column]) if row[column] not in {"", "NA"} else np.nan for row in rows]
    )


def table(
    rows: list[dict[str, str]], unit: str, period: str, value: str
) -> tuple[list[str], list[str], NDArray[np.float64]]:
    """Units, periods and the values of a long table as units by periods, NaN where missing."""
    units = sorted({row[unit] for row in rows})
    periods = sorted({row[period] for row in rows})
    wide = np.full((len(units), len(periods)), np.nan)
    for row, number in zip(rows, numbers(rows, value), strict=True):
        wide[units.index(row[unit]), periods.index(row[period])] = number
    return units, periods, wide
