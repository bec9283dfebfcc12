"""What a scan prints: one line a KPI, those that need attention first; as text or as CSV."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

from opsbook.results.saved import write_whole
from opsbook.results.scan import Scan, ScanRow
from opsbook.text import Language, Quantity, Term, Value, say, term

WORDS: dict[str, Term] = {
    "failed": term("failed"),
    "start": term("to start"),
    "watch": term("to watch"),
    "insufficient": term("cannot tell"),
    "no_reason": term("quiet"),
}
GUARD: dict[str, Term] = {
    "fluctuation": term("fluctuation"),
    "structural": term("structural"),
    "data_problem": term("data problem"),
    "insufficient": term("too little evidence"),
}
HEADINGS = (
    *(term("need"), term("project"), term("value"), term("pooled"), term("target")),
    *(term("misses"), term("since"), term("guard"), term("p by noise"), term("p among all")),
    *(term("stands"), term("funnel")),
)
LEFT = {0, 1, 7}


def told(scan: Scan, language: Language) -> list[str]:
    """What the scan says of all KPIs together, in sentences."""
    counted = {name: sum(row.verdict == name for row in scan.rows) for name in WORDS}
    parts = [f"{language.text(WORDS[name].term)} {n}" for name, n in counted.items() if n]
    sentences = [
        say(
            "KPIs: {n} ({parts}).",
            n=_count(len(scan.rows)),
            parts=" · ".join(parts),
        ),
        say(
            "In alarm beyond noise: {alarms}; by chance alone about {expected}.",
            alarms=_count(scan.alarms),
            expected=Quantity(value=scan.expected, digits=1),
        ),
        say(
            "Stand with at most {rate} of them by chance: {stand}.",
            rate=Quantity(value=scan.rate, unit="share", digits=0),
            stand=_count(scan.discoveries),
        ),
    ]
    return [language.say(sentence) for sentence in sentences]


def shown_rows(scan: Scan, *, everything: bool) -> list[ScanRow]:
    """The KPIs that a reader is shown: those that are not quiet, or all."""
    return [row for row in scan.rows if everything or row.verdict != "no_reason"]


def cells(row: ScanRow, language: Language) -> tuple[str, ...]:
    """One KPI's line, in the reader's language."""
    return (
        language.text(WORDS[row.verdict].term),
        row.project,
        _number(row.value, row.unit, language),
        _number(row.estimate, row.unit, language),
        _number(row.target, row.unit, language),
        str(row.misses) if row.misses else "",
        _said(row.since, language),
        language.text(GUARD[row.guard].term) if row.guard else "",
        _number(row.chance, "p", language),
        _number(row.adjusted, "p", language),
        language.text("yes") if row.discovery else "",
        language.text("worse") if row.funnel else "",
    )


def scan_table(scan: Scan, *, everything: bool = False, language: str = "en") -> str:
    """The scan as text: a summary, then the table.

    Args:
        scan: What was found.
        everything: Whether the quiet KPIs are listed too.
        language: The reader's.
    """
    reader = Language(language)
    shown = shown_rows(scan, everything=everything)
    lines = told(scan, reader)
    if shown:
        table = [
            tuple(reader.text(heading.term) for heading in HEADINGS),
            *(cells(row, reader) for row in shown),
        ]
        widths = [max(_width(row[i]) for row in table) for i in range(len(HEADINGS))]
        lines.append("")
        lines += [
            "  ".join(
                _padded(cell, width, left=i in LEFT)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in table
        ]
    lines += [f"{row.project}: {row.error}" for row in shown if row.error]
    return "\n".join(lines)


def write_csv(file: Path, scan: Scan) -> None:
    """Write all KPIs as CSV for a spreadsheet: numbers as they are, in the order of the need.

    Raises:
        RunError: If the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ScanRow.model_fields)
    for row in scan.rows:
        writer.writerow(_plain(getattr(row, name)) for name in ScanRow.model_fields)
    write_whole(file, "\ufeff" + text.getvalue())  # the mark tells Excel that it is UTF-8


def _plain(value: object) -> object:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value  # a spreadsheet would run it
    if value is None or isinstance(value, str | float | int):
        return value
    return str(getattr(value, "start", value))


def _number(number: float | None, unit: str, language: Language) -> str:
    return "" if number is None else _said(Quantity(value=number, unit=unit), language)


def _said(value: Value | None, language: Language) -> str:
    return "" if value is None else language.value(value)


def _count(number: int) -> Quantity:
    return Quantity(value=number, unit="count")


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text
