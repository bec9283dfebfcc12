"""params/README.md and the schema are in step with the models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import jsonschema
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from opsbook.project import Project
from opsbook.project.base import When, Window
from opsbook.project.guesses import Guess
from opsbook.project.reference import README, SCHEMA, _is_list, _models, readme, schema
from opsbook.project.reference_examples import example
from opsbook.project.yaml_lines import read_yaml

PARAMS = Path(__file__).parents[2] / "params"


@pytest.mark.parametrize(("name", "made"), [(README, readme), (SCHEMA, schema)])
def test_the_file_is_what_the_models_say(name, made):
    stored = (PARAMS / name).read_text(encoding="utf-8")
    assert stored == made(), "run: make reference"


@pytest.mark.parametrize("file", sorted(PARAMS.glob("*.yaml")), ids=lambda f: f.stem)
def test_the_schema_accepts_every_sample(file):
    values = read_yaml(file.read_text(encoding="utf-8"))[0]
    plain = json.loads(json.dumps(values, default=str))
    jsonschema.validate(plain, json.loads(schema()))


def test_every_field_has_an_example():
    for line in readme().splitlines():
        if line.startswith("| `") and line.count(" | ") == 4:
            assert not line.endswith("| – |"), f"give the field examples=[…]: {line}"


def fields(
    model: type[BaseModel], path: str
) -> Iterator[tuple[str, type[BaseModel], str, FieldInfo]]:
    for name, info in model.model_fields.items():
        yield path, model, info.alias or name, info
        for one in _models(info.annotation):
            if one not in {When, Window, Guess}:
                yield from fields(
                    one, f"{path}.{info.alias or name}{'[]' * _is_list(info.annotation)}"
                )


def test_every_example_is_one_that_the_field_takes():
    wrong = []
    for section, info in Project.model_fields.items():
        for path, model, name, field in fields(_models(info.annotation)[0], section):
            given = example(path, model, name, field)
            if not given or (_models(field.annotation) and not field.examples):
                continue
            kind: Any = Annotated[(field.annotation, *field.metadata, None)]
            try:
                TypeAdapter(kind).validate_python(read_yaml(given)[0])
            except ValidationError as error:
                wrong.append(f"{path}.{name}: {given}: {error.errors()[0]['msg']}")
    assert not wrong


def test_every_field_is_described():
    for line in readme().splitlines():
        if line.startswith("| `"):
            assert line.split("|")[2].strip(), f"no description: {line}"
