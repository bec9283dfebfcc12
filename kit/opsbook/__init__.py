"""opsbook: runnable operations-optimisation notebooks, honest statistics, one report."""

__version__ = "0.1.0"
