"""What every section of a params file is made of."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import zoneinfo
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    WithJsonSchema,
    model_validator,
)

from opsbook.text import Grain, Period


class Section(BaseModel):
    """A section of a params file: frozen, closed to unknown keys, free of NaN."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )


def _is_a_zone(zone: str) -> str:
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"must be a time zone such as Asia/Shanghai (got '{zone}')") from None
    return zone


#: A time zone by its name.
Zone = Annotated[str, AfterValidator(_is_a_zone)]
FORMS_OF_TIME = re.compile(
    r"(?P<year>\d{4})(-(Q(?P<quarter>[1-4])|W(?P<week>\d{2})|(?P<month>\d{2})(-(?P<day>\d{2}))?))?"
)


class When(RootModel[str]):
    """A day or a stretch of calendar: 2008-03-30, 2008-03, 2008-Q1, 2008-W13 or 2008.

    Examples:
        >>> When("2008-02").first, When("2008-02").last
        (datetime.date(2008, 2, 1), datetime.date(2008, 2, 29))
    """

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={"type": ["string", "integer"], "examples": ["2008-03-30", "2008-03"]},
    )

    @model_validator(mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        if isinstance(value, dt.datetime | dt.date):
            return value.isoformat()[:10]
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _is_a_time(self) -> When:
        try:
            self._span()
        except ValueError as error:
            raise ValueError(
                "must be a date such as 2008-03-30, 2008-03, 2008-Q1, 2008-W13 or 2008"
            ) from error
        return self

    @property
    def first(self) -> dt.date:
        """The first day of the stretch."""
        return self._span()[0]

    @property
    def last(self) -> dt.date:
        """The last day of the stretch."""
        return self._span()[1]

    @property
    def period(self) -> Period:
        """The stretch as it was written: a month stays a month, a day a day."""
        forms: list[tuple[str, Grain]] = [("W", "week"), ("Q", "quarter")]
        grain = next((grain for letter, grain in forms if letter in self.root), None)
        if grain is None:
            by_length: dict[int, Grain] = {4: "year", 7: "month", 10: "day"}
            grain = by_length[len(self.root)]
        return Period(start=self.first, grain=grain)

    def _span(self) -> tuple[dt.date, dt.date]:
        match = FORMS_OF_TIME.fullmatch(self.root)
        if match is None:
            raise ValueError(self.root)
        part = {name: int(text) for name, text in match.groupdict().items() if text}
        year = part["year"]
        if "day" in part:
            day = dt.date(year, part["month"], part["day"])
            return day, day
        if "week" in part:
            monday = dt.date.fromisocalendar(year, part["week"], 1)
            return monday, monday + dt.timedelta(days=6)
        first_month, last_month = 1, 12
        if "quarter" in part:
            first_month, last_month = 3 * part["quarter"] - 2, 3 * part["quarter"]
        elif "month" in part:
            first_month = last_month = part["month"]
        return dt.date(year, first_month, 1), dt.date(
            year, last_month, calendar.monthrange(year, last_month)[1]
        )


class Window(Section):
    """A stretch of periods, both ends included."""

    start: When = Field(alias="from", description="First period.", examples=["2004-01"])
    end: When = Field(alias="to", description="Last period, included.", examples=["2004-12"])

    @model_validator(mode="after")
    def _in_order(self) -> Window:
        if self.start.first > self.end.last:
            raise ValueError(f"'from' ({self.start.root}) is after 'to' ({self.end.root})")
        return self


def _percent(value: Any) -> Any:
    """Read '20%' as 0.2; refuse a blank that a person still has to fill."""
    if not isinstance(value, str):
        return value
    text = value.strip().removesuffix("%").strip()
    try:
        number = float(text)
    except ValueError:
        raise ValueError("must be a number such as 0.2 or 20%; a blank goal is no goal") from None
    return number / 100 if value.strip().endswith("%") else number


#: A number, or a percentage such as ``20%`` (read as 0.2).
Amount = Annotated[
    float,
    BeforeValidator(_percent),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*-?[\d.]+\s*%?\s*$"}]}
    ),
]
#: A value of a cell as YAML gives it.
Cell = str | int | float | bool
#: Name of a column of the table.
Column = Annotated[str, Field(min_length=1)]
#: Letters, digits, `_` and `-`: an id is also the name of a folder.
Identifier = Annotated[str, Field(pattern=r"^\w[\w-]*$", max_length=80)]
