"""A small project with its results and executed notebooks, made by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4

from opsbook.methods.estimate import Estimate
from opsbook.project import Project
from opsbook.results import Caution, Finding, Provenance, Stage, StageResult
from opsbook.results.by_stage import MODELS, write_result
from opsbook.results.effect import EffectResult
from opsbook.results.intake import Coverage, IntakeResult, Ledger
from opsbook.results.saved import file_name
from opsbook.results.trigger import TriggerResult
from opsbook.run.jupyter import import_jupyter
from opsbook.text import Period, say

TEMPLATE = Path(__file__).parents[2] / "templates" / "report"
SVG = (
    '<svg viewBox="0 0 10 10" role="img"><title>A line</title>'
    '<clipPath id="c"><rect width="9" height="9"/></clipPath>'
    '<g clip-path="url(#c)"><path d="M0 0L9 9" stroke="currentColor"/></g></svg>'
)


def project(**identity: Any) -> Project:
    return Project.model_validate(
        {
            "project": {"id": "late", "title": "Late flights", "owner": "An analyst"} | identity,
            "data": {
                "kpi": {
                    "path": "kpi.csv",
                    "source": "A ministry",
                    "licence": "public domain",
                    "period": {"column": "month", "grain": "month"},
                }
            },
            "metric": {
                "name": "Late share",
                "numerator": "late",
                "denominator": "all",
                "better": "lower",
                "target": "8%",
            },
        }
    )


def estimate(**given: Any) -> Estimate:
    values: dict[str, Any] = {
        "method": "welch",
        "effect": -0.0108,
        "lower": -0.0347,
        "upper": 0.0132,
        "p_value": 0.4,
        "n": 24,
        "unit": "points",
    }
    return Estimate(**(values | given))


def results() -> dict[Stage, StageResult]:
    months = tuple(Period(start=dt.date(2007, m, 1), grain="month") for m in (1, 2, 3))
    provenance = Provenance(
        params="a" * 64, data="b" * 64, upstream={"intake": "c" * 64}, versions={"numpy": "2.4.6"}
    )
    found: dict[Stage, StageResult] = {
        stage: MODELS[stage](
            stage=stage, project="late", headline=say(f"Answer of {stage}."), provenance=provenance
        )
        for stage in MODELS
    }
    found["intake"] = IntakeResult(
        project="late",
        headline=say("The data are usable."),
        verdict="usable",
        ledger=Ledger(
            table="kpi",
            source="A ministry",
            licence="public domain",
            simulated=False,
            sha256="d" * 64,
            rows_in=1200,
            rows_used=1200,
        ),
        coverage=Coverage(periods=months, state=("complete",) * 3),
        provenance=provenance,
    )
    found["trigger"] = TriggerResult(
        project="late", headline=say("Start an optimisation."), verdict="start", tone="bad"
    )
    found["effect"] = EffectResult(
        project="late",
        headline=say("The data cannot tell."),
        verdict="cannot_tell",
        tone="unknown",
        findings=(
            Finding(
                id="naive", statement=say("Naive."), estimate=estimate(effect=-0.02), grade="D"
            ),
            Finding(id="controlled", statement=say("Controlled."), estimate=estimate(), grade="B"),
        ),
        cautions=(
            Caution(
                id="not_shown",
                statement=say("No larger than chance."),
                settles=say("More periods."),
            ),
        ),
    )
    return found


def notebook(stage: str, *cells: NotebookNode) -> NotebookNode:
    made: NotebookNode = v4.new_notebook(
        cells=[
            v4.new_markdown_cell(f"# The *{stage}* question\nAn introduction.", id="intro"),
            v4.new_code_cell(
                "run_dir = 'here'", id="parameters", metadata={"tags": ["parameters"]}
            ),
            v4.new_markdown_cell("## What it shows\nIn words.", id="words"),
            *cells,
        ]
    )
    made.metadata["language_info"] = {"name": "python"}
    return made


def shown(data: dict[str, Any], identifier: str = "shown") -> NotebookNode:
    cell: NotebookNode = v4.new_code_cell(
        "show.it(result)", id=identifier, outputs=[v4.new_output("display_data", data)]
    )
    return cell


def error(identifier: str = "broken") -> NotebookNode:
    cell: NotebookNode = v4.new_code_cell(
        "show.it(result)",
        id=identifier,
        outputs=[
            v4.new_output(
                "error",
                ename="DataError",
                evalue="\x1b[31mkpi has no column 'late'.\x1b[0m",
                traceback=["File /home/somebody/kpi.py"],
            )
        ],
    )
    return cell


def write(
    folder: Path, found: dict[Stage, StageResult], notebooks: dict[Stage, NotebookNode]
) -> None:
    nbformat = import_jupyter("nbformat")
    folder.mkdir(parents=True, exist_ok=True)
    for result in found.values():
        write_result(folder, result)
    for stage, made in notebooks.items():
        nbformat.write(made, folder / file_name(stage, ".ipynb"))
