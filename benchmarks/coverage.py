"""How often do nominal 95 % intervals cover, when the errors of a series depend on each other?

Simulated series without any change, launch in the middle; each method estimates the step (and,
in the model step_slope, the slope), and the table tells how often its interval holds the truth.
Many series share one factorisation here; the first series of each cell also goes through the
method's public function, and the benchmark stops if the two disagree.

Stage 4 uses the models step (level, trend and a step) and step_slope. The model level has no trend:
a drift that a trend would take up stays in its errors, so that it is careful where nothing drifts.
"""

from __future__ import annotations

import os

os.environ.setdefault(
    "OPENBLAS_NUM_THREADS", "1"
)  # small matrices: threads are in each other's way

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from opsbook.methods.effect.covariance_averaged_gls import (
    covariance_averaged_gls,
    covariance_averaged_launches,
)
from opsbook.methods.effect.covariance_grid import covariance_grid, wandering_prior
from opsbook.methods.effect.covariance_posterior import covariance_posterior
from opsbook.methods.effect.newey_west import newey_west
from opsbook.methods.effect.prais_winsten import prais_winsten
from opsbook.methods.effect.segmented_effect import SegmentedEffect
from opsbook.methods.effect.segmented_ols import segmented_ols
from opsbook.methods.effect.segmented_series import Model, SegmentedSeries, segmented_series
from opsbook.methods.effect.welch import welch
from opsbook.methods.estimate import Estimate

Array = NDArray[np.float64]
PValues = dict[str, Array]
LENGTHS = (24, 48, 104)
RHOS = (0.0, 0.2, 0.4, 0.6)
WARM_UP = 200
ROUNDS = 60
LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class Process:
    """A way in which errors depend on each other."""

    name: str
    autoregression: tuple[float, float] = (0.0, 0.0)
    moving_average: float = 0.0
    walk: float = 0.0

    def draw(self, rows: int, draws: int, random: np.random.Generator) -> Array:
        """Return series as columns."""
        shocks = random.normal(size=(rows + WARM_UP, draws))
        if self.walk:
            steps = random.normal(size=(rows, draws)) * np.sqrt(self.walk)
            wandering: Array = shocks[:rows] + np.cumsum(steps, axis=0)
            return wandering
        series = np.zeros_like(shocks)
        one, two = self.autoregression
        for row in range(2, rows + WARM_UP):
            series[row] = one * series[row - 1] + two * series[row - 2] + shocks[row]
            series[row] += self.moving_average * shocks[row - 1]
        kept: Array = series[WARM_UP:]
        return kept


AUTOREGRESSIONS = tuple(Process(name=f"{rho:g}", autoregression=(rho, 0)) for rho in RHOS)
OTHERS = (
    Process(name="ar1(.8)", autoregression=(0.8, 0)),
    Process(name="arma(.6,-.3)", autoregression=(0.6, 0), moving_average=-0.3),
    Process(name="arma(.8,-.4)", autoregression=(0.8, 0), moving_average=-0.4),
    Process(name="arma(.5,.4)", autoregression=(0.5, 0), moving_average=0.4),
    Process(name="ar2(.5,.3)", autoregression=(0.5, 0.3)),
    Process(name="ar2(.3,.3)", autoregression=(0.3, 0.3)),
    Process(name="ar2(.6,-.3)", autoregression=(0.6, -0.3)),
    Process(name="walk(.01)+noise", walk=0.01),
    Process(name="walk(.1)+noise", walk=0.1),
    Process(name="walk(1)+noise", walk=1.0),
)


def t_values(series: SegmentedSeries, effects: Array, spread: Array) -> PValues:
    """Return the p-values of each contrast from effects (draws, q) and spread (draws, q, q)."""
    found = {}
    for name, weights in series.contrasts(0).items():
        if name != "average":
            error = np.sqrt(np.einsum("p,dpq,q->d", weights, spread, weights))
            found[name] = 2 * stdtr(series.freedom, -np.abs(effects @ weights) / error)
    return found


