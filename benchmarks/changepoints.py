"""How well change points agree with people, and how often noise is taken for a change.

Scores `change_points`, with its one frozen setting, on series annotated by several people in the
format of the Turing Change Point Dataset, beside "no change at all" and, where ruptures is
installed, its Pelt and Binseg with the usual BIC penalty; then runs it on pure noise.

    python benchmarks/changepoints.py                    the table
    python benchmarks/changepoints.py --data FILE --json one JSON object
    python benchmarks/changepoints.py --cross-validate   how far the setting is fitted to the data
    python benchmarks/changepoints.py --calibrate        the figures behind change_chance.py

Covering and F1 (margin 5) as van den Burg & Williams (2020), arXiv:2003.06222, define them. A
series of several dimensions (values: a list for each point) is scored on its first principal
component. A series without points or annotators cannot be scored and is named on stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from opsbook.errors import DataError
from opsbook.methods.trigger import change_points as method
from opsbook.methods.trigger.change_chance import SECOND, change_chance
from opsbook.methods.trigger.change_season import change_season
from opsbook.methods.trigger.segment_trend import TrendSegmenter

Floats = NDArray[np.float64]
Annotations = dict[str, list[int]]

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
DATA = SHARED / "bench" / "changepoints" / "tcpd_dev.json"
FORMAT = "Pass {series: {values: [numbers], annotations: {person: [indices]}}}."
MARGIN = 5
PEERS_UP_TO = 2000  # points; ruptures' exact search takes minutes beyond
LENGTHS = (12, 24, 52, 120)


@dataclass(frozen=True, kw_only=True)
class Series:
    """An annotated series: its values (NaN where missing) and each person's change points."""

    values: Floats
    annotations: Annotations


