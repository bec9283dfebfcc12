"""T3: does feedback gather on one topic?"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

import numpy as np

from opsbook.data.metric_series import Floats
from opsbook.data.periods import calendar
from opsbook.methods.trigger.concentration import Concentration, concentration
from opsbook.methods.trigger.net_promoter_score import net_promoter_score
from opsbook.methods.trigger.topic_rates import TopicRate, topic_rates
from opsbook.project.trigger import TriggerSection
from opsbook.results.trigger_tables import Feedback, NetPromoter, TopicRow
from opsbook.stages.context import Context
from opsbook.text import Period, Quantity, Statement, say

if TYPE_CHECKING:
    import pandas as pd

MOST_TOPICS = 30
SURE = 0.01
"""Chance at which a concentration triggers; the topics are allowed for in it."""


def feedback(context: Context) -> Feedback | None:
    """Rates by topic, and whether the newest mentions gather on one; None without feedback.

    The newest periods are held against the shares of all periods before them; where there are
    none before, against equal shares.
    """
    if context.tables.feedback is None:
        return None
    params = context.project.trigger or TriggerSection()
    frame = context.tables.feedback.frame
    if params.as_of is not None:
        frame = frame[frame["period"].dt.date <= params.as_of.last]
    if frame.empty:
        return None
    grain = context.tables.kpi.grain
    days = calendar(frame["period"].min().date(), frame["period"].max().date(), grain)
    table = _table(frame, days)
    volume, name = _volume(context, days)
    rates = topic_rates(table.to_numpy(), np.ones(len(days)) if volume is None else volume)
    newest = min(params.feedback.periods, len(days))
    found = _concentration(table.to_numpy(), newest)
    topics = [str(topic) for topic in table.index]
    periods = tuple(Period(start=day, grain=grain) for day in days)
    level, statement = _answer(found, topics, params.feedback.least)
    return Feedback(
        periods=periods,
        volume=name,
        topics=tuple(
            _row(rate, topics, table.to_numpy(), periods, rated=volume is not None)
            for rate in rates[:MOST_TOPICS]
        ),
        newest=newest,
        topic=None if found is None or found.topic is None else topics[found.topic],
        share=found.share if found else None,
        expected_share=found.expected_share if found else None,
        p_value=found.p_value if found else None,
        nps=_nps(frame),
        level=level,
        statement=statement,
    )


def _table(frame: pd.DataFrame, days: tuple[dt.date, ...]) -> pd.DataFrame:
    """Mentions, a row for each topic and a column for each period; none is zero."""
    import pandas as pd  # noqa: PLC0415 - with the tables only

    counts = frame.pivot_table(index="topic", columns="period", aggfunc="size", fill_value=0)
    return counts.reindex(columns=pd.DatetimeIndex(list(days)), fill_value=0).astype(float)


def _volume(context: Context, days: tuple[dt.date, ...]) -> tuple[Floats | None, str | None]:
    metric = context.project.feedback_volume
    if metric is None:
        return None, None
    series = context.series(metric)
    known = dict(zip(series.periods, series.value, strict=True))
    volume = np.array([known.get(day, np.nan) for day in days], dtype=np.float64)
    return (volume, metric.name) if np.nansum(volume) > 0 else (None, None)


def _concentration(table: Floats, newest: int) -> Concentration | None:
    if len(table) < 2:
        return None
    recent, before = table[:, -newest:].sum(axis=1), table[:, :-newest].sum(axis=1)
    # Half a mention each, so that a topic never heard of before is rare and not impossible.
    return concentration(recent, before + 0.5 if before.any() else None)


def _row(
    rate: TopicRate,
    topics: list[str],
    table: Floats,
    periods: tuple[Period, ...],
    *,
    rated: bool,
) -> TopicRow:
    return TopicRow(
        topic=topics[rate.topic],
        mentions=rate.mentions,
        rate=rate.rate if rated else None,
        lower=rate.lower if rated else None,
        upper=rate.upper if rated else None,
        share=rate.share,
        cumulative=rate.cumulative,
        enough=rate.enough,
        chart=rate.chart.method,
        outside=tuple(periods[i] for i in rate.chart.outside),
        counts=tuple(int(count) for count in table[rate.topic]),
    )


def _nps(frame: pd.DataFrame) -> NetPromoter | None:
    if "score" not in frame:
        return None
    score = net_promoter_score(frame["score"].to_numpy(dtype=float))
    if score.score is None or score.lower is None or score.upper is None:
        return None
    return NetPromoter(score=score.score, lower=score.lower, upper=score.upper, n=score.n)


def _answer(
    found: Concentration | None, topics: list[str], least: int
) -> tuple[Literal["none", "yellow", "red", "unknown"], Statement]:
    if found is None:
        return "unknown", say("There is one topic only, so that nothing can gather on it.")
    if found.topic is None or found.share is None or found.p_value is None:
        return "unknown", say("The newest periods have no mentions.")
    values = {
        "topic": topics[found.topic],
        "mentions": Quantity(value=found.mentions, unit="count"),
        "n": Quantity(value=found.n, unit="count"),
        "expected": Quantity(value=found.expected_share or 0.0, unit="share"),
        "p": Quantity(value=found.p_value, unit="p"),
    }
    if found.p_value >= SURE:
        told = say(
            "The newest feedback gathers on no topic beyond chance; {topic} stands out most: "
            "{mentions} of {n} mentions, {expected} expected (p {p})."
        )
        return "none", Statement(message=told.message, values=values)
    if found.mentions < least:
        told = say(
            "Feedback gathers on {topic}, but on fewer mentions than the rule asks for: "
            "{mentions} of {n}, {expected} expected (p {p})."
        )
        return "yellow", Statement(message=told.message, values=values)
    told = say(
        "Feedback gathers on {topic}: {mentions} of the {n} newest mentions where {expected} were "
        "expected (p {p})."
    )
    return "red", Statement(message=told.message, values=values)
