"""Finds the requests behind a set: all those that were accepted together, and the one that made a picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.jobs.job import PreparedRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio.jobs.job import Job
    from studio.jobs.service import ImageService


async def accepted_together(service: ImageService, job: Job) -> list[Job]:
    """Return the job and those that were accepted with it. Raises: JobNotFoundError."""
    return [job, *[await service.job(child.job_id) for child in job.children if child.together]]


async def maker_of(service: ImageService, job: Job, index: int) -> Job:
    """Return the job whose request made a picture: this one, or a child of it. Raises: JobNotFoundError."""
    makers = (child for child in job.children if child.base <= index < child.base + child.count)
    child = next(makers, None)
    return await service.job(child.job_id) if child else job


async def as_made(service: ImageService, job: Job, index: int) -> Job:
    """Return the job with the request that made a picture, and its price. Raises: JobNotFoundError."""
    maker = await maker_of(service, job, index)
    return replace(job, request=maker.request, reserved=maker.reserved)


def with_images(prepared: PreparedRequest, images: tuple[str, ...]) -> PreparedRequest:
    """Return the request with these links. One that has them stays as it is, even if its model is gone."""
    if images == prepared.request.images:
        return prepared
    return replace(prepared, request=replace(prepared.request, images=images))


def again(parts: Iterable[Job]) -> list[PreparedRequest]:
    """Prepare the requests of a set to be made again, together."""
    return [
        PreparedRequest(request=part.request, sources=part.sources, title=part.title, label=part.label)
        for part in parts
    ]
