"""params/README.md and the schema are in step with the models."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from opsbook.project.reference import README, SCHEMA, readme, schema
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


def test_every_field_is_described():
    for line in readme().splitlines():
        if line.startswith("| `"):
            assert line.split("|")[2].strip(), f"no description: {line}"
