"""Process, feedback, declared triggers and the task force."""

from __future__ import annotations

from opsbook.results.trigger import TriggerResult
from opsbook.results.trigger_tables import DeclaredTrigger, Feedback, Process, Share
from opsbook.show.cells import amount, count
from opsbook.show.reader import reader
from opsbook.show.short_name import short_name
from opsbook.show.shown import (
    BLUE,
    ORANGE,
    Html,
    Picture,
    absent,
    bracketed,
    headings,
    note,
    picture,
    shown,
    style,
    table,
    words,
)
from opsbook.text import Quantity, say, term

HOURS = term("hours").term
MOST_BARS = 12
MOST_PERIODS = 52


def process(process: Process | None) -> Html:
    """How long cases took and waited, step by step."""
    if process is None:
        return absent(words("No event log: the process is not checked (data.process)."))
    rows = [
        [shown(name), amount(half, HOURS), _between(near), amount(most, HOURS), _between(far)]
        for name, half, near, most, far in (
            (
                term("lead time"),
                *(process.lead_p50, process.lead_p50_limits),
                *(process.lead_p90, process.lead_p90_limits),
            ),
            (
                term("waiting"),
                *(process.wait_p50, process.wait_p50_limits),
                *(process.wait_p90, process.wait_p90_limits),
            ),
            (term("at work"), process.touch_p50, None, process.touch_p90, None),
        )
    ]
    caption = shown(
        say(
            "{finished} finished cases, {open} open, begun {first} to {last}",
            finished=Quantity(value=process.finished, unit="count"),
            open=Quantity(value=process.open, unit="count"),
            first=process.first,
            last=process.last,
        )
    )
    columns = headings("Time of a case", "half up to", "95% interval", "90% up to", "95% interval")
    times = table(columns, rows, numeric=(1, 3))
    shares = [
        [shown(say("over {hours}", hours=Quantity(value=process.sla_hours, unit=HOURS))), *cells]
        for cells in _shares(process.over_sla)
    ] + [[words("with rework"), *cells] for cells in _shares(process.rework)]
    told = note(shown(process.statement)) + Html(
        html=times.html.replace("<thead>", f"<caption>{caption}</caption><thead>", 1),
        text=times.text,
    )
    told += table(headings("Share of cases", "share", "95% interval"), shares, numeric=(1,))
    steps = [
        [
            shown(step.step)
            + (f" · {words('bottleneck')}" if step.step == process.bottleneck else ""),
            count(step.events),
            amount(step.touch_p90, HOURS),
            amount(step.wait_p50, HOURS),
            amount(step.wait_p90, HOURS),
            amount(step.wait_hours, HOURS),
            count(step.rework),
        ]
        for step in process.steps
    ]
    columns = headings(
        "Step", "times done", "work, 90%", "wait, half", "wait, 90%", "waited in all", "done again"
    )
    return told + table(columns, steps, numeric=(1, 2, 3, 4, 5, 6)) if steps else told


def _between(limits: tuple[float | None, float | None] | None) -> str:
    """An interval in hours; a side that too few cases leave open is open."""
    if limits is None or limits == (None, None):
        return shown(None)
    low, high = limits
    told = "0" if low is None else amount(low, HOURS)
    return f"{told} … {'∞' if high is None else amount(high, HOURS)}"


def _shares(share: Share | None) -> list[list[str]]:
    if share is None:
        return []
    limits = " … ".join(amount(limit, "share") for limit in (share.lower, share.upper))
    value = amount(share.value, "share") + bracketed(f"{count(share.events)} / {count(share.n)}")
    return [[value, limits]]


def feedback(feedback: Feedback | None) -> Picture | Html:
    """The topics by mentions (Pareto), beside their mentions period by period."""
    if feedback is None:
        return absent(words("No feedback: it is not checked (data.feedback)."))
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    style()
    topics = feedback.topics[:MOST_BARS]
    periods = feedback.periods[-MOST_PERIODS:]
    figure, (bars, heat) = plt.subplots(
        1, 2, figsize=(8.0, 1.1 + 0.32 * len(topics)), width_ratios=(2, 3)
    )
    places = list(range(len(topics)))
    colors = [ORANGE if topic.topic == feedback.topic else BLUE for topic in topics]
    bars.barh(places, [topic.mentions for topic in topics], color=colors, height=0.7)
    bars.set_yticks(places, [short_name(topic.topic, 24) for topic in topics])
    bars.set_ylim(len(topics) - 0.5, -0.5)
    bars.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    bars.grid(axis="y", visible=False)
    bars.set_title(reader().text("Mentions by topic"))
    counts = [list(topic.counts[-MOST_PERIODS:]) for topic in topics]
    heat.pcolormesh(counts, cmap="Blues", edgecolors="none")
    heat.set_ylim(len(topics), 0)
    heat.set_yticks([])
    heat.grid(visible=False)
    ends = [0, len(periods) - 1]
    heat.set_xticks(
        [place + 0.5 for place in ends], [reader().period(periods[place]) for place in ends]
    )
    heat.get_xticklabels()[0].set_horizontalalignment("left")
    heat.get_xticklabels()[-1].set_horizontalalignment("right")
    heat.set_title(reader().text("and by period: darker is more"))
    return picture(figure, reader().text("Mentions by topic"))


