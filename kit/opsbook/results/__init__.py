"""What is saved: records that read back equal to what was written."""

from opsbook.results.base import (
    Caution,
    Event,
    Finding,
    Form,
    FormField,
    Grade,
    Override,
    Point,
    Provenance,
    Series,
    Stage,
    StageResult,
    Status,
    Tone,
)
from opsbook.results.failure import Failure
from opsbook.results.saved import STAGES

__all__ = [
    "STAGES",
    "Caution",
    "Event",
    "Failure",
    "Finding",
    "Form",
    "FormField",
    "Grade",
    "Override",
    "Point",
    "Provenance",
    "Series",
    "Stage",
    "StageResult",
    "Status",
    "Tone",
]
