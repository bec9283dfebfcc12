"""A metric's formula, read safely: names, numbers, + - * / and parentheses, nothing else."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from opsbook.errors import DataError

LONGEST_TEXT = 2_000
DEEPEST_NESTING = 20
MOST_TERMS = 200

# What a Chinese keyboard or a word processor makes of the same signs.
_SIGNS = str.maketrans("×·÷（）＋－−＊／＝", "**/()+--*/=")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)|`(?P<quoted>[^`]+)`|(?P<sign>\*\*|.))",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Node:
    """One node of a formula.

    Attributes:
        kind: ``column``, ``number``, ``sum`` or ``product``.
        text: The node as written.
        column: Name of the column, for a column.
        value: The number, for a number.
        children: The terms of a sum or the factors of a product, in the order written.
        signs: +1 or -1 for each child: added or subtracted in a sum, multiplied or divided by
            in a product.
    """

    kind: str
    text: str
    column: str = ""
    value: float = 0.0
    children: tuple[Node, ...] = ()
    signs: tuple[int, ...] = ()

    @property
    def is_amount(self) -> bool:
        """Whether its segments add up to it: columns, their sums and multiples."""
        if self.kind == "sum":
            return all(child.is_amount for child in self.children)
        if self.kind == "product":
            rest = [
                (child, sign)
                for child, sign in zip(self.children, self.signs, strict=True)
                if child.kind != "number"
            ]
            return len(rest) == 1 and rest[0][1] > 0 and rest[0][0].is_amount
        return self.kind == "column"

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, parents before children."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A metric as a tree of sums and products over columns.

    Attributes:
        text: The formula as written.
        metric: The name left of the equals sign; empty where there is none.
        root: The tree.
        columns: The columns used, each once, in order of first use.
    """

    text: str
    metric: str
    root: Node
    columns: tuple[str, ...] = field(repr=False)


def formula(text: str, *, columns: Collection[str] | None = None) -> Formula:
    """Read a metric's formula into a tree, without running anything.

    Understood are column names (letters of any script, digits, underscores; any other name
    between backticks), numbers, ``+ - * /``, parentheses, and a name with an equals sign in
    front. A chain of the same rank is one node: ``a * b / c`` has three factors.

    Args:
        text: The formula, such as ``signups = visits * click_rate * completion_rate``.
        columns: The columns that exist; unknown names are refused. Not checked if left out.

    Returns:
        The tree, with every node's text as written.

    Raises:
        DataError: If the formula is empty, too long, too deep, or not closed; if it holds a call,
            a power, a percent sign or any other sign; if it names no column or an unknown one.

    Examples:
        >>> tree = formula("late_share = (carrier + traffic) / flights")
        >>> tree.columns
        ('carrier', 'traffic', 'flights')
        >>> [node.text for node in tree.root.children]
        ['carrier + traffic', 'flights']
    """
    if len(text) > LONGEST_TEXT:
        raise DataError(
            f"The formula has {len(text)} characters; {LONGEST_TEXT} are read at most.",
            "Prepare sums of many columns in the data, and name the result here.",
        )
    reader = _Reader(text)
    metric, root = reader.read()
    used = tuple(dict.fromkeys(n.column for n in root.walk() if n.kind == "column"))
    if not used:
        raise DataError(
            f"The formula '{text}' names no column.", "Write it over columns of the table."
        )
    if columns is not None:
        _refuse_unknown(text, [name for name in used if name not in columns], columns)
    return Formula(text=text.strip(), metric=metric, root=root, columns=used)


def _refuse_unknown(text: str, unknown: list[str], columns: Collection[str]) -> None:
    if not unknown:
        return
    named = ", ".join(f"'{name}'" for name in unknown)
    near = [difflib.get_close_matches(name, list(columns), n=1) for name in unknown]
    meant = ", ".join(f"'{match[0]}'" for match in near if match)
    raise DataError(
        f"The formula '{text.strip()}' names {named}, which the data do not have; "
        f"they have: {', '.join(sorted(columns))}.",
        f"Did you mean {meant}?" if meant else "Correct the name, or add the column.",
    )


