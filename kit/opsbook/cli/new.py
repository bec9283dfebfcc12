"""opsbook new: the draft of a params file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from opsbook.cli.asked import tell, workspace_here


@click.command()
@click.argument("identifier", metavar="ID")
@click.option(
    "--data", "table", required=True, type=click.Path(path_type=Path), help="The table to look at."
)
def new(identifier: str, table: Path) -> int:
    """Draft the params file ID.yaml from a table.

    On a terminal it asks for what only you can know; elsewhere that is a marked blank.
    """
    from opsbook.run.draft import draft
    from opsbook.run.questions import questions

    ask = questions(_answer, tell) if sys.stdin.isatty() else None
    workspace = workspace_here()
    file = draft(identifier, table, workspace.params, ask, language=workspace.language)
    click.echo(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    blanks = any("<<<" in line and not line.startswith("#") for line in lines)
    first = "Fill the blanks marked with <<<, then" if blanks else "Next"
    tell(f"{first}: opsbook check {os.path.relpath(file)}")
    return 0


def _answer(question: str) -> str:
    return str(click.prompt(question, default="", show_default=False, prompt_suffix=" ", err=True))
