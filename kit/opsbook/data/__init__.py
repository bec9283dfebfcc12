"""From params to checked tables, and a receipt of every row."""

from opsbook.data.cube import Cube, MetricSeries
from opsbook.data.intake import Tables, column_faults, load_tables
from opsbook.data.jumps import jumps

__all__ = ["Cube", "MetricSeries", "Tables", "column_faults", "jumps", "load_tables"]
