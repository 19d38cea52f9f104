"""Reference pictures: has them downloaded and prepared before a job is queued, and finds links that still work.

They are on Discord, whose links expire. Pictures in messages get a fresh link from their message. Files of commands and
forms are in no message, so nobody can renew their links and Discord deletes them: they are checked when a button is
pressed. A modal must be the first response to a press, so a refusal has a button whose press opens the form.
"""

from __future__ import annotations

import asyncio
from itertools import zip_longest
from typing import TYPE_CHECKING

from seedream.phrases import Phrase
from studio.jobs.editing import reference_formats
from studio.jobs.errors import DeliveryDelayedError
from studio.jobs.links import dies_at
from studio.jobs.pictures import BadReference, ReferenceForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from studio.clock import Clock
    from studio.jobs.job import Job, PictureSource
    from studio.jobs.ports import Links, Pictures

LINK_MARGIN_SECONDS = 60.0
_GONE = Phrase("A reference picture is no longer on Discord. Press Retry to attach it again.")
PATIENCE_SECONDS = 1.5  # of the three seconds that Discord waits for a response
Placed = tuple[str | None, "PictureSource | None"]
"""A picture's link, None if it is gone, and the message that has it."""


class References:
    """Finds working links, by asking Discord or whichever host has the file, and has pictures prepared by them."""

    def __init__(self, links: Links, pictures: Pictures, clock: Clock) -> None:
        self._links = links
        self._pictures = pictures
        self._clock = clock

    async def are_prepared(self, job: Job) -> bool:
        return len(await self._pictures.prepared_references(job.id)) == len(job.request.images)

    async def prepare(self, job: Job) -> Mapping[int, bool]:
        """Prepare those of a job's pictures that aren't yet; return what `Pictures.prepared_references` does.

        Raises: BadReference.
        """
        prepared = await self._pictures.prepared_references(job.id)
        request = job.request
        form = ReferenceForm(
            formats=reference_formats(request), together=len(request.images), alpha=request.background is not None
        )
        missing = [
            (index, url, source)
            for index, (url, source) in enumerate(zip_longest(request.images, job.sources))
            if index not in prepared
        ]
        for index, url, source in missing:
            link = await self.living(url, source)
            if link is None:
                raise BadReference(_GONE)
            await self._pictures.prepare_reference(job.id, index, link, form)
        return await self._pictures.prepared_references(job.id) if missing else prepared

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
