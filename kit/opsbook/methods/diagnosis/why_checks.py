"""The checks that a why can name as its test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from opsbook.methods.diagnosis.count_checks import (
    interviews_agree,
    slice_rate_differs,
    step_time_over_limit,
    topic_concentrates,
)
from opsbook.methods.diagnosis.judged import WhyCheck
from opsbook.methods.diagnosis.series_checks import before_after, correlates_with_event

WHY_CHECKS: Mapping[str, Callable[..., WhyCheck]] = MappingProxyType(
    {
        "slice_rate_differs": slice_rate_differs,
        "step_time_over_limit": step_time_over_limit,
        "before_after": before_after,
        "correlates_with_event": correlates_with_event,
        "topic_concentrates": topic_concentrates,
        "interviews_agree": interviews_agree,
    }
)
"""Each check by the name that a params file gives it: numbers in, a `WhyCheck` out."""
