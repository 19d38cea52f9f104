"""The pictures of a job, and of a set: a job whose message also shows what others, its children, make."""

from __future__ import annotations

from dataclasses import dataclass

from seedream.values import Layer  # noqa: TC001 - the store reads these annotations when it runs
from studio.jobs.messages import Attachment  # noqa: TC001 - the store reads these annotations when it runs
from studio.jobs.pictures import Picture  # noqa: TC001 - the store reads these annotations when it runs
from studio.jobs.states import Failure, JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class JobImage:
    """One picture of a job: ready (`picture`; `link` while the service keeps it) or failed.

    `slot`: its place among the pictures of a set, from 0; None if that is its index. Of several pictures in a slot, the
    versions, one is shown. `layer`: its position in the picture that was separated into layers. `renewed_at`: when the
    link was looked up again; None if it is the first one. `fetch_again`: the file couldn't be got by the link, for a
    reason that may pass.
    """

    index: int
    slot: int | None = None
    picture: Picture | None = None
    link: str | None = None
    layer: Layer | None = None
    attachment: Attachment | None = None
    failure: Failure | None = None
    renewed_at: float | None = None
    fetch_again: bool = False

    @property
    def made(self) -> bool:
        return self.failure is None or self.link is not None

    @property
    def arrived(self) -> bool:
        """Whether it was fetched or has failed; otherwise only its link is known."""
        return self.picture is not None or self.failure is not None

    @property
    def dropped(self) -> bool:
        """Whether it was made when its job was stopped already: it is billed, and kept nowhere."""
        return self.made and self.picture is None and self.link is None

    @property
    def shown_slot(self) -> int:
        return self.index if self.slot is None else self.slot


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSlot:
    """Where a child's pictures are shown: in the message of the set, from `slot` on; None: after its last picture."""

    set_id: str
    slot: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A job whose pictures its set shows, as it was last reported.

    `version`: of its row. `slot`: of its first picture, which has the index `base` in the set's row. `count`: how many
    it makes. `since`: when it was accepted. `label`: what distinguishes it from its siblings. `together`: it was
    accepted with its set, not later. `stopped`: by its member.
    """

    job_id: str
    slot: int
    base: int
    count: int
    since: float = 0.0
    label: str = ""
    together: bool = False
    version: int = 0
    state: JobState = JobState.QUEUED
    failure: Failure | None = None
    stopped: bool = False
    reserved: int = 0
    cost: int = 0
