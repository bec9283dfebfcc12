"""Each stage's result on disk, read back equal."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from opsbook.errors import RunError
from opsbook.results.base import Stage, StageResult
from opsbook.results.control import ControlResult
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.results.effect import EffectResult
from opsbook.results.intake import IntakeResult
from opsbook.results.saved import file_name, write_whole
from opsbook.results.solutions import SolutionsResult
from opsbook.results.trigger import TriggerResult

MODELS: dict[Stage, type[StageResult]] = {
    "intake": IntakeResult,
    "trigger": TriggerResult,
    "diagnosis": DiagnosisResult,
    "solutions": SolutionsResult,
    "effect": EffectResult,
    "control": ControlResult,
}


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
