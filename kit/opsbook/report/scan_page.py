"""A scan as one page to send: the summary, the funnels, the KPIs that need attention first."""

from __future__ import annotations

from pathlib import Path

from opsbook.report.page import render_page
from opsbook.results.marks import Mark
from opsbook.results.saved import write_whole
from opsbook.results.scan import Need, Scan
from opsbook.run.scan_table import HEADINGS, WORDS, cells, shown_rows, told
from opsbook.show.reader import speak
from opsbook.show.scan import funnel
from opsbook.text import Language

TEMPLATE = "scan.html.j2"
SIGNS: dict[Need, Mark] = {
    "failed": Mark(sign="failed", word=WORDS["failed"]),
    "start": Mark(sign="bad", word=WORDS["start"]),
    "watch": Mark(sign="warn", word=WORDS["watch"]),
    "insufficient": Mark(sign="unknown", word=WORDS["insufficient"]),
    "no_reason": Mark(sign="neutral", word=WORDS["no_reason"]),
}


def scan_page(
    file: Path, scan: Scan, *, template_dir: Path, language: str, everything: bool = False
) -> Path:
    """Write the scan as a page.

    Args:
        file: Where to.
        scan: What was found.
        template_dir: Folder of the report's template.
        language: The reader's.
        everything: Whether the quiet KPIs are listed too.

    Raises:
        RunError: If the page cannot be written.
    """
    reader = Language(language)
    speak(language)
    shown = shown_rows(scan, everything=everything)
    page = render_page(
        TEMPLATE,
        template_dir,
        reader,
        told=told(scan, reader),
        funnels=[funnel(one, scan) for one in scan.funnels],
        headings=HEADINGS,
        rows=[(SIGNS[row.verdict], row, cells(row, reader)[1:]) for row in shown],
        quiet=len(scan.rows) - len(shown),
    )
    write_whole(file, page)
    return file
