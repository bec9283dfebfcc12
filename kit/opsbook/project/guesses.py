"""Numbers that people judge: plain, with their span, or one for each rater."""

from __future__ import annotations

import math
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from opsbook.project.base import Section

NUMBER = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*-?[\d.]+\s*%\s*$"}]}


def _plain(value: Any) -> Any:
    """Read '20%' as 0.2; refuse blanks, currency signs and separators."""
    if value is None:
        raise ValueError("is blank; fill it in, or take it out: a blank is no zero")
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise ValueError(
            "must be a plain number, without currency sign, unit or separator; "
            "the currency stands once, in solutions.currency"
        ) from None


def _not_negative(value: float) -> float:
    if value < 0:
        raise ValueError("must be zero or more")
    return value


#: A number, or a percentage such as ``20%`` (read as 0.2); no currency sign.
Plain = Annotated[float, BeforeValidator(_plain), WithJsonSchema(NUMBER)]
#: Money or work, zero or more, as a plain number.
Expense = Annotated[float, AfterValidator(_not_negative), BeforeValidator(_plain)]


class Guess(Section):
    """A number with its span: `{ low: 2, mode: 3, high: 5 }`; a bare number is certain."""

    low: Plain = Field(description="The lowest possible.")
    mode: Plain = Field(description="The most likely.")
    high: Plain = Field(description="The highest possible.")

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        if isinstance(value, dict | Guess):
            return value
        return dict.fromkeys(("low", "mode", "high"), _plain(value))

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.mode <= self.high:
            raise ValueError(
                f"must rise from low to mode to high; it is {self.low:g}, {self.mode:g}, "
                f"{self.high:g}"
            )
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [*NUMBER["anyOf"], handler(core)]}


class Ratings(Section):
    """One score for each rater: `{ raters: { Li: 7, Wang: 8 } }`; blank for one who gave none."""

    raters: dict[str, float | None] = Field(description="Rater → score, or nothing.")

    @model_validator(mode="after")
    def _somebody_scored(self) -> Self:
        if all(score is None for score in self.raters.values()):
            raise ValueError("nobody has scored; score it, or take the option or criterion out")
        return self


def _kind(value: Any) -> str:
    rated = isinstance(value, Ratings) or (isinstance(value, dict) and "raters" in value)
    return "rated" if rated else "guess"


def _finite_and_positive(guess: Guess) -> Guess:
    if not 0 <= guess.low <= guess.high < math.inf:
        raise ValueError("must be zero or more")
    return guess


#: A score: a number, a span, or one number a rater.
Score = Annotated[
    Annotated[Guess, Tag("guess")] | Annotated[Ratings, Tag("rated")], Discriminator(_kind)
]
#: A cost: a number or a span, zero or more.
Cost = Annotated[Guess, AfterValidator(_finite_and_positive)]
