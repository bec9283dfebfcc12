"""How often does the slice search name exactly the labelled slices, and how fast?

Reads labelled cases (Parquet or CSV; columns `case`, dimensions, and `real`, `predict` or
`real_a`, `real_b`, `predict_a`, `predict_b`) and a JSON object case -> "dim=value&dim=value;...".
A column that is empty throughout a case is no dimension of it. F1 is micro-averaged over exactly
matching slices; seconds are CPU time of the search per case, from coded columns to result.
False claims are the share of cases in which a slice is still claimed once all labelled leaves
are removed. With --leaves it times one generated cube of that many leaves instead.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from opsbook.errors import DataError
from opsbook.methods.diagnosis.ratio_slice_search import ratio_slice_search
from opsbook.methods.diagnosis.slice_search import slice_search

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "bench" / "slices"
COUNTS = ("real", "predict")
RATIO = ("real_a", "real_b", "predict_a", "predict_b")
CASES = "Pass a table with the columns case, dimensions, and real, predict (or real_a … predict_b)."
LABELS = 'Pass a JSON object {case: "dim=value&dim=value;…"} with --truth.'

Slice = frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One labelled table."""

    name: str
    dimensions: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: np.ndarray
    numbers: tuple[np.ndarray, ...]
    truth: frozenset[Slice]

    def search(self, keep: np.ndarray | slice = slice(None)) -> set[Slice]:
        """Run the method that fits the columns; name the slices as the truth does.

        "It moved everywhere" names no slice.
        """
        numbers = [column[keep] for column in self.numbers]
        found = (
            slice_search(self.codes[keep], *numbers)
            if len(numbers) == len(COUNTS)
            else ratio_slice_search(self.codes[keep], *numbers)
        )
        return {
            frozenset(f"{self.dimensions[d]}={self.values[d][code]}" for d, code in s.conditions)
            for s in found.slices
            if s.conditions
        }

    def unlabelled(self) -> np.ndarray:
        """Mark the rows outside all labelled slices."""
        keep = np.ones(len(self.codes), bool)
        for labelled in self.truth:
            inside = np.ones(len(self.codes), bool)
            for condition in labelled:
                dimension, value = condition.split("=", 1)
                if dimension not in self.dimensions:  # empty in this case
                    inside[:] = False
                    continue
                d = self.dimensions.index(dimension)
                code = self.values[d].index(value) if value in self.values[d] else -1
                inside &= self.codes[:, d] == code
            keep &= ~inside
        return keep


def read_cases(data: Path, truth: Path) -> Iterator[Case]:
    """Read labelled cases, in the order of the file.

    Raises:
        DataError: If the table or the labels are not of their format, or do not go together.
    """
    table = read_table(data)
    numbers = numbers_of(table)
    dimensions = [c for c in table.columns if c not in {"case", *COUNTS, *RATIO}]
    labels = read_labels(truth, set(table["case"]), set(dimensions))
    for name, rows in table.groupby("case", sort=False):
        text = {d: _as_text(rows[d]) for d in dimensions if rows[d].notna().any()}
        if not text:
            raise DataError(f"{data}, case '{name}': it has no dimension with a value.", CASES)
        coded = {d: pd.factorize(column) for d, column in text.items()}
        yield Case(
            name=str(name),
            dimensions=tuple(coded),
            values=tuple(tuple(map(str, values)) for _, values in coded.values()),
            codes=np.column_stack([codes for codes, _ in coded.values()]),
            numbers=tuple(rows[c].to_numpy(float) for c in numbers),
            truth=labels[str(name)],
        )


def read_table(data: Path) -> pd.DataFrame:
    """Read the rows of all cases.

    Raises:
        DataError: If the file is no table, or lacks a column, or a figure is no number.
    """
    source = (
        f"read_parquet('{data}')"
        if data.suffix == ".parquet"
        else f"read_csv('{data}', all_varchar = true, header = true)"
    )
    try:
        table = duckdb.connect().execute(f"select * from {source}").df()  # noqa: S608 - a path of the user's own
    except duckdb.Error as error:
        told = str(error).splitlines()[0]
        raise DataError(f"{data} cannot be read as a table: {told}.", CASES) from error
    if missing := {"case", *numbers_of(table)} - set(table.columns):
        raise DataError(
            f"{data} has no column {', '.join(sorted(missing))}; "
            f"it has: {', '.join(table.columns)}.",
            CASES,
        )
    for column in numbers_of(table):
        try:
            table[column] = table[column].astype(float)
        except (TypeError, ValueError) as error:
            raise DataError(f"{data}, column {column}: {error}.", CASES) from error
    return table.assign(case=table["case"].astype(str))


def numbers_of(table: pd.DataFrame) -> tuple[str, ...]:
    """The columns of figures: counts, or the parts of a ratio."""
    return RATIO if set(RATIO) <= set(table.columns) else COUNTS


