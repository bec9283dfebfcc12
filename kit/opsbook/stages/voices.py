"""What customers say in the window after: topics with their share, and a few words of theirs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from opsbook.methods.clopper_pearson import clopper_pearson
from opsbook.methods.diagnosis.scrub import scrub
from opsbook.project.base import Window
from opsbook.project.diagnosis import DiagnosisSection
from opsbook.results.journey import Quote, Topic, Voices
from opsbook.stages.context import Context
from opsbook.stages.measures import span_of
from opsbook.text import say

#: Topics that the record keeps, and how many of them are quoted.
MOST_TOPICS, QUOTED_TOPICS = 15, 3
LONGEST_QUOTE = 160


def voices_of(context: Context, params: DiagnosisSection) -> Voices | None:
    """Topics by mentions with exact intervals, and quotes without names and numbers.

    None where the params name no feedback (data.feedback).
    """
    if context.tables.feedback is None:
        return None
    frame = mentions(context, params.after)
    if frame.empty:
        reason = say("No feedback falls into the window after.")
        return Voices(total=0, topics=(), quotes=(), hidden=0, reason=reason)
    counts = frame["topic"].value_counts()
    order = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    earlier = mentions(context, params.before)["topic"].value_counts()
    volume, volume_before = (_volume(context, w) for w in (params.after, params.before))
    total, running, topics = len(frame), 0, []
    for name, count in order[:MOST_TOPICS]:
        running += int(count)
        interval = clopper_pearson(int(count), total)
        topics.append(
            Topic(
                topic=str(name),
                mentions=int(count),
                share=int(count) / total,
                lower=interval.lower or 0.0,
                upper=interval.upper or 1.0,
                cumulative=running / total,
                rate=count / volume * 1000 if volume else None,
                rate_before=earlier.get(name, 0) / volume_before * 1000 if volume_before else None,
            )
        )
    quotes, hidden = _quotes(frame, params, [topic.topic for topic in topics[:QUOTED_TOPICS]])
    metric = context.project.feedback_volume
    return Voices(
        total=total,
        topics=tuple(topics),
        quotes=quotes,
        hidden=hidden,
        volume=context.label(metric.name) if metric is not None and volume else "",
    )


def _volume(context: Context, window: Window) -> float | None:
    """Orders or contacts of a window, which its mentions are measured against."""
    metric = context.project.feedback_volume
    if metric is None:
        return None
    total = float(np.nansum(context.series(metric).between(*span_of(window)).value))
    return total or None


def mentions(context: Context, window: Window) -> pd.DataFrame:
    """The mentions of a window."""
    feedback = context.tables.feedback
    if feedback is None:
        return pd.DataFrame(columns=["date", "topic"])
    first, last = (pd.Timestamp(day) for day in span_of(window))
    frame = feedback.frame
    return frame[(frame["date"] >= first) & (frame["date"] <= last)]


def _quotes(
    frame: pd.DataFrame, params: DiagnosisSection, topics: list[str]
) -> tuple[tuple[Quote, ...], int]:
    """The first words on each of the largest topics, and how much was taken out of them."""
    if "text" not in frame or not params.quotes:
        return (), 0
    quotes, hidden = [], 0
    for topic in topics:
        told = frame[(frame["topic"] == topic) & frame["text"].notna()]
        for row, text in told["text"].drop_duplicates().head(params.quotes).items():
            clean = scrub(str(text), known=params.names)
            hidden += clean.names + clean.numbers
            short = clean.text[:LONGEST_QUOTE]
            if len(clean.text) > LONGEST_QUOTE:
                short += "…"
            quotes.append(Quote(id=f"F{int(str(row)) + 1}", topic=topic, text=short))
    return tuple(quotes), hidden
