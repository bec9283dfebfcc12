"""opsbook init: a workspace."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--lang",
    default="en",
    show_default=True,
    type=click.Choice(["en", "zh"]),
    help="Language of the notebooks.",
)
def init(folder: Path, lang: str) -> None:
    """Make a workspace with templates and sample projects in FOLDER."""
    from opsbook.run.workspace import init_workspace

    workspace = init_workspace(folder, lang)
    move = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"A workspace is in {workspace.root}.")
    click.echo(f"Next: {move}opsbook run params/clinic_deaths.yaml")
