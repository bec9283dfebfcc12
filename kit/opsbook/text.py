"""Sentences whose numbers stay numbers until they are shown, in the reader's language.

A `Statement` is an English message with named places and the values that fill them. It is
saved as it is; `Language.say` translates the message and formats the values when somebody
reads it. So a report can be shown in another language without running anything again.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

LANGUAGES = ("en", "zh")
LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
CATALOGS = Path(__file__).parent / "locale"
MONEY = "money:"
POINTS = "points"
P_VALUE = "p"
SHARE = "share"
SMALLEST_P = 0.001
#: Below this, six decimals show nothing of a number: it is written as a power of ten.
SMALLEST = 1e-6
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: unit: what the number is multiplied by, its decimals, whether signed, the words around it
UNITS: dict[str, tuple[float, int | None, bool, str]] = {
    SHARE: (100, 1, False, "{number}%"),
    POINTS: (100, 2, False, "{number} percentage points"),
    "relative": (100, 1, True, "{number}%"),
    "count": (1, 0, False, "{number}"),
    P_VALUE: (1, 3, False, "{number}"),
}

Grain = Literal["day", "week", "month", "quarter", "year"]


class Record(BaseModel):
    """Base of everything saved: frozen, closed to unknown keys, free of NaN."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, revalidate_instances="always"
    )


class Quantity(Record):
    """A number with its unit.

    Attributes:
        value: The number, in the unit's base (a share of 15 % is 0.15).
        unit: ``share`` (shown as %), ``points`` (a difference of shares, shown as percentage
            points), ``relative`` (a relative change, shown as signed %), ``count``, ``p`` (a
            p-value), ``money:CNY``, or any word that follows the number.
        digits: Decimals to show, or None for what suits the unit.
        signed: Whether a plus sign is shown.
    """

    value: float
    unit: str = ""
    digits: int | None = None
    signed: bool = False


class Period(Record):
    """A day, week, month, quarter or year, named by its first day."""

    start: dt.date
    grain: Grain = "day"


class Term(Record):
    """A word or a sentence of opsbook's own that is translated when shown."""

    term: str


Value = Annotated[Quantity | Period | Term | int | str, Field(union_mode="smart")]


class Statement(Record):
    """A sentence: an English message and the values of its named places.

    Examples:
        >>> s = say("{kpi} rose to {now}.", kpi="Late share", now=Quantity(value=0.1, unit="share"))
        >>> Language("en").say(s)
        'Late share rose to 10.0%.'
    """

    message: str
    values: dict[str, Value] = {}


def say(message: str, /, **values: Value) -> Statement:
    """Make a statement; the message is found by the translators' tools under this name."""
    return Statement(message=message, values=values)


def term(message: str) -> Term:
    """Mark a word of opsbook's own for translation."""
    return Term(term=message)


@functools.cache
def _catalog(language: str) -> dict[str, str]:
    """Messages of one language: English → translation, from a .po file per room."""
    files = sorted((CATALOGS / language / "LC_MESSAGES").glob("*.po"))
    if not files:
        return {}
    from babel.messages.pofile import read_po  # noqa: PLC0415 - slow, and English needs none

    found: dict[str, str] = {}
    for path in files:
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
        for message in catalog:
            if isinstance(message.id, str) and isinstance(message.string, str) and message.id:
                found[message.id] = message.string
    return found


@functools.cache
def _messages(language: str) -> dict[str, str]:
    """A catalog turned round: translation → English."""
    return {text: message for message, text in _catalog(language).items()}


