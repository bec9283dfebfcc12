"""What noise does: every rule beside how often it cries wolf on this KPI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from opsbook.data.metric_series import Floats
from opsbook.methods.trigger.ar1_noise import FEWEST
from opsbook.methods.trigger.combined_verdict import combined_verdict
from opsbook.methods.trigger.consecutive_misses import consecutive_misses, same_period_last_year
from opsbook.methods.trigger.cusum_chart import one_sided_sum
from opsbook.methods.trigger.drop import drop
from opsbook.methods.trigger.ewma_chart import exponentially_weighted
from opsbook.methods.trigger.nelson import nelson
from opsbook.methods.trigger.rule_replay import AlarmRule, alarm_starts, rule_replay
from opsbook.methods.trigger.series import Better, Bools
from opsbook.methods.trigger.western_electric import western_electric
from opsbook.methods.trigger.xmr_chart import mean_or_nan, moving_range_sigma
from opsbook.project.trigger import RuleName
from opsbook.results.trigger import RuleRow, Rules
from opsbook.stages.charts_with_memory import DECISION, SLACK, WEIGHT, WIDTH
from opsbook.stages.context import Context
from opsbook.stages.watched_kpi import WatchedKpi, watched_kpi
from opsbook.text import Term, term


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A rule, and where it fired on the KPI as it was."""

    words: Term
    rule: AlarmRule
    past: Bools
    needs: int = 0
    decides: bool = False


def replay(context: Context) -> Rules:
    """How often each rule fired on this KPI's past, and how often noise like it makes it fire.

    The noise is learned from the baseline, without the season. Where that level misses the
    target, it is moved to the target: an alarm about a level that is off target is no false one.
    """
    kpi = watched_kpi(context)
    judged = kpi.check.judged
    baseline = max(FEWEST, min(kpi.baseline, len(judged)))
    per_year = kpi.rhythm.periods_per_year or 1
    rows, correlation = [], None
    teaching = _healthy(kpi, judged[: max(kpi.baseline, 1)])
    for candidate in _candidates(kpi, baseline):
        noise = rule_replay(
            teaching,
            candidate.rule,
            baseline=max(baseline, candidate.needs),
            periods_per_year=per_year,
        )
        watched = np.arange(len(judged)) >= baseline
        years = float((watched & ~np.isnan(judged)).sum() / per_year)
        past = int((alarm_starts(candidate.past & watched)).sum())
        correlation = noise.correlation
        rows.append(
            RuleRow(
                rule=candidate.words,
                fires=None if np.isnan(kpi.series.value[-1]) else bool(candidate.past[-1]),
                past=past,
                years=years,
                past_per_year=past / years if years else None,
                false_per_year=noise.false_starts_per_year,
                error=noise.standard_error,
                decides=candidate.decides,
            )
        )
    return Rules(rows=tuple(rows), correlation=correlation)


def _candidates(kpi: WatchedKpi, baseline: int) -> list[_Candidate]:
    better = kpi.series.metric.better
    goal = None if kpi.target is None else float(kpi.target[-1])
    goal = None if goal is None or np.isnan(goal) else goal

    def combined(x: Floats) -> Bools:
        return combined_verdict(x, baseline=baseline, better=better, target=goal).alarm

    found = [
        _Candidate(
            words=term("Combined verdict: beyond what noise does"),
            rule=combined,
            past=kpi.check.combined.alarm,
            decides=True,
        )
    ]
    names = dict.fromkeys(kpi.params.rules)
    if kpi.params.n_of_m is not None:
        names["n_of_m"] = None  # it can warn, so its false starts are told
    for name in names:
        if name in {"misses", "n_of_m"}:
            found += _misses(kpi, name, goal)
        elif name == "drop":
            found += _drops(kpi)
        else:
            words, judge = CHART_RULES[name]
            rule = _on_the_worse_side(judge, baseline, better)
            found.append(
                _Candidate(words=words, rule=rule, past=rule(kpi.check.judged[None, :])[0])
            )
    return found


