"""From params to checked tables, and a receipt of every row."""

from opsbook.data.cube import Cube, MetricSeries
from opsbook.data.focus import Shared
from opsbook.data.intake import Tables, column_faults, load_shared, load_tables
from opsbook.data.jumps import jumps

__all__ = [
    "Cube",
    "MetricSeries",
    "Shared",
    "Tables",
    "column_faults",
    "jumps",
    "load_shared",
    "load_tables",
]