def averaged(series: SegmentedSeries, draws: Array, model: Model) -> PValues:
    posterior = covariance_posterior(
        draws / draws.std(axis=0),
        series.time,
        series.nuisance,
        series.changes,
        covariance_grid(wandering_prior(model, series.values.size)),
    )
    return {
        name: posterior.mixture(weights).p_value()[0]
        for name, weights in series.contrasts(0).items()
        if name != "average"
    }


def before_after(series: SegmentedSeries, draws: Array, model: Model) -> PValues:  # noqa: ARG001 (one signature for all methods)
    after = series.changes[:, 0, 0] == 1
    first, second = draws[~after], draws[after]
    squares = np.array([part.var(axis=0, ddof=1) / len(part) for part in (first, second)])
    freedom = squares.sum(axis=0) ** 2 / (squares**2 / [[len(first) - 1], [len(second) - 1]]).sum(
        axis=0
    )
    distance = np.abs(second.mean(axis=0) - first.mean(axis=0)) / np.sqrt(squares.sum(axis=0))
    return {"step": 2 * stdtr(freedom, -distance)}


def least_squares(series: SegmentedSeries, draws: Array, model: Model) -> PValues:  # noqa: ARG001 (one signature for all methods)
    inverse = np.linalg.pinv(series.design)
    found = inverse @ draws
    left = draws - series.design @ found
    spread = (inverse @ inverse.T) * ((left**2).sum(axis=0) / series.freedom)[:, None, None]
    return t_values(series, *changes_of(series, found.T, spread))


def hac(series: SegmentedSeries, draws: Array, model: Model) -> PValues:  # noqa: ARG001 (one signature for all methods)
    design, rows = series.design, series.values.size
    inverse = np.linalg.pinv(design)
    found = inverse @ draws
    scores = (draws - design @ found).T[:, :, None] * design
    middle = np.swapaxes(scores, 1, 2) @ scores
    reach = int(4 * (rows / 100) ** (2 / 9))
    for lag in range(1, reach + 1):
        shared = np.swapaxes(scores[:, lag:], 1, 2) @ scores[:, :-lag]
        middle += (1 - lag / (reach + 1)) * (shared + np.swapaxes(shared, 1, 2))
    bread = inverse @ inverse.T
    spread = bread @ middle @ bread * rows / series.freedom
    return t_values(series, *changes_of(series, found.T, spread))


def iterated(series: SegmentedSeries, draws: Array, model: Model) -> PValues:  # noqa: ARG001 (one signature for all methods)
    design = series.design
    columns = np.concatenate(
        [np.broadcast_to(design, (draws.shape[1], *design.shape)), draws.T[:, :, None]], axis=2
    )
    rho = np.zeros(draws.shape[1])
    for _ in range(ROUNDS):
        first = columns[:, :1] * np.sqrt(1 - rho**2)[:, None, None]
        white = np.concatenate([first, columns[:, 1:] - rho[:, None, None] * columns[:, :-1]], 1)
        held = white[:, :, :-1]
        bread = np.linalg.inv(np.swapaxes(held, 1, 2) @ held)
        found = (bread @ (np.swapaxes(held, 1, 2) @ white[:, :, -1:]))[:, :, 0]
        left = draws.T - found @ design.T
        moved = (left[:, 1:] * left[:, :-1]).sum(axis=1) / (left[:, :-1] ** 2).sum(axis=1)
        settled = np.abs(moved - rho).max() < 1e-6
        rho = np.clip(moved, -0.999, 0.999)
        if settled:
            break
    white_left = white[:, :, -1] - (white[:, :, :-1] @ found[:, :, None])[:, :, 0]
    variance = (white_left**2).sum(axis=1) / series.freedom
    spread = bread * variance[:, None, None]
    return t_values(series, *changes_of(series, found, spread))


def changes_of(series: SegmentedSeries, found: Array, spread: Array) -> tuple[Array, Array]:
    """Return the part of the coefficients, and of their spread, that the launch changed."""
    effects = series.changes.shape[2]
    return found[:, :effects], spread[:, :effects, :effects]


