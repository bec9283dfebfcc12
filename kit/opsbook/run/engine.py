"""papermill's engine, which also keeps a notebook whose kernel dies or whose cell takes too long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.iorw import write_ipynb


class KeepingEngine(NBClientEngine):
    """Writes what has run, whatever ends it; papermill does so only for a cell's own error."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, *, kept: Path, **kwargs: Any
    ) -> None:
        """Execute a notebook.

        Args:
            nb_man: papermill's notebook and its state.
            kernel_name: The kernelspec.
            kept: Where an unfinished notebook is written.
            kwargs: What else papermill passes on.
        """
        try:
            super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        except Exception:
            write_ipynb(nb_man.nb, str(kept))
            raise


papermill_engines.register("opsbook", KeepingEngine)
