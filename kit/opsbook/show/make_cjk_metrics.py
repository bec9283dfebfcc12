"""Make cjk_metrics.ttf: one empty glyph, one em wide, for every Chinese code point.

matplotlib only measures with it; the browser draws the real characters with a font of its own.
Run `python -m opsbook.show.make_cjk_metrics`; the bytes are the same every time.
"""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._c_m_a_p import cmap_format_13
from fontTools.ttLib.tables._g_l_y_f import Glyph

EM = 1000
NAME = "opsbook CJK metrics"
#: Punctuation, radicals, kana, ideographs, compatibility and full-width forms, extension B on.
RANGES = (
    (0x2010, 0x205E),
    (0x2460, 0x24FF),
    (0x2E80, 0x33FF),
    (0x3400, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),
    (0x20000, 0x2FA1F),
)


def main() -> None:
    """Write the font beside this file."""
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", "em"])
    table = cmap_format_13(13)
    table.platformID, table.platEncID, table.language = 3, 10, 0
    table.cmap = {code: "em" for first, last in RANGES for code in range(first, last + 1)}
    builder.setupCharacterMap({0x4E00: "em"})
    builder.font["cmap"].tables = [table]
    builder.setupGlyf({".notdef": Glyph(), "em": Glyph()})
    builder.setupHorizontalMetrics({".notdef": (EM, 0), "em": (EM, 0)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": NAME, "styleName": "Regular", "fullName": NAME})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    builder.save(Path(__file__).with_name("cjk_metrics.ttf"))


if __name__ == "__main__":
    main()
