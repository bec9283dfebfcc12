"""params/README.md and params/project.schema.json, made from the models.

`python -m opsbook.project.reference FOLDER` writes both; a test holds them in step.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from opsbook.project.base import Cell, When, Window
from opsbook.project.guesses import Guess
from opsbook.project.model import Project
from opsbook.project.reference_examples import example

SCHEMA, README = "project.schema.json", "README.md"
PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true / false",
    dict: "mapping",
    When: "time",
    Guess: "number or `{ low, mode, high }`",
    Path: "path",
    type(None): "",
}
INTRODUCTION = """\
# Params: every field

One YAML file describes one project, or with `for_each` many. `opsbook check FILE` tells all faults
of a file at once, each with its line; nothing runs before a file is right. Unknown fields and keys
written twice are refused. This page is made from the code: `make reference`.

- A **time** is a day, month, quarter, week or year: `2008-03-30`, `2008-03`, `2008-Q1`, `2008-W13`,
  `2008`.
- A **number** of a share may be written `0.2` or `20%`.
- `!` marks a field that must be there. A stage whose section is left out is *not due*.
- The first line `# yaml-language-server: $schema=project.schema.json` gives editors the fields.

## `for_each`

Many projects from one file: a list of overrides, field by field, or `table: FILE.csv` with the
fields as column names. Each row needs a `project.id` of its own.

```yaml
for_each:
  - { project.id: airport_jfk, project.title: Late flights at JFK, data.kpi.focus.airport: JFK }
  - { project.id: airport_lga, project.title: Late flights at LGA, data.kpi.focus.airport: LGA }
```
"""


def schema() -> str:
    """The JSON Schema that editors read."""
    plain = Project.model_json_schema(by_alias=True)
    plain["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    plain["title"] = "opsbook project"
    plain["properties"]["for_each"] = {
        "description": "Many projects from one file: overrides by field, or table: FILE.csv.",
        "anyOf": [
            {"type": "array", "items": {"type": "object"}},
            {"type": "object", "properties": {"table": {"type": "string"}}},
        ],
    }
    # With for_each a row may bring what the file itself leaves out.
    plain.pop("required", None)
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def readme() -> str:
    """Every field with its meaning, its default and an example."""
    parts = [INTRODUCTION]
    for name, info in Project.model_fields.items():
        parts += _tables(name, _models(info.annotation)[0])
    return "\n".join(parts)


def _tables(path: str, model: type[BaseModel]) -> list[str]:
    """A table of a section's fields, then those of the sections inside it."""
    rows = [
        f"{'###' if '.' in path else '##'} `{path}`\n\n{_first_line(model)}\n",
        "| field | what | kind | default | example |",
        "|---|---|---|---|---|",
    ]
    inside = []
    for name, info in model.model_fields.items():
        shown = info.alias or name
        mark = " `!`" if info.is_required() else ""
        what = (info.description or "").replace("|", "\\|")
        kind = _kind(info.annotation)
        below = any(one not in {When, Window, Guess} for one in _models(info.annotation))
        given = "" if below and not info.examples else example(path, model, shown, info)
        given = f"`{given}`".replace("|", "\\|") if given else "see below" if below else "–"
        rows.append(f"| `{shown}`{mark} | {what} | {kind} | {_default(info)} | {given} |")
        inside += [
            (f"{path}.{shown}{'[]' if _is_list(info.annotation) else ''}", one)
            for one in _models(info.annotation)
            if one not in {When, Window, Guess}
        ]
    tables = ["\n".join(rows) + "\n"]
    for where, one in inside:
        tables += _tables(where, one)
    return tables


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").splitlines()[0]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is tuple or any(_is_list(a) for a in get_args(annotation))


def _kind(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in PLAIN:
        return PLAIN[annotation]
    if annotation == Cell:
        return "value"
    if annotation is Window:
        return "`{ from: time, to: time }`"
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin is tuple:
        kinds = [_kind(argument) for argument in arguments if argument is not ...]
        return f"list of {kinds[0]}" if arguments[-1] is ... else f"`[{', '.join(kinds)}]`"
    if origin is dict:
        return f"mapping to {_kind(arguments[1])}"
    if origin in {Union, UnionType}:
        values = set(get_args(Cell))
        kinds = ["value"] if values <= set(arguments) else []
        kinds += [_kind(a) for a in arguments if a not in values | {type(None)} or not kinds]
        return " or ".join(kind for kind in dict.fromkeys(kinds) if kind)
    if origin is not None and arguments:  # Annotated
        return _kind(arguments[0])
    return "section"


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "–"
    default = info.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        return "its own defaults"
    return f"`{_yaml(default)}`" if default not in (None, "", (), {}) else "–"


def _yaml(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def main(folder: Path) -> None:
    """Write both files into a folder."""
    (folder / README).write_text(readme(), encoding="utf-8")
    (folder / SCHEMA).write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
