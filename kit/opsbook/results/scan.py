"""What a scan finds: many KPIs, those that need attention first."""

from __future__ import annotations

from typing import Literal

from opsbook.results.trigger import GuardVerdict, Level
from opsbook.text import Period, Record

Need = Literal["failed", "start", "watch", "insufficient", "no_reason"]
NEEDS: tuple[Need, ...] = ("failed", "start", "watch", "insufficient", "no_reason")
RATE = 0.10
"""Share of the discoveries that may be chance."""


class ScanRow(Record):
    """One KPI.

    Attributes:
        verdict: As the trigger notebook gives it; ``failed`` where the data cannot be read.
        guard: The guard's verdict.
        level: The worst level of the handbook's rules.
        misses: Misses of the target running, to the newest period with data.
        since: When the trouble began.
        chance: Chance that noise alone would look so bad, against its own past and its target.
        adjusted: The same, allowing for how many KPIs are scanned.
        discovery: Whether it stands when chance has had its share among all KPIs.
        value: Newest value.
        size: Cases behind it, where it is a share or a rate.
        estimate: That value, drawn towards the other KPIs' as far as its size is small.
        funnel: Whether it lies beyond the funnel's limits on the worse side, its size allowed for.
        error: Why it failed.
    """

    project: str
    title: str
    kpi: str = ""
    unit: str = ""
    verdict: Need
    guard: GuardVerdict | None = None
    level: Level = "none"
    alarm: bool = False
    misses: int = 0
    since: Period | None = None
    as_of: Period | None = None
    value: float | None = None
    target: float | None = None
    chance: float | None = None
    adjusted: float | None = None
    discovery: bool = False
    size: float | None = None
    estimate: float | None = None
    funnel: bool | None = None
    error: str = ""


class Funnel(Record):
    """The newest period of many stores by size: how far chance lets small ones stray.

    Attributes:
        kpi: The metric that the stores share.
        unit: Its unit.
        as_of: The period.
        centre: Value of all stores together.
        sizes: Sizes at which the limits are given, increasing.
        warning: Lower and upper 95 % limits there.
        alarm: Lower and upper 99.8 % limits there.
        projects: The stores, as `ScanRow.project`.
    """

    kpi: str
    unit: str
    as_of: Period
    centre: float
    sizes: tuple[float, ...]
    warning: tuple[tuple[float | None, float | None], ...]
    alarm: tuple[tuple[float | None, float | None], ...]
    projects: tuple[str, ...]


class Scan(Record):
    """All KPIs, those that need attention first.

    Attributes:
        rows: The KPIs.
        alarms: KPIs whose newest period is in alarm beyond noise.
        expected: Alarms that noise alone would bring about among so many KPIs.
        discoveries: KPIs that stand at the rate of false discoveries.
        rate: That rate.
        funnels: The stores of each metric by size, where there are enough of them.
    """

    rows: tuple[ScanRow, ...]
    alarms: int
    expected: float
    discoveries: int
    rate: float = RATE
    funnels: tuple[Funnel, ...] = ()
