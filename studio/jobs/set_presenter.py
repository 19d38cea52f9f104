"""Shows children of sets, which have no message: what they make goes into the row of their set."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from studio.jobs.errors import DeliveryDelayedError, JobNotFoundError, UndeliverableError
from studio.jobs.events import ChildJoined, ChildReported, Shown, VersionKept
from studio.jobs.job import PictureSource
from studio.jobs.links import image_link_dies_at
from studio.jobs.pictures import PictureUnavailable
from studio.jobs.sets import child_of, images_for_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio.clock import Clock
    from studio.jobs.events import Event
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job
    from studio.jobs.messages import PostedMessage
    from studio.jobs.ports import Pictures, Presenter
    from studio.jobs.references import References


class SetRows(Protocol):
    """Gives access to the rows of sets."""

    @property
    def owner(self) -> str: ...
    async def apply(self, job_id: str, event: Event, *, anybody: bool = False) -> Job: ...


class SetPresenter:
    """A presenter for all jobs. `messages`: the one for jobs that have messages."""

    def __init__(
        self, messages: Presenter, rows: SetRows, pictures: Pictures, references: References, clock: Clock
    ) -> None:
        self._messages = messages
        self._rows = rows
        self._pictures = pictures
        self._references = references
        self._clock = clock

    async def show(self, job: Job) -> Shown:
        """Show a job, a child by its set.

        Raises: UndeliverableError, if the set is gone or full; and what else a presenter does.
        """
        if job.set_slot is None:
            return await self._messages.show(job)
        try:
            await self._report(job, job.set_slot.set_id)
        except JobNotFoundError as error:
            raise UndeliverableError("its set is gone") from error
        return Shown(job.version, (), {}, at=self._clock())

    async def tidy(self, job: Job) -> frozenset[int]:
        return await self._messages.tidy(job)

    async def find(self, job: Job) -> PostedMessage | None:
        return await self._messages.find(job)

    async def mention(self, job: Job) -> int | None:
        return await self._messages.mention(job)

    def doubt(self, job_id: str) -> None:
        self._messages.doubt(job_id)

    async def _report(self, job: Job, set_id: str) -> None:
        now = self._clock()
        shown_by = await self._rows.apply(set_id, ChildJoined(job, self._rows.owner, now), anybody=True)
        child = next((one for one in shown_by.children if one.job_id == job.id), None)
        if child is None:
            if shown_by.deleted_at is None:
                raise UndeliverableError("its set is full")
            return
        images = images_for_set(job, child)
        await self._keep_versions(shown_by, {image.shown_slot for image in images if image.picture})
        moved = tuple([await self._moved(image, set_id) for image in images])
        await self._rows.apply(set_id, ChildReported(child_of(job), moved, now), anybody=True)

    async def _moved(self, image: JobImage, set_id: str) -> JobImage:
        """Return the image with its file as one of the set's. If the file is lost, the set fetches it by its link."""
        if image.picture is None:
            return image
        return replace(image, picture=await self._pictures.moved(image.picture, set_id, image.index))

    async def _keep_versions(self, job: Job, slots: Iterable[int]) -> None:
        """Fetch the files of pictures whose slots get new ones: their message is about to let them go."""
        for image in job.current:
            if image.shown_slot in slots and image.picture and not await self._pictures.holds(image.picture):
                for link in await self._links(job, image):
                    with suppress(PictureUnavailable):
                        picture = await self._pictures.fetch(job.id, image.index, link)
                        await self._rows.apply(job.id, VersionKept(image.index, picture), anybody=True)
                        break

    async def _links(self, job: Job, image: JobImage) -> list[str]:
        """Return links to a picture: the service's, and Discord's."""
        links = [image.link] if image.link and self._clock() < image_link_dies_at(job, image) else []
        if image.attachment is None:
            return links
        message = next((one for one in job.messages if one.id == image.attachment.message_id), job.messages[0])
        source = PictureSource(channel_id=message.channel_id, message_id=message.id)
        with suppress(DeliveryDelayedError):
            discord = await self._references.living(image.attachment.url, source)
            links += [discord] if discord else []
        return links
