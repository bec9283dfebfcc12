"""Imports of kit/opsbook point strictly down; the map of the house is true."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kit" / "opsbook"
ROOT = PACKAGE.parents[1]
FLOORS = {
    "errors": 0,
    "installed": 0,
    "text": 0,
    "numerals": 0,
    "places": 0,
    "methods": 1,
    "project": 2,
    "results": 2,
    "data": 3,
    "stages": 4,
    "show": 4,
    "notebook": 5,
    "run": 6,
    "report": 7,
    "cli": 8,
    "__main__": 9,
}
#: Rooms of one floor that may look at each other, and why.
NEIGHBOURS = {("text", "errors"), ("text", "numerals")}
FILES = sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")


def room(module: str) -> str:
    return module.split(".")[1]


def imported(file: Path) -> set[str]:
    """Modules of opsbook that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: import by the whole name"
            if node.module == "opsbook":
                found |= {f"opsbook.{alias.name}" for alias in node.names}
            else:
                found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith("opsbook.") and room(name) in FLOORS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_every_module_imports_from_lower_floors_only(file):
    own = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for name in imported(file):
        other = room(name)
        if other != own:
            assert FLOORS[other] < FLOORS[own] or (own, other) in NEIGHBOURS, f"{own} → {name}"


def test_every_room_stands_on_a_floor():
    rooms = {
        entry.name.removesuffix(".py")
        for entry in PACKAGE.iterdir()
        if entry.suffix == ".py" or (entry / "__init__.py").exists()
    }
    assert rooms - {"__init__"} == set(FLOORS)


@pytest.mark.parametrize("file", sorted((PACKAGE / "methods").rglob("*.py")), ids=lambda f: f.stem)
def test_methods_touch_no_files_clock_or_tables(file):
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    assert not names & {"pandas", "duckdb", "pathlib", "os", "time", "datetime", "random", "io"}


def test_the_architecture_names_every_room_and_no_other():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for name in set(FLOORS) - {"__main__"}:
        assert f"`{name}" in text, f"ARCHITECTURE.md does not tell of {name}"
    rooms = text.partition("## Inside the larger rooms")[2].partition("\n## ")[0]
    there = {path.stem for path in PACKAGE.rglob("*") if path.suffix in {".py", ""}}
    there |= {folder.name for folder in ROOT.iterdir()}
    for name in re.findall(r"`([\w/]+)`", rooms):
        assert name.rstrip("/").split("/")[-1] in there, f"ARCHITECTURE.md names {name}"
