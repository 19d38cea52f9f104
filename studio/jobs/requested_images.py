"""Keeps a job to the images that it asked for, whatever the service answers."""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from seedream import ImageFailed, ImageReady
from studio.jobs.arrivals import MOST_IMAGES
from studio.jobs.events import ImageMade

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from studio.jobs.job import Job

T = TypeVar("T")

log = logging.getLogger(__name__)

EXTRA_IMAGES = 5  # a few more than were asked for are shown, at no charge; what is beyond isn't even fetched


async def only_requested(job: Job, events: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Yield the events, each image once, without those that are far more than were asked for."""
    images = RequestedImages(job)
    try:
        async with aclosing(events):
            async for event in events:
                if (kept := images.kept(event)) is not None:
                    yield kept
    finally:
        if images.left_out:
            log.warning(
                "job %s: %d images were asked for, and the service sent %d more than are shown. They were left out, "
                "at no charge to the member; check what the service charges.",
                job.id,
                job.wanted,
                images.left_out,
            )


class RequestedImages:
    """Gives each image of a job a place of its own among those that were asked for, and a few more.

    An image whose index is too high takes a free place, since it may be the one that is paid for. `left_out`: how many
    there was no place for.
    """

    def __init__(self, job: Job) -> None:
        self._most = min(MOST_IMAGES, job.wanted + EXTRA_IMAGES)
        self._places: dict[int, int | None] = {}  # by the service's index
        self._told: set[int] = set()

    @property
    def left_out(self) -> int:
        return sum(place is None for place in self._places.values())

    def kept(self, event: T) -> T | None:
        """Return the event with the image's own place; None for an image without one, or that was told before."""
        if not isinstance(event, ImageMade | ImageReady | ImageFailed):
            return event
        place = self._place(event.index)
        if place is None or place in self._told:
            return None
        if not isinstance(event, ImageMade):
            self._told.add(place)
        return replace(event, index=place)

    def _place(self, index: int) -> int | None:
        if index not in self._places:
            taken = self._places.values()
            free = (place for place in (index, *range(self._most)) if place < self._most and place not in taken)
            self._places[index] = next(free, None)
        return self._places[index]
