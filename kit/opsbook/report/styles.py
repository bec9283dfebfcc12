"""Which CSS a notebook's output may bring along: looks, never its place or a request."""

from __future__ import annotations

import re
from collections.abc import Callable

#: Properties that change how a cell, a word or a line looks, and nothing outside of it.
PROPERTIES = (
    "background background-color border border-bottom border-bottom-color "
    "border-bottom-style border-bottom-width border-collapse border-color border-left "
    "border-left-color border-left-style border-left-width border-radius border-right "
    "border-right-color border-right-style border-right-width border-spacing border-style "
    "border-top border-top-color border-top-style border-top-width border-width caption-side "
    "clip-path clip-rule color column-gap display dominant-baseline fill fill-opacity "
    "fill-rule flex flex-wrap font font-family font-feature-settings font-size font-style "
    "font-variant font-variant-numeric font-weight gap grid-template-columns height "
    "justify-content letter-spacing line-height margin margin-bottom margin-left "
    "margin-right margin-top marker-end marker-mid marker-start max-height max-width "
    "min-width opacity overflow-wrap overflow-x padding padding-bottom padding-left "
    "padding-right padding-top paint-order row-gap shape-rendering stop-color stop-opacity "
    "stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin "
    "stroke-miterlimit stroke-opacity stroke-width table-layout text-align text-anchor "
    "text-decoration text-indent text-rendering text-transform vertical-align white-space "
    "width word-break word-spacing"
)
#: Functions that compute a colour, a length or a place inside a drawing, and fetch nothing.
FUNCTIONS = (
    "calc clamp color-mix hsl hsla linear-gradient max min minmax oklch repeat rgb rgba rotate "
    "scale translate var"
)
ALLOWED, COMPUTING = frozenset(PROPERTIES.split()), frozenset(FUNCTIONS.split())
OWN = "--"
CALL = re.compile(r"([\w-]*)\(")
LOCAL_URL = re.compile(r"""url\(\s*["']?#([\w.:-]+)["']?\s*\)""", re.IGNORECASE)
RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
#: ``#T_ab12 th.col_heading:hover``: begins at an element of the output itself.
SELECTOR = re.compile(r"#([\w-]+)((?:[ >]+)?[\w\s.>#:()-]*)")

Rename = Callable[[str], str]


def clean_declarations(style: str, rename: Rename) -> str:
    """Keep the allowed declarations of a style attribute.

    Args:
        style: Declarations as written, separated by semicolons.
        rename: Gives an id of the output its name in the page.

    Examples:
        >>> clean_declarations("color: red; position: fixed; fill: url(https://x)", str)
        'color:red'
    """
    kept = []
    for declaration in COMMENT.sub("", style).split(";"):
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        if not colon or not (name in ALLOWED or name.startswith(OWN)):
            continue
        if (safe := clean_value(value.strip(), rename)) is not None:
            kept.append(f"{name}:{safe}")
    return ";".join(kept)


def clean_value(value: str, rename: Rename) -> str | None:
    """Give a CSS value whose only references point into the page, or None.

    Examples:
        >>> clean_value("url(#clip)", lambda name: "o1-" + name)
        'url(#o1-clip)'
        >>> clean_value("url(https://example.com/x.png)", str) is None
        True
    """
    if any(sign in value for sign in "\\<>{}@"):
        return None
    rest = LOCAL_URL.sub("", value)
    if any(call.lower() not in COMPUTING for call in CALL.findall(rest)):
        return None
    return LOCAL_URL.sub(lambda match: f"url(#{rename(match[1])})", value)


def clean_sheet(sheet: str, rename: Rename) -> str:
    """Keep the rules of a style element that concern an element of the output by its id.

    That is what a pandas Styler writes. At-rules and rules for the whole page are dropped.

    Examples:
        >>> clean_sheet("#T_a td {color: red} body {color: blue}", lambda name: "o1-" + name)
        '#o1-T_a td{color:red}'
    """
    kept = []
    for selectors, declarations in RULE.findall(COMMENT.sub("", sheet)):
        matches = [SELECTOR.fullmatch(selector.strip()) for selector in selectors.split(",")]
        if not all(matches):
            continue
        body = clean_declarations(declarations, rename)
        if body:
            heads = (f"#{rename(match[1])}{match[2]}" for match in matches if match)
            kept.append(f"{','.join(heads)}{{{body}}}")
    return "".join(kept)
