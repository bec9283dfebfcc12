"""The libraries that figures and statistics come from, and their versions."""

from __future__ import annotations

import functools
import importlib.metadata

LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "duckdb", "matplotlib", "seaborn")


@functools.cache
def version(library: str) -> str:
    """The version of a library that is installed; looked up once, as each time is a file.

    Examples:
        >>> version("numpy").split(".")[0].isdigit()
        True
    """
    return importlib.metadata.version(library)


def versions() -> dict[str, str]:
    """Library → its version."""
    return {library: version(library) for library in LIBRARIES}
