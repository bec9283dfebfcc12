"""The same drawing in a quarter of the letters.

matplotlib writes six decimals, a group and an id around every element and its style in each. Here
coordinates are rounded to a tenth of a point, which no screen shows, neighbours that look alike
share one group, and an axis is one path of grid lines, one of ticks and one group of labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from xml.etree import ElementTree as ET

NAMESPACE = re.compile(r"\{[^}]*\}")
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?")
COMMAND = re.compile(r"([MLHVCSQTAZmlhvcsqtaz])([^MLHVCSQTAZmlhvcsqtaz]*)")
TICK, AXIS = re.compile(r"[xy]tick_\d+"), re.compile(r"matplotlib\.axis_\d+")
#: A turn by nothing, which matplotlib writes to every upright word.
NO_TURN = re.compile(r"rotate\(-?0(?:\.0*)?(?:[ ,][^)]*)?\)\s*")
#: What says where an element is; the rest says how it looks and may be shared.
PLACES = "d x y width height cx cy r x1 y1 x2 y2 points transform href id opacity"
WHERE = frozenset(PLACES.split())
POSITIONS = WHERE - {"d", "href", "id", "opacity"}
#: Style properties that are attributes too.
LOOKS = re.compile(r"fill|stroke|opacity|font-(?:size|weight|style)|text-anchor|(?:fill|stroke)-.+")
#: A shape smaller than this, in points, needs a second decimal.
SMALL = 20.0


@dataclass
class Shape:
    """One drawn element: where it is and how it looks apart."""

    tag: str
    where: dict[str, str]
    look: dict[str, str]
    inner: str = ""
    tick: bool = False

    @property
    def key(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What neighbours must share to stand in one group."""
        return ("text" if self.tag == "text" else "shape", tuple(sorted(self.look.items())))

    @property
    def moved(self) -> bool:
        """Whether its own places are not those of its group, in which a clipping frame counts."""
        return self.tag == "use" or "transform" in self.where

    @property
    def drawn(self) -> bool:
        """Whether anything of it can be seen."""
        return not (
            self.tag == "path"
            and self.look.get("fill") == "none"
            and self.look.get("stroke", "none") == "none"
        )


@dataclass
class Drawing:
    """What was found in a picture: shapes in their order, and what they refer to."""

    defined: dict[str, str] = field(default_factory=dict)
    markers: dict[str, Shape] = field(default_factory=dict)


def compact_svg(svg: str) -> str:
    """Write matplotlib's SVG in fewer letters; what is seen stays.

    Args:
        svg: A whole ``<svg>`` element.

    Examples:
        >>> whole = '<svg><g id="a"><path d="M 0 0 L 90.04 0 z" style="fill: #abc"/></g></svg>'
        >>> compact_svg(whole).partition(" stroke-linejoin")[2]
        '="round"><path d="M0 0H90z" fill="#abc"/></svg>'
    """
    root = ET.fromstring(svg)  # noqa: S314 - what matplotlib wrote a moment ago
    drawing = Drawing()
    shapes = list(_shapes(root, {}, drawing))
    body = _grouped(shapes)
    used = {name for name in drawing.defined if f"#{name}" in body}
    defined = "".join(one for name, one in drawing.defined.items() if name in used)
    definitions = f"<defs>{defined}</defs>" if defined else ""
    own = {name: value for name, value in root.attrib.items() if name != "version"}
    own = {n: _rounded(n, v) for n, v in own.items()}
    own = {"xmlns": "http://www.w3.org/2000/svg"} | own | {"stroke-linejoin": "round"}
    return f"<svg{_attributes(own)}>{definitions}{body}</svg>"


def _shapes(node: ET.Element, inherited: dict[str, str], drawing: Drawing) -> Iterator[Shape]:
    for child in node:
        tag = NAMESPACE.sub("", child.tag)
        where, look = _parted(child)
        look = inherited | look
        if tag == "defs":
            _define(child, drawing)
        elif tag == "g" and not where.keys() - {"id"}:
            yield from _group(child, where.get("id", ""), look, drawing)
        elif tag not in {"title", "metadata", "style"}:
            where.pop("id", None)
            shape = Shape(tag, where, look, _inside(child, drawing))
            if shape.drawn:
                yield shape


def _group(node: ET.Element, name: str, look: dict[str, str], drawing: Drawing) -> Iterator[Shape]:
    inside = list(_shapes(node, look, drawing))
    if TICK.fullmatch(name):
        for shape in inside:
            shape.tick = True
    if not AXIS.fullmatch(name):
        yield from inside
        return
    ticks = [shape for shape in inside if shape.tick]
    yield from _one_path(shape for shape in ticks if shape.tag == "path")
    yield from _one_path(_placed(shape, drawing) for shape in ticks if shape.tag == "use")
    yield from (shape for shape in ticks if shape.tag == "text")
    yield from (shape for shape in inside if not shape.tick)


def _one_path(shapes: Iterable[Shape]) -> Iterator[Shape]:
    """Lines that look alike and never cross, as one path."""
    for _, alike in groupby(shapes, key=lambda shape: shape.key):
        first, *rest = alike
        first.where["d"] = "".join([first.where["d"], *(shape.where["d"] for shape in rest)])
        yield first


