"""The folder a user works in: templates/, params/, outputs/."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from opsbook.errors import RunError
from opsbook.places import SHIPPED
from opsbook.run.template_text import in_language, language_of


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A user's folder; every path of an output is built here."""

    root: Path

    @property
    def templates(self) -> Path:
        """The notebooks, the user's own where there are some, else the shipped ones."""
        own = self.root / "templates"
        return own if own.is_dir() else SHIPPED / "templates"

    @property
    def report_template(self) -> Path:
        """The nbconvert template of the report."""
        own = self.root / "templates" / "report"
        return own if own.is_dir() else SHIPPED / "templates" / "report"

    @property
    def templates_as_shipped(self) -> Path:
        """The notebooks as the kit has brought them here; what a user changed differs from them.

        A workspace that was not made by `init`, such as a checkout, has none.
        """
        return self.root / ".opsbook" / "templates"

    @property
    def templates_before(self) -> Path:
        """The user's notebooks as they were before `upgrade` merged them."""
        return self.root / ".opsbook" / "before"

    @property
    def params(self) -> Path:
        """The folder of the params files."""
        return self.root / "params"

    @property
    def outputs(self) -> Path:
        """The folder of everything that is made."""
        return self.root / "outputs"

    @property
    def language(self) -> str:
        """The language that its notebooks are written in."""
        notebook = self.templates / "1_trigger.ipynb"
        try:
            return language_of(json.loads(notebook.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):  # gone, or no notebook: `check` tells
            return "en"

    def output(self, project: str) -> Path:
        """The folder of one project's outputs."""
        return self.outputs / project

    def params_files(self) -> list[Path]:
        """All params files, sorted by name.

        Raises:
            RunError: If there is none.
        """
        found = sorted(file for suffix in ("*.yaml", "*.yml") for file in self.params.glob(suffix))
        if not found:
            raise RunError(
                f"There is no params file in {self.params}.",
                "Copy one of the samples there, or name a params file.",
            )
        return found


def find_workspace(start: Path) -> Workspace:
    """The nearest folder, from here upwards, that has params/.

    Raises:
        RunError: If there is none.
    """
    for folder in (start, *start.parents):
        if (folder / "params").is_dir():
            return Workspace(root=folder)
    raise RunError(
        f"{start} is in no opsbook workspace: no folder above it has params/.",
        "Run 'opsbook init' here, or change into your workspace.",
    )


def init_workspace(folder: Path, language: str = "en") -> Workspace:
    """Make a workspace with the shipped templates and sample projects.

    Args:
        folder: Where; it is made if need be.
        language: Language of the notebooks' prose.

    Raises:
        RunError: If one of its folders is there already; nothing is overwritten.
    """
    for name in ("templates", "params"):
        if (folder / name).exists():
            raise RunError(
                f"{folder / name} is there already; nothing was changed.",
                "Choose an empty folder: opsbook init DIR.",
            )
    workspace = Workspace(root=folder)
    try:
        for name in ("templates", "params"):
            shutil.copytree(
                SHIPPED / name,
                folder / name,
                ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__"),
            )
        workspace.templates_as_shipped.mkdir(parents=True)
        for notebook in sorted((folder / "templates").glob("*.ipynb")):
            text = in_language(notebook.read_text(encoding="utf-8"), language)
            notebook.write_text(text, encoding="utf-8")
            (workspace.templates_as_shipped / notebook.name).write_text(text, encoding="utf-8")
        workspace.outputs.mkdir(exist_ok=True)
    except OSError as error:
        raise RunError(
            f"{folder} cannot be written to: {error.strerror}.", "Choose another folder."
        ) from None
    return workspace
