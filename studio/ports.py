"""What the studio needs from outside. `infra` and `cogs` fit these; `bot.py` plugs them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from seedream import ImageEvent, ImageRequest, Result, Submission, TaskStatus
    from studio.events import Shown
    from studio.jobs import Job, Source
    from studio.pictures import Picture


class Clock(Protocol):
    def __call__(self) -> float:
        """Seconds since the epoch."""
        ...


class Store(Protocol):
    """Job rows. Every call is one transaction."""

    async def insert(self, job: Job) -> None: ...

    async def save(self, job: Job, *, expected_version: int) -> bool:
        """Write the job if its row is still at `expected_version`; False if another change came first."""
        ...

    async def get(self, job_id: str) -> Job | None: ...

    async def unsettled(self) -> list[Job]:
        """The jobs with something left to do, oldest first."""
        ...


class ImageApi(Protocol):
    """The SeeDream API. Errors are those of `seedream.errors`."""

    def stream(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]: ...
    async def generate(self, request: ImageRequest) -> Result: ...
    async def submit(self, request: ImageRequest) -> Submission: ...
    async def tasks(self, ids: Sequence[str]) -> dict[str, TaskStatus]: ...


class Pictures(Protocol):
    """Picture files, fetched and checked. Errors are those of `studio.pictures`."""

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture: ...
    async def reference(self, url: str, *, formats: frozenset[str]) -> str: ...
    async def discard(self, job_id: str) -> None: ...
    async def sweep(self, keep: AbstractSet[str]) -> int: ...


class PictureFiles(Protocol):
    """Picture files as a presenter needs them."""

    async def shrink(self, picture: Picture, limit: int) -> Picture:
        """The same picture in at most `limit` bytes. Raises: PictureUnavailable."""
        ...

    def path(self, picture: Picture) -> Path: ...


class Links(Protocol):
    async def fresh_link(self, source: Source, url: str) -> str | None:
        """A living link to the same file, from the message that it lies in; None where that is out of reach."""
        ...


class Presenter(Protocol):
    """Projects a job onto its messages."""

    async def show(self, job: Job) -> Shown:
        """Draw the job and bring its messages up to it.

        Raises: UndeliverableError, DeliveryDelayedError.
        """
        ...
