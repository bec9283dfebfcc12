"""opsbook check: params, data and notebooks, without a run."""

from __future__ import annotations

from pathlib import Path

import click

from opsbook.cli.asked import PARAMS, SET, planned, tell, workspace_here


@click.command()
@PARAMS
@SET
def check(params: tuple[Path, ...], settings: tuple[str, ...]) -> int:
    """Check params, data and notebooks; run nothing."""
    from opsbook.run.plan import check as check_jobs
    from opsbook.run.template_drift import drift

    workspace = workspace_here()
    drifted = drift(workspace)
    for template in drifted:
        tell(str(template))
    jobs, refused = planned(workspace, params, settings)
    found = check_jobs(jobs)
    for name, error in found.items():
        click.echo(f"{name}: {'ok' if error is None else error}", err=error is not None)
    stopped = bool(refused) or any(found.values()) or any(template.stops for template in drifted)
    return 2 if stopped else 0
