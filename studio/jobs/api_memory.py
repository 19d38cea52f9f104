"""Keeps what is learned of the service in the database, where all processes share it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from seedream import MODELS
from studio.jobs.api_profile import ApiProfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from seedream import Model
    from seedream.errors import ModelRefused
    from seedream.wire_ids import KnownIds, WireIds
    from studio.clock import Clock
    from studio.jobs.job import Path
    from studio.jobs.ports import SharedState

log = logging.getLogger(__name__)

MOST_TRIES = 10  # each fails only where another process changed the same meanwhile
AHEAD_SECONDS = 3600.0  # so far may another process's clock be ahead of ours
LARGEST = 1 << 20  # characters: far more than is ever written, and read without holding up anybody
_PROFILE = TypeAdapter(ApiProfile)


class ApiMemory:
    """`address`: the service's base URL; what is learned of one says nothing of another.

    wire_ids: the client's, which go on learning. changed: called when the models that are offered have changed.
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
        """The models that members may be offered now, by their names."""
        return frozenset(name for name, model in MODELS.items() if self._wire_ids.offers(model))

    def usual_seconds(self, model: str) -> float | None:
        """How long a picture of the model usually takes, as far as that is known."""
        return self._profile.usual_seconds(model)

    def learn_path(self, path: Path, *, works: bool) -> None:
        """Remember whether a way of sending worked."""
        profile = self._profile.with_path(path, works=works, now=self._clock())
        if profile is not self._profile:
            log.info("the service %s requests by %s", "takes" if works else "does not take", path)
            self._profile = profile
            self._save_soon()

    def learn_run(self, model: str, seconds: float) -> None:
        """Remember how long a picture took; it is written down with the next look at what others have learned."""
        profile = self._profile.with_run(model, seconds, self._clock())
        self._dirty = self._dirty or profile is not self._profile
        self._profile = profile

    def learn_refusal(self, model: Model, error: ModelRefused) -> None:
        """Remember that a task came to nothing because the service does not take the id that it was sent under."""
        self._wire_ids.refuse_accepted(model, error)

    async def refresh(self) -> None:
        """Take over what other processes have learned, and write down what this one has.

        Raises what the database raises.
        """
        for _ in range(MOST_TRIES):
            stored = (await self._shared.read()).get(self._name)
            # What a clock that was ahead has written gives way to what is learned now; who only reads judges no clocks.
            latest = self._clock() + AHEAD_SECONDS if self._dirty else math.inf
            self._take(self._profile.until(latest).merged(_profile(stored).until(latest)))
            if not self._dirty or await self._write(stored):
                return

    async def _write(self, stored: str | None) -> bool:
        self._dirty = False  # what is learned from here on is written down the next time
        written = await self._shared.swap(self._name, stored, _PROFILE.dump_json(self._profile).decode())
        self._dirty = self._dirty or not written
        return written

    async def close(self) -> None:
        """Write down what is not yet."""
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
            takes = ", ".join(after.listed) or "it does not say"
            log.warning("the service does not take %s any more; it takes: %s", ", ".join(gone), takes)
        elif after.listed != before.listed:
            log.info("the service takes these models: %s", ", ".join(after.listed))
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
        """It never fails: what is not written down now is with the next beat."""
        try:
            await self.refresh()
        except Exception:
            log.exception("what was learned of the service could not be written down")


def _profile(stored: str | None) -> ApiProfile:
    """What can't be read, of another version, counts for nothing: the service says it again."""
    if stored is None:
        return ApiProfile()
    with suppress(ValidationError):
        if len(stored) <= LARGEST:
            return _PROFILE.validate_json(stored)
    log.warning("what was known of the service can't be read; it is learned anew")
    return ApiProfile()