def read(path: Path) -> dict[str, Series]:
    """Return the series of a file that can be scored.

    Raises:
        DataError: If it is not of that format, or no series of it can be scored.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as JSON: {error}.", FORMAT) from error
    if not isinstance(found, dict):
        raise DataError(f"{path} holds a {type(found).__name__}, not an object.", FORMAT)
    data = {name: annotated(path, name, one) for name, one in found.items()}
    for name in [name for name, one in data.items() if not (len(one.values) and one.annotations)]:
        print(f"{name} has no points or no annotators: not scored.", file=sys.stderr)
        del data[name]
    if not data:
        raise DataError(f"{path} has no series that can be scored.", FORMAT)
    return data


def annotated(path: Path, name: str, one: Any) -> Series:
    """Return one series of a file.

    Raises:
        DataError: If a part of it is missing, or is not what it should be.
    """
    try:
        return Series(
            values=one_dimension(one["values"]),
            annotations={who: [int(mark) for mark in m] for who, m in one["annotations"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"no '{error.args[0]}'" if isinstance(error, KeyError) else str(error)
        raise DataError(f"{path}, series '{name}': {what}.", FORMAT) from error


def one_dimension(points: list[Any]) -> Floats:
    """The values of a series, NaN where missing; of several dimensions the principal component."""
    if not points:
        return np.empty(0)
    rows = [one if isinstance(one, list) else [one] for one in points]
    values = np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=float)
    values[~np.isfinite(values)] = np.nan
    known = ~np.isnan(values).any(axis=-1)
    if not known.any() or values.shape[1] == 1:
        return values[:, 0]
    away = values - values[known].mean(axis=0)
    scaled = away / np.maximum(values[known].std(axis=0), np.finfo(float).tiny)
    main_axis: Floats = np.linalg.svd(scaled[known], full_matrices=False)[2][0]
    return np.asarray(scaled @ main_axis)


def pieces(starts: Iterable[int], n: int) -> list[tuple[int, int]]:
    return list(pairwise([*sorted({0, *(start for start in starts if 0 < start < n)}), n]))


def covering(annotations: Annotations, predicted: Iterable[int], n: int) -> float:
    """Average, over people and their segments by length, the best overlap with a prediction."""
    ours = pieces(predicted, n)
    scores = []
    for marks in annotations.values():
        total = 0.0
        for start, end in pieces(marks, n):
            overlap = (
                max(0, min(end, b) - max(start, a)) / (max(end, b) - min(start, a)) for a, b in ours
            )
            total += (end - start) * max(overlap)
        scores.append(total / n)
    return float(np.mean(scores))


def matches(marks: set[int], predicted: set[int]) -> int:
    """Count the marks that have a prediction of their own within the margin."""
    free = set(predicted)
    count = 0
    for mark in sorted(marks):
        near = [(abs(mark - p), p) for p in free if abs(mark - p) <= MARGIN]
        if near:
            free.remove(min(near)[1])
            count += 1
    return count


def f1(annotations: Annotations, predicted: Iterable[int]) -> float:
    ours = {0, *predicted}
    people = [{0, *marks} for marks in annotations.values()]
    precision = matches(set().union(*people), ours) / len(ours)
    recall = float(np.mean([matches(marks, ours) / len(marks) for marks in people]))
    return 2 * precision * recall / (precision + recall)


def noise(n: int, draws: int, correlation: float, seed: int) -> Floats:
    """Draw stationary autoregressive noise, shape (draws, n)."""
    shocks = np.random.default_rng(seed).standard_normal((draws, n + 200))
    series: Floats = lfilter([1.0], [1.0, -correlation], shocks, axis=1)[:, 200:]
    return series


def false_claims(correlation: float, draws: int, seed: int) -> dict[str, float]:
    return {
        str(n): float(
            np.mean(
                [bool(method.change_points(y).changes) for y in noise(n, draws, correlation, seed)]
            )
        )
        for n in LENGTHS
    }


def detect(values: Floats, *, false_alarm: float = 0.05) -> list[int]:
    return list(method.change_points(values, false_alarm=false_alarm).indices)


def peers() -> dict[str, Callable[[Floats], list[int]]]:
    found: dict[str, Callable[[Floats], list[int]]] = {"zero": lambda _: []}
    if find_spec("ruptures") is None:
        return found
    ruptures = import_module("ruptures")  # a peer for this table only; absent is fine

    def with_bic(search: Any) -> Callable[[Floats], list[int]]:
        def run(values: Floats) -> list[int]:
            known = np.flatnonzero(np.isfinite(values))
            z = values[known]
            if not 4 <= len(z) <= PEERS_UP_TO or np.ptp(z) == 0.0:
                return []
            scale = float(z.std())
            fitted = search(model="l2", min_size=2, jump=1).fit((z - z.mean()) / scale)
            ends = fitted.predict(pen=2 * np.log(len(z)))  # a place and a level for each break
            return [int(known[end]) for end in ends[:-1]]

        return run

    return {
        **found,
        "ruptures Pelt": with_bic(ruptures.Pelt),
        "ruptures Binseg": with_bic(ruptures.Binseg),
    }


def score(
    data: dict[str, Series], detector: Callable[[Floats], list[int]]
) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for name, series in data.items():
        began = time.perf_counter()
        found = detector(series.values)
        rows[name] = {
            "cover": covering(series.annotations, found, len(series.values)),
            "f1": f1(series.annotations, found),
            "found": found,
            "seconds": time.perf_counter() - began,
        }
    return rows


def mean(rows: dict[str, dict[str, Any]], key: str) -> float:
    return float(np.mean([row[key] for row in rows.values()]))


def cross_validate(data: dict[str, Series]) -> dict[str, Any]:
    """Choose the setting on all series but one and score that one, for each in turn.

    The grid spans what was considered while the method was made, so that its spread shows how
    much of the score depends on the choice.
    """
    frozen = {name: getattr(method, name) for name in ("FAINTEST", "VISIBLE", "LOOK_AHEAD")}
    grid = list(
        product(
            (0.0125, 0.015, 0.0175, 0.02, 0.0225),
            (0.1, 0.15, 0.2, 0.25),
            (2, 3),
            (0.03, 0.05, 0.08),
        )
    )
    table = []
    try:
        for faintest, visible, ahead, alarm in grid:
            setattr(method, "FAINTEST", faintest)  # noqa: B010 (a Final-like constant, put back)
            setattr(method, "VISIBLE", visible)  # noqa: B010 (the same)
            setattr(method, "LOOK_AHEAD", ahead)  # noqa: B010 (the same)
            rows = score(data, partial(detect, false_alarm=alarm))
            table.append([(row["cover"], row["f1"]) for row in rows.values()])
    finally:
        for name, value in frozen.items():
            setattr(method, name, value)
    scores = np.array(table)  # (setting, series, measure)
    chosen = []
    for i in range(scores.shape[1]):
        others = np.delete(scores, i, axis=1).mean(axis=1).sum(axis=1)
        best = others >= others.max() - 1e-9
        chosen.append(scores[best, i].mean(axis=0))
    everywhere = scores.mean(axis=1)
    return {
        "settings": len(grid),
        "cover": float(np.mean(chosen, axis=0)[0]),
        "f1": float(np.mean(chosen, axis=0)[1]),
        "cover_of_all_settings": [float(q) for q in np.quantile(everywhere[:, 0], (0, 0.5, 1))],
        "f1_of_all_settings": [float(q) for q in np.quantile(everywhere[:, 1], (0, 0.5, 1))],
    }


def calibrate(draws: int, seed: int) -> dict[str, Any]:
    """Simulate what noise gains from one to three visible breaks, and what the formula says.

    The gain is that of the best of the three steps, less `SECOND` for each break after the first.
    """
    table: dict[str, Any] = {}
    for correlation, n in product((0.0, 0.5, 0.8), (12, 24, 52, 120)):
        gains = [_gain(values) for values in noise(n, draws, correlation, seed)]
        tail = [float(gain) for gain in np.quantile(gains, (0.9, 0.95, 0.99))]
        table[f"AR({correlation}), n = {n}"] = {
            "gain at 10 %, 5 %, 1 %": [round(gain, 1) for gain in tail],
            "formula": [round(change_chance(gain), 3) for gain in tail],
        }
    return table


def _gain(values: Floats) -> float:
    left = change_season(values).values
    z = (left - left.mean()) / np.ptp(left)
    times = np.arange(len(z))
    segmenter = TrendSegmenter(z, times, floor=method.FAINTEST)
    straight = segmenter.without_breaks().deviance
    found = (segmenter.with_breaks(breaks) for breaks in range(1, method.LOOK_AHEAD + 1))
    return max(
        straight - one.deviance - SECOND * (len(one.starts) - 1)
        if one is not None and method.all_visible(z, times, one.starts)
        else 0.0
        for one in found
    )


def milliseconds(n: int, repeats: int, seed: int) -> float:
    series = noise(n, repeats, 0.5, seed)
    method.change_points(series[0])
    began = time.perf_counter()
    for one in series:
        method.change_points(one)
    return 1000 * (time.perf_counter() - began) / repeats


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="annotated series (JSON)")
    parser.add_argument("--draws", type=int, default=1000, help="noise series for each cell")
    parser.add_argument("--seed", type=int, default=20200314)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--calibrate", action="store_true")
    options = parser.parse_args()
    if options.calibrate:
        print(json.dumps(calibrate(options.draws, options.seed), indent=1))
        return 0
    try:
        data = read(options.data)
    except DataError as error:
        print(error, file=sys.stderr)
        return 2
    if options.cross_validate:
        print(json.dumps(cross_validate(data), indent=1))
        return 0

    rows = score(data, detect)
    others = {name: score(data, peer) for name, peer in peers().items()}
    iid = false_claims(0.0, options.draws, options.seed)
    ar5 = false_claims(0.5, options.draws, options.seed + 1)
    figures = {
        "cover": mean(rows, "cover"),
        "f1": mean(rows, "f1"),
        "n": len(rows),
        "false_iid": iid,
        "false_ar5": ar5,
        "draws": options.draws,
        "milliseconds_n104": milliseconds(104, 200, options.seed),
        "seconds_n5000": milliseconds(5000, 2, options.seed) / 1000,
        "peers": {
            name: {"cover": mean(r, "cover"), "f1": mean(r, "f1")} for name, r in others.items()
        },
        "series": rows,
    }
    if options.json:
        print(json.dumps(figures))
    else:
        show(figures)
    return 0


def show(figures: dict[str, Any]) -> None:
    print(f"{'series':24}{'cover':>7}{'f1':>7}  found")
    for name, row in figures["series"].items():
        print(f"{name:24}{row['cover']:7.3f}{row['f1']:7.3f}  {row['found']}")
    print(f"{'mean of ' + str(figures['n']):24}{figures['cover']:7.3f}{figures['f1']:7.3f}")
    for name, row in figures["peers"].items():
        print(f"{'  ' + name:24}{row['cover']:7.3f}{row['f1']:7.3f}")
    print(f"\nA change claimed in pure noise ({figures['draws']} series each):")
    print(f"{'n':>14}" + "".join(f"{n:>8}" for n in figures["false_iid"]))
    for label, key in (("independent", "false_iid"), ("AR(.5)", "false_ar5")):
        print(f"{label:>14}" + "".join(f"{v:8.1%}" for v in figures[key].values()))
    print(
        f"\nOne series of 104 points: {figures['milliseconds_n104']:.1f} ms;"
        f" of 5,000: {figures['seconds_n5000']:.1f} s"
    )


if __name__ == "__main__":
    raise SystemExit(main())
