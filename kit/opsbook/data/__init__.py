"""From params to checked tables, and a receipt of every row."""

from opsbook.data.cube import Cube
from opsbook.data.focus import Shared
from opsbook.data.intake import Tables, column_faults, load_tables, open_shared
from opsbook.data.jumps import jumps
from opsbook.data.metric_series import MetricSeries
from opsbook.data.shared_table import SharedTable

__all__ = [
    "Cube",
    "MetricSeries",
    "Shared",
    "SharedTable",
    "Tables",
    "column_faults",
    "jumps",
    "load_tables",
    "open_shared",
]
