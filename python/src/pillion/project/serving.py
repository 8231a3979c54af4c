"""How a model is served: asked for each request, or answered from what was computed ahead."""

from typing import Literal

from pydantic import Field

from pillion.project.part import Part


class Serving(Part):
    """How one model is served."""

    mode: Literal["online", "batch", "auto"] = "online"
    """`online`: the model is asked for each request, and what was computed ahead stands in for it. `batch`: what was
    computed ahead comes first. `auto`: the same where `pillion batch` found that batch serves this workload, and where
    the request would be computed from the very values that the run took."""
    max_age_hours: float = Field(default=48.0, gt=0, allow_inf_nan=False)
    """How old an answer computed ahead may be to come first."""
