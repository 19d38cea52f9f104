"""Stores what is learned about the service in the database, where all processes share it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from seedream import MODELS
from studio.jobs.api_profile import ApiProfile, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from seedream import Model
    from seedream.errors import ModelRefused
    from seedream.wire_ids import KnownIds, WireIds
    from studio.clock import Clock
    from studio.jobs.ports import SharedState
    from studio.jobs.states import Path

log = logging.getLogger(__name__)

MOST_TRIES = 10  # each fails only if another process changed the same value meanwhile
AHEAD_SECONDS = 3600.0  # how far another process's clock may be ahead of ours
LARGEST = 1 << 20  # characters: far more than is ever written, and still parsed quickly
_PROFILE = TypeAdapter(ApiProfile)


class ApiMemory:
    """Remembers which model ids and paths work, and how long pictures take.

    `address`: the service's base URL; each has its own profile. `wire_ids`: the client's, which go on learning.
    `changed`: called when the offered models have changed.
    """

    def __init__(self, shared: SharedState, wire_ids: WireIds, clock: Clock, *, address: str) -> None:
        self._shared = shared
        self._wire_ids = wire_ids
        self._clock = clock
        self._name = f"api-profile:{hashlib.blake2s(address.encode(), digest_size=8).hexdigest()}"
        self._profile = ApiProfile()
        self._dirty = False
        self._saving: asyncio.Task[None] | None = None
        self.changed: Callable[[], None] | None = None
        self._offered = self.offered()
        wire_ids.learned = self._ids_learned

    @property
    def profile(self) -> ApiProfile:
        return self._profile

    def offered(self) -> frozenset[str]:
        """Return the names of the models that are available now."""
        return frozenset(name for name, model in MODELS.items() if self._wire_ids.offers(model))

    def usual_seconds(self, model: str, pictures: int = 1) -> float | None:
        """Return how long so many pictures of the model usually take together, if known."""
        return self._profile.usual_seconds(kind_of(model, pictures))

    def learn_path(self, path: Path, *, works: bool) -> None:
        """Remember whether a path works."""
        profile = self._profile.with_path(path, works=works, now=self._clock())
        if profile is not self._profile:
            log.info("requests by %s %s", path, "work" if works else "don't work for now")
            self._profile = profile
            self._save_soon()

    def learn_run(self, model: str, seconds: float, pictures: int = 1) -> None:
        """Remember how long so many pictures took together. It is stored with the next `refresh`."""
        profile = self._profile.with_run(kind_of(model, pictures), seconds, self._clock())
        self._dirty = self._dirty or profile is not self._profile
        self._profile = profile

    def learn_refusal(self, model: Model, error: ModelRefused) -> None:
        """Remember that a task failed because the service doesn't accept its model id."""
        self._wire_ids.refuse_accepted(model, error)

    async def refresh(self) -> None:
        """Merge what other processes have learned, and store what this one has. Raises what the database raises."""
        for _ in range(MOST_TRIES):
            stored = (await self._shared.read()).get(self._name)
            # A writer drops entries dated too far ahead by a wrong clock; a reader can't tell whose is wrong.
            latest = self._clock() + AHEAD_SECONDS if self._dirty else math.inf
            self._take(self._profile.until(latest).merged(_profile(stored).until(latest)))
            if not self._dirty or await self._write(stored):
                return

    async def _write(self, stored: str | None) -> bool:
        self._dirty = False  # whatever is learned from here on is stored the next time
        written = await self._shared.swap(self._name, stored, _PROFILE.dump_json(self._profile).decode())
        self._dirty = self._dirty or not written
        return written

    async def close(self) -> None:
        """Store what isn't stored yet."""
        if self._saving:
            await asyncio.gather(self._saving, return_exceptions=True)
        if self._dirty:
            await self._save()

    def _take(self, profile: ApiProfile) -> None:
        self._profile = profile
        self._wire_ids.known = profile.ids
        self._tell_if_changed()

    def _ids_learned(self, before: KnownIds) -> None:
        after = self._wire_ids.known
        self._profile = self._profile.merged(ApiProfile(ids=after))
        gone = [model.label for name, model in MODELS.items() if name in self._offered - self.offered()]
        if gone:
            takes = ", ".join(after.listed) or "it doesn't say"
            log.warning("the service no longer accepts %s; it accepts: %s", ", ".join(gone), takes)
        elif after.listed != before.listed:
            log.info("the service accepts these models: %s", ", ".join(after.listed))
        self._tell_if_changed()
        self._save_soon()

    def _tell_if_changed(self) -> None:
        offered = self.offered()
        if offered != self._offered:
            self._offered = offered
            if self.changed:
                self.changed()

    def _save_soon(self) -> None:
        self._dirty = True
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save(), name="api-profile")

    async def _save(self) -> None:
        """Store without raising: what fails now is stored at the next heartbeat."""
        try:
            await self.refresh()
        except Exception:
            log.exception("what was learned about the service could not be stored")


def _profile(stored: str | None) -> ApiProfile:
    """Parse a stored profile. One of another version is ignored: the service's answers rebuild it."""
    if stored is None:
        return ApiProfile()
    with suppress(ValidationError):
        if len(stored) <= LARGEST:
            return _PROFILE.validate_json(stored)
    log.warning("the stored API profile can't be read; it is learned again")
    return ApiProfile()
