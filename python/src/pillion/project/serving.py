"""How a model is served: asked for each request, or answered from what was computed ahead."""

from typing import Literal

from pydantic import Field

from pillion.project.part import Part


class FirstPhase(Part):
    """Which of all items go on to the model: those whose vectors have the largest dot products with the user's.

    An element of a vector is an input of the model: those of `user_factor` are `user_factor_0`, `user_factor_1`, ….
    """

    user: str = Field(min_length=1)
    """What the inputs of the user's vector are called, without their numbers."""
    item: str = Field(min_length=1)
    """The same for the items' vectors."""


class Serving(Part):
    """How one model is served."""

    mode: Literal["online", "batch", "auto"] = "online"
    """`online`: the model is asked for each request, and what was computed ahead stands in for it. `batch`: what was
    computed ahead comes first. `auto`: the same where `pillion batch` found that batch serves this workload, and where
    the request would be computed from the very values that the run took."""
    max_age_hours: float = Field(default=48.0, gt=0, allow_inf_nan=False)
    """How old an answer computed ahead may be to come first."""
    first_phase: FirstPhase | None = None
    """Which items go on to the model where a request names none; those of the popularity lists where left out, and for
    users without a vector."""
