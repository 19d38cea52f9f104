"""Fetches files again that a job still needs, by its pictures' links, and renews these links."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from seedream import ImageReady
from seedream.errors import SeeDreamError
from studio.jobs.links import image_link_dies_at
from studio.jobs.pictures import PictureUnavailable

if TYPE_CHECKING:
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job
    from studio.jobs.pictures import Picture
    from studio.jobs.ports import ImageApi

log = logging.getLogger(__name__)


class Files(Protocol):
    """The part of `Pictures` that is needed here."""

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture: ...
    async def holds(self, picture: Picture) -> bool: ...


async def restore(job: Job, files: Files) -> frozenset[int]:
    """Fetch the pictures again that aren't on Discord yet and whose files were lost.

    Return the indexes of those that can't be fetched any more.
    """
    waiting = [image for image in job.current if image.picture and image.attachment is None]
    return frozenset([image.index for image in waiting if not await has_file(job, image, files)])


async def require(job: Job, files: Files, now: float) -> None:
    """Fetch them again. Raises: PictureUnavailable, if none has a file, is on Discord, or has a link that may work."""
    lost = await restore(job, files)
    made = [image for image in job.current if image.made]
    if made and all(_is_gone(job, image, lost, now) for image in made):
        raise PictureUnavailable(f"The pictures of job {job.id} are gone.")


def _is_gone(job: Job, image: JobImage, lost: frozenset[int], now: float) -> bool:
    held = image.attachment is not None or (image.picture is not None and image.index not in lost)
    return not held and (image.link is None or now > image_link_dies_at(job, image))


async def has_file(job: Job, image: JobImage, files: Files) -> bool:
    """Return whether a picture's file is there, or could be fetched again."""
    if image.picture and await files.holds(image.picture):
        return True
    if image.link is None:
        return False
    try:
        await files.fetch(job.id, image.index, image.link)
    except PictureUnavailable:
        return False
    return True


async def new_links(job: Job, api: ImageApi) -> dict[int, str]:
    """Look up the links to a job's pictures, by image index; none if the service no longer knows the task.

    Whether they work longer than the first ones is up to the service: its documents don't say.
    """
    if job.task_id is None:
        return {}
    try:
        status = (await api.tasks([job.task_id]))[job.task_id]
    except SeeDreamError as error:
        log.debug("job %s: its links could not be renewed: %s", job.id, error)
        return {}
    events = status.result.events() if status.result else ()
    return {event.index: event.url for event in events if isinstance(event, ImageReady) and event.url}
