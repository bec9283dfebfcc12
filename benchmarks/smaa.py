"""How long SMAA takes on 20 options by 8 criteria, against a plain loop over the draws."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.solutions.guess_matrix import GuessMatrix, guess_matrix
from opsbook.methods.solutions.smaa import smaa
from opsbook.methods.solutions.value_function import Anchor, value_function

ANCHORS = (Anchor(at=0, points=0), Anchor(at=50, points=70), Anchor(at=100, points=100))


def problem(options: int, criteria: int, seed: int) -> GuessMatrix:
    rng = np.random.default_rng(seed)
    parts = np.sort(rng.uniform(0, 100, (3, options, criteria)), axis=0)
    names = [f"criterion {j}" for j in range(criteria)]
    return guess_matrix(
        *parts,
        options=[f"option {i}" for i in range(options)],
        criteria=names,
        value_functions={name: value_function(name, ANCHORS) for name in names},
    )


def plain_loop(guesses: GuessMatrix, draws: int, seed: int) -> NDArray[np.float64]:
    """Do the same draw by draw, as one would at first: rank acceptability only."""
    rng = np.random.default_rng(seed)
    low, mode, high = guesses.low.values, guesses.mode.values, guesses.high.values
    n, m = low.shape
    at, points = [anchor.at for anchor in ANCHORS], [anchor.points for anchor in ANCHORS]
    counts = np.zeros((n, n))
    for _ in range(draws):
        weights = rng.dirichlet(np.ones(m))
        scores = np.interp(rng.triangular(low, mode, high), at, points) @ weights
        counts[np.argsort(-scores), np.arange(n)] += 1
    return counts / draws


def median_seconds(run: Callable[[], object], repeats: int) -> float:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--options", type=int, default=20)
    parser.add_argument("--criteria", type=int, default=8)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    args = parser.parse_args()
    guesses = problem(args.options, args.criteria, seed=1)
    heavy, *rest = guesses.criteria
    order = [(heavy, light) for light in rest]
    ours, again = (smaa(guesses, draws=args.draws, seed=1) for _ in range(2))
    theirs = plain_loop(guesses, args.draws, seed=2)
    figures = {
        "options": args.options,
        "criteria": args.criteria,
        "draws": args.draws,
        "smaa_seconds": median_seconds(
            lambda: smaa(guesses, draws=args.draws, seed=1), args.repeats
        ),
        "smaa_in_order_seconds": median_seconds(
            lambda: smaa(guesses, order=order, draws=args.draws, seed=1), args.repeats
        ),
        "plain_loop_seconds": median_seconds(
            lambda: plain_loop(guesses, args.draws, seed=2), min(args.repeats, 3)
        ),
        "largest_difference": float(np.abs(np.array(ours.acceptability) - theirs).max()),
        "same_seed_same_result": repr(ours) == repr(again),
    }
    if args.json:
        print(json.dumps(figures))
        return
    print(f"SMAA, {args.options} options x {args.criteria} criteria, {args.draws} draws")
    print(f"  smaa, any weights          {figures['smaa_seconds']:8.3f} s")
    print(f"  smaa, one criterion ahead  {figures['smaa_in_order_seconds']:8.3f} s")
    print(f"  plain loop, ranks only     {figures['plain_loop_seconds']:8.3f} s")
    print(f"  largest difference between the two {figures['largest_difference']:.3f}")
    print(f"  same seed, same result: {figures['same_seed_same_result']}")


if __name__ == "__main__":
    main()
