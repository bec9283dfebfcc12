"""What commands are asked in the same way: where, which projects, fields and languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opsbook.errors import OpsbookError, ParamsError

if TYPE_CHECKING:
    from opsbook.run.plan import Job
    from opsbook.run.workspace import Workspace

PARAMS = click.argument("params", nargs=-1, type=click.Path(path_type=Path))
SET = click.option(
    "--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Replace a field of the params."
)


def tell(text: str) -> None:
    """Print beside the results."""
    click.echo(text, err=True)


def workspace_here() -> Workspace:
    """The workspace of the folder that the command is called in."""
    from opsbook.run.workspace import find_workspace

    return find_workspace(Path.cwd())


def planned(
    workspace: Workspace,
    params: tuple[Path, ...],
    settings: tuple[str, ...],
    fits: Callable[[Job], bool] = lambda _job: False,
) -> tuple[list[Job], list[OpsbookError]]:
    """The projects without faults, and the faults of the others, which are told."""
    from opsbook.run.plan import Columns, plan

    refused: list[OpsbookError] = []
    jobs = plan(
        workspace, params, overrides_of(settings), columns=Columns(fits), refuse=refused.append
    )
    for error in refused:
        click.echo(f"Error: {error}", err=True)
    return jobs, refused


def overrides_of(settings: tuple[str, ...]) -> dict[str, Any]:
    """The fields that `--set` replaces, nested."""
    import yaml

    from opsbook.project.load import nested
    from opsbook.project.yaml_lines import read_yaml

    dotted: dict[str, Any] = {}
    for setting in settings:
        field, equals, value = setting.partition("=")
        if not equals or not field:
            raise ParamsError(
                f"--set {setting} is no FIELD=VALUE.", "For example --set effect.periods=6."
            )
        try:
            dotted[field] = read_yaml(value)[0]
        except (yaml.YAMLError, ValueError) as error:
            told = " ".join(str(error).split())
            raise ParamsError(f"--set {setting} is no YAML: {told}.") from None
    return nested(dotted)


def languages_of(asked: str) -> tuple[str, ...]:
    """The languages that `--lang` names, in its order."""
    from opsbook.text import LANGUAGES

    codes = tuple(code.strip() for code in asked.split(",") if code.strip())
    for code in codes:
        if code not in LANGUAGES:
            raise ParamsError(
                f"There is no language '{code}'.", f"Choose from: {', '.join(LANGUAGES)}."
            )
    return codes
