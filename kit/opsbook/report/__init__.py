"""What is sent: one report per project, and an index over all of them."""

from opsbook.report.index import Entry, index
from opsbook.report.publish import publish

__all__ = ["Entry", "index", "publish"]
