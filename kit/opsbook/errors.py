"""The errors a user can cause and mend. Each says the problem, then the fix."""

from __future__ import annotations


class OpsbookError(Exception):
    """A fault that its user can mend.

    Both arguments are positional, so that the error survives a process boundary.

    Args:
        problem: What is wrong, where, and the value met.
        fix: What to do about it; may be empty.

    Examples:
        >>> str(OpsbookError("The table 'kpi' is empty.", "Check data.kpi.filter."))
        "The table 'kpi' is empty. Check data.kpi.filter."
    """

    def __init__(self, problem: str, fix: str = "") -> None:
        super().__init__(problem, fix)
        self.problem = problem
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.problem} {self.fix}".rstrip()


class ParamsError(OpsbookError):
    """A params file that cannot be used as it stands."""


class DataError(OpsbookError):
    """Data that cannot be read, or from which the question cannot be answered."""


class RunError(OpsbookError):
    """A notebook, a report or an output folder that failed."""
