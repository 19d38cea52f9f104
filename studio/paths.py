"""How a request is sent: decided by what the provider is known to offer, and by what was seen to work. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.jobs import Path

if TYPE_CHECKING:
    from seedream import ImageRequest
    from seedream.providers import Provider
    from studio.api_profile import ApiProfile

# A single picture leaves no connection open for a minute where that can be avoided; several are shown one by one.
_OF_ONE = (Path.CALLBACK, Path.POLL, Path.STREAM, Path.PLAIN)
_OF_SEVERAL = (Path.STREAM, Path.CALLBACK, Path.POLL, Path.PLAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """provider: who is asked. reachable: whether the service can post to us. forced: the operator's choice, if any."""

    provider: Provider
    reachable: bool
    forced: Path | None = None

    def path(self, request: ImageRequest, profile: ApiProfile, now: float) -> Path:
        """The way to send a request. What is forced and can't be done for this one is passed over."""
        if self.forced and self._can(self.forced, request):
            return self.forced
        order = _OF_ONE if request.max_images == 1 else _OF_SEVERAL
        return next(path for path in order if self._can(path, request) and self._trusted(path, profile, now))

    def _can(self, path: Path, request: ImageRequest) -> bool:
        match path:
            case Path.CALLBACK:
                return self.reachable and self.provider.callbacks
            case Path.POLL:
                return self.provider.tasks_path is not None
            case Path.STREAM:
                return request.capabilities.stream and not request.layer_decomposition
            case Path.PLAIN:
                return True

    def _trusted(self, path: Path, profile: ApiProfile, now: float) -> bool:
        """Nothing is risked on records of tasks that nobody has documented or seen."""
        if path is Path.PLAIN:
            return True
        seen = profile.works(path, now)
        documented = bool(self.provider.tasks) if path is Path.POLL else True
        return documented if seen is None else seen
