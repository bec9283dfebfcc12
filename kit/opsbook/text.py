"""Sentences whose numbers stay numbers until they are shown, in the reader's language.

A `Statement` is an English message with named places and the values that fill them. It is
saved as it is; `Language.say` translates the message and formats the values when somebody
reads it. So a report can be shown in another language without running anything again.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from opsbook.numerals import (
    LARGE,
    LARGE_COUNT,
    decimals,
    large_decimals,
    large_unit,
    money_decimals,
    percent_decimals,
)

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
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
#: What a Chinese reader calls a currency where its full name is not what stands behind an amount.
YUAN = {"CNY": "元"}
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


Item = Annotated[Quantity | Period | Term | int | str, Field(union_mode="smart")]
#: What fills a place: one thing, or several that each language lists in its own way.
Value = Annotated[
    Quantity | Period | Term | int | str | tuple[Item, ...], Field(union_mode="smart")
]


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
        '+5.00 个百分点'
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
        return self.fitted(statement.message, shown).format_map(shown)

    def sentence(self, statement: Statement) -> str:
        """Translate a statement and leave its places open."""
        shown = {name: self.value(value) for name, value in statement.values.items()}
        return self.fitted(statement.message, shown)

    def fitted(self, message: str, shown: Mapping[str, str]) -> str:
        r"""Translate a message for what will stand in its places.

        A probability reads p = 0.042 or p < 0.001. Chinese meets Latin letters and figures with
        a space, and Chinese without one.

        Examples:
            >>> Language("en").fitted("by chance: p {p}", {"p": "0.042"})
            'by chance: p\xa0=\xa0{p}'
            >>> Language("zh").fitted("按 {by} 搜索", {"by": "渠道"})
            '按{by}搜索'
            >>> Language("zh").fitted("共{n}期", {"n": "3"})
            '共 {n} 期'
        """

        def closed(place: re.Match[str]) -> str:
            before, gap, name, gap_after, after = place.groups(default="")
            value = shown[name]
            if HAN.match(before):
                gap = " " if value and not CHINESE.match(value[0]) else ""
            if HAN.match(after):
                gap_after = " " if value and not CHINESE.match(value[-1]) else ""
            return f"{before}{gap}{{{name}}}{gap_after}"

        def related(place: re.Match[str]) -> str:
            sign = "" if shown[place[1]].startswith("<") else f"={UNBROKEN}"
            return f"p{UNBROKEN}{sign}{{{place[1]}}}"

        text = P_PLACE.sub(related, self.text(message))
        return SPACED.sub(closed, text)

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
            case tuple():
                return self.listed(self.value(item) for item in value)
            case _:
                return value

    def listed(self, items: Iterable[str]) -> str:
        """Several things one after the other, those with commas of their own set apart more.

        Examples:
            >>> Language("en").listed(["a", "b"]), Language("zh").listed(["甲", "乙"])
            ('a, b', '甲、乙')
            >>> Language("en").listed(["a, of b", "c"])
            'a, of b; c'
        """
        found = list(items)
        return self.separator(found).join(found)

    def separator(self, items: Iterable[str]) -> str:
        """What stands between several things."""
        within = any(mark in item for item in items for mark in ",;，；、")
        commas, apart = {"en": (", ", "; "), "zh": ("、", "；")}[self.code]
        return apart if within else commas

    def told(self, name: str, what: str) -> str:
        """What is said of something, behind its name and a colon."""
        return f"{name}：{what}" if self.code == "zh" else f"{name}: {what}"

    def bracketed(self, text: str) -> str:
        """What is added in brackets, the space before it included."""
        return f"（{text}）" if self.code == "zh" else f" ({text})"

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
        large = large_unit(value, self.code)
        if large is not None and (digits is None or abs(value) >= LARGE_COUNT):
            size, word = large
            return f"{self._plain(value / size, large_decimals(value / size), signed)} {word}"
        return self._plain(value, decimals(value) if digits is None else digits, signed)

    def _plain(self, value: float, digits: int, signed: bool) -> str:
        from babel.numbers import format_decimal  # noqa: PLC0415 - slow to import

        rounded = round(value, digits) + 0.0
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        shown = format_decimal(abs(rounded), format=pattern, locale=self.locale)
        if rounded < 0:
            return "\N{MINUS SIGN}" + shown
        return "+" + shown if signed and rounded > 0 else shown

    def quantity(self, quantity: Quantity) -> str:
        """Show a number with its unit."""
        unit, value = quantity.unit, quantity.value
        factor, least, signed, pattern = UNITS.get(unit, (1, None, False, ""))
        if unit == P_VALUE and value < SMALLEST_P:
            return f"<{UNBROKEN}{self.number(SMALLEST_P, 3)}"
        digits = quantity.digits
        if digits is None:
            digits = _digits(value * factor, unit, least)
        number = self.number(value * factor, digits, signed=signed or quantity.signed)
        if unit in UNITS:
            return self.text(pattern).format(number=number)
        if unit.startswith(MONEY):
            return self._money(number, unit.removeprefix(MONEY))
        if not unit:
            return number
        return self._beside(number, self.text(unit))

    def _money(self, number: str, code: str) -> str:
        if self.code != "zh":
            return f"{code} {number}"
        from babel.numbers import get_currency_name  # noqa: PLC0415 - slow to import

        name = YUAN.get(code) or get_currency_name(code, locale=self.locale)
        return self._beside(number, name)

    def _beside(self, number: str, unit: str) -> str:
        """A unit behind its number; behind a Chinese one, as in 3.2 亿元, without a space."""
        return f"{number}{'' if HAN.match(number[-1]) and HAN.match(unit) else ' '}{unit}"

    def period(self, period: Period) -> str:
        """Show a period as its readers write it.

        Examples:
            >>> month = Period(start=dt.date(2008, 4, 1), grain="month")
            >>> Language("en").period(month), Language("zh").period(month)
            ('Apr 2008', '2008年4月')
        """
        day = period.start
        year, week, _ = day.isocalendar()
        quarter, month = (day.month + 2) // 3, MONTHS[day.month - 1]
        english, chinese = {
            "year": (f"{day.year}", f"{day.year}年"),
            "quarter": (f"Q{quarter} {day.year}", f"{day.year}年第{quarter}季度"),
            "month": (f"{month} {day.year}", f"{day.year}年{day.month}月"),
            "week": (f"{year}-W{week:02d}", f"{year}年第{week}周"),
            "day": (f"{day.day} {month} {day.year}", f"{day.year}年{day.month}月{day.day}日"),
        }[period.grain]
        return chinese if self.code == "zh" else english

    def day_of_month(self, day: dt.date) -> str:
        """A day where the year is told elsewhere.

        Examples:
            >>> Language("en").day_of_month(dt.date(2008, 4, 9))
            '9 Apr'
        """
        if self.code == "zh":
            return f"{day.month}月{day.day}日"
        return f"{day.day} {MONTHS[day.month - 1]}"


def _digits(value: float, unit: str, least: int | None) -> int | None:
    """Decimals that suit a unit."""
    if unit in {SHARE, POINTS}:
        return percent_decimals(value, least or 0, of_whole=unit == SHARE)
    if unit.startswith(MONEY) and abs(value) < LARGE:
        return money_decimals(value)
    return least


#: What colours a terminal's text, and nothing else shows.
TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def without_colours(text: str) -> str:
    r"""A terminal's text as it reads.

    Examples:
        >>> without_colours("\x1b[31mred\x1b[0m")
        'red'
    """
    return TERMINAL.sub("", text)


#: A space at which no line ends: between a probability and its sign.
UNBROKEN = "\N{NO-BREAK SPACE}"
PLACES = re.compile(r"\{([a-z_]+)\}")
#: Chinese characters; the same with their punctuation and brackets.
HAN = re.compile("[\u3400-\u9fff]")
CHINESE = re.compile("[\u3001-\u9fff\uff01-\uff65\u201c\u201d]")
#: A place with the spaces and the characters beside it; one that a probability fills.
SPACED = re.compile(rf"(?:([^\s{{}}])?(\x20?)){PLACES.pattern}(\x20?)(?=(\S)?)")
P_PLACE = re.compile(rf"(?<![A-Za-z])p {PLACES.pattern}")


def places(message: str) -> set[str]:
    """Names of a message's places, for holding a translation against its message.

    Examples:
        >>> sorted(places("{kpi} rose to {now}."))
        ['kpi', 'now']
    """
    return set(PLACES.findall(message))
