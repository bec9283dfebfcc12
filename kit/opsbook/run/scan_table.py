"""What a scan prints: one plain line a KPI, those that need attention first."""

from __future__ import annotations

from opsbook.run.scan import Scan, ScanRow
from opsbook.text import Language, Quantity, Value

WORDS = {
    "failed": "failed",
    "start": "to start",
    "watch": "to watch",
    "insufficient": "cannot tell",
    "no_reason": "quiet",
}
GUARD = {
    "fluctuation": "fluctuation",
    "structural": "structural",
    "data_problem": "data problem",
    "insufficient": "too little evidence",
    None: "",
}
HEADINGS = (
    *("need", "project", "value", "pooled", "target", "misses", "since", "guard"),
    *("p by noise", "p among all", "stands", "funnel"),
)
LEFT = {0, 1, 7}


def scan_table(scan: Scan, *, everything: bool = False) -> str:
    """The scan as text: a summary, then the table.

    Args:
        scan: What was found.
        everything: Whether the quiet KPIs are listed too.
    """
    shown = [row for row in scan.rows if everything or row.verdict != "no_reason"]
    counted = {name: sum(row.verdict == name for row in scan.rows) for name in WORDS}
    told = ", ".join(f"{n} {WORDS[name]}" for name, n in counted.items() if n)
    lines = [
        f"KPIs: {len(scan.rows)} ({told}).",
        f"In alarm beyond noise: {scan.alarms}; by chance alone about {scan.expected:.1f}.",
        f"Stand with at most {scan.rate:.0%} of them by chance: {scan.discoveries}.",
    ]
    if shown:
        cells = [HEADINGS, *(_cells(row) for row in shown)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(HEADINGS))]
        lines.append("")
        lines += [
            "  ".join(
                cell.ljust(width) if i in LEFT else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        ]
    lines += [f"{row.project}: {row.error}" for row in shown if row.error]
    return "\n".join(lines)


def _cells(row: ScanRow) -> tuple[str, ...]:
    return (
        WORDS[row.verdict],
        row.project,
        _value(row.value, row.unit),
        _value(row.estimate, row.unit),
        _value(row.target, row.unit),
        str(row.misses) if row.misses else "",
        _said(row.since),
        GUARD[row.guard],
        _value(row.chance, "p"),
        _value(row.adjusted, "p"),
        "yes" if row.discovery else "",
        "worse" if row.funnel else "",
    )


def _value(number: float | None, unit: str) -> str:
    return "" if number is None else _said(Quantity(value=number, unit=unit))


def _said(value: Value | None) -> str:
    return "" if value is None else Language("en").value(value)
