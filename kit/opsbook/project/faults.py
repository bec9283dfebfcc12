"""What is wrong in a params file, said in its own words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from opsbook.project.model import Project

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong in a params file.

    Attributes:
        path: Where it stands, from the top: ``("metric", "better")``.
        message: What is wrong, with the value met and the choices.
    """

    path: Path
    message: str


def fault_of(detail: ErrorDetails, values: Mapping[str, Any]) -> Fault:
    """Turn one of pydantic's findings into a fault in the words of the params file.

    Args:
        detail: What pydantic found.
        values: The values it looked at.
    """
    # Only what is missing or unknown stands at no place in the file.
    absent = detail["type"] in {"missing", "extra_forbidden"}
    path = _without_tags(detail["loc"], values, keep_last=absent)
    return Fault(path=path, message=_message(detail, path))


def _message(detail: ErrorDetails, path: Path) -> str:
    kind, got = detail["type"], detail["input"]
    context = detail.get("ctx", {})
    if kind == "reference":
        return detail["msg"]
    if kind == "extra_forbidden":
        return "unknown field" + _nearest(path)
    if kind == "value_error":
        whole_section = isinstance(got, Mapping | BaseModel)
        return str(context["error"]) + ("" if whole_section else f" (got {got!r})")
    words = {
        "missing": "is missing",
        "literal_error": "must be {expected} (got {got!r})",
        "string_pattern_mismatch": "must be letters, digits, '_' or '-' (got {got!r})",
        "model_type": "must be a mapping of fields (got {got!r})",
        "dict_type": "must be a mapping of fields (got {got!r})",
        "union_tag_not_found": "has no 'kind'",
        "union_tag_invalid": "kind must be one of {expected_tags} (got '{tag}')",
    }.get(kind)
    if words is None:
        return detail["msg"].replace("Input should be", "must be") + f" (got {got!r})"
    told = words.format(got=got, **context)
    return told.replace("(got None)", "(it is blank)")


def _without_tags(path: Path, values: Any, *, keep_last: bool) -> Path:
    """Drop from an error's path the names of union members, which stand in no file."""
    kept: list[str | int] = []
    for i, part in enumerate(path):
        last = i == len(path) - 1
        inside = isinstance(values, list) and isinstance(part, int) and part < len(values)
        named = isinstance(values, dict) and part in values
        if named and not last and not isinstance(values[part], dict | list):
            # The kind of an item may be called as one of its fields is.
            named = not keep_last and path[i + 1] not in values
        if inside or named:
            kept.append(part)
            values = values[part]
        elif keep_last and last:
            kept.append(part)
    return tuple(kept)


def _nearest(path: Path) -> str:
    model: type[BaseModel] | None = Project
    for part in path[:-1]:
        model = _model_of(model, part)
    if model is None:
        return ""
    names = [info.alias or name for name, info in model.model_fields.items()]
    near = difflib.get_close_matches(str(path[-1]), names, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; there are: {', '.join(names)}"


def _model_of(model: type[BaseModel] | None, part: str | int) -> type[BaseModel] | None:
    """The model behind one step of a path, looked for in the field's annotation."""
    if model is None or isinstance(part, int):
        return model
    for name, info in model.model_fields.items():
        if part in {name, info.alias}:
            return _inner_model(info.annotation)
    return None


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = [_inner_model(argument) for argument in getattr(annotation, "__args__", ())]
    models = [model for model in inner if model is not None]
    return models[0] if len(models) == 1 else None
