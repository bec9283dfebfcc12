"""Keep only the breaks that the two stretches beside them show by themselves."""

from __future__ import annotations

from opsbook.methods.trigger.change_chance import change_chance
from opsbook.methods.trigger.segment_trend import Segmentation, TrendSegmenter


def local_evidence(
    segmenter: TrendSegmenter, chosen: Segmentation, false_alarm: float
) -> tuple[Segmentation, tuple[float, ...]]:
    """Take away, one by one, the breaks that noise of their own neighbourhood would bring about.

    A search over the whole series takes its noise to be of one size, and so cuts a restless part
    too often. Here each break must pay within the two stretches that it parts, under the size and
    the autocorrelation of their own noise. The weakest goes first; the others then settle in their
    best places. The assumption that most often fails: within two neighbouring stretches the noise
    is still of one size.

    Args:
        segmenter: The series.
        chosen: Its segmentation.
        false_alarm: Accepted probability that noise gains as much.

    Returns:
        The segmentation that is left, and the chance of each of its breaks under noise alone.

    Examples:
        >>> import numpy as np
        >>> values = np.r_[np.tile([0.0, 0.02, 0.01], 8), np.tile([0.9, 0.6, 1.0], 8)]
        >>> segmenter = TrendSegmenter(values, np.arange(48), floor=0.0175)
        >>> left, chances = local_evidence(segmenter, segmenter.with_breaks(2), 0.05)
        >>> left.starts, chances[0] < 0.001
        ((24,), True)
    """
    starts = list(chosen.starts)
    while starts:
        edges = (0, *starts, segmenter.n)
        chances = [_chance(segmenter, *edges[i : i + 3]) for i in range(len(starts))]
        weakest = max(range(len(starts)), key=chances.__getitem__)
        if chances[weakest] <= false_alarm:
            return segmenter.fitted(tuple(starts)), tuple(chances)
        del starts[weakest]
        for i in range(len(starts)):
            edges = (0, *starts, segmenter.n)
            starts[i] = segmenter.best_place(*edges[i : i + 3])
    return segmenter.without_breaks(), ()


def _chance(segmenter: TrendSegmenter, first: int, start: int, end: int) -> float:
    gain = segmenter.stretch_deviance(first, end) - segmenter.stretch_deviance(first, start, end)
    return change_chance(gain)
