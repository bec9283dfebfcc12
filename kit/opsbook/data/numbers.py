"""A cell as a number: full-width digits, currencies, per cent, 万, separators of both kinds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from opsbook.data.sql import half_width, unmarked
from opsbook.errors import DataError

Mark = Literal[".", ","]
How = Literal[
    "plain", "full_width", "separators", "currency", "percent", "unit", "sign", "boolean", "marked"
]
#: Cells that say "nothing is known here", in lower case.
BLANK = frozenset(
    {"", "-", "--", "---", "—", "——", "–", "/", "n/a", "na", "#n/a", "null", "none", "nan", "nil"}
    | {"(null)", "(blank)", "\\n", "无", "空", "缺失", "暂无"}
)
FACTORS = {
    "": Decimal(1),
    "%": Decimal("0.01"),
    "‰": Decimal("0.001"),
    "千": Decimal(1000),
    "万": Decimal(10_000),
    "百万": Decimal(1_000_000),
    "千万": Decimal(10_000_000),
    "亿": Decimal(100_000_000),
    "万亿": Decimal(1_000_000_000_000),
}
TRUTH = {"true": 1.0, "false": 0.0}
CURRENCY = r"(?:CNY|RMB|USD|EUR|GBP|JPY|HKD|US\$|HK\$|[¥$€£])"
SHAPE = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+-])?\s*(?P<money>{CURRENCY})?\s*(?P<sign2>[+-])?\s*"
    r"(?P<digits>[0-9](?:[0-9.,'’ ]*[0-9.])?|\.[0-9]+)(?P<power>[eE][+-]?[0-9]{1,3})?"
    rf"\s*(?P<unit>%|‰|万亿|千万|百万|亿|万|千)?\s*(?P<money2>{CURRENCY}|元)?(?P<behind>-)?\s*"
    r"(?P<close>\))?",
    re.ASCII | re.IGNORECASE,
)
GROUPED = {
    mark: re.compile(
        rf"[0-9]{{1,3}}(?:(?P<by>[{thousands}'’ ])[0-9]{{3}})(?:(?P=by)[0-9]{{3}})*"
        rf"(?:{re.escape(mark)}[0-9]*)?"
    )
    for mark, thousands in ((".", ","), (",", "."))
}
PLAIN = {
    mark: re.compile(rf"[0-9]+(?:{re.escape(mark)}[0-9]*)?|{re.escape(mark)}[0-9]+")
    for mark in (".", ",")
}


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number as read, and what had to be understood to read it."""

    value: float
    how: tuple[How, ...]


def number(text: str, mark: Mark = ".") -> Number | None:
    """Read a cell as a number, or say that it is none.

    The result is the nearest double to the exact decimal value, so that 9.3% is 0.093.

    Args:
        text: The cell.
        mark: What stands before the decimals.

    Examples:
        >>> number("￥1,234.5").value, number("１.２万").value, number("(15%)").value
        (1234.5, 12000.0, -0.15)
        >>> number("12 Aug") is None
        True
    """
    plain = unmarked(cell := half_width(text))
    if plain.lower() in TRUTH:
        return Number(value=TRUTH[plain.lower()], how=("boolean",))
    found = SHAPE.fullmatch(plain)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    signs = [found[name] for name in ("sign", "sign2", "behind", "open") if found[name]]
    if len(signs) > 1 or (found["money"] and found["money2"]):
        return None
    digits = found["digits"]
    grouped = GROUPED[mark].fullmatch(digits)
    if grouped:
        digits = digits.replace(grouped["by"], "")
    elif not PLAIN[mark].fullmatch(digits):
        return None
    exact = (
        Decimal(digits.replace(mark, ".") + (found["power"] or "")) * FACTORS[found["unit"] or ""]
    )
    value = float(-exact if signs and signs[0] != "+" else exact)
    if not math.isfinite(value):
        return None
    signs_told = bool(found["open"] or found["behind"])
    told: dict[How, bool] = {
        "full_width": any("０" <= letter <= "９" for letter in text),
        "separators": bool(grouped) or (mark == "," and "," in digits),
        "currency": bool(found["money"] or found["money2"]),
        "percent": (found["unit"] or "") in {"%", "‰"},
        "unit": (found["unit"] or "") not in {"", "%", "‰"},
        "sign": signs_told,
        "marked": plain != cell,
    }
    return Number(value=value, how=tuple(how for how, met in told.items() if met) or ("plain",))


def decimal_mark(cells: Iterable[str], *, semicolons: bool = False) -> Mark:
    """Tell from a column's cells whether a point or a comma stands before the decimals.

    ``1,234`` and ``1.234`` can be either; any other number with a separator tells. Where none
    tells, the point is the decimal mark, except where both stand in the column, or in a file that
    is separated by semicolons: there the comma may be, so that nothing is assumed.

    Args:
        cells: Texts of one column, each once.
        semicolons: Whether semicolons separate the file's cells.

    Raises:
        DataError: If the cells contradict each other, or cannot tell; naming the cells.

    Examples:
        >>> decimal_mark(["1.234,50", "7"]), decimal_mark(["1,234"])
        (',', '.')
    """
    proof: dict[Mark, str] = {}
    open_cases: list[str] = []
    for cell in cells:
        found = SHAPE.fullmatch(unmarked(half_width(cell)))
        if found is None:
            continue
        mark = _mark_of(found["digits"])
        if mark == "?":
            open_cases.append(cell)
        elif mark is not None:
            proof.setdefault(mark, cell)
    if len(proof) == 2:
        raise DataError(
            f"'{proof['.']}' has a decimal point and '{proof[',']}' a decimal comma",
            "Write the numbers in one way, or say which it is: data.kpi.decimal.",
        )
    commas = next((cell for cell in open_cases if "," in half_width(cell)), None)
    points = next((cell for cell in open_cases if "." in half_width(cell)), None)
    if not proof and commas is not None and points is not None:
        raise DataError(
            f"'{commas}' and '{points}' cannot both have thousands, and neither tells its decimals",
            'Say what stands before the decimals: data.kpi.decimal: "," or ".".',
        )
    if not proof and open_cases and semicolons:
        raise DataError(
            f"'{open_cases[0]}' may have a decimal {'comma' if ',' in open_cases[0] else 'point'} "
            "or a thousands separator",
            'Say what stands before the decimals: data.kpi.decimal: "," or ".".',
        )
    return next(iter(proof), ".")


def _mark_of(digits: str) -> Mark | Literal["?"] | None:
    """What a number's separators prove: a mark, nothing, or "?" where they can be read twice."""
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return None
    if points and commas:
        return "." if digits.rindex(".") > digits.rindex(",") else ","
    if points > 1:
        return ","
    if commas > 1:
        return "."
    separator: Mark = "." if points else ","
    before, _, after = digits.partition(separator)
    groups = len(after) == 3 and 1 <= len(before) <= 3
    groups |= separator == "," and len(after) == 4 and 1 <= len(before) <= 4  # 1,2345 may be 万
    return "?" if groups and before[0] != "0" else separator