def _misses(kpi: WatchedKpi, name: RuleName, goal: float | None) -> list[_Candidate]:
    params, check, better = kpi.params, kpi.check, kpi.series.metric.better
    if name == "n_of_m":
        if params.n_of_m is None or check.to_target is None or goal is None:
            return []
        pair = (params.n_of_m.misses, params.n_of_m.of)

        def often(x: Floats, target: Floats | float = goal) -> Bools:
            counted = consecutive_misses(x, target, better=better, n_of_m=pair)
            return np.asarray(False if counted.of_last is None else counted.of_last >= pair[0])

        return [
            _Candidate(
                words=term("So many of the last periods missed the target"),
                rule=often,
                past=often(kpi.series.value, _target(kpi)),
            )
        ]
    red = params.misses.red
    found = []
    if check.to_target is not None and goal is not None:

        def missed(x: Floats) -> Bools:
            return consecutive_misses(x, goal, better=better).run_length >= red

        found.append(
            _Candidate(
                words=term("Handbook: red run of misses against the target"),
                rule=missed,
                past=check.to_target.run_length >= red,
            )
        )
    per_year = kpi.rhythm.periods_per_year
    if check.to_last_year is not None and per_year is not None:

        def fell_behind(x: Floats) -> Bools:
            earlier = same_period_last_year(x, per_year)
            return consecutive_misses(x, earlier, better=better).run_length >= red

        found.append(
            _Candidate(
                words=term("Handbook: red run of periods worse than a year before"),
                rule=fell_behind,
                past=check.to_last_year.run_length >= red,
                needs=per_year,
            )
        )
    return found


def _healthy(kpi: WatchedKpi, head: Floats) -> Floats:
    """The baseline, moved to the target where its level is worse than that."""
    level = float(mean_or_nan(head))
    goal = np.nan if kpi.target is None else float(kpi.target[-1])
    sign = 1.0 if kpi.series.metric.better == "higher" else -1.0
    return head + (goal - level) if sign * (level - goal) < 0 else head


def _target(kpi: WatchedKpi) -> Floats:
    return np.full(len(kpi.series.value), np.nan) if kpi.target is None else kpi.target


def _drops(kpi: WatchedKpi) -> list[_Candidate]:
    better, threshold = kpi.series.metric.better, float(kpi.params.drop)

    def dropped(x: Floats) -> Bools:
        before = same_period_last_year(x, 1)
        return drop(x, before, better=better, threshold=threshold).dropped

    return [
        _Candidate(
            words=term("Handbook: much worse than the period before"),
            rule=dropped,
            past=dropped(kpi.series.value),
        )
    ]


def _on_the_worse_side(
    judge: Callable[[Floats], Bools], baseline: int, better: Better
) -> AlarmRule:
    """A rule of distances from the baseline's centre in sigmas, worse ones negative."""
    sign = 1.0 if better == "higher" else -1.0

    def rule(x: Floats) -> Bools:
        head = x[..., :baseline]
        sigma = moving_range_sigma(head)[..., None]
        z = sign * (x - mean_or_nan(head)[..., None]) / np.where(sigma > 0, sigma, np.nan)
        return judge(z)

    return rule


def _ewma(z: Floats) -> Bools:
    smooth = exponentially_weighted(z, np.zeros(z.shape[:-1]), WEIGHT)
    seen = np.cumsum(~np.isnan(z), axis=-1)
    memory = 1 - (1 - WEIGHT) ** (2 * seen)
    return np.asarray(smooth < -WIDTH * np.sqrt(WEIGHT / (2 - WEIGHT) * memory))


def _cusum(z: Floats) -> Bools:
    return np.asarray(one_sided_sum(-z - SLACK) > DECISION)


CHART_RULES: dict[RuleName, tuple[Term, Callable[[Floats], Bools]]] = {
    "limits": (term("A point beyond the control limits"), lambda z: z < -3),
    "western_electric": (
        term("Western Electric: any of its four rules"),
        lambda z: western_electric(z, side="below").any,
    ),
    "nelson": (term("Nelson: any of the eight rules"), lambda z: nelson(z, side="below").any),
    "ewma": (term("EWMA: a small lasting shift"), _ewma),
    "cusum": (term("CUSUM: deviations add up"), _cusum),
}
