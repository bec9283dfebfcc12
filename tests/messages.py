"""Every sentence of opsbook's own, found in the code and the templates.

`python -m tests.messages` prints, as .po entries, those that have no Chinese translation yet.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from babel.messages.pofile import read_po

from opsbook.text import PLACES

ROOT = Path(__file__).parents[1]
CATALOGS = ROOT / "kit" / "opsbook" / "locale" / "zh" / "LC_MESSAGES"
#: Functions whose string arguments are shown to a reader: the first one, or all of them.
FIRST, ALL = {"say", "term", "text", "words", "filled"}, {"headings"}
#: In the report's templates: t("…").
IN_PAGE = re.compile(r'\bt\("([^"]+)"')


def messages() -> dict[str, str]:
    """Message → where it stands, in the order of the files."""
    found: dict[str, str] = {}
    for file in sorted((ROOT / "kit" / "opsbook").rglob("*.py")):
        if "methods" in file.parts:
            continue
        for message in _in_code(file):
            found.setdefault(message, str(file.relative_to(ROOT)))
    for file in sorted((ROOT / "templates").glob("*.ipynb")):
        notebook = nbformat.read(file, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                found.setdefault(cell.source, str(file.relative_to(ROOT)))
    for file in sorted((ROOT / "templates" / "report").glob("*.j2")):
        for message in IN_PAGE.findall(file.read_text(encoding="utf-8")):
            found.setdefault(message, str(file.relative_to(ROOT)))
    return found


def _in_code(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in FIRST | ALL:
            continue
        for argument in node.args if name in ALL else node.args[:1]:
            message = argument.value if isinstance(argument, ast.Constant) else None
            # A message of places alone says the same in every language.
            if isinstance(message, str) and re.search(r"[A-Za-z]", PLACES.sub("", message)):
                yield message


def translations() -> dict[str, str]:
    """Message → Chinese, as the catalogs have them; where two have it, they say the same."""
    found: dict[str, str] = {}
    for path in sorted(CATALOGS.glob("*.po")):
        with path.open("rb") as file:
            entries = [entry for entry in read_po(file, locale="zh") if entry.id]
        for entry in entries:
            known = found.setdefault(str(entry.id), str(entry.string))
            assert known == str(entry.string), f"{path.name}: {entry.id!r} is {known} elsewhere"
    return found


def main() -> None:
    """Print what is missing."""
    known = translations()
    for message, file in messages().items():
        if not known.get(message):
            lines = message.replace("\\", "\\\\").replace('"', '\\"').split("\n")
            text = '\\n"\n"'.join(lines)
            head = '""\n' if "\n" in message else ""
            print(f'\n#: {file}\nmsgid {head}"{text}"\nmsgstr ""')  # noqa: T201 - its output


if __name__ == "__main__":
    main()
