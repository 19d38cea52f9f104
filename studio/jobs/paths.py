"""Chooses how a request is sent, by what the provider offers and by what has worked so far. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from studio.jobs.states import Path

if TYPE_CHECKING:
    from seedream import ImageRequest
    from seedream.providers import Provider
    from studio.jobs.api_profile import ApiProfile

# A single picture should not hold a connection open for a minute; several are shown one by one as they are streamed.
_OF_ONE = (Path.CALLBACK, Path.POLL, Path.STREAM, Path.PLAIN)
_OF_SEVERAL = (Path.STREAM, Path.CALLBACK, Path.POLL, Path.PLAIN)


class Obstacle(Enum):
    """Why a path is not taken."""

    UNREACHABLE = "unreachable"  # the service can't post to us
    NO_CALLBACKS = "no callbacks"
    NO_TASKS = "no tasks"
    NO_STREAM = "no stream"  # not with this model, and never for layers
    UNDOCUMENTED = "undocumented"  # neither documented nor seen to work, so no request is risked on it
    FAILED = "failed"  # it has failed before


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Chooses a request's path. `reachable`: the service can post to us. `forced`: the operator's choice, if any."""

    provider: Provider
    reachable: bool
    forced: Path | None = None

    def path(self, request: ImageRequest, profile: ApiProfile, now: float) -> Path:
        """Return the path to send a request by. A forced path that this request can't take is ignored."""
        if self.forced and self._impossible(self.forced, request) is None:
            return self.forced
        return next(path for path in order_of(request) if self.obstacle(path, request, profile, now) is None)

    def obstacle(self, path: Path, request: ImageRequest, profile: ApiProfile, now: float) -> Obstacle | None:
        """Return why a path is not taken unless forced; None if it is open. Nothing ever rules out a plain request."""
        return self._impossible(path, request) or self._distrusted(path, profile, now)

    def _impossible(self, path: Path, request: ImageRequest) -> Obstacle | None:
        match path:
            case Path.CALLBACK if not self.provider.callbacks:
                return Obstacle.NO_CALLBACKS
            case Path.CALLBACK if not self.reachable:
                return Obstacle.UNREACHABLE
            case Path.POLL if self.provider.tasks_path is None:
                return Obstacle.NO_TASKS
            case Path.STREAM if not request.capabilities.stream or request.layer_decomposition:
                return Obstacle.NO_STREAM
            case _:
                return None

    def _distrusted(self, path: Path, profile: ApiProfile, now: float) -> Obstacle | None:
        seen = profile.works(path, now)
        if path is Path.PLAIN or seen:
            return None
        if seen is False:
            return Obstacle.FAILED
        return Obstacle.UNDOCUMENTED if path is Path.POLL and not self.provider.tasks else None


def order_of(request: ImageRequest) -> tuple[Path, ...]:
    """List the paths for a request, the best first."""
    return _OF_ONE if request.max_images == 1 else _OF_SEVERAL
