"""What a notebook displays: a picture or a piece of HTML, each with words beside it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsbook.show.compact_svg import compact_svg
from opsbook.show.reader import reader
from opsbook.text import Statement, Value

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Stands for the reader's text colour until the picture is written.
INK = "#010203"
#: Colours that differ in lightness too, so that they can be told apart in grey.
BLUE, ORANGE, RED, GREEN, GREY = "#2f6f9f", "#d9822b", "#b3362b", "#3d8a5f", "#8a8f98"
METRICS_FONT = Path(__file__).with_name("cjk_metrics.ttf")
FONTS = (
    "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'PingFang SC', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"
)
STYLE: dict[str, Any] = {
    "figure.figsize": (8.0, 3.4),
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.formatter.useoffset": False,  # an axis says its numbers, not what to add to them
    "axes.formatter.limits": (-6, 12),
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "text.parse_math": False,  # a title with two $ is a title, no formula
    "xtick.color": INK,
    "ytick.color": INK,
    "font.size": 10,
    "font.family": ["DejaVu Sans", "opsbook CJK metrics"],
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "opsbook",
}
#: How pieces look in JupyterLab, light or dark. A report drops it and brings its own sheet.
IN_NOTEBOOKS = (
    "<style>"
    ".ops.note,.ops.cautions,.ops.headline{border-left:4px solid #8a8f98;padding:.1em .9em}"
    ".ops.cautions{border-color:#d9822b;background:rgba(217,130,43,.12)}"
    ".ops .tone{padding:0 .45em;color:#fff;background:#8a8f98}"
    ".ops .tone-bad{background:#b3362b}.ops .tone-good{background:#3d8a5f}"
    ".ops .tone-warn{background:#b06a1c}"
    "table.ops th[scope=row]{text-align:left}table.ops caption{text-align:left;font-weight:600}"
    "</style>"
)
#: JupyterLab shows a figure as a picture, which cannot know the page's colours: it gets its own.
AS_PICTURE = "<style>.ops-figure{background:#fff;color:#1d232b}</style>"


@dataclass(frozen=True, kw_only=True)
class Html:
    """A piece of HTML; every text in it was escaped when it was made."""

    html: str
    text: str = ""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        styled = IN_NOTEBOOKS + self.html if self.html else ""
        return {"text/html": styled, "text/plain": self.text}

    def __add__(self, other: Html) -> Html:
        return Html(html=self.html + other.html, text=f"{self.text}\n{other.text}".strip())


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure as SVG, its text kept as text, with the sentence it shows."""

    svg: str
    text: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": self.text}


def style() -> None:
    """Give the figures of this process their style and the font that measures Chinese."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy
    from matplotlib import font_manager  # noqa: PLC0415

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    if "opsbook CJK metrics" not in known:
        font_manager.fontManager.addfont(METRICS_FONT)
    plt.style.use(STYLE)


def picture(
    figure: Figure, text: str, *, newest_right: bool = False, whole: bool = False
) -> Picture:
    """Turn a figure into SVG that takes the reader's text colour and font, and close it.

    Args:
        figure: The figure.
        text: What it shows, in words, for those who cannot see it.
        newest_right: Whether a narrow screen should begin at its right end.
        whole: Whether it is drawn so small that a narrow screen can show the whole of it.
    """
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy

    file = io.StringIO()
    figure.savefig(
        file, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight"
    )
    plt.close(figure)
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = compact_svg(re.sub(r"font-family: [^;\"]*;? ?", "", svg))
    kind = "ops-figure" + " newest-right" * newest_right + " whole" * whole
    look = f'class="{kind}" style="font-family: {FONTS}"'
    svg = svg.replace("<svg ", f'<svg role="img" {look} ', 1)
    end = svg.index(">") + 1
    svg = f"{svg[:end]}<title>{escape(text)}</title>{AS_PICTURE}{svg[end:]}"
    return Picture(svg=svg, text=text)


def shown(value: Statement | Value | None) -> str:
    """A statement or a value in the reader's language, escaped for HTML."""
    if value is None:
        return "–"
    language = reader()
    return escape(language.say(value) if isinstance(value, Statement) else language.value(value))


def words(message: str) -> str:
    """One of opsbook's own phrases in the reader's language, escaped for HTML."""
    return escape(reader().text(message))


def filled(message: str, **pieces: str) -> str:
    """One of opsbook's own phrases with pieces of HTML in its places, each escaped already."""
    return escape(reader().fitted(message, pieces)).format_map(pieces)


def bracketed(html: str) -> str:
    """What is added in brackets; escaped already."""
    return reader().bracketed(html)


def headings(*messages: str) -> list[str]:
    """Several of opsbook's own phrases in the reader's language, escaped for HTML."""
    return [words(message) for message in messages]


def note(text: str) -> Html:
    """One calm sentence in a box; the text is escaped already."""
    return Html(html=f'<div class="ops note"><p>{text}</p></div>', text=text)


def absent(text: str) -> Html:
    """A note that the params give nothing to show here; a report folds what holds only that."""
    return Html(html=f'<div class="ops note absent"><p>{text}</p></div>', text=text)


def table(
    columns: list[str], rows: list[list[str]], *, caption: str = "", numeric: tuple[int, ...] = ()
) -> Html:
    """An HTML table; the first cell of each row is its heading.

    Args:
        columns: Headings, escaped.
        rows: Cells, escaped, as many as there are columns.
        caption: What the table shows, escaped.
        numeric: Positions of columns to align by their figures.
    """
    # JupyterLab aligns every cell to the right unless the cell itself says otherwise.
    left = ' style="text-align:left"'
    align = [' class="number"' if i in numeric else left for i in range(len(columns))]
    head = "".join(f'<th scope="col"{a}>{c}</th>' for c, a in zip(columns, align, strict=True))
    body = "".join(
        "<tr>"
        f'<th scope="row">{row[0]}</th>'
        + "".join(f"<td{a}>{cell}</td>" for cell, a in zip(row[1:], align[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    title = f"<caption>{caption}</caption>" if caption else ""
    inside = f"{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return Html(
        html=f'<table class="ops">{inside}</table>',
        text="\n".join(" | ".join(row) for row in [columns, *rows]),
    )
