"""Is the test large enough for its aim?"""

from __future__ import annotations

from opsbook.results.effect import Receipt
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.stages.effect_receipt import level_before


def too_small(receipt: Receipt) -> bool:
    """Whether an effect of the aim's size would often be missed, and is overstated when shown."""
    seen, aim = receipt.detectable, receipt.aim
    return aim is not None and seen is not None and seen > abs(aim)


def beyond_any(context: Context, measured: Measurements, receipt: Receipt) -> bool:
    """Whether not even the largest improvement that a share can have would be shown."""
    metric, seen = context.project.metric, receipt.detectable
    if metric.kind != "share" or seen is None:
        return False
    level = level_before(context, measured)
    if level is None:
        return False
    return seen > (1 - level if metric.better == "higher" else level)
