"""Write docs/methods/: a page per published method, from its docstring and what was measured.

`make reference` runs it; a test holds the pages in step with the code.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
METHODS = ROOT / "kit" / "opsbook" / "methods"
PAGES = ROOT / "docs" / "methods"
NOTES = ROOT / "docs" / "method_notes.yaml"
STAGES = {
    "": "Everywhere",
    "trigger": "1 Trigger",
    "diagnosis": "2 Diagnosis",
    "solutions": "3 Solutions",
    "effect": "4 Effect",
    "control": "5 Control",
}
SECTION = re.compile(r"^(Args|Returns|Raises|References|Examples|Attributes):$", re.MULTILINE)
#: Words by which a paragraph says what must be so.
ASSUMES = re.compile(r"[Aa]ssum|fails|must not|must be|only holds|holds only")


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method as its docstring tells of it."""

    name: str
    stage: str
    first: str
    paragraphs: tuple[str, ...]
    sections: dict[str, str]

    @property
    def file(self) -> str:
        """Where it stands, from the root of the project."""
        return "/".join(filter(None, ("kit/opsbook/methods", self.stage, f"{self.name}.py")))

    @property
    def published(self) -> bool:
        """Whether somebody has published it: then it has a page."""
        return "References" in self.sections


def methods() -> list[Method]:
    """Every method: a module with a function of its name, stage by stage."""
    return [
        _read(path.stem, stage, ast.get_docstring(node) or "")
        for stage in STAGES
        for path in sorted((METHODS / stage).glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == path.stem
    ]


def pages() -> dict[str, str]:
    """File name → page, the list of all methods first."""
    found = methods()
    notes = yaml.safe_load(NOTES.read_text(encoding="utf-8"))
    linked = {method.name for method in found if method.published}
    made = {"README.md": _index(found)}
    made |= {f"{m.name}.md": _page(m, notes.get(m.name, {}), linked) for m in found if m.published}
    return made


def _read(name: str, stage: str, text: str) -> Method:
    parts = SECTION.split(text)
    first, *paragraphs = parts[0].strip().split("\n\n")
    bodies = zip(parts[1::2], parts[2::2], strict=True)
    sections = {title: "\n".join(_dedented(body)) for title, body in bodies}
    return Method(
        name=name, stage=stage, first=first, paragraphs=tuple(paragraphs), sections=sections
    )


def _dedented(body: str) -> list[str]:
    return [line.removeprefix("    ") for line in body.strip("\n").splitlines()]


def _index(found: list[Method]) -> str:
    lines = [
        "# The statistics\n",
        "A page per published method: what it answers, what must hold, its source, how to call it",
        "and what was measured. Each is one file, one function and one test, all of one name.",
        "Methods without a page are our own definitions; their docstrings say all there is.",
        "This folder is made from the code: `make reference`.",
    ]
    for stage, title in STAGES.items():
        rows = [method for method in found if method.stage == stage]
        if rows:
            lines += ["", f"## {title}\n", "| method | what it answers |", "|---|---|"]
        for method in rows:
            target = f"{method.name}.md" if method.published else f"../../{method.file}"
            lines.append(f"| [`{method.name}`]({target}) | {_inline(method.first, set())} |")
    return "\n".join(lines) + "\n"


def _page(method: Method, notes: dict[str, str], linked: set[str]) -> str:
    linked = linked - {method.name}
    needs = [p for p in method.paragraphs if ASSUMES.search(p)]
    other = [p for p in method.paragraphs if p not in needs]
    needs += [notes["assumes"]] if "assumes" in notes else []
    parts = [f"# `{method.name}`", f"**{_inline(method.first, linked)}**"]
    parts += [_inline(text, linked) for text in other]
    parts += ["## What must hold", *(_inline(text, linked) for text in needs)]
    parts += ["## Source", _flat(method.sections["References"])]
    if "Examples" in method.sections:
        call = [f">>> from {_module(method)} import {method.name}", method.sections["Examples"]]
        parts += ["## Call", "```python\n" + "\n".join(call) + "\n```"]
    if "Raises" in method.sections:
        refusal = _inline(re.sub(r"(?m)^\w+: ", "", method.sections["Raises"]), linked)
        parts += ["## When it refuses", refusal]
    parts += ["## Measured", _measured(method, notes)]
    return "\n\n".join(parts) + "\n"


def _measured(method: Method, notes: dict[str, str]) -> str:
    test = f"tests/methods/{method.stage}/test_{method.name}.py".replace("//", "/")
    tested = ROOT / test
    published = f"Published answers and laws: [`{test}`](../../{test})." if tested.exists() else ""
    if "measured" not in notes:
        return published or f"Tested with the methods that call it; see `{method.file}`."
    return f"{_flat(notes['measured'])}\n\n```bash\n{notes['command']}\n```\n\n{published}".rstrip()


def _module(method: Method) -> str:
    return method.file.removeprefix("kit/").removesuffix(".py").replace("/", ".")


def _inline(text: str, linked: set[str]) -> str:
    flat = _flat(text.replace("``", "`"))
    return re.sub(
        r"`(\w+)`", lambda m: f"[{m[0]}]({m[1]}.md)" if m[1] in linked else m[0], flat
    ).replace("|", "\\|")


def _flat(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    """Write the pages; those of methods that are gone are removed."""
    PAGES.mkdir(exist_ok=True)
    made = pages()
    for old in PAGES.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (PAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
