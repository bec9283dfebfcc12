"""What is wrong in a params file, said in its own words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from opsbook.project.model import Project

Path = tuple[str | int, ...]
#: Letters of a value that a message repeats.
MOST_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong in a params file.

    Attributes:
        path: Where it stands, from the top: ``("metric", "better")``.
        message: What is wrong, with the value met and the choices.
    """

    path: Path
    message: str


def fault_of(
    detail: ErrorDetails, values: Mapping[str, Any], model: type[BaseModel] = Project
) -> Fault:
    """Turn one of pydantic's findings into a fault in the words of the params file.

    Args:
        detail: What pydantic found.
        values: The values it looked at.
        model: What they were to be.
    """
    # Only what is missing or unknown stands at no place in the file.
    absent = detail["type"] in {"missing", "extra_forbidden"}
    path = _without_tags(detail["loc"], values, keep_last=absent)
    return Fault(path=path, message=_message(detail, path, values, model))


def _message(
    detail: ErrorDetails, path: Path, values: Mapping[str, Any], model: type[BaseModel]
) -> str:
    kind, got = detail["type"], detail["input"]
    context = detail.get("ctx", {})
    if kind == "reference":
        return detail["msg"]
    if kind == "extra_forbidden":
        return "unknown field" + _nearest(path, values, model)
    if kind == "value_error":
        told_already = isinstance(got, Mapping | BaseModel) or got is None
        return str(context["error"]) + ("" if told_already else _got(got))
    words = {
        "missing": "is missing",
        "literal_error": "must be {expected} (got {got!r})",
        "string_pattern_mismatch": "must be letters, digits, '_' or '-' (got {got!r})",
        "model_type": "must be a mapping of fields (got {got!r})",
        "dict_type": "must be a mapping of fields (got {got!r})",
        "tuple_type": "must be a list (got {got!r})",
        "string_too_short": "must not be empty",
        "string_too_long": "must have at most {max_length} characters",
        "too_short": "needs at least {min_length}; there are {actual_length}",
        "union_tag_not_found": "has no 'kind'",
        "union_tag_invalid": "kind must be one of {expected_tags} (got '{tag}')",
    }.get(kind)
    if words is None:
        return detail["msg"].replace("Input should be", "must be") + _got(got)
    told = words.format(got=got, **context)
    return told.replace("(got None)", "(it is blank)")


def _got(value: Any) -> str:
    """The value met, a long one cut."""
    told = repr(value)
    return f" (got {told if len(told) <= MOST_SHOWN else told[:MOST_SHOWN] + ' …'})"


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


def _nearest(path: Path, values: Any, model: type[BaseModel]) -> str:
    """The known field that is nearest to an unknown one, or all that are known there."""
    places: list[Any] = [model]
    for part in path[:-1]:
        places = [inner for place in places for inner in _below(place, part)]
        values = _at(values, part)
        places = [place for place in places if _is_of_kind(place, values)] or places
    models = [place for place in places if _is_model(place)]
    fields = [(name, info) for model in models for name, info in model.model_fields.items()]
    names = list(dict.fromkeys(info.alias or name for name, info in fields))
    near = difflib.get_close_matches(str(path[-1]), names, n=1)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; there are: {', '.join(names)}" if names else ""


def _below(annotation: Any, part: str | int) -> list[Any]:
    """What may stand one step of a path below a model, a list or a mapping."""
    if _is_model(annotation):
        fields = annotation.model_fields.items()
        inner = [info.annotation for name, info in fields if part in {name, info.alias}]
    elif isinstance(part, int) or get_origin(annotation) is dict:
        inner = list(get_args(annotation))
    else:
        inner = []
    return [member for one in inner for member in _members(one)]


def _members(annotation: Any) -> list[Any]:
    """The members of a union, each without what pydantic is told about it."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [member for one in get_args(annotation) for member in _members(one)]
    return [annotation]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_of_kind(place: Any, values: Any) -> bool:
    """Whether the `kind` that is written there is that of a model."""
    if not _is_model(place) or not isinstance(values, Mapping) or "kind" not in values:
        return False
    kind = place.model_fields.get("kind")
    return kind is not None and values["kind"] in get_args(kind.annotation)


def _at(values: Any, part: str | int) -> Any:
    try:
        return values[part]
    except (KeyError, IndexError, TypeError):
        return None
