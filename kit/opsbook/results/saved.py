"""Results on disk: written whole or not at all, read back equal."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from opsbook.errors import RunError
from opsbook.results.base import Stage, StageResult
from opsbook.results.control import ControlResult
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.results.effect import EffectResult
from opsbook.results.intake import IntakeResult
from opsbook.results.solutions import SolutionsResult
from opsbook.results.trigger import TriggerResult

#: The stages in their order.
STAGES: tuple[Stage, ...] = get_args(Stage)
MODELS: dict[Stage, type[StageResult]] = {
    "intake": IntakeResult,
    "trigger": TriggerResult,
    "diagnosis": DiagnosisResult,
    "solutions": SolutionsResult,
    "effect": EffectResult,
    "control": ControlResult,
}


def file_name(stage: Stage, suffix: str) -> str:
    """Name of a stage's file: its number, its name, its suffix.

    Examples:
        >>> file_name("trigger", ".ipynb")
        '1_trigger.ipynb'
    """
    return f"{STAGES.index(stage)}_{stage}{suffix}"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and move it there, so that it is never half.

    Raises:
        RunError: If the folder cannot be written to.
    """
    data = content.encode() if isinstance(content, str) else content
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        raise RunError(
            f"{path.parent.name}/{path.name} cannot be written: {error.strerror}.",
            "Check the folder and the free space.",
        ) from error
    finally:  # also where an interrupt comes in between
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def write_result(folder: Path, result: StageResult) -> Path:
    """Save a stage's result in the project's output folder; return the file."""
    path = folder / file_name(result.stage, ".json")
    write_whole(path, result.model_dump_json(indent=1, exclude_defaults=False) + "\n")
    return path


def read_result(folder: Path, stage: Stage) -> StageResult | None:
    """Read a stage's saved result, or None where there is none.

    Raises:
        RunError: If the file is there and is not what this version writes.
    """
    path = folder / file_name(stage, ".json")
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return MODELS[stage].model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise RunError(
            f"{folder.name}/{path.name} was not written by this version of opsbook "
            f"({where}: {first['msg']}).",
            "Run the project again.",
        ) from None