class Language:
    """One language: its words, its numbers, its dates.

    Args:
        code: ``en`` or ``zh``.

    Raises:
        ValueError: If the language is not one of `LANGUAGES`.

    Examples:
        >>> Language("zh").quantity(Quantity(value=0.05, unit="points", signed=True))
        '+5.00个百分点'
    """

    def __init__(self, code: str) -> None:
        if code not in LANGUAGES:
            raise ValueError(f"No language '{code}'; there are: {', '.join(LANGUAGES)}.")
        self.code = code
        self.locale = LOCALES[code]

    @property
    def html(self) -> str:
        """The language tag of an HTML page."""
        return {"en": "en", "zh": "zh-Hans"}[self.code]

    def text(self, message: str) -> str:
        """Translate a message that has no places."""
        return _catalog(self.code).get(message, message)

    def message(self, text: str) -> str:
        """Find the English message of a text of opsbook's own that is in this language.

        Examples:
            >>> Language("zh").message(Language("zh").text("Data intake"))
            'Data intake'
        """
        return _messages(self.code).get(text, text)

    def say(self, statement: Statement) -> str:
        """Translate a statement and fill its places."""
        shown = {name: self.value(value) for name, value in statement.values.items()}
        return self.sentence(statement).format_map(shown)

    def sentence(self, statement: Statement) -> str:
        """Translate a statement and leave its places open; Chinese meets Chinese without a space.

        Examples:
            >>> Language("zh").sentence(Statement(message="按 {by} 搜索", values={"by": "渠道"}))
            '按{by}搜索'
            >>> Language("zh").sentence(Statement(message="按 {by} 搜索", values={"by": "city"}))
            '按 {by} 搜索'
        """

        def closed(place: re.Match[str]) -> str:
            before, name, after = place.groups(default="")
            value = self.value(statement.values[name])
            before = "" if value and CHINESE.match(value[0]) else before
            after = "" if value and CHINESE.match(value[-1]) else after
            return f"{before}{{{name}}}{after}"

        return SPACED.sub(closed, self.text(statement.message))

    def value(self, value: Value) -> str:
        """Show one value of a statement."""
        match value:
            case Quantity():
                return self.quantity(value)
            case Period():
                return self.period(value)
            case Term():
                return self.text(value.term)
            case int():
                return self.number(value, 0)
            case _:
                return value

    def number(self, value: float, digits: int | None = None, *, signed: bool = False) -> str:
        """Show a number with the language's separators; a minus is a real minus sign.

        Examples:
            >>> Language("en").number(-1234.5), Language("en").number(2.31e-9)
            ('−1,234', '2.31×10⁻⁹')
        """
        if digits is None and 0 < abs(value) < SMALLEST:
            sign = "\N{MINUS SIGN}" if value < 0 else "+" * signed
            figures, power = f"{abs(value):.2e}".split("e")
            return f"{sign}{figures}×10{str(int(power)).translate(RAISED)}"
        from babel.numbers import format_decimal  # noqa: PLC0415 - slow to import

        digits = _digits_that_tell(value) if digits is None else digits
        rounded = round(value, digits) + 0.0
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        shown = format_decimal(abs(rounded), format=pattern, locale=self.locale)
        if rounded < 0:
            return "\N{MINUS SIGN}" + shown
        return "+" + shown if signed and rounded > 0 else shown

    def quantity(self, quantity: Quantity) -> str:
        """Show a number with its unit."""
        unit, value = quantity.unit, quantity.value
        factor, digits, signed, pattern = UNITS.get(unit, (1, None, False, ""))
        if unit == P_VALUE and value < SMALLEST_P:
            return "< " + self.number(SMALLEST_P, 3)
        digits = digits if quantity.digits is None else quantity.digits
        number = self.number(value * factor, digits, signed=signed or quantity.signed)
        if unit in UNITS:
            return self.text(pattern).format(number=number)
        if unit.startswith(MONEY):
            code = unit.removeprefix(MONEY)
            return self.text("{currency} {number}").format(currency=code, number=number)
        if not unit:
            return number
        return self.text("{number} {unit}").format(number=number, unit=self.text(unit))

    def period(self, period: Period) -> str:
        """Show a period: 2008-04 for a month, 2008-04-01 for a day, 2008-W14 for a week."""
        day = period.start
        match period.grain:
            case "year":
                return self.text("{year}").format(year=day.year)
            case "quarter":
                return f"{day.year}-Q{(day.month + 2) // 3}"
            case "month":
                return f"{day:%Y-%m}"
            case "week":
                year, week, _ = day.isocalendar()
                return f"{year}-W{week:02d}"
            case _:
                return day.isoformat()


def _digits_that_tell(value: float) -> int:
    """Decimals that leave three figures of a number; none for a whole number."""
    if value == round(value) and abs(value) < 1e15:
        return 0
    if value == 0:
        return 0
    return min(6, max(0, 2 - math.floor(math.log10(abs(value)))))


#: What colours a terminal's text, and nothing else shows.
TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def without_colours(text: str) -> str:
    r"""A terminal's text as it reads.

    Examples:
        >>> without_colours("\x1b[31mred\x1b[0m")
        'red'
    """
    return TERMINAL.sub("", text)


PLACES = re.compile(r"\{([a-z_]+)\}")
#: Chinese characters and their punctuation, and a place with the spaces beside it among them.
CHINESE = re.compile("[\u3001-\u9fff\uff01-\uff65\u201c\u201d]")
SPACED = re.compile(rf"((?<={CHINESE.pattern}) )?{PLACES.pattern}( (?={CHINESE.pattern}))?")


def places(message: str) -> set[str]:
    """Names of a message's places, for holding a translation against its message.

    Examples:
        >>> sorted(places("{kpi} rose to {now}."))
        ['kpi', 'now']
    """
    return set(PLACES.findall(message))
