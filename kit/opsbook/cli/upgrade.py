"""opsbook upgrade: the notebooks of this version."""

from __future__ import annotations

import click

from opsbook.cli.asked import workspace_here


@click.command()
def upgrade() -> int:
    """Bring in the kit's newer notebooks; yours are merged."""
    from opsbook.run.template_upgrade import upgrade as upgraded

    told = [str(template) for template in upgraded(workspace_here())]
    click.echo("\n".join(told) or "The notebooks are those of this version.")
    return 0
