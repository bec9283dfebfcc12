"""The customer's journey, the flow of work and the customers' words, as they are saved."""

from __future__ import annotations

from typing import Literal

from opsbook.text import Record, Statement


class JourneyStep(Record):
    """One step of the funnel with what customers meet there.

    Attributes:
        people: How many reached it, in the window after.
        conversion: Share of the step before that reached it; None for the first.
        lower: Lower limit of its exact interval.
        upper: Upper limit of it.
        conversion_before: The same share in the window before.
        reached: Share of the first step that reached it.
        lost: People of the step before who did not reach it.
        lost_value: Money they would bring if they went on like those who stayed.
    """

    name: str
    touchpoint: Literal["first_conversion", "frequent_use", "churn_risk"] | None
    pain: str
    expectation: str
    people: int
    conversion: float | None
    lower: float | None
    upper: float | None
    conversion_before: float | None
    reached: float | None
    lost: int | None
    lost_value: float | None


class JourneyView(Record):
    """The funnel of everybody, or of one value of a dimension."""

    dimension: str
    value: str
    steps: tuple[JourneyStep, ...]


class Journey(Record):
    """The funnel, whole and by dimension.

    Attributes:
        views: Everybody first, then each value of each dimension.
        currency: Currency of the money.
        lowest: Step that the smallest share reached.
        most_lost: Step at which most people were lost.
        reason: Why nothing was computed.
    """

    views: tuple[JourneyView, ...]
    currency: str
    lowest: str | None = None
    most_lost: str | None = None
    reason: Statement | None = None


class FlowStep(Record):
    """One step of the process; hours are open hours, those of the waiting's causes clock hours."""

    step: str
    events: int
    cases: int
    rework: int
    touch_p50: float
    touch_p90: float
    touch_hours: float
    wait_p50: float | None
    wait_p90: float | None
    wait_hours: float
    unavailability_hours: float | None
    contention_hours: float | None
    batching_hours: float | None
    other_hours: float | None
    utilisation: float | None
    value_added: bool | None
    ecrs: str


class FlowArrow(Record):
    """How often one step directly follows another, and the wait between."""

    source: str
    target: str
    count: int
    wait_p50: float


class FlowPath(Record):
    """One path through the process."""

    steps: tuple[str, ...]
    cases: int


class Flow(Record):
    """How work flows, waits and comes back.

    Attributes:
        steps: Every step, in the order in which cases usually reach it.
        arrows: The steps that follow each other, most frequent first.
        paths: The most frequent paths.
        path_count: Number of different paths.
        most_waiting: Step before which most hours are waited.
        most_utilised: Step whose resources are busiest.
        reason: Why nothing was computed.
    """

    cases: int = 0
    events: int = 0
    unfinished: int = 0
    lead_p50: float | None = None
    lead_p90: float | None = None
    touch_share: float | None = None
    value_added_share: float | None = None
    rework_share: float | None = None
    steps: tuple[FlowStep, ...] = ()
    arrows: tuple[FlowArrow, ...] = ()
    paths: tuple[FlowPath, ...] = ()
    path_count: int = 0
    most_waiting: str | None = None
    most_utilised: str | None = None
    reason: Statement | None = None


class Topic(Record):
    """One topic of the feedback: how often, its share with an exact interval.

    Attributes:
        rate: Mentions per 1,000 of the volume; None where no volume is known.
        rate_before: The same in the window before.
    """

    topic: str
    mentions: int
    share: float
    lower: float
    upper: float
    cumulative: float
    rate: float | None = None
    rate_before: float | None = None


class Quote(Record):
    """A customer's words without names and numbers, found again by their id."""

    id: str
    topic: str
    text: str


class Voices(Record):
    """What the feedback of the window after is about.

    Attributes:
        volume: What the rates are per 1,000 of, as the reader calls it; empty without.
        hidden: Names and numbers that were taken out of the quotes.
    """

    total: int
    topics: tuple[Topic, ...]
    quotes: tuple[Quote, ...]
    hidden: int
    volume: str = ""
    reason: Statement | None = None
