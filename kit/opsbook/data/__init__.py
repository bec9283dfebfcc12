"""From params to checked tables, and a receipt of every row."""

from opsbook.data.cube import Cube, MetricSeries
from opsbook.data.intake import Tables, column_faults, load_tables

__all__ = ["Cube", "MetricSeries", "Tables", "column_faults", "load_tables"]
