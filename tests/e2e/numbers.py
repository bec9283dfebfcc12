"""Every number of a rendered report, and whether a saved result, a template or a person says it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from opsbook.project.base import When
from opsbook.text import LANGUAGES, Language

FIGURE = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?")
TIP = re.compile(r"(\d_\w+\.json): ([\w., -]+) = (.+)", re.DOTALL)
#: What a report writes of a probability too small, or too sure, to be told in figures.
BOUND = re.compile(r"(<|less than|不到|more than|超过)\s*(\d[\d.]*)(%?)")
#: A date in the params.
WRITTEN = re.compile(r"\d{4}-(?:W\d\d|Q\d|\d\d(?:-\d\d)?)")
#: A day, which a report also calls by its week.
DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Parts whose digits are no results: the page's own numbering and counts, code, hashes. The
#: appendix tells versions and the params; the words on an axis' ticks are its scale.
CLASSES = frozenset(("r-kicker", "r-more", "r-versions", "ticks"))
TAGS = frozenset(("code", "pre", "script", "style", "nav", "footer"))
#: A share in percent, and the words for many zeros: billion and trillion, 亿 and 万亿.
FACTORS = (1.0, 100.0, 1e-9, 1e-12, 1e-8)


def untraced(report: Path, templates: Path, params: str) -> list[str]:
    """Numbers of a report that nothing saved, no template and no person accounts for."""
    page = BeautifulSoup(report.read_text("utf-8"), "html.parser")
    named = {str(tag["id"]): tag for tag in page.find_all(id=True)}
    saved = {file.name: _leaves(file) for file in sorted(report.parent.glob("?_*.json"))}
    words = "".join(file.read_text("utf-8") for file in sorted(templates.glob("*.ipynb")))
    params += " ".join(_dates(params))
    faults = []
    for text in page.find_all(string=FIGURE):
        if any(_is_structure(parent) for parent in text.parents):
            continue
        where = " > ".join(p.name for p in list(text.parents)[2::-1])
        faults += [f"{where}: {fault}" for fault in _faults(text, named, saved, words, params)]
    return faults


def _dates(params: str) -> Iterator[str]:
    """The dates that a person wrote, as either language writes them."""
    for text in WRITTEN.findall(params):
        with suppress(ValueError):
            when = When.model_validate(text).period
            yield from (Language(code).period(when) for code in LANGUAGES)


def _is_structure(tag: Tag) -> bool:
    return tag.name in TAGS or not CLASSES.isdisjoint(tag.get("class") or ())


def _faults(
    text: NavigableString,
    named: dict[str, Tag],
    saved: dict[str, list[Any]],
    words: str,
    params: str,
) -> Iterator[str]:
    shown = str(text).strip()
    link = text.find_parent("a", class_="r-n")
    if link is not None:
        yield from _unsound(link, named, saved)
    elif text.find_parent(class_="r-own"):
        if shown not in params and not any(shown in map(str, leaves) for leaves in saved.values()):
            yield f"no person wrote {shown!r}"
    elif text.find_parent(class_="r-prose") or text.find_parent("h2"):
        if not all(figure in words + params for figure in FIGURE.findall(shown)):
            yield f"no template says {shown!r}"
    else:
        leaves = [leaf for own in saved.values() for leaf in own]
        bounds = [bound for bound in BOUND.findall(shown) if _holds(bound, leaves)]
        for side, limit, percent in bounds:
            shown = re.sub(rf"{side}\s*{re.escape(limit)}{percent}", "", shown)
        for figure in FIGURE.findall(shown):
            if not _is_saved(figure, leaves, params):
                yield f"no result holds {figure} of {shown[:80]!r}"


def _unsound(link: Tag, named: dict[str, Tag], saved: dict[str, list[Any]]) -> Iterator[str]:
    tip = TIP.fullmatch(str(link["title"]))
    if tip is None or tip[1] not in saved:
        yield f"{link['title']!r} names no saved result"
        return
    for value in tip[3].split(", "):
        if value not in {_text(leaf) for leaf in saved[tip[1]]}:
            yield f"{tip[1]} holds no {value}, which {link.get_text()!r} names"
    target = named.get(str(link["href"])[1:])
    if target is None:
        yield f"{link.get_text()!r} leads nowhere"
    elif target.name != "section" and not all(
        figure in target.get_text() for figure in FIGURE.findall(link.get_text())
    ):
        yield f"{link.get_text()!r} leads to a cell without it"


def _holds(bound: tuple[str, str, str], leaves: list[Any]) -> bool:
    """Whether a saved probability lies on its side of a bound."""
    side, limit, percent = bound
    edge = float(limit) / (100 if percent else 1)
    chances = [leaf for leaf in leaves if isinstance(leaf, float) and 0 <= leaf <= 1]
    below = side in {"<", "less than", "不到"}
    return any(chance < edge if below else chance > edge for chance in chances)


def _is_saved(figure: str, leaves: list[Any], params: str) -> bool:
    """Whether a saved value, rounded as the figure is, is the figure; or a saved text has it."""
    plain = figure.replace(",", "")
    digits = len(plain.partition(".")[2])
    for leaf in leaves:
        if isinstance(leaf, str):
            if plain in leaf:
                return True
        elif any(_shows(plain, digits, abs(leaf) * factor) for factor in FACTORS):
            return True
    return plain in params


def _shows(plain: str, digits: int, value: float) -> bool:
    """Whether a figure is a value, rounded to its decimals or, as guesses are, to three figures."""
    shown = float(plain)
    return abs(round(value, digits) - shown) < 1e-9 or float(f"{value:.3g}") == shown


def _leaves(file: Path) -> list[Any]:
    found: list[Any] = []

    def walk(node: Any) -> None:
        match node:
            case dict():
                for key, value in node.items():
                    found.append(key)
                    walk(value)
            case list():
                found.append(len(node))
                for value in node:
                    walk(value)
            case bool() | None:
                pass
            case str() if DAY.fullmatch(node):
                found.extend((node, "{}-W{:02}".format(*dt.date.fromisoformat(node).isocalendar())))
            case _:
                found.append(node)

    walk(json.loads(file.read_text("utf-8")))
    return found


def _text(leaf: Any) -> str:
    return f"{leaf:.12g}" if isinstance(leaf, float) else str(leaf)