def split(values: Array, *, launch: int, model: Model) -> SegmentedEffect:  # noqa: ARG001 (a before/after test has no model)
    found = welch(values[:launch], values[launch:])
    return SegmentedEffect(step=found, slope=None, average=found)


METHODS: dict[
    str,
    tuple[Callable[[SegmentedSeries, Array, Model], PValues], Callable[..., SegmentedEffect]],
] = {
    "welch": (before_after, split),
    "segmented_ols": (least_squares, segmented_ols),
    "newey_west": (hac, newey_west),
    "prais_winsten": (iterated, prais_winsten),
    "covariance_averaged_gls": (averaged, covariance_averaged_gls),
}
MODELS: tuple[Model, ...] = ("level", "step", "step_slope")
STAGE_4: tuple[Model, ...] = ("step", "step_slope")


def cell(method: str, model: Model, rows: int, process: Process, draws: int) -> dict[str, float]:
    """Return the share of intervals that hold the truth, for each effect of the model."""
    seed = [rows, *(ord(letter) for letter in process.name)]
    simulated = process.draw(rows, draws, np.random.default_rng(seed))
    series = segmented_series(simulated[:, 0], launches=[rows // 2], model=model)
    many, one = METHODS[method]
    p_values = many(series, simulated, model)
    public = one(simulated[:, 0], launch=rows // 2, model=model)
    for name, values in p_values.items():
        estimate: Estimate = getattr(public, name)
        if estimate.p_value is None or abs(estimate.p_value - values[0]) > 1e-4:
            raise SystemExit(f"{method} ({model}, {name}): {values[0]} is not {estimate.p_value}")
    return {name: float((values >= LEVEL).mean()) for name, values in p_values.items()}


def seconds(rows: int) -> dict[str, float]:
    """Time one launch, and each further launch on the same series."""
    values = np.random.default_rng(rows).normal(size=rows)
    found = {}
    for model in MODELS:
        start = perf_counter()
        covariance_averaged_gls(values, launch=rows // 2, model=model)
        first = perf_counter() - start
        launches = range(8, rows - 3)
        covariance_averaged_launches(values, launches=launches, model=model)
        found[f"{model}: one launch"] = first
        found[f"{model}: each of {len(launches)} launches"] = (
            perf_counter() - start - first
        ) / len(launches)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000, help="series per cell")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    draws: int = arguments.draws
    tables: dict[str, dict[str, dict[str, dict[str, dict[str, float]]]]] = {}
    for title, processes in (("coverage", AUTOREGRESSIONS), ("coverage_other", OTHERS)):
        if not arguments.json:
            names = " ".join(f"{process.name:>15}" for process in processes)
            heading = "AR(1), correlation" if title == "coverage" else "other errors"
            print(f"\nCoverage of 95 % intervals, {draws} series a cell; {heading}")
            print(f"{'method':24}{'model':11}{'effect':7}{'n':>4} {names}")
        table = tables.setdefault(title, {})
        for method in METHODS:
            for model in MODELS[:1] if method == "welch" else MODELS:
                for rows in LENGTHS:
                    found = {
                        process.name: cell(method, model, rows, process, draws)
                        for process in processes
                    }
                    for effect in next(iter(found.values())):
                        label = "step_slope:slope" if effect == "slope" else model
                        shares = {name: shares[effect] for name, shares in found.items()}
                        table.setdefault(method, {}).setdefault(label, {})[str(rows)] = shares
                        if not arguments.json:
                            line = " ".join(f"{100 * share:15.1f}" for share in shares.values())
                            print(f"{method:24}{model:11}{effect:7}{rows:4} {line}", flush=True)
    speed = seconds(365)
    if arguments.json:
        figures = {"draws": draws, "nominal": 1 - LEVEL, "models_of_stage_4": STAGE_4}
        print(json.dumps({**figures, **tables, "seconds": speed}))
    else:
        print("\nSeconds, covariance_averaged_gls, 365 periods")
        print(*(f"{value:8.4f}  {name}" for name, value in speed.items()), sep="\n")


if __name__ == "__main__":
    main()
