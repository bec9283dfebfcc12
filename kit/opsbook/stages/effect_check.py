"""A line of the report card."""

from __future__ import annotations

from opsbook.results.effect import Check, CheckStatus
from opsbook.text import Statement, Term


def check(
    name: str,
    title: Term,
    status: CheckStatus,
    finding: Statement,
    todo: Statement | None = None,
    *,
    blocks: bool = False,
) -> Check:
    """Return a line of the report card; only a failed one blocks, and a passed one asks nothing."""
    return Check(
        id=name,
        title=title,
        status=status,
        finding=finding,
        todo=None if status == "pass" else todo,
        blocks=blocks and status == "fail",
    )