@dataclass(frozen=True, kw_only=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


class _Reader:
    """Recursive descent over the tokens; its depth is bounded by `DEEPEST_NESTING`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0
        self.terms = 0

    def read(self) -> tuple[str, Node]:
        """Return the metric's name and the tree."""
        if not self.tokens:
            raise DataError("The formula is empty.", "Write it as: metric = column / column.")
        metric = ""
        if len(self.tokens) > 1 and self.tokens[0].kind == "name" and self.tokens[1].text == "=":
            metric = self.tokens[0].text
            self.at = 2
        root = self.chain(("+", "-"))
        if self.at < len(self.tokens):
            self.fail()
        return metric, root

    def chain(self, signs: tuple[str, str]) -> Node:
        """Read a sum of products, or a product of atoms, as one node."""
        first = self.at
        kind = "sum" if signs == ("+", "-") else "product"
        children: list[Node] = []
        directions: list[int] = []
        direction = 1
        while True:
            children.append(self.chain(("*", "/")) if kind == "sum" else self.atom())
            directions.append(direction)
            if self.peek() not in signs:
                break
            direction = 1 if self.peek() == signs[0] else -1
            self.at += 1
        if len(children) == 1:
            return children[0]
        return Node(
            kind=kind,
            text=self.written(first),
            children=tuple(children),
            signs=tuple(directions),
        )

    def atom(self) -> Node:
        """Read a name, a number, a parenthesis, or one of them behind a minus."""
        self.terms += 1
        if self.terms > MOST_TERMS:
            raise DataError(
                f"The formula has more than {MOST_TERMS} terms.",
                "Prepare sums of many columns in the data, and name the result here.",
            )
        if self.at >= len(self.tokens):
            self.fail()
        token = self.tokens[self.at]
        following = self.tokens[self.at + 1].text if self.at + 1 < len(self.tokens) else ""
        if token.kind == "name" and following != "(":
            self.at += 1
            return Node(kind="column", text=token.text, column=token.text)
        if token.kind == "number":
            self.at += 1
            return Node(kind="number", text=token.text, value=self.number(token))
        if token.text not in ("(", "-", "+"):
            self.fail()
        return self.nested(token)

    def nested(self, token: _Token) -> Node:
        """Read what stands in a parenthesis or behind a minus, one level deeper."""
        first = self.at
        self.at += 1
        self.depth += 1
        if self.depth > DEEPEST_NESTING:
            raise DataError(
                f"The formula nests deeper than {DEEPEST_NESTING} levels.",
                "Remove parentheses, or prepare a part of it in the data.",
            )
        if token.text == "(":
            inside = self.chain(("+", "-"))
            if self.peek() != ")":
                self.fail(token if self.at >= len(self.tokens) else None)
            self.at += 1
        else:
            inside = self.atom()
        self.depth -= 1
        if token.text != "-":
            return inside
        minus = Node(kind="number", text="-1", value=-1.0)
        return Node(
            kind="product", text=self.written(first), children=(minus, inside), signs=(1, 1)
        )

    def peek(self) -> str:
        """Return the next sign, or nothing at the end and before a name or a number."""
        if self.at < len(self.tokens) and self.tokens[self.at].kind == "sign":
            return self.tokens[self.at].text
        return ""

    def written(self, first: int) -> str:
        """Return the text from a token up to the last one read."""
        return self.text[self.tokens[first].start : self.tokens[self.at - 1].end]

    def number(self, token: _Token) -> float:
        value = float(token.text)
        if not math.isfinite(value):
            raise DataError(
                f"The number {token.text} in the formula is too large.", "Write a smaller one."
            )
        return value

    def fail(self, opened: _Token | None = None) -> NoReturn:
        """Say what is not understood at the current token, and what to write instead."""
        whole = f"The formula '{self.text.strip()}'"
        if opened is not None:
            raise DataError(
                f"{whole} opens a parenthesis at character {opened.start + 1} and never closes it.",
                "Close it.",
            )
        if self.at >= len(self.tokens):
            raise DataError(f"{whole} ends too early.", "Write a column after the last sign.")
        token = self.tokens[self.at]
        where = f"at character {token.start + 1}"
        following = self.tokens[self.at + 1].text if self.at + 1 < len(self.tokens) else ""
        if token.kind == "name" and following == "(":
            problem, fix = f"calls '{token.text}' {where}", "Prepare it as a column in the data."
        elif token.text in ("**", "^"):
            problem, fix = f"has a power {where}", "Write it as a product, such as a * a."
        elif token.text == "%":
            problem, fix = f"has a percent sign {where}", "Write 15 % as 0.15."
        elif token.kind in ("name", "number"):
            problem, fix = (
                f"has '{token.text}' {where} with no sign before it",
                "Write + - * or / between two names; put a name with blanks between backticks.",
            )
        else:
            problem, fix = (
                f"has '{token.text}' {where}, which is not understood there",
                "Use only names, numbers, + - * / and parentheses.",
            )
        raise DataError(f"{whole} {problem}.", fix)


def _tokens(written: str) -> Iterator[_Token]:
    """Yield the tokens; what is no name and no number is a sign, understood or not.

    A name between backticks stays as written, brackets of a Chinese keyboard included.
    """
    at = 0
    stripped = written.translate(_SIGNS).rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None or match.lastgroup is None:  # pragma: no cover - the last branch is "."
            return
        kind = "name" if match.lastgroup == "quoted" else match.lastgroup
        start = match.start(match.lastgroup)
        edge = 1 if match.lastgroup == "quoted" else 0
        name = written[start : match.end() - edge] if edge else match[match.lastgroup]
        yield _Token(kind=kind, text=name, start=start - edge, end=match.end())
        at = match.end()
