"""What a shown effect may be expected to bring elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import ndtri

from opsbook.methods.estimate import Estimate


@dataclass(frozen=True, kw_only=True)
class ShrunkenEffect:
    """An effect with its overstatement taken out.

    Attributes:
        effect: The effect to expect, in the estimate's unit.
        factor: What the measured effect was multiplied by, 0 to 1.
    """

    effect: float
    factor: float


def shrunken_effect(estimate: Estimate) -> ShrunkenEffect:
    """Tell how large an effect to expect where a measured one is repeated.

    An effect is rolled out because it was shown, and of effects that are just shown most are
    overstated. The factor 1 - (error / effect)², never below 0, is the one that minimises the
    expected squared error if the true effect is what the measurement suggests. Assumes that the
    other places are like this one; that fails most often where the change met a fault that only
    this place had.

    Args:
        estimate: The measured effect with its interval, on the ``difference`` scale.

    Returns:
        The effect to expect; without an interval nothing is known of its error and the factor
        is 0.

    References:
        Thompson (1968), JASA 63, 113-122, for shrinking towards no effect.

    Examples:
        >>> shown = Estimate(method="m", effect=2.0, lower=0.04, upper=3.96, p_value=0.05, n=9)
        >>> round(shrunken_effect(shown).factor, 2)
        0.75
    """
    if estimate.lower is None or estimate.upper is None or estimate.effect == 0:
        return ShrunkenEffect(effect=0.0, factor=0.0)
    reach = float(ndtri((1 + estimate.confidence) / 2))
    error = (estimate.upper - estimate.lower) / 2 / reach
    size = abs(estimate.effect)
    factor = 1 - (error / size) ** 2 if size > error else 0.0
    return ShrunkenEffect(effect=estimate.effect * factor, factor=factor)
