"""What opsbook adds to a Jupyter server: the templates in its launcher, and templates/ kept clean.

Jupyter loads this module by `lab_server.json`, which the wheel installs as a server's setting.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Any

from opsbook.errors import RunError
from opsbook.places import SHIPPED
from opsbook.run.template_text import strip_cell, strip_metadata
from opsbook.run.workspace import find_workspace

#: How the launcher's list calls the templates.
LABEL = "opsbook"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _link_jupyter_server_extension(server: Any) -> None:
    """Let jupyterlab-templates, which is loaded later, find the workspace's templates."""
    offered = server.config.JupyterLabTemplates
    offered.setdefault("include_default", False)
    known = list(offered.get("template_dirs", []))
    offered["template_dirs"] = [*known, str(_folder_of(templates_for(Path(server.root_dir))))]


def _load_jupyter_server_extension(server: Any) -> None:
    server.contents_manager.register_pre_save_hook(keep_clean)


def templates_for(root: Path) -> Path:
    """The templates that a server in a folder offers: the workspace's, else the kit's."""
    try:
        return find_workspace(root).templates
    except RunError:
        return SHIPPED / "templates"


def keep_clean(*, model: dict[str, Any], path: str, contents_manager: Any, **_: Any) -> None:
    """Save a template without outputs, as it is stored; code and prose are saved as they are.

    So Run All in templates/ leaves nothing behind there, and neither does JupyterLab's autosave.
    """
    notebook = model.get("content")
    if model.get("type") != "notebook" or notebook is None:
        return
    if is_template(Path(contents_manager.root_dir) / path.lstrip("/")):
        for cell in notebook["cells"]:
            strip_cell(cell)
        strip_metadata(notebook)


def is_template(file: Path) -> bool:
    """Whether a notebook lies in the templates of a workspace."""
    return file.parent.name == "templates" and (file.parents[1] / "params").is_dir()


def _folder_of(templates: Path) -> Path:
    """A folder with the templates below it, as jupyterlab-templates wants it; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="opsbook-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / LABEL).symlink_to(templates.resolve(), target_is_directory=True)
    return folder
