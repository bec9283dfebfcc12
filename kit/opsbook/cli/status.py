"""opsbook status: what is done, stale and failed."""

from __future__ import annotations

import click

from opsbook.cli.asked import workspace_here


@click.command()
def status() -> int:
    """Tell what is done, not due and failed, project by project."""
    from opsbook.run.status import table

    click.echo(table(workspace_here()))
    return 0
