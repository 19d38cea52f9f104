"""Fetches files again that a job still needs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from studio.jobs.pictures import PictureUnavailable

if TYPE_CHECKING:
    from studio.jobs.job import Job, JobImage
    from studio.jobs.ports import Pictures

log = logging.getLogger(__name__)

LINK_SECONDS = 24 * 3600.0  # how long the service keeps the pictures that it has made


async def restore(job: Job, pictures: Pictures) -> bool:
    """Fetch the pictures again that aren't on Discord yet and whose files were lost with a process.

    Return False if one of them can't be fetched any more.
    """
    waiting = [image for image in job.images if image.picture and image.attachment is None]
    return all([await _restored(job, image, pictures) for image in waiting])


async def require(job: Job, pictures: Pictures, now: float) -> None:
    """Fetch them again. Raises: PictureUnavailable, if one has neither a file nor a link that can still work."""
    if not await restore(job, pictures) and now > (job.finished_at or 0.0) + LINK_SECONDS:
        raise PictureUnavailable(f"The pictures of job {job.id} are gone.")


async def _restored(job: Job, image: JobImage, pictures: Pictures) -> bool:
    if image.picture and await pictures.holds(image.picture):
        return True
    if image.link is None:
        return False
    try:
        await pictures.fetch(job.id, image.index, image.link)
    except PictureUnavailable as error:
        log.warning("job %s: %s", job.id, error)
        return False
    return True
