"""The mode of a model: whether a user's answer computed ahead comes before asking the model."""

from pillion.features.ids import Ids
from pillion.features.popularity import among, without
from pillion.project import Serving
from pillion.recommend.models import BoundModel
from pillion.recommend.request import NO_ITEMS, PreparedRequest

COMPUTED_AHEAD = "computed_ahead"
_HOUR_S = 3600.0


def items_ahead(request: PreparedRequest) -> Ids:
    """Returns the user's items computed ahead, less those seen since and those that were not asked for, best first."""
    batch = request.findings.user.batch
    if batch is None or request.catalog.batch is None:
        return NO_ITEMS
    items = without(batch, request.findings.user.seen)
    return items if request.candidates is None else items[among(items, request.candidates)]


def comes_ahead(serving: Serving, request: PreparedRequest, bound: BoundModel) -> bool:
    """Returns whether a request is answered by what was computed ahead, though the model could be asked.

    With the mode `auto` it is where the planner says so, and the model would be given what the run was given: each
    value of the request that the model takes, the same segment, the same versions of model and features, no candidates
    of the request's own.

    Args:
        serving: How the request's model is served.
        request: With what the store says of its user.
        bound: What the model takes.
    """
    batch, answers = request.catalog.batch, request.catalog.answers
    if serving.mode == "online" or batch is None or answers is None or batch.model != request.model.name:
        return False
    if request.now_s - batch.created > serving.max_age_hours * _HOUR_S:
        return False
    left = len(items_ahead(request))
    if serving.mode == "batch":
        return left > 0
    assumed = batch.assumed
    return (
        assumed is not None
        and assumed.verdict == "batch"
        and batch.version == request.model.version
        and answers.version == request.catalog.version
        and request.candidates is None
        and request.k <= left
        and request.segment == assumed.segment
        and all(request.online[name] == assumed.online.get(name) for name in bound.contract.online)
    )
