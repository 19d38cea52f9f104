"""What is known of the service, and what follows for requests. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from check.plan import PROMPT
from check.rows import Row, State
from seedream import MODELS, ImageRequest
from studio.jobs.job import Path
from studio.jobs.paths import Obstacle, order_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seedream.providers import Provider
    from seedream.wire_ids import KnownIds
    from studio.jobs.api_profile import ApiProfile
    from studio.jobs.paths import Delivery

WAYS = {
    Path.PLAIN: "in one plain request",
    Path.STREAM: "streamed",
    Path.POLL: "as a polled task",
    Path.CALLBACK: "by callback",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def model_rows(known: KnownIds, provider: Provider, now: float) -> list[Row]:
    """The models that the service takes and refuses, as far as it was seen."""
    if not (known.accepted or known.refused or known.listed):
        return [
            Row("models", State.OK, "it isn't known yet which ones the service takes: the first requests will show")
        ]
    taken = [f"{one.wire_id} ({ago(now - one.at)})" for one in known.accepted.values()]
    refused = [model.label for model in MODELS.values() if not known.offers(model, provider, now)]
    rows = [Row("models", State.OK, f"accepted: {_listed(taken)}; refused: {_listed(refused)}")]
    if known.listed:
        rows.append(
            Row("", State.OK, f"the service's own list ({ago(now - known.listed_at)}): {', '.join(known.listed)}")
        )
    return rows


def delivery_rows(delivery: Delivery, model: str, profile: ApiProfile, now: float) -> list[Row]:
    """How one picture and several are asked for, and why not otherwise."""
    one = ImageRequest(prompt=PROMPT, model=_making(model))
    rows = [Row("delivery", State.OK, f"one picture: {_sent(delivery, one, profile, now)}")]
    if one.capabilities.group:
        several = ImageRequest(prompt=PROMPT, model=one.model, group=4)
        rows.append(Row("", State.OK, f"several: {_sent(delivery, several, profile, now)}"))
    return rows


def _making(model: str) -> str:
    """The model, or the first that needs no picture to begin with."""
    able = [one.name for one in MODELS.values() if not one.references.low]
    return model if model in able else able[0]


def _sent(delivery: Delivery, request: ImageRequest, profile: ApiProfile, now: float) -> str:
    path = delivery.path(request, profile, now)
    if path is delivery.forced:
        return f"{WAYS[path]}, as DELIVERY says"
    order = order_of(request)
    better = order[: order.index(path)]
    why = "; ".join(f"not {WAYS[one]}: {_why_not(delivery, one, request, profile, now)}" for one in better)
    return f"{WAYS[path]}{f' ({why})' if why else ''}"


def _why_not(delivery: Delivery, path: Path, request: ImageRequest, profile: ApiProfile, now: float) -> str:
    label = delivery.provider.label
    match delivery.obstacle(path, request, profile, now):
        case Obstacle.UNREACHABLE:
            return "PUBLIC_URL is not set"
        case Obstacle.NO_CALLBACKS:
            return f"{label} posts no results"
        case Obstacle.NO_TASKS:
            return f"{label} has no tasks"
        case Obstacle.NO_STREAM:
            return f"{request.capabilities.label} doesn't stream"
        case Obstacle.UNDOCUMENTED:
            return f"{label} doesn't document tasks, and none has been seen to work"
        case _:
            return f"that didn't work {ago(now - profile.paths[path].at)}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"


def ago(seconds: float) -> str:
    """ "3 h ago"."""
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return "just now"
