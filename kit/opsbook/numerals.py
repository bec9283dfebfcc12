"""How a number is written: its decimals, and the word that stands for its many zeros."""

from __future__ import annotations

import math

#: Figures that tell a number, and those of one so large that a word stands for its zeros.
FIGURES, FIGURES_OF_LARGE = 3, 4
MOST_DECIMALS = 6
#: From here nobody reads all digits of a measured number, nor of a count.
LARGE, LARGE_COUNT = 1e9, 1e12
#: language → size, word; the largest first.
LARGE_UNITS = {
    "en": ((1e12, "trillion"), (1e9, "billion")),
    "zh": ((1e12, "万亿"), (1e8, "亿")),
}
#: Smaller than this, a share in percent is none but the rest of a computation; so a difference.
NOTHING, NO_DIFFERENCE = 1e-4, 1e-3


def decimals(value: float) -> int:
    """Decimals that leave three figures of a number, none of them a zero that tells nothing.

    Examples:
        >>> [decimals(number) for number in (0.5, 0.1234, 12.5, 12.34, 1234.5, 7.0)]
        [1, 3, 1, 1, 0, 0]
    """
    if value == 0 or (value == round(value) and abs(value) < 1e15):
        return 0
    return _bare(value, min(MOST_DECIMALS, max(0, FIGURES - 1 - _power(value))))


def money_decimals(value: float) -> int:
    """Decimals of an amount of money: two below a hundred, more below a tenth.

    Examples:
        >>> [money_decimals(amount) for amount in (20000, 1234.5, 12.5, 3, 0.0125)]
        [0, 0, 2, 0, 4]
    """
    if value == round(value) or abs(value) >= 100:
        return 0
    return 2 if abs(value) >= 0.1 else decimals(value)


def percent_decimals(value: float, least: int, *, of_whole: bool) -> int:
    """Decimals of a number in percent, so that a rare event is not shown as none.

    Args:
        value: The number in percent.
        least: Decimals that it has at least.
        of_whole: Whether it is a part of a whole, so that just below 100 counts too.

    Examples:
        >>> [percent_decimals(share, 1, of_whole=True) for share in (15.37, 0.35, 0.0123, 99.97)]
        [1, 2, 3, 2]
        >>> percent_decimals(0.0034, 2, of_whole=False), percent_decimals(0.5, 2, of_whole=False)
        (4, 2)
    """
    rest = 100 - value if of_whole and 0 < 100 - value < 0.05 else value
    clear = 1.0 if of_whole else 0.5 * 10**-least
    if not (NOTHING if of_whole else NO_DIFFERENCE) <= abs(rest) < clear:
        return least
    return max(least, _bare(rest, 1 - _power(rest)))


def large_unit(value: float, language: str) -> tuple[float, str] | None:
    """Size and word for the zeros of a large number, or None for one that is written out.

    Examples:
        >>> large_unit(1.2e12, "en"), large_unit(3.4e9, "zh"), large_unit(5e8, "zh")
        ((1000000000000.0, 'trillion'), (100000000.0, '亿'), None)
    """
    if abs(value) < LARGE:
        return None
    return next((unit for unit in LARGE_UNITS[language] if abs(value) >= unit[0]), None)


def large_decimals(value: float) -> int:
    """Decimals that leave four figures of a number beside the word for its zeros.

    Examples:
        >>> large_decimals(1.2), large_decimals(1.23456), large_decimals(4321.0)
        (1, 3, 0)
    """
    return _bare(value, max(0, FIGURES_OF_LARGE - 1 - _power(value)))


def _power(value: float) -> int:
    return math.floor(math.log10(abs(value)))


def _bare(value: float, digits: int) -> int:
    """As many decimals, less those that are zeros of the number itself and not of rounding."""
    for fewer in range(digits):
        if math.isclose(round(value, fewer), value, rel_tol=1e-12):
            return fewer
    return digits
