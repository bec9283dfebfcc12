"""Whether every confirmed cause has an option and every option a cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsbook.methods.solutions.names import unique_names


@dataclass(frozen=True, kw_only=True)
class CauseCoverage:
    """How options and causes match.

    Attributes:
        causes_without_option: Confirmed causes that no option addresses.
        options_without_cause: Options that name no cause.
        unconfirmed: Option and cause for each cause named that diagnosis has not confirmed.
    """

    causes_without_option: tuple[str, ...]
    options_without_cause: tuple[str, ...]
    unconfirmed: tuple[tuple[str, str], ...]


def cause_coverage(
    addresses: Mapping[str, Sequence[str]], confirmed: Sequence[str]
) -> CauseCoverage:
    """Tell which causes have no option, and which options no confirmed cause.

    What most often fails: a favourite option with a cause written to fit it.

    Args:
        addresses: For each option the root causes it addresses.
        confirmed: The causes that the diagnosis confirmed; may be empty.

    Returns:
        The gaps on both sides.

    Raises:
        DataError: If a confirmed cause is named twice or blank.

    Examples:
        >>> coverage = cause_coverage({"Chatbot": ["slow reply"], "Logo": []}, ["two logins"])
        >>> coverage.causes_without_option, coverage.options_without_cause
        (('two logins',), ('Logo',))
    """
    if confirmed:
        unique_names("confirmed cause", confirmed)
    named = {cause for causes in addresses.values() for cause in causes}
    return CauseCoverage(
        causes_without_option=tuple(cause for cause in confirmed if cause not in named),
        options_without_cause=tuple(option for option, causes in addresses.items() if not causes),
        unconfirmed=tuple(
            (option, cause)
            for option, causes in addresses.items()
            for cause in causes
            if cause not in confirmed
        ),
    )
