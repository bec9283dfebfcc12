"""The params of a project: what people decided, checked whole before anything runs."""

from opsbook.project.faults import Fault
from opsbook.project.load import ParamsFile, load_project, read_params
from opsbook.project.model import Project

__all__ = ["Fault", "ParamsFile", "Project", "load_project", "read_params"]
