"""A template's first and last call: open the stage, save its result."""

from opsbook.notebook.opening import NotDue, open_stage, save

__all__ = ["NotDue", "open_stage", "save"]
