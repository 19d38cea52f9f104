"""Keeps reference pictures usable until a job's turn comes.

They are on Discord, whose links expire. Pictures in messages get a fresh link from their message. Files of commands and
forms are in no message, so nobody can renew their links and Discord deletes them: they are checked when a button is
pressed and again before the request is sent, and read in advance if the job has to wait. A modal must be the first
response to a press, so a refusal has a button whose press opens the form.
"""

from __future__ import annotations

import asyncio
from itertools import zip_longest
from typing import TYPE_CHECKING

from studio.jobs.errors import DeliveryDelayedError
from studio.jobs.links import dies_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from studio.clock import Clock
    from studio.jobs.job import Job, PictureSource
    from studio.jobs.ports import Links, Pictures

LINK_MARGIN_SECONDS = 60.0
PATIENCE_SECONDS = 1.5  # of the three seconds that Discord waits for a response
Placed = tuple[str | None, "PictureSource | None"]
"""A picture's link, None if it is gone, and the message that has it."""


class References:
    """Finds working links, by asking Discord or whichever host has the file.

    `max_age`: how many seconds a job may wait.
    """

    def __init__(self, links: Links, pictures: Pictures, clock: Clock, *, max_age: float) -> None:
        self._links = links
        self._pictures = pictures
        self._clock = clock
        self._max_age = max_age
        self._reading: set[asyncio.Task[None]] = set()

    def keep(self, job: Job) -> None:
        """Read in advance those pictures of a waiting job that may be gone before its turn."""
        may_wait = job.created_at + self._max_age - self._clock()
        pairs = enumerate(zip_longest(job.request.images, job.sources))
        dying = {
            index: url
            for index, (url, source) in pairs
            if source is None and _seconds_left(url, self._clock()) < may_wait
        }
        if job.place and dying:
            task = asyncio.create_task(self._read(job.id, dying), name=f"references-{job.id}")
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def close(self) -> None:
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    async def _read(self, job_id: str, images: Mapping[int, str]) -> None:
        for index, url in images.items():
            await self._pictures.keep_reference(job_id, index, url)

    async def living(self, url: str, source: PictureSource | None) -> str | None:
        """Return the link, or a fresh one if it has expired or is about to; None if the picture is gone.

        A picture that can't be checked is assumed to exist.
        """
        left = _seconds_left(url, self._clock())
        if left > LINK_MARGIN_SECONDS and not await self._pictures.gone(url):
            return url
        try:
            fresh = await self._links.fresh_link(source, url) if source else None
        except DeliveryDelayedError:
            return url
        last = fresh or (url if 0 < left <= LINK_MARGIN_SECONDS else None)
        return None if last is None or await self._pictures.gone(last) else last

    async def all_living(self, images: Sequence[str], sources: Sequence[PictureSource | None]) -> list[Placed]:
        """Check the pictures, in order, within the time that a button press has."""
        pairs = list(zip_longest(images, sources))
        links = await asyncio.gather(*(self._in_time(url, source) for url, source in pairs))
        return [(link, source) for link, (_, source) in zip(links, pairs, strict=True)]

    async def _in_time(self, url: str, source: PictureSource | None) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self.living(url, source)
        except TimeoutError:
            return url


def _seconds_left(url: str, now: float) -> float:
    ends = dies_at(url)
    return float("inf") if ends is None else ends - now


def completed(pictures: Iterable[Placed], new_urls: Iterable[str]) -> list[Placed]:
    """Put new pictures in the places of those that are gone; the remaining new ones come last."""
    left = iter(new_urls)
    return [*_filled(pictures, left), *((url, None) for url in left)]


def _filled(pictures: Iterable[Placed], new_urls: Iterator[str]) -> Iterator[Placed]:
    for url, source in pictures:
        yield (next(new_urls, None), None) if url is None else (url, source)