def topics(feedback: Feedback | None) -> Html:
    """Rates by topic with their intervals, whether they gather, and the net promoter score."""
    if feedback is None:
        return Html(html="")
    told = note(shown(feedback.statement))
    rows = [
        [
            shown(topic.topic),
            count(topic.mentions),
            shown(None if topic.rate is None else Quantity(value=topic.rate, digits=2)),
            shown(None)
            if topic.lower is None or topic.upper is None
            else " … ".join(shown(Quantity(value=v, digits=2)) for v in (topic.lower, topic.upper)),
            amount(topic.cumulative, "share"),
            words("yes") if topic.enough else words("no"),
            shown(tuple(topic.outside[-3:])) or shown(None),
        ]
        for topic in feedback.topics
    ]
    columns = headings(
        "Topic",
        "mentions",
        "per 1,000",
        "95% interval",
        "running share",
        "10 mentions or more",
        "beyond its limits (last)",
    )
    volume = feedback.volume
    caption = shown(say("Per 1,000 of {volume}", volume=volume)) if volume else ""
    told += table(columns, rows, caption=caption, numeric=(1, 2, 4))
    if feedback.nps is not None:
        nps = feedback.nps
        told += note(
            shown(
                say(
                    "Net promoter score: {score} (95% interval {lower} … {upper}, answers: {n}).",
                    score=Quantity(value=nps.score, digits=0, signed=True),
                    lower=Quantity(value=nps.lower, digits=0, signed=True),
                    upper=Quantity(value=nps.upper, digits=0, signed=True),
                    n=Quantity(value=nps.n, unit="count"),
                )
            )
        )
    return told


def declared(cards: tuple[DeclaredTrigger, ...]) -> Html:
    """A card for each trigger that people declared."""
    if not cards:
        return absent(words("Nothing is declared (trigger.declared)."))
    told = Html(html="")
    for card in cards:
        rows = [
            [words("Reason"), shown(card.reason)],
            [words("Date"), shown(card.date)],
            [words("Decided by"), shown(card.decider)],
            [
                words("Baseline before"),
                shown(
                    say(
                        "{value} (periods: {n})",
                        value=card.baseline,
                        n=Quantity(value=card.baseline_n, unit="count"),
                    )
                    if card.baseline is not None
                    else None
                ),
            ],
        ]
        if card.kind == "launch":
            rows.append([words("Provisional limits"), _limits(card)])
            rows.append([words("Since the launch"), shown(card.statement)])
        kind = words("Strategy review") if card.kind == "strategy" else words("Launch")
        told += table(headings("Field", "Entry"), rows, caption=f"{kind} · {shown(card.title)}")
    return told


def _limits(card: DeclaredTrigger) -> str:
    if card.lower is None or card.upper is None:
        return shown(None)
    limits = f"{shown(card.lower)} … {shown(card.upper)}"
    return limits + bracketed(words("trial limits")) if card.trial else limits


ROLES = {
    "lead": term("Lead"),
    "data": term("Data team"),
    "execution": term("Execution"),
    "support": term("Support"),
}
LETTERS = {
    "S": term("S · specific"),
    "M": term("M · measurable"),
    "A": term("A · achievable"),
    "R": term("R · relevant"),
    "T": term("T · time-bound"),
}


def task_force(result: TriggerResult) -> Html:
    """Who does what (RACI), and whether the goal is SMART."""
    told = Html(html="")
    if result.smart:
        marks = {True: "✓", False: "✗", None: "?"}
        rows = [
            [shown(LETTERS[row.letter]), marks[row.met], shown(row.reason)] for row in result.smart
        ]
        told += table(headings("Goal", "met", "why"), rows, caption=words("Is the goal SMART?"))
    if result.raci:
        rows = [
            [shown(row.activity), row.lead, row.data, row.execution, row.support]
            for row in result.raci
        ]
        columns = [words("Activity"), *(shown(role) for role in ROLES.values())]
        caption = words("R does it, A answers for it, C is asked, I is told")
        told += table(columns, rows, caption=caption)
    return told
