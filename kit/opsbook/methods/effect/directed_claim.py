"""What may be claimed of a measured change whose wanted direction was declared beforehand."""

from __future__ import annotations

from typing import Literal

from opsbook.methods.estimate import Estimate

Claim = Literal["improved", "worsened", "nothing"]
#: Level of the test in the wanted direction.
WANTED = 0.05
#: Level of the test in the other direction: that of a two-sided test at 5 %.
UNWANTED = 0.025


def directed_claim(estimate: Estimate, *, better: Literal["higher", "lower"]) -> Claim:
    """Decide whether a change shows an improvement, a worsening, or neither.

    The wanted direction is part of the metric's definition and so declared before the data are
    seen; there the test is one-sided at 5 %. A worsening has to pass the usual two-sided test.
    So of changes that are none, at most 7.5 % are claimed to be one. Assumes that the direction
    was not chosen after a look at the data; then only the two-sided test holds.

    Args:
        estimate: The measured change with its two-sided p-value.
        better: Which way the metric is better.

    Returns:
        ``improved``, ``worsened``, or ``nothing`` (also without a p-value).

    References:
        Fisher (1935), The Design of Experiments, for tests of a direction stated beforehand.

    Examples:
        >>> fall = Estimate(method="m", effect=-2.9, lower=-6.1, upper=0.2, p_value=0.063, n=27)
        >>> directed_claim(fall, better="lower"), directed_claim(fall, better="higher")
        ('improved', 'nothing')
    """
    p_value = estimate.p_value
    if p_value is None or estimate.effect == estimate.no_change:
        return "nothing"
    good = (estimate.effect > estimate.no_change) == (better == "higher")
    if good:
        return "improved" if p_value / 2 <= WANTED else "nothing"
    return "worsened" if p_value / 2 <= UNWANTED else "nothing"
