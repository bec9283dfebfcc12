"""Every number of a rendered report, and whether a saved result, a template or a person says it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

FIGURE = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?")
TIP = re.compile(r"(\d_\w+\.json): ([\w., -]+) = (.+)", re.DOTALL)
#: A day, which a report also calls by its week.
DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Parts whose digits are no results: the page's own numbering and counts, code, hashes. The
#: appendix tells versions and the params; the words on an axis' ticks are its scale.
CLASSES = frozenset(("r-kicker", "r-more", "r-versions", "ticks"))
TAGS = frozenset(("code", "pre", "script", "style", "nav", "footer"))
FACTORS = (1.0, 100.0)


def untraced(report: Path, templates: Path, params: str) -> list[str]:
    """Numbers of a report that nothing saved, no template and no person accounts for."""
    page = BeautifulSoup(report.read_text("utf-8"), "html.parser")
    named = {str(tag["id"]): tag for tag in page.find_all(id=True)}
    saved = {file.name: _leaves(file) for file in sorted(report.parent.glob("?_*.json"))}
    words = "".join(file.read_text("utf-8") for file in sorted(templates.glob("*.ipynb")))
    faults = []
    for text in page.find_all(string=FIGURE):
        if any(_is_structure(parent) for parent in text.parents):
            continue
        where = " > ".join(p.name for p in list(text.parents)[2::-1])
        faults += [f"{where}: {fault}" for fault in _faults(text, named, saved, words, params)]
    return faults


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
