"""What jobs need from outside: implemented in `infra` and `cogs`, passed in by `assembly.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from seedream import ImageEvent, ImageRequest, Result, Submission, TaskStatus
    from studio.jobs.events import Shown
    from studio.jobs.job import Job, PictureSource, Reason
    from studio.jobs.messages import PostedMessage
    from studio.jobs.pictures import Bundle, Picture
    from studio.quota.decide import Check
    from studio.quota.ledger import Charge


class JobStore(Protocol):
    """Job rows and the ledger. Every call is one transaction."""

    async def insert(self, job: Job, charge: Charge, checks: Sequence[Check]) -> bool:
        """A new row, and its charge. False, and nothing is written, if a check does not hold."""
        ...

    async def save(self, job: Job, *, previous: Job) -> bool:
        """Write the job if its row is still as it was; False if another change came first. At its end it is charged."""
        ...

    async def get(self, job_id: str) -> Job | None: ...

    async def shown_in(self, message_id: int) -> str | None:
        """The job whose first message this is, by its id."""
        ...

    async def claim(self, owner: str) -> list[Job]:
        """Take over jobs with something left to do whose owner is dead, the oldest first, and not all at once."""
        ...

    async def unsettled(self, owner: str) -> list[str]:
        """The owner's jobs with something left to do, oldest first, by their ids."""
        ...

    async def undelivered(self, user_id: int, *, since: float) -> list[Job]:
        """The member's results that ended since then and were delivered in no way, the newest first."""
        ...

    async def to_retry(self, *, until: float) -> list[Job]:
        """Jobs of which something was refused that is to be asked for again by then, the longest due first."""
        ...

    async def refused_in(self, channel_id: int) -> list[Job]:
        """Jobs of a channel of which something was refused."""
        ...

    async def without_need(self, job_ids: AbstractSet[str], *, undelivered_since: float) -> set[str]:
        """Those of these jobs that need no files any more, or are not known.

        A job needs them until it is settled, and where it was not delivered, for some time after its end.
        """
        ...

    async def add_callback(self, job_id: str, body: bytes, now: float) -> None: ...

    async def callbacks(self, job_id: str) -> list[bytes]:
        """What was posted about a job that has not ended, in order."""
        ...

    async def called_back(self, job_ids: AbstractSet[str]) -> set[str]:
        """Those of these jobs about which something was posted."""
        ...

    async def purge(self, *, tokens: float, callbacks: float) -> None:
        """Forget the interactions' tokens that have ended before `tokens`, and what was posted before `callbacks`."""
        ...


class Leases(Protocol):
    """What one process has for a while, and nobody else; they end by themselves when it dies."""

    async def hold(self, name: str, seconds: float) -> bool:
        """Take or keep a lease; False if another process has it."""
        ...

    async def extend(self, name: str, seconds: float) -> None:
        """Whoever has it: it lasts at least so long from now."""
        ...

    async def remaining(self, name: str) -> float:
        """Seconds that a lease still has; 0 for none."""
        ...

    async def release(self, name: str) -> None: ...

    async def processes(self) -> int:
        """How many processes are alive."""
        ...


class SharedState(Protocol):
    """Small values that all processes know together, by name."""

    async def read(self) -> dict[str, str]:
        """All there is."""
        ...

    async def swap(self, name: str, before: str | None, after: str | None) -> bool:
        """Change a value that is still what it was before, None being nothing; False if it is not."""
        ...


class Alerts(Protocol):
    """Tells the operator what only they can mend. It never raises."""

    async def out_of_service(self, reason: Reason) -> None: ...


class KeyCheck(Protocol):
    async def check_key(self) -> None:
        """Return if the service takes the key; it costs nothing. Raises: SeeDreamError."""
        ...


class ImageApi(KeyCheck, Protocol):
    """The SeeDream API. Errors are those of `seedream.errors`."""

    def stream(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]: ...
    async def generate(self, request: ImageRequest) -> Result: ...
    async def submit(self, request: ImageRequest) -> Submission: ...
    async def tasks(self, ids: Sequence[str]) -> dict[str, TaskStatus]: ...


class Pictures(Protocol):
    """Picture files, fetched and checked. Errors are those of `studio.jobs.pictures`."""

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture: ...
    async def reference(
        self, url: str, *, formats: frozenset[str], together: int, alpha: bool, kept: tuple[str, int] | None
    ) -> str:
        """A member's picture as a data: URL, small enough to travel with so many others. Raises: BadReference.

        `alpha`: with an alpha channel, though nothing of it may be seen through. `kept`: the job and the place under
        which it was kept.
        """
        ...

    async def keep_reference(self, job_id: str, index: int, url: str) -> None:
        """Read a member's picture now, since its link may die; where that fails, nothing is kept."""
        ...

    async def kept_references(self, job_id: str) -> frozenset[int]:
        """The places of the job's pictures that were kept."""
        ...

    async def gone(self, url: str) -> bool:
        """Whether whoever had the file says that it is gone; False where nobody knows."""
        ...

    async def discard(self, job_id: str) -> None: ...

    async def holds(self, picture: Picture) -> bool:
        """Whether its file is still there."""
        ...

    async def owners(self) -> set[str]:
        """The jobs that have files."""
        ...


class PictureFiles(Protocol):
    """Picture files as a presenter needs them."""

    async def shrink(self, picture: Picture, limit: int) -> Picture:
        """The same picture in at most `limit` bytes. Raises: PictureUnavailable."""
        ...

    async def bundle(
        self, job_id: str, pictures: Mapping[str, Picture], texts: Mapping[str, str], *, limit: int
    ) -> Bundle | None:
        """A ZIP of a job's pictures and of texts, each under its name; None where it would have over `limit` bytes.

        Raises: PictureUnavailable.
        """
        ...

    def path(self, file: Picture | Bundle) -> Path: ...


class Links(Protocol):
    async def fresh_link(self, source: PictureSource, url: str) -> str | None:
        """A living link to the same file, from the message that it lies in; None where that is out of reach.

        Raises: DeliveryDelayedError where Discord can't be asked just now.
        """
        ...


class Presenter(Protocol):
    """Projects a job onto its messages."""

    async def show(self, job: Job) -> Shown:
        """Draw the job and bring its messages up to it.

        Raises: UndeliverableError, DeliveryDelayedError.
        """
        ...

    async def tidy(self, job: Job) -> frozenset[int]:
        """Have the messages that others have replaced lead there, or go; the ids of those that need nothing more."""
        ...

    async def find(self, job: Job) -> PostedMessage | None:
        """The placeholder of a job whose process died before it wrote down that it was posted.

        None if there is none. Raises: DeliveryDelayedError, and UndeliverableError where nobody can tell any more.
        """
        ...
