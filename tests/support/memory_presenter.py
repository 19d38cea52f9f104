"""Discord's messages in memory: what each shows, and refusals on demand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from studio.jobs.events import Shown
from studio.jobs.messages import Attachment, PostedMessage

if TYPE_CHECKING:
    import asyncio

    from studio.clock import Clock
    from studio.jobs.job import Job
    from studio.jobs.states import JobState, Reason


@dataclass(frozen=True, slots=True)
class View:
    """What a message says of a job."""

    state: JobState
    images: tuple[int, ...]
    reason: Reason | None
    place: int

    @classmethod
    def of(cls, job: Job) -> View:
        images = tuple(image.index for image in job.current)
        return cls(job.state, images, job.failure and job.failure.reason, job.place)


@dataclass
class MemoryPresenter:
    """Discord's messages. `refusal` is raised by every show while it is set. `views` has all that was ever shown.

    `clock`, `times`: when each show began. `hold`: shows wait for it. `reposts`: a show posts a new message instead of
    editing the old one, which `tidy` then needs to look after, `untidy` of them in vain.
    """

    messages: dict[int, View] = field(default_factory=dict)
    placeholders: dict[str, PostedMessage] = field(default_factory=dict)
    views: defaultdict[str, list[View]] = field(default_factory=lambda: defaultdict(list))
    tries: int = 0
    refusal: Exception | None = None
    clock: Clock | None = None
    times: list[float] = field(default_factory=list)
    hold: asyncio.Event | None = None
    reposts: bool = False
    untidy: frozenset[int] = frozenset()
    mentioned: list[str] = field(default_factory=list)
    _ids: count = field(default_factory=lambda: count(1000))

    def post(self, job: Job) -> PostedMessage:
        message = PostedMessage(id=next(self._ids), channel_id=job.origin.channel_id, by_token=True, drawing="-")
        self.placeholders[job.id] = message
        self.messages[message.id] = View.of(job)
        return message

    async def show(self, job):
        self.tries += 1
        if self.clock:
            self.times.append(self.clock())
        if self.hold:
            await self.hold.wait()
        if self.refusal:
            raise self.refusal
        message = job.messages[0] if job.messages and not self.reposts else self.post(job)
        self.messages[message.id] = View.of(job)
        self.views[job.id].append(View.of(job))
        waiting = (image.index for image in job.images if image.picture and image.attachment is None)
        attachments = {
            index: Attachment(id=100 + index, filename=f"{index}.jpeg", size=1, url="https://cdn.example/a")
            for index in waiting
        }
        at = self.clock() if self.clock else None
        return Shown(job.version, (replace(message, drawing=f"v{job.version}"),), attachments, at=at)

    def doubt(self, job_id):
        pass

    async def mention(self, job):
        self.mentioned.append(job.id)
        return next(self._ids)

    async def tidy(self, job):
        done = frozenset(message.id for message in job.replaced) - self.untidy
        for message_id in done:
            self.messages.pop(message_id, None)
        return done

    async def find(self, job):
        if self.refusal:
            raise self.refusal
        return self.placeholders.get(job.id)
