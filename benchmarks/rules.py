"""How often do trigger rules cry wolf on noise, and how soon do they see a drop?

Weekly noise of standard deviation one, independent or AR(1) with correlation .5; a baseline of 26
weeks, estimated by every rule itself, then 52 weeks watched. A *false start* is an alarm that
begins (on this week, off the week before); a rule of several parts counts the starts of each part,
the combined verdict those of its one alarm. *Caught* is the share of series whose level falls by
two standard deviations right after the baseline and that alarm within four weeks (independent
noise). Rules see the watched weeks only, with the last baseline week as the first one's neighbour.

The settings of the combined verdict are its defaults: nothing here is tuned to the run.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence

import numpy as np

from opsbook.methods.trigger.combined_verdict import combined_verdict
from opsbook.methods.trigger.consecutive_misses import consecutive_misses
from opsbook.methods.trigger.rule_replay import alarm_starts, simulated_noise
from opsbook.methods.trigger.series import Bools, Floats, run_lengths
from opsbook.methods.trigger.western_electric import western_electric
from opsbook.methods.trigger.xmr_chart import moving_range_sigma

BASELINE, YEAR, SOON = 26, 52, 4
Rule = Callable[[Floats], list[Bools]]


def centre_and_sigma(x: Floats) -> tuple[Floats, Floats]:
    head = x[:, :BASELINE]
    return head.mean(axis=1, keepdims=True), moving_range_sigma(head)[:, None]


def declines(length: int) -> Rule:
    return lambda x: [run_lengths(np.diff(x[:, BASELINE - 1 :], axis=1) < 0) >= length]


def misses(sigmas_below: float) -> Rule:
    def rule(x: Floats) -> list[Bools]:
        centre, sigma = centre_and_sigma(x)
        goal = np.broadcast_to(centre - sigmas_below * sigma, x[:, BASELINE:].shape)
        return [consecutive_misses(x[:, BASELINE:], goal, better="higher").run_length >= 3]

    return rule


def chart(*names: str) -> Rule:
    def rule(x: Floats) -> list[Bools]:
        centre, sigma = centre_and_sigma(x)
        z = (x[:, BASELINE:] - centre) / sigma
        return list(western_electric(z, rules=names, side="below").fired.values())

    return rule


def cusum(x: Floats) -> list[Bools]:
    centre, sigma = centre_and_sigma(x)
    steps = (centre - x[:, BASELINE:]) / sigma - 0.5
    alarms = np.zeros(steps.shape, dtype=bool)
    total = np.zeros(len(steps))
    for week in range(steps.shape[1]):  # restarted after each alarm, as a person would
        total = np.maximum(0, total + steps[:, week])
        alarms[:, week] = total > 5
        total[alarms[:, week]] = 0
    return [alarms]


def verdict(target: float | None) -> Rule:
    def rule(x: Floats) -> list[Bools]:
        centre, sigma = centre_and_sigma(x)
        goal = None if target is None else np.broadcast_to(centre - target * sigma, x.shape)
        result = combined_verdict(x, baseline=BASELINE, better="higher", target=goal)
        return [result.alarm[:, BASELINE:]]

    return rule


PEERS: dict[str, Rule] = {
    "two declines in a row": declines(2),
    "three declines in a row": declines(3),
    "three misses, target = mean": misses(0.0),
    "three misses, target = mean - 1 sigma": misses(1.0),
    "XmR point": chart("beyond_3_sigma"),
    "XmR + run of 8 + 2 of 3": chart(
        "beyond_3_sigma", "eight_on_one_side", "two_of_three_beyond_2_sigma"
    ),
    "CUSUM(.5, 5)": cusum,
}
DEFAULT = "combined verdict (default)"
OURS: dict[str, Rule] = {
    DEFAULT: verdict(None),
    "combined verdict, target = mean": verdict(0.0),
    "combined verdict, target = mean - 1 sigma": verdict(1.0),
}


def noise(kpis: int, weeks: int, correlation: float, seed: int) -> Floats:
    return simulated_noise(
        np.zeros(kpis), np.ones(kpis), np.full(kpis, correlation), BASELINE + weeks, seed
    )


def false_starts(rule: Rule, x: Floats) -> float:
    return float(sum(alarm_starts(alarms).sum() for alarms in rule(x)) / len(x))


def caught(rule: Rule, x: Floats) -> float:
    dropped = x[:, : BASELINE + SOON].copy()
    dropped[:, BASELINE:] -= 2.0
    return float(np.logical_or.reduce([a.any(axis=1) for a in rule(dropped)]).mean())


def measure(kpis: int, seed: int) -> dict[str, dict[str, float]]:
    calm = noise(kpis, YEAR, 0.0, seed)
    moody = noise(kpis, YEAR, 0.5, seed + 1)
    fresh = noise(kpis, SOON, 0.0, seed + 2)
    moody_fresh = noise(kpis, SOON, 0.5, seed + 3)
    return {
        name: {
            "false_iid": false_starts(rule, calm),
            "false_ar5": false_starts(rule, moody),
            "caught": caught(rule, fresh),
            "caught_ar5": caught(rule, moody_fresh),
        }
        for name, rule in {**PEERS, **OURS}.items()
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kpis", type=int, default=20_000, help="simulated KPIs for each figure")
    parser.add_argument("--seed", type=int, default=20_260)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    rows = measure(options.kpis, options.seed)
    if options.json:
        ours = rows[DEFAULT]
        print(json.dumps({"n": options.kpis, "seed": options.seed, **ours, "rules": rows}))
        return
    print(f"{options.kpis} KPIs, {BASELINE} weeks of baseline, {YEAR} weeks watched")
    print(f"{'':42}false starts per KPI-year   -2 sigma caught in {SOON} weeks")
    print(f"{'rule':42}{'iid':>10}{'AR(.5)':>10}{'iid':>14}{'AR(.5)':>10}")
    for name, row in rows.items():
        print(
            f"{name:42}{row['false_iid']:10.2f}{row['false_ar5']:10.2f}"
            f"{row['caught']:14.2f}{row['caught_ar5']:10.2f}"
        )


if __name__ == "__main__":
    main()
