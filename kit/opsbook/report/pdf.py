"""A report as PDF: Chromium where there is one, else WeasyPrint, Chinese glyphs embedded."""

from __future__ import annotations

import base64
import importlib.util
import io
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from opsbook.errors import RunError
from opsbook.results.saved import write_whole

#: Names a program to print with, and a font with Chinese glyphs to embed.
BROWSER, FONT = "OPSBOOK_CHROMIUM", "OPSBOOK_CJK_FONT"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    "--headless --disable-gpu --no-first-run --disable-background-networking --disable-sync "
    "--disable-component-update --disable-quic --no-pdf-header-footer "
    "--generate-pdf-document-outline --host-resolver-rules=MAP~*~NOTFOUND"
)
SECONDS = 120
#: The package of the extra ``pdf`` that ships Noto Sans SC (SIL Open Font License 1.1).
FONT_PACKAGE, FONT_FILE = "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"
#: Beside Chinese a printer takes these from the same font, so it must have them.
ASCII = "".join(map(chr, range(0x20, 0x7F)))
IDEOGRAPHS = re.compile(r"[⺀-⿟、-〿㇀-鿿豈-﫿︰-﹏！-￯“”‘’…—·]")
FACE = (
    '<style>@font-face {{ font-family: "opsbook CJK"; src: url(data:font/otf;base64,{data}); }} '
    ":root, :root:lang(zh) {{ --text: {latin}, 'opsbook CJK', sans-serif; "
    "--title: var(--text); }}</style></head>"
)
#: WeasyPrint lays out no grid beside page breaks and knows no zoom: the summary by simpler means.
WITHOUT_GRID = """
h1 { font-size: 24pt; }
.r-sheet { font-size: 11pt; }
.r-facts div { display: inline; margin-right: 2em; }
.r-facts dt, .r-facts dd { display: inline; }
.r-decide, .r-answer { display: block; }
.r-by { float: right; }
.r-answer { padding-left: 11em; }
.r-ask { display: block; float: left; width: 10em; margin-left: -11em; }
.r-ask .r-mark { display: block; }
.r-interval, .r-sign { display: none; }
.r-number, .r-key .r-small { display: inline; margin-right: 1em; }
.r-key br { display: none; }
.r-cell { display: block; }
"""
LATIN = "'Noto Sans', 'Segoe UI', 'Helvetica Neue', 'Liberation Sans', Arial"


def write_pdf(report: Path) -> Path:
    """Print a report as it looks on paper: the summary on one A3 page, the rest on A4.

    Args:
        report: The report's HTML file.

    Returns:
        The PDF beside it, of the same name.

    Raises:
        RunError: If there is nothing to print with, or printing fails.
    """
    page = with_chinese_font(report.read_text(encoding="utf-8"))
    browser = find_browser()
    if browser is not None:
        content = _by_chromium(browser, page)
    elif importlib.util.find_spec("weasyprint") is not None:
        content = _by_weasyprint(page)
    else:
        raise RunError(
            "There is nothing to write a PDF with.",
            f"Install Chromium (or name one in {BROWSER}), or: pip install 'opsbook[pdf]'.",
        )
    path = report.with_suffix(".pdf")
    write_whole(path, content)
    return path


def find_browser() -> str | None:
    """The browser that the environment names, else the first one on the path."""
    named = os.environ.get(BROWSER)
    if named:
        found = shutil.which(named)
        if found is None:
            raise RunError(f"{BROWSER} names {named}, which is no program.", "Correct or unset it.")
        return found
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def with_chinese_font(page: str) -> str:
    """Embed the Chinese glyphs that a page needs, and no others.

    Without a font of our own to take them from, the page stays as it is, and the machine's own
    fonts are embedded by whoever prints.
    """
    signs = set(IDEOGRAPHS.findall(page))
    file = _font_file()
    if not signs or file is None:
        return page
    data = base64.b64encode(_subset(file, "".join(sorted(signs)) + ASCII)).decode()
    return page.replace("</head>", FACE.format(data=data, latin=LATIN), 1)


def _font_file() -> Path | None:
    named = os.environ.get(FONT)
    if named:
        if not Path(named).is_file():
            raise RunError(f"{FONT} names {named}, which is no file.", "Correct or unset it.")
        return Path(named)
    found = importlib.util.find_spec(FONT_PACKAGE)
    if found is None or found.origin is None:
        return None
    return Path(found.origin).with_name(FONT_FILE)


def _subset(file: Path, text: str) -> bytes:
    from fontTools import subset  # noqa: PLC0415 - only a PDF needs it

    options = subset.Options(layout_features=["kern", "palt", "vert"], notdef_outline=True)
    font = _face(io.BytesIO(file.read_bytes()))
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


def _face(data: io.BytesIO) -> Any:
    """The font in a file; of a collection (.ttc) the one named SC, for simplified Chinese."""
    from fontTools.ttLib import TTCollection, TTFont  # noqa: PLC0415 - only a PDF needs it

    if not data.getvalue().startswith(b"ttcf"):
        return TTFont(data)
    fonts = TTCollection(data).fonts
    return next((font for font in fonts if " SC" in (font["name"].getDebugName(1) or "")), fonts[0])


def _by_chromium(browser: str, page: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="opsbook-") as folder:
        source, target = Path(folder, "report.html"), Path(folder, "report.pdf")
        source.write_text(page, encoding="utf-8")
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        options = [option.replace("~", " ") for option in OPTIONS.split()]
        command = [
            *(browser, *options, *(["--no-sandbox"] if root else [])),
            *(f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri()),
        ]
        try:
            told = subprocess.run(  # noqa: S603 - our own page, by the user's own browser
                command, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise RunError(
                f"{browser} wrote no PDF within {SECONDS} seconds.", "Try again, or print by hand."
            ) from None
        if not target.is_file():
            last = (told.stderr.strip().splitlines() or ["it says nothing"])[-1]
            raise RunError(f"{browser} wrote no PDF: {last}", f"Name another one in {BROWSER}.")
        return target.read_bytes()


def _by_weasyprint(page: str) -> bytes:
    import weasyprint  # noqa: PLC0415 - an extra
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    page = page.replace("</head>", f"<style>{WITHOUT_GRID}</style></head>", 1)
    document = weasyprint.HTML(string=page, url_fetcher=URLFetcher(allowed_protocols={"data"}))
    content: bytes = document.write_pdf()
    return content
