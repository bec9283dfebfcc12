"""Jupyter's libraries, imported without the parsers that no notebook needs.

jsonschema, which they import, builds grammars for formats of web addresses when they are
installed; that takes longer than a report.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

UNUSED_PARSERS = ("rfc3987_syntax", "rfc3987")


def import_jupyter(name: str) -> Any:
    """Import a module of nbformat or nbconvert by its name.

    Examples:
        >>> import_jupyter("nbformat").__name__
        'nbformat'
    """
    absent = [parser for parser in UNUSED_PARSERS if parser not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type] # None: "not installed"
    try:
        return importlib.import_module(name)
    finally:
        for parser in absent:
            sys.modules.pop(parser, None)
