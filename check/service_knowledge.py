"""Reports what the database knows about the service, and what follows for requests. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from check.plan import PROMPT
from check.results import CheckResult
from seedream import MODELS, ImageRequest
from studio.jobs.paths import Obstacle, order_of
from studio.jobs.states import Path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seedream.providers import Provider
    from seedream.wire_ids import KnownIds
    from studio.jobs.api_profile import ApiProfile
    from studio.jobs.paths import Delivery

DELIVERY_NAMES = {
    Path.PLAIN: "in one plain request",
    Path.STREAM: "streamed",
    Path.POLL: "as a polled task",
    Path.CALLBACK: "by callback",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def model_results(known: KnownIds, provider: Provider, now: float) -> list[CheckResult]:
    """Report the models that the service is known to accept and refuse."""
    if not (known.accepted or known.refused or known.listed):
        return [
            CheckResult.ok(
                "models",
                "it isn't known yet which ones the service accepts; the first requests will show",
            )
        ]
    accepted = [f"{entry.wire_id} ({ago(now - entry.at)})" for entry in known.accepted.values()]
    refused = [model.label for model in MODELS.values() if not known.offers(model, provider, now)]
    results = [CheckResult.ok("models", f"accepted: {_joined(accepted)}; refused: {_joined(refused)}")]
    if known.listed:
        results.append(
            CheckResult.ok("", f"the service's own list ({ago(now - known.listed_at)}): {', '.join(known.listed)}")
        )
    return results


def delivery_results(delivery: Delivery, model: str, profile: ApiProfile, now: float) -> list[CheckResult]:
    """Report how one picture and several are requested, and why not in a better way."""
    single = ImageRequest(prompt=PROMPT, model=_usable(model))
    results = [CheckResult.ok("delivery", f"one picture: {_delivery_text(delivery, single, profile, now)}")]
    if single.capabilities.group:
        several = ImageRequest(prompt=PROMPT, model=single.model, group=4)
        results.append(CheckResult.ok("", f"several: {_delivery_text(delivery, several, profile, now)}"))
    return results


def _usable(model: str) -> str:
    """Return the model, or the first one that needs no reference image."""
    usable = [candidate.name for candidate in MODELS.values() if not candidate.references.low]
    return model if model in usable else usable[0]


def _delivery_text(delivery: Delivery, request: ImageRequest, profile: ApiProfile, now: float) -> str:
    path = delivery.path(request, profile, now)
    if path is delivery.forced:
        return f"{DELIVERY_NAMES[path]}, as set by DELIVERY"
    order = order_of(request)
    better = order[: order.index(path)]
    why = "; ".join(
        f"not {DELIVERY_NAMES[other]}: {_why_not(delivery, other, request, profile, now)}" for other in better
    )
    return f"{DELIVERY_NAMES[path]}{f' ({why})' if why else ''}"


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
            return f"{label} doesn't document tasks, and none has worked so far"
        case _:
            return f"that didn't work {ago(now - profile.paths[path].at)}"


def _joined(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"


def ago(seconds: float) -> str:
    """Return a time such as "3 h ago"."""
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return "just now"
