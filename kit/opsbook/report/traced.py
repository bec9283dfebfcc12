"""Sentences whose numbers lead to where they come from.

A number on the page is a link: its tip names the saved file, the field and the full value;
following it leads to the first table or figure of the stage that shows the same number. What a
person wrote in the params is marked as that person's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from opsbook.text import P_VALUE, PLACES, Language, Period, Quantity, Statement, Term, Value

#: A number as it is read, without its unit: −1.98, 4,408, 2007-08.
FIGURE = re.compile(r"\d[\d,.]*\d|\d")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A cell's id, and the text that it shows."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a sentence is saved, and where its numbers may be seen.

    Attributes:
        file: The saved result, such as ``4_effect.json``.
        path: The field in it, such as ``headline``.
        section: Id of the stage's section, the target of a number that no cell shows.
        places: What the stage's cells show, in order.
    """

    file: str
    path: str
    section: str
    places: tuple[Place, ...] = ()

    def at(self, path: str) -> Source:
        """The same file's field under a path."""
        return replace(self, path=path)

    def target(self, shown: str) -> str:
        """Id of the first cell that shows a number, if possible as it stands, or of the section."""
        figures = FIGURE.findall(shown)
        for wanted in ([shown], figures):
            for place in self.places:
                if wanted and all(_stands_in(text, place.text) for text in wanted):
                    return place.id
        return self.section


def traced(statement: Statement, language: Language, source: Source) -> Markup:
    """Put a statement into words whose numbers are links to their source."""
    parts: list[str | Markup] = []
    message, end = language.sentence(statement), 0
    for place in PLACES.finditer(message):
        value = statement.values[place[1]]
        parts += [
            message[end : place.start()],
            _shown(value, language, source.at(f"{source.path}.{place[1]}")),
        ]
        end = place.end()
    return _joined([*parts, message[end:]])


def number(shown: str, value: str, source: Source, *, whole: bool = False) -> Markup:
    """A number as a link to where it is shown, its tip saying where it is saved.

    Args:
        shown: The number as the reader sees it.
        value: The number as it is saved.
        source: Where it is saved.
        whole: Whether it stays on one line, as a date and p < 0.001 do.
    """
    link = Markup('<a class="r-n{}" href="#{}" title="{}: {} = {}">{}</a>')
    look = " r-whole" * whole
    return link.format(look, source.target(shown), source.file, source.path, value, shown)


def own_words(words: str) -> Markup:
    """Words from the params, marked as such."""
    return Markup('<span class="r-own">{}</span>').format(words)


def _shown(value: Value, language: Language, source: Source) -> str | Markup:
    shown = language.value(value)
    match value:
        case Quantity():
            return number(shown, f"{value.value:.12g}", source, whole=value.unit == P_VALUE)
        case Period():
            return number(shown, value.start.isoformat(), source, whole=True)
        case int():
            return number(shown, str(value), source)
        case Term():
            return shown
        case tuple():
            mark = escape(language.separator(map(language.value, value)))
            return mark.join(_shown(item, language, source) for item in value)
        case _:
            return own_words(shown)


def _joined(parts: Iterable[str | Markup]) -> Markup:
    return Markup("").join(map(escape, parts))


def _stands_in(figure: str, text: str) -> bool:
    return re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d]|[.,]\d)", text) is not None
