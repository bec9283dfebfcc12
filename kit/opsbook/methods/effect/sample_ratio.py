"""Did the experiment put the users where it said it would?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from opsbook.errors import DataError

EXACT_UP_TO = 10_000  # users; beyond, the exact and the normal p-value agree to two digits


@dataclass(frozen=True, kw_only=True)
class SampleRatio:
    """The split of users found, against the split planned.

    Attributes:
        p_value: Probability of a split at least as uneven if the assignment works.
        mismatch: Whether the p-value is below the alarm's level. Then no other figure of the
            experiment can be trusted.
        shares: Share of each arm found.
        planned: Share of each arm planned.
        n: Users in all.
    """

    p_value: float
    mismatch: bool
    shares: tuple[float, ...]
    planned: tuple[float, ...]
    n: int


def sample_ratio(
    users: Sequence[int], planned: Sequence[float] | None = None, *, level: float = 0.001
) -> SampleRatio:
    """Check that the arms of an experiment have the sizes that were planned.

    Assumes that users are counted where they were assigned; counting them after a step that the
    treatment changes (a page that loads faster) is the most frequent cause of a mismatch.

    Args:
        users: Users found in each arm, two arms or more.
        planned: Planned share of each arm, in any unit; equal shares where None.
        level: The alarm's level. It is low because the check runs on every experiment.

    Returns:
        The p-value: exact binomial for two arms of up to 10,000 users, else chi-square.

    Raises:
        DataError: If there are fewer than two arms, no users, a negative count, or planned
            shares that do not match the arms.

    References:
        Fabijan et al. (2019), Diagnosing sample ratio mismatch, KDD, 2156-2164.

    Examples:
        >>> sample_ratio([821_588, 815_482]).mismatch
        True
    """
    found = np.asarray(users, dtype=float)
    if found.ndim != 1 or found.size < 2 or not found.sum() > 0 or (found < 0).any():
        raise DataError(
            f"The arms have {list(users)} users.", "Give two arms or more, none negative."
        )
    share = np.ones(found.size) if planned is None else np.asarray(planned, dtype=float)
    if share.shape != found.shape or not (share > 0).all():
        raise DataError(
            f"There are {found.size} arms and the planned shares {share.tolist()}.",
            "Give every arm a planned share above 0.",
        )
    share = share / share.sum()
    n = int(found.sum())
    if found.size == 2 and n <= EXACT_UP_TO:
        p_value = float(stats.binomtest(int(found[0]), n, float(share[0])).pvalue)
    else:
        distance = float(np.sum((found - n * share) ** 2 / (n * share)))
        p_value = float(special.chdtrc(found.size - 1, distance))
    return SampleRatio(
        p_value=min(1.0, p_value),
        mismatch=p_value < level,
        shares=tuple((found / n).tolist()),
        planned=tuple(share.tolist()),
        n=n,
    )
