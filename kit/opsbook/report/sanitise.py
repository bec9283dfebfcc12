"""What a notebook's output may be in a page that is sent to others: looks, no behaviour.

Allow-lists decide; everything else is dropped. An id gets the prefix of its cell, so that two
figures never share one, and class names of the page itself (``r-…``) cannot be borrowed.
"""

from __future__ import annotations

import re

from opsbook.report.styles import Rename, clean_declarations, clean_sheet, clean_value
from opsbook.text import Term, term

PAGE_CLASS = "r-"
HTML_TAGS = (
    "a abbr b bdi blockquote br caption cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section "
    "small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr"
)
SVG_TAGS = (
    "svg g path rect circle ellipse line polyline polygon text tspan textPath title desc defs "
    "symbol use clipPath mask pattern marker linearGradient radialGradient stop image"
)
DROPPED_WHOLE = (
    "script style template iframe object embed noscript noembed noframes math foreignObject "
    "metadata animate animateMotion animateTransform set select textarea"
)
ANYWHERE = (
    "id class style title lang dir role aria-hidden aria-label aria-labelledby aria-describedby"
)
DRAWING = (
    "x y x1 y1 x2 y2 cx cy r rx ry d dx dy points width height viewBox preserveAspectRatio "
    "transform href fill fill-opacity fill-rule stroke stroke-width stroke-opacity "
    "stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit "
    "opacity clip-path clip-rule clipPathUnits mask maskUnits maskContentUnits marker-start "
    "marker-mid marker-end markerWidth markerHeight markerUnits refX refY orient "
    "patternUnits patternContentUnits patternTransform gradientUnits gradientTransform "
    "spreadMethod offset stop-color stop-opacity font-size font-family font-weight "
    "font-style text-anchor dominant-baseline letter-spacing textLength lengthAdjust "
    "startOffset vector-effect shape-rendering text-rendering paint-order color fx fy"
)
TAGS = {*HTML_TAGS.split(), *SVG_TAGS.split()}
DROPPED = set(DROPPED_WHOLE.split())
ATTRIBUTES = {
    "*": set(ANYWHERE.split()),
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "reversed"},
    "time": {"datetime"},
    "details": {"open"},
    **{tag: set(DRAWING.split()) for tag in SVG_TAGS.split()},
}
#: How the page aligns a cell anyway; JupyterLab needs to be told.
CELLS, AS_EVER = frozenset({"td", "th"}), "text-align:left"
IDS = frozenset({"id", "headers", "aria-labelledby", "aria-describedby"})
REFERENCES = frozenset(
    {"clip-path", "mask", "fill", "stroke", "marker-start", "marker-mid", "marker-end"}
)
LINKS = ("https://", "http://", "mailto:")
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
STYLE_ELEMENT = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
HEAD = re.compile(r"<thead\b.*?</thead>", re.DOTALL)
HEADER_CELL = re.compile(r"<th(?=[\s>])(?![^>]*\bscope=)")
EMPTY_SHAPE = re.compile(r"></(?:path|use|rect|circle|ellipse|line|poly(?:gon|line)|stop|image)>")
HEADING = re.compile(r"<(/?)h([1-6])(?=[\s>])")
LAST_HEADING = 6
LOSSES = {
    term("a picture from elsewhere"): re.compile(
        r"<(?:img|image)\b(?![^>]*\b(?:src|href)\s*=\s*[\"']?\s*(?:data:image/|#))", re.IGNORECASE
    ),
    term("what a script would draw"): re.compile(r"<script\b", re.IGNORECASE),
    term("an embedded page, film or form"): re.compile(
        r"<(?:iframe|object|embed|video|audio|canvas|form|input|select|textarea)\b", re.IGNORECASE
    ),
}


def clean_html(html: str, *, prefix: str, shift: int = 0) -> str:
    """Clean HTML, inline SVG included.

    Args:
        html: What a cell shows, or Markdown as rendered.
        prefix: Put before every id, and before every reference to one.
        shift: Levels that headings move down, so that the page's outline holds.

    Returns:
        HTML that runs nothing and requests nothing.

    Examples:
        >>> clean_html('<p onclick="x()">one <script>alert(1)</script>two</p>', prefix="c1-")
        '<p>one two</p>'
    """
    import nh3  # noqa: PLC0415 - only a report needs it

    def rename(name: str) -> str:
        return prefix + name

    def keep(tag: str, name: str, value: str) -> str | None:
        return clean_attribute(tag, name, value, rename)

    sheets = [clean_sheet(sheet, rename) for sheet in STYLE_ELEMENT.findall(html)]
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=DROPPED,
        attributes=ATTRIBUTES,
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
    )
    if shift:
        cleaned = HEADING.sub(
            lambda match: f"<{match[1]}h{min(LAST_HEADING, int(match[2]) + shift)}", cleaned
        )
    cleaned = EMPTY_SHAPE.sub("/>", cleaned)
    style = "".join(filter(None, sheets))
    return (f"<style>{style}</style>" if style else "") + cleaned.strip()


def left_out(html: str) -> list[Term]:
    """What cleaning takes away that a reader would have seen, so that it can be told.

    Examples:
        >>> [one.term for one in left_out('<img src="https://example.com/x.png">')]
        ['a picture from elsewhere']
        >>> left_out("<p>words</p>")
        []
    """
    return [what for what, sign in LOSSES.items() if sign.search(html)]


def clean_attribute(tag: str, name: str, value: str, rename: Rename) -> str | None:
    """Give an allowed attribute's value as it may stand in the page, or None.

    Args:
        tag: The element.
        name: The attribute.
        value: Its value as written.
        rename: Gives an id of the output its name in the page.
    """
    if name == "style":
        kept = clean_declarations(value, rename)
        return None if tag in CELLS and kept == AS_EVER else kept or None
    if name == "class":
        return " ".join(c for c in value.split() if not c.startswith(PAGE_CLASS)) or None
    if name in IDS:
        return " ".join(map(rename, value.split())) or None
    if name == "href" and value.startswith("#"):
        return "#" + rename(value[1:])
    if name == "href" and tag == "a":
        return value if value.lower().startswith(LINKS) else None
    if name in {"src", "href"}:
        return value if PICTURE.fullmatch(value) else None
    return clean_value(value, rename) if name in REFERENCES else value


def framed_tables(html: str, frame: str) -> str:
    """Put each table of cleaned HTML into a frame of its own, its header cells with a scope.

    Args:
        html: What `clean_html` returned.
        frame: HTML around a table, with ``{}`` where it goes.
    """
    return TABLE.sub(lambda match: frame.replace("{}", _scoped(match[0]), 1), html)


def _scoped(table: str) -> str:
    table = HEAD.sub(lambda match: HEADER_CELL.sub('<th scope="col"', match[0]), table)
    return HEADER_CELL.sub('<th scope="row"', table)