def read_labels(truth: Path, cases: set[str], dimensions: set[str]) -> dict[str, frozenset[Slice]]:
    """Read which slices each case holds.

    Raises:
        DataError: If the file is no JSON object of such texts, or is not about these cases.
    """
    try:
        labels = json.loads(truth.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{truth} cannot be read as JSON: {error}.", LABELS) from error
    if not isinstance(labels, dict):
        raise DataError(f"{truth} holds a {type(labels).__name__}, not an object.", LABELS)
    if unlabelled := sorted(cases - labels.keys()):
        raise DataError(f"{truth} has no label for the case '{unlabelled[0]}'.", LABELS)
    found = {}
    for case in cases:
        if not isinstance(labels[case], str):
            raise DataError(f"{truth}, case '{case}': {labels[case]!r} is no text.", LABELS)
        found[case] = frozenset(frozenset(s.split("&")) for s in labels[case].split(";") if s)
        for condition in (c for labelled in found[case] for c in labelled):
            if "=" not in condition or condition.split("=")[0] not in dimensions:
                raise DataError(
                    f"{truth}, case '{case}': '{condition}' is no value of a dimension; "
                    f"the table has: {', '.join(sorted(dimensions))}.",
                    LABELS,
                )
    return found


def _as_text(column: pd.Series) -> pd.Series:
    """Write whole numbers without a decimal point, and missing values as an empty text."""
    if pd.api.types.is_float_dtype(column):
        column = column.astype("Int64")
    return column.astype("string").fillna("")


def measure(cases: list[Case]) -> dict[str, float | int]:
    """Compare claims with labels, then search what is left without the labelled leaves."""
    hit = false = missed = claimed = cleaned = 0
    seconds = 0.0
    for case in cases:
        started = time.process_time()
        found = case.search()
        seconds += time.process_time() - started
        hit += len(found & case.truth)
        false += len(found - case.truth)
        missed += len(case.truth - found)
        keep = case.unlabelled()
        if keep.any() and any(column[keep].any() for column in case.numbers):
            cleaned += 1
            claimed += bool(case.search(keep))
    return {
        "cases": len(cases),
        "f1": 2 * hit / max(2 * hit + false + missed, 1),
        "tp": hit,
        "fp": false,
        "fn": missed,
        "seconds_per_case": seconds / max(len(cases), 1),
        "false_claims": claimed / max(cleaned, 1),
    }


def own_files() -> list[Path]:
    """Find the labelled cases beside the project.

    Raises:
        DataError: If there are none.
    """
    files = [f for f in sorted(SHARED.glob("*_dev.*")) if f.suffix != ".json"]
    if not files:
        raise DataError(f"{SHARED} holds no cases.", "Pass --data and --truth.")
    return files


def measure_files(files: list[Path], truth: Path) -> dict[str, dict[str, float | int]]:
    """Measure the search on the cases of each file.

    Raises:
        DataError: If a file cannot be used.
    """
    return {f.name: measure(list(read_cases(f, truth))) for f in files}


def measure_size(leaves: int) -> dict[str, float | int]:
    """Time one cube of about this many leaves, with one slice to be found."""
    rng = np.random.default_rng(5)
    shape = [10, 5, 8, 12, max(round(leaves / 4800), 2)]
    n = prod(shape)
    codes = np.empty((*shape, len(shape)), np.int16 if shape[-1] < 2**15 else np.int32)
    for d, cardinality in enumerate(shape):
        codes[..., d] = np.arange(cardinality).reshape([-1 if j == d else 1 for j in range(5)])
    codes = codes.reshape(n, len(shape))
    expected = rng.weibull(0.7, n) * 100
    actual = rng.standard_normal(n)
    actual *= 0.1
    actual += 1
    actual *= expected
    actual[(codes[:, 0] == 3) & (codes[:, 2] == 5)] *= 0.5
    started = time.process_time()
    found = slice_search(codes, actual, expected)
    return {
        "leaves": n,
        "seconds": time.process_time() - started,
        "peak_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "found": int([s.conditions for s in found.slices] == [((0, 3), (2, 5))]),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="labelled cases, .parquet or .csv[.gz]")
    parser.add_argument("--truth", type=Path, default=SHARED / "truth_dev.json")
    parser.add_argument("--leaves", type=int, help="time one generated cube of this size instead")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    try:
        results = (
            {f"{arguments.leaves} leaves": measure_size(arguments.leaves)}
            if arguments.leaves
            else measure_files([arguments.data] if arguments.data else own_files(), arguments.truth)
        )
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(next(iter(results.values())) if len(results) == 1 else results))
        return 0
    for name, figures in results.items():
        print(name)
        for figure, value in figures.items():
            print(f"  {figure:18} {value:.4g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
