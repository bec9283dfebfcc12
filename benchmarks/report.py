"""How large a report is and how long it takes, beside nbconvert's lab template.

Both are made from the same executed notebooks in the same process: ours is one page with six
stages, theirs one page per notebook. Warm is the second run and the ones after it;
CPU seconds leave out what else the machine was doing.

    python benchmarks/report.py outputs/jfk_delays
    python benchmarks/report.py outputs/jfk_delays --json
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opsbook.project import Project
from opsbook.report import publish
from opsbook.report.merge import read_notebooks
from opsbook.run.record import ProjectRun

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "templates" / "report"


def main() -> int:
    """Measure both, print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "outputs" / "jfk_delays")
    parser.add_argument("--repeats", type=int, default=5, help="warm runs (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    given = parser.parse_args()
    if not (given.folder / "run.json").is_file():
        print(
            f"{given.folder} holds no run. First: opsbook run params/{given.folder.name}.yaml",
            file=sys.stderr,
        )
        return 2
    figures = measure(given.folder, given.repeats)
    print(json.dumps(figures) if given.json else _table(figures))
    return 0


def measure(folder: Path, repeats: int) -> dict[str, Any]:
    """Sizes in bytes, times in seconds: the first run, and the median of the warm ones."""
    run = ProjectRun.model_validate_json((folder / "run.json").read_text("utf-8"))
    project = Project.model_validate(run.params)
    notebooks = list(read_notebooks(folder).values())
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made)
        for file in [*folder.glob("?_*.ipynb"), *folder.glob("?_*.json")]:
            (copy / file.name).write_bytes(file.read_bytes())

        def ours() -> list[str]:
            page = publish(copy, project, template_dir=TEMPLATE)
            return [page.read_text("utf-8")]

        figures = {
            "project": run.project,
            "notebooks": len(notebooks),
            "opsbook": _measured(ours, repeats),
        }
    figures["lab"] = _measured(lambda: _lab(notebooks), repeats)
    return figures


def _lab(notebooks: list[Any]) -> list[str]:
    nbconvert: Any = importlib.import_module("nbconvert")  # part of its first run, as of ours
    exporter = nbconvert.HTMLExporter(template_name="lab")
    return [exporter.from_notebook_node(notebook)[0] for notebook in notebooks]


def _measured(make: Callable[[], list[str]], repeats: int) -> dict[str, Any]:
    seconds, cpu = [], []
    pages: list[str] = []
    for _ in range(repeats + 1):
        started, worked = time.perf_counter(), time.process_time()
        pages = make()
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - worked)
    return {
        "pages": len(pages),
        "bytes": sum(len(page.encode()) for page in pages),
        "remote_scripts": sum(page.count('<script src="http') for page in pages),
        "first_seconds": round(seconds[0], 3),
        "warm_seconds": round(statistics.median(seconds[1:]), 3),
        "warm_cpu_seconds": round(statistics.median(cpu[1:]), 3),
    }


def _table(figures: dict[str, Any]) -> str:
    head = f"{figures['project']}, {figures['notebooks']} notebooks"
    lines = [
        (
            f"{head:32}{'pages':>7}{'KB':>8}{'remote scripts':>16}"
            f"{'first s':>9}{'warm s':>8}{'CPU s':>7}"
        )
    ]
    for name, title in (("opsbook", "opsbook report"), ("lab", "nbconvert, lab template")):
        one = figures[name]
        lines.append(
            f"{title:32}{one['pages']:>7}{one['bytes'] / 1000:>8.0f}{one['remote_scripts']:>16}"
            f"{one['first_seconds']:>9.2f}{one['warm_seconds']:>8.2f}{one['warm_cpu_seconds']:>7.2f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
