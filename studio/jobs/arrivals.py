"""Folds the pictures of a job into its row as they are made and fetched. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.jobs.images import JobImage
from studio.jobs.projection import seen, unseen

if TYPE_CHECKING:
    from seedream import Layer
    from studio.jobs.job import Job

MOST_IMAGES = 20  # two messages of ten: no service sends more, and none may exhaust our memory


def made(job: Job, index: int, link: str, layer: Layer | None) -> Job:
    """Note a picture's link before its file is fetched, unless a task is known: then the links can be looked up."""
    if job.dropped_at is not None:
        return counted(job, JobImage(index=index))
    if job.task_id is not None or index >= MOST_IMAGES or any(known.index == index for known in job.images):
        return job
    return unseen(job, images=_in_order(job, JobImage(index=index, link=link, layer=layer, fetch_again=True)))


def with_image(job: Job, image: JobImage) -> Job:
    """Note that a picture was fetched, or why it wasn't. What is known of it already stays."""
    if job.dropped_at is not None:
        return counted(job, unkept(image))
    if image.index >= MOST_IMAGES or any(known.index == image.index and known.arrived for known in job.images):
        return job
    # Layers are shown together at the end: until then their number and order are unknown.
    change = unseen if job.request.layer_decomposition else seen
    return change(job, images=_in_order(job, image), attempts=0)


def unkept(image: JobImage) -> JobImage:
    """Return an image of a stopped job without its link: only that it was made, or why it wasn't."""
    return JobImage(index=image.index) if image.made else image


def counted(job: Job, image: JobImage) -> Job:
    """Note an image of a stopped job, which is billed if it was made."""
    if image.index >= MOST_IMAGES or any(known.index == image.index for known in job.images):
        return job
    return unseen(job, images=_in_order(job, image), attempts=0)


def _in_order(job: Job, image: JobImage) -> tuple[JobImage, ...]:
    others = (known for known in job.images if known.index != image.index)
    return tuple(sorted((*others, image), key=lambda image: image.index))
