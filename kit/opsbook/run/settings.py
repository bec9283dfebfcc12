"""opsbook.yaml: what a workspace wants of every run, unless the command says otherwise."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import Field, ValidationError

from opsbook.errors import ParamsError
from opsbook.project.base import Section
from opsbook.project.faults import fault_of
from opsbook.project.yaml_lines import read_yaml
from opsbook.run.workspace import Workspace

NAME = "opsbook.yaml"


class RunSettings(Section):
    """The options of `opsbook run` that a workspace may set, under their own names."""

    jobs: int | None = Field(None, ge=1, description="Projects side by side.")
    scheduler: str | None = Field(None, description="Address of a Dask scheduler, or local.")
    store: str | None = Field(None, description="Address of a store that keeps the outputs too.")
    cell_timeout: float | None = Field(None, gt=0, description="Seconds for each cell.")
    stage_timeout: float | None = Field(None, gt=0, description="Seconds for each notebook.")
    project_timeout: float | None = Field(None, gt=0, description="Seconds for each project.")
    memory: int | None = Field(None, ge=256, description="MB for each notebook.")
    wait: float | None = Field(None, ge=0, description="Seconds to wait for another run.")


def settings(workspace: Workspace) -> dict[str, Any]:
    """What the workspace's opsbook.yaml sets; nothing without one.

    Raises:
        ParamsError: If it cannot be used, with every fault.
    """
    file = workspace.root / NAME
    try:
        values, lines = read_yaml(file.read_text(encoding="utf-8-sig"))
        return RunSettings.model_validate(values or {}).model_dump(exclude_none=True)
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        faults = [fault_of(detail, values or {}, RunSettings) for detail in error.errors()]
        told = [
            f"  line {line}  {'.'.join(map(str, fault.path)) or 'the file'}: {fault.message}"
            for line, fault in ((lines.get(fault.path, 1), fault) for fault in faults)
        ]
        known = ", ".join(RunSettings.model_fields)
        problem = "\n".join([f"{file} cannot be used as it stands:", *told])
        raise ParamsError(problem, f"\nIt may set: {known}.") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        told_once = " ".join(str(error).split())
        raise ParamsError(
            f"{file} cannot be read: {told_once}.", "Mend it, or remove it."
        ) from None
