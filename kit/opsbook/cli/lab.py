"""opsbook lab: JupyterLab at a stage's notebook."""

from __future__ import annotations

import click

from opsbook.cli.asked import tell, workspace_here


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PROJECT] [STAGE] [...]")
def lab(arguments: tuple[str, ...]) -> None:
    """Open JupyterLab, at the notebook of a stage.

    The notebook has the project's parameters already. Further arguments go to JupyterLab.
    """
    from itertools import takewhile

    from opsbook.run.lab import no_chinese_font, notebook_of, open_lab, stage_named
    from opsbook.run.plan import project_named

    workspace = workspace_here()
    named = tuple(takewhile(lambda word: not word.startswith("-"), arguments))[:2]
    notebook = None
    if named:
        job = project_named(workspace, named[0])
        notebook = notebook_of(job, stage_named(named[1]) if named[1:] else None)
        if no_chinese_font([job]):
            tell("This machine has no Chinese font: figures may show boxes here.")
            tell("Install one (Debian: fonts-noto-cjk). Reports use the reader's own fonts.")
    open_lab(workspace, notebook, arguments[len(named) :])
