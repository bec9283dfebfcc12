"""Topic rates: what customers complain of, per thousand orders, most frequent first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from opsbook.errors import DataError
from opsbook.methods.trigger.chart_choice import ChartChoice, chart_choice
from opsbook.methods.trigger.concentration import ENOUGH
from opsbook.methods.trigger.control_limits import ALL_PERIODS, Baseline, ControlChart
from opsbook.methods.trigger.laney_u_chart import laney_u_chart
from opsbook.methods.trigger.series import as_counts, as_series
from opsbook.methods.trigger.u_chart import u_chart


@dataclass(frozen=True, kw_only=True)
class TopicRate:
    """One topic.

    Attributes:
        topic: Its position in the table given.
        mentions: All its mentions.
        rate: Mentions per 1,000 of the volume; None without volume.
        lower: Lower limit of the rate's exact Poisson interval; None likewise.
        upper: Upper limit; None likewise.
        share: Its share of all mentions; None without any.
        cumulative: Share of this and all more frequent topics (the Pareto line); None likewise.
        enough: Whether it has ten mentions or more.
        choice: Which chart suits it, and why.
        chart: That chart, mentions per 1,000.
    """

    topic: int
    mentions: int
    rate: float | None
    lower: float | None
    upper: float | None
    share: float | None
    cumulative: float | None
    enough: bool
    choice: ChartChoice
    chart: ControlChart


def topic_rates(
    mentions: ArrayLike,
    volume: ArrayLike,
    *,
    baseline: Baseline = ALL_PERIODS,
    confidence: float = 0.95,
) -> tuple[TopicRate, ...]:
    """Rank the topics of the feedback, with their rates and charts.

    The assumption that most often fails: mentions must be independent. One angry customer who
    writes ten tickets makes ten mentions, and an interval that is too narrow.

    Args:
        mentions: Whole counts, shape (topics, n); NaN marks a period without a record.
        volume: Orders or contacts per period, shape (n,); a period without any is a gap.
        baseline: Which periods set the limits of the charts.
        confidence: Confidence level of the intervals.

    Returns:
        The topics, most mentions first.

    Raises:
        DataError: If the shapes do not fit or a number is negative.

    References:
        Garwood (1936), Biometrika 28, 437-442 (exact Poisson interval).

    Examples:
        >>> topics = topic_rates([[1, 2, 1, 2], [9, 8, 11, 30]], [500, 500, 500, 500])
        >>> [(t.topic, t.mentions, t.rate, t.enough) for t in topics]
        [(1, 58, 29.0, True), (0, 6, 3.0, False)]
    """
    table = as_series(mentions, "mentions")
    if table.ndim != 2:
        raise DataError(
            f"'mentions' must have a row for each topic (got shape {table.shape}).",
            "Pass counts of shape (topics, periods).",
        )
    if np.shape(volume) != table.shape[1:]:
        raise DataError(
            f"'volume' has shape {np.shape(volume)} but there are {table.shape[1]} periods.",
            "Give the volume of each period.",
        )
    counts, base = as_counts(
        table,
        np.broadcast_to(as_series(volume, "volume"), table.shape),
        "volume",
        at_most_size=False,
    )
    thousands = base / 1000
    totals, exposure = np.nansum(counts, axis=1), np.nansum(thousands, axis=1)
    order = np.argsort(-totals, kind="stable")
    everything, running = totals.sum(), 0.0
    ranked = []
    for topic in order:
        total, size = float(totals[topic]), float(exposure[topic])
        running += total
        choice = chart_choice(counts[topic], thousands[topic], kind="rate")
        draw = laney_u_chart if choice.chart == "laney_u_chart" else u_chart
        tail = (1 - confidence) / 2
        lower = float(chi2.ppf(tail, 2 * total)) / 2 if total else 0.0
        ranked.append(
            TopicRate(
                topic=int(topic),
                mentions=int(total),
                rate=total / size if size else None,
                lower=lower / size if size else None,
                upper=float(chi2.isf(tail, 2 * total + 2)) / 2 / size if size else None,
                share=total / everything if everything else None,
                cumulative=float(running / everything) if everything else None,
                enough=total >= ENOUGH,
                choice=choice,
                chart=draw(counts[topic], thousands[topic], baseline=baseline),
            )
        )
    return tuple(ranked)