def _placed(use: Shape, drawing: Drawing) -> Shape:
    """A tick where it stands, instead of a reference to it."""
    marker = drawing.markers[use.where["href"][1:]]
    x, y = float(use.where["x"]), float(use.where["y"])
    numbers = [float(n) for n in NUMBER.findall(marker.where["d"])]
    (x1, y1), (x2, y2) = numbers[:2], numbers[2:4]
    drawn = f"M{x + x1} {y + y1}L{x + x2} {y + y2}"
    return Shape("path", {"d": _path(drawn, 1)}, use.look | marker.look, tick=True)


def _define(node: ET.Element, drawing: Drawing) -> None:
    for child in node:
        tag, name = NAMESPACE.sub("", child.tag), child.get("id", "")
        if tag == "style":
            continue
        where, look = _parted(child)
        if tag == "path":
            drawing.markers[name] = Shape(tag, {"d": child.get("d", "")}, look)
        inner = "".join(_written(shape) for shape in _shapes(child, {}, drawing))
        drawing.defined[name] = _written(Shape(tag, where, look, inner))


def _inside(node: ET.Element, drawing: Drawing) -> str:
    """Words, or the elements of a group that must stay one."""
    if NAMESPACE.sub("", node.tag) == "g":
        return _grouped(list(_shapes(node, {}, drawing)))
    words = escape(node.text or "", quote=False)
    parts = (
        f"{_written(Shape(NAMESPACE.sub('', child.tag), *_parted(child), _inside(child, drawing)))}"
        f"{escape((child.tail or '').rstrip(), quote=False)}"
        for child in node
    )
    return words + "".join(parts)


def _parted(node: ET.Element) -> tuple[dict[str, str], dict[str, str]]:
    """Attributes that place an element, and those that style it."""
    where: dict[str, str] = {}
    look: dict[str, str] = {}
    for name, value in node.attrib.items():
        short = NAMESPACE.sub("", name)
        if short == "style":
            look |= _declared(value)
        elif short in WHERE:
            if placed := _rounded(short, value):
                where[short] = placed
        else:
            look[short] = value
    if "opacity" in look:  # of a group it would be another thing than of each of its elements
        where["opacity"] = look.pop("opacity")
    return where, look


def _declared(style: str) -> dict[str, str]:
    found, rest = {}, []
    for declaration in filter(None, map(str.strip, style.split(";"))):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if LOOKS.fullmatch(name):
            found[name] = _short(value, 2) if NUMBER.fullmatch(value) else value
        else:
            rest.append(f"{name}:{value}")
    return found | ({"style": ";".join(rest)} if rest else {})


def _grouped(shapes: list[Shape]) -> str:
    parts: list[str] = []
    for _, alike in groupby(shapes, key=lambda shape: (shape.key, shape.tick)):
        run = list(alike)
        shared = dict(run[0].look) | ({"class": "ticks"} if run[0].tick else {})
        alone = len(run) == 1 and not run[0].tick and not run[0].moved
        if alone or not shared:
            parts += map(_written, run)
        else:
            bare = (_written(Shape(one.tag, one.where, {}, one.inner)) for one in run)
            parts.append(f"<g{_attributes(shared)}>{''.join(bare)}</g>")
    return "".join(parts)


def _written(shape: Shape) -> str:
    head = f"<{shape.tag}{_attributes(shape.where | shape.look)}"
    return f"{head}>{shape.inner}</{shape.tag}>" if shape.inner else f"{head}/>"


def _attributes(given: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in given.items())


def _rounded(name: str, value: str) -> str:
    if name == "d":
        numbers = [float(n) for n in NUMBER.findall(value)]
        spread = max(numbers, default=0.0) - min(numbers, default=0.0)
        return _path(value, 2 if spread < SMALL else 1)
    if name == "transform":
        value = NO_TURN.sub("", value).strip()
    if name in POSITIONS or name == "viewBox":
        return NUMBER.sub(lambda match: _short(match[0], 1), value)
    return value


def _path(data: str, digits: int) -> str:
    """A path with rounded places, straight lines as steps along an axis where they are."""
    written, here = [], ("", "")
    for command, rest in COMMAND.findall(data):
        numbers = [_short(number, digits) for number in NUMBER.findall(rest)]
        places = list(zip(numbers[::2], numbers[1::2], strict=False))
        if command == "L":
            for x, y in places:
                if (x, y) == here:
                    continue
                written.append(_step(x, y, here))
                here = (x, y)
            continue
        written.append(command + " ".join(numbers))
        here = places[-1] if places else ("", "")
    joined = re.sub(r" (?=-)", "", "".join(written))
    return re.sub(r"L(-?[\d.]+ ?-?[\d.]+)(?=L)", r"L\1", joined)


def _step(x: str, y: str, here: tuple[str, str]) -> str:
    if y == here[1]:
        return f"H{x}"
    return f"V{y}" if x == here[0] else f"L{x} {y}"


def _short(number: str, digits: int) -> str:
    shown = f"{round(float(number), digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if shown in {"-0", ""} else re.sub(r"^(-?)0\.", r"\1.", shown)
