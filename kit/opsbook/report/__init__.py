"""What is sent: one report per project, and an index over all of them."""

from opsbook.report.failure import Failure
from opsbook.report.from_run import publish_job, rebuild_index
from opsbook.report.index import Entry, index
from opsbook.report.publish import publish

__all__ = ["Entry", "Failure", "index", "publish", "publish_job", "rebuild_index"]
