"""How far the cross-checks agree with the base ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import kendalltau

from opsbook.errors import DataError
from opsbook.methods.solutions.ranking import Ranking


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One cross-check held against the base.

    Attributes:
        method: The cross-check.
        normalisation: Its normalisation.
        tau: Kendall's tau-b of the two rankings, -1 (turned round) to 1 (the same order); None
            where a ranking is one single tie or there are fewer than two options.
        same_winners: Whether both put the same options first.
    """

    method: str
    normalisation: str
    tau: float | None
    same_winners: bool


@dataclass(frozen=True, kw_only=True)
class KendallAgreement:
    """All cross-checks held against the base.

    Attributes:
        base: The base ranking's method.
        checks: One entry per cross-check, in the order given.
    """

    base: str
    checks: tuple[Agreement, ...]

    @property
    def dissenting(self) -> tuple[str, ...]:
        """The cross-checks that name other winners."""
        return tuple(check.method for check in self.checks if not check.same_winners)


def kendall_agreement(base: Ranking, checks: Sequence[Ranking]) -> KendallAgreement:
    """Tell how far other ranking methods agree with the base ranking.

    What most often fails: reading agreement as proof. The methods share the scores and the
    weights; where those are wrong, all agree on the wrong winner.

    Args:
        base: The ranking that decides.
        checks: Other rankings of the same options.

    Returns:
        Kendall's tau-b and whether the winners agree, per cross-check.

    Raises:
        DataError: If a cross-check ranks other options.

    References:
        Kendall (1945), Biometrika 33, 239-251. doi:10.1093/biomet/33.3.239

    Examples:
        >>> def ranking(method, ranks):
        ...     return Ranking(
        ...         method=method, normalisation="none", options=("A", "B", "C"),
        ...         scores=ranks, ranks=ranks,
        ...     )
        >>> result = kendall_agreement(ranking("x", (1, 2, 3)), [ranking("y", (1, 3, 2))])
        >>> round(result.checks[0].tau, 3), result.checks[0].same_winners
        (0.333, True)
    """
    found: list[Agreement] = []
    for check in checks:
        if set(check.options) != set(base.options):
            raise DataError(
                f"{check.method} ranks {', '.join(check.options)}; "
                f"{base.method} ranks {', '.join(base.options)}.",
                "Rank the same options by both.",
            )
        rank = dict(zip(check.options, check.ranks, strict=True))
        other = [rank[option] for option in base.options]
        found.append(
            Agreement(
                method=check.method,
                normalisation=check.normalisation,
                tau=_tau(base.ranks, other),
                same_winners=set(check.winners) == set(base.winners),
            )
        )
    return KendallAgreement(base=base.method, checks=tuple(found))


def _tau(first: Sequence[int], second: Sequence[int]) -> float | None:
    if len(set(first)) < 2 or len(set(second)) < 2:
        return None
    return float(kendalltau(first, second).statistic)
