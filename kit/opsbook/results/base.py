"""What every stage saves: a headline, findings with their evidence, cautions, provenance."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from opsbook.methods.estimate import Estimate
from opsbook.text import Grain, Period, Quantity, Record, Statement, Term

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1

Stage = Literal["intake", "trigger", "diagnosis", "solutions", "effect", "control"]
Status = Literal["done", "not_due", "failed"]
#: Evidence grades: A randomised, B controlled, C time series, D before/after, E anecdote.
Grade = Literal["A", "B", "C", "D", "E"]
#: How a headline is coloured: only a tested fault is bad, only a tested success is good.
Tone = Literal["good", "bad", "warn", "unknown", "neutral"]


class Finding(Record):
    """One sentence that a decision can rest on.

    Attributes:
        id: Short name, unique within the stage.
        statement: The sentence; every number in it is one of its values.
        estimate: The measured change behind it, if it is one.
        grade: How strong the evidence is, A to E.
    """

    id: str
    statement: Statement
    estimate: Estimate | None = None
    grade: Grade | None = None


class Caution(Record):
    """What failed or is thin, and what would settle it."""

    id: str
    statement: Statement
    settles: Statement | None = None


class FormField(Record):
    """One line of a handbook form; without a value a person still has to fill it."""

    label: Term
    value: Statement | None = None


class Form(Record):
    """A form of the handbook (2-1 to 2-6), prefilled."""

    id: str
    title: Term
    fields: tuple[FormField, ...]


class Provenance(Record):
    """What a result was computed from: a content hash each, and the versions used."""

    params: str
    data: str
    upstream: dict[str, str]
    versions: dict[str, str]


class Override(Record):
    """What a person set otherwise than the kit's notebook, or than the params file.

    Attributes:
        what: ``step``, a notebook's cell that ran with other code; ``field``, one of the params.
        name: The cell, or the field (``metric.target``).
        value: What the field was set to; None for a step, whose code stands in the notebook.
        instead_of: What the params file says there; None where it says nothing.
        who: Who changed it, as its cell says; None if nobody says so.
        when: The day, likewise.
        why: The reason, likewise.
        account: Whose account ran it; None where it has no name.
        ran: The day on which it ran.
    """

    what: Literal["step", "field"]
    name: str
    value: str | None = None
    instead_of: str | None = None
    who: str | None = None
    when: dt.date | None = None
    why: str | None = None
    account: str | None = None
    ran: dt.date


class StageResult(Record):
    """What a stage saves as ``N_stage.json``.

    Attributes:
        status: ``done``, or ``not_due`` with the headline saying what it waits for.
        headline: The stage's answer in one sentence.
        tone: Colour of the headline; grey (``unknown``) where the data cannot tell.
        overrides: What a person changed by hand; each is told among the cautions too.
    """

    schema_version: int = SCHEMA_VERSION
    stage: Stage
    project: str
    status: Status = "done"
    headline: Statement
    tone: Tone = "neutral"
    findings: tuple[Finding, ...] = ()
    cautions: tuple[Caution, ...] = ()
    forms: tuple[Form, ...] = ()
    overrides: tuple[Override, ...] = ()
    provenance: Provenance | None = None


class Point(Record):
    """One period of a series; no value is a gap, never a zero."""

    period: Period
    value: float | None
    numerator: float | None = None
    denominator: float | None = None


class Series(Record):
    """A metric over its periods, as a figure needs it."""

    name: str
    unit: str
    grain: Grain
    points: tuple[Point, ...]
    target: float | None = None
    better: Literal["higher", "lower"] = "lower"

    @property
    def change_unit(self) -> str:
        """Unit of a difference of two values."""
        return "points" if self.unit == "share" else self.unit

    def quantity(self, value: float) -> Quantity:
        """A value of this metric with its unit."""
        return Quantity(value=value, unit=self.unit)

    def change(self, value: float) -> Quantity:
        """A difference of two values of this metric, with its unit and sign."""
        return Quantity(value=value, unit=self.change_unit, signed=True)

    def to_frame(self) -> pd.DataFrame:
        """One row per period: period, value, numerator, denominator."""
        import pandas as pd  # noqa: PLC0415 - a saved result is read without pandas

        return pd.DataFrame(
            {
                "period": pd.to_datetime([point.period.start for point in self.points]),
                "value": [point.value for point in self.points],
                "numerator": [point.numerator for point in self.points],
                "denominator": [point.denominator for point in self.points],
            }
        )


class Event(Record):
    """A known event, for figures and cautions."""

    title: str
    start: Period
    end: Period | None = None
    kind: str = Field("event")
