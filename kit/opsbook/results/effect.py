"""What stage 4 saves: did it work, and how sure is that?"""

from __future__ import annotations

from typing import Literal

from opsbook.methods.estimate import Estimate
from opsbook.results.base import Event, Grade, Series, StageResult
from opsbook.results.diagnosis import PeriodValue
from opsbook.text import Period, Record

GuardrailStatus = Literal["safe", "harmed", "cannot_tell"]
Verdict = Literal["effective", "ineffective", "harmful", "cannot_tell"]


class Comparison(Record):
    """The windows that are compared, and the series they are cut from."""

    series: Series
    launched: Period
    before: PeriodValue
    after: PeriodValue
    events: tuple[Event, ...] = ()


class Measured(Record):
    """One way of measuring the effect, with its evidence grade."""

    estimate: Estimate
    grade: Grade


class PlaceboUnit(Record):
    """What a unit without the change would have shown."""

    unit: str
    effect: float


class Controlled(Record):
    """The effect against units without the change, and how they scatter by themselves."""

    estimate: Estimate
    grade: Grade
    controls: Series
    controls_change: float
    placebos: tuple[PlaceboUnit, ...]
    rank: float
    p_value: float | None
    ratio: float | None
    ratio_rank: float | None


class GuardrailCheck(Record):
    """Whether something else was harmed."""

    name: str
    unit: str
    change_unit: str
    before: float
    after: float
    estimate: Estimate
    margin: float
    status: GuardrailStatus


class EffectResult(StageResult):
    """The verdict on the change."""

    stage: Literal["effect"] = "effect"
    verdict: Verdict | None = None
    comparison: Comparison | None = None
    naive: Measured | None = None
    controlled: Controlled | None = None
    guardrails: tuple[GuardrailCheck, ...] = ()
    attainment: float | None = None
