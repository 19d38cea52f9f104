"""Making the images of one request: at the pace that the settings give, spoilt as the faults say."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

from sandbox.seedream.answers import Item, Names
from sandbox.seedream.books import Entry, Shelf
from sandbox.seedream.drawing import Subject, draw
from sandbox.seedream.errors import internal_error, moderated
from sandbox.seedream.faults import Fault
from sandbox.seedream.references import Reference
from sandbox.seedream.settings import Settings
from sandbox.seedream.validate import LAYERS, Order

PICTURES_ROOM = 128 * 2**20  # bytes of drawn pictures, to be given again
FILES_ROOM = 256 * 2**20  # bytes of result files, to be fetched
CUT = "cut-"  # how the name of a file begins that is served in part
NOT_AN_IMAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>\n"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A request that was accepted: what to make, what befalls it, and where it is written down."""

    order: Order
    references: tuple[Reference, ...]
    faults: dict[str, Fault]
    entry: Entry
    names: Names = field(default_factory=Names)


class Studio:
    """Draws in threads, keeps the files. `url` is where /files is served."""

    def __init__(self) -> None:
        self.url = ""
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="seedream-drawing")
        self._pictures = Shelf(PICTURES_ROOM)
        self._files = Shelf(FILES_ROOM)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def clear(self) -> None:
        self._files.clear()

    async def in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def file(self, name: str) -> bytes | None:
        return self._files.get(name)

    async def items(self, work: Work, settings: Settings) -> AsyncIterator[Item]:
        """The images one by one, each when it is ready; an internal error ends them early."""
        fewer, refused, broken = (work.faults.get(kind) for kind in ("fewer", "item_refused", "item_broken_rest"))
        images = min(work.order.images, max(1, fewer.images)) if fewer else work.order.images
        for index in range(images):
            await asyncio.sleep(settings.image_interval if index else settings.delay)
            if broken and broken.index == index:
                yield Item(index=index, error=internal_error())
                return
            if refused and refused.index == index:
                yield Item(index=index, error=moderated())
            else:
                yield await self._made(work, index, images)

    async def _made(self, work: Work, index: int, images: int) -> Item:
        subject = _subject(work, index, images)
        data = self._pictures.get(subject)
        if data is None:
            references = [reference.data for reference in work.references]
            data = await self.in_thread(lambda: draw(subject, references))
            self._pictures.put(subject, data)
        if "not_an_image" in work.faults:
            data = NOT_AN_IMAGE
        return Item(index=index, size=subject.size, data=data, link=self._stored(work, data))

    def _stored(self, work: Work, data: bytes) -> str:
        name = f"{CUT if 'cut_image' in work.faults else ''}{uuid4().hex}.{work.order.format}"
        if "dead_link" not in work.faults:
            self._files.put(name, data)
        return f"{self.url}/files/{name}"


def _subject(work: Work, index: int, images: int) -> Subject:
    order = work.order
    return Subject(
        model=order.wire_id,
        prompt=order.prompt,
        size=order.size or _adapted(work.references[0].size, order.model.sides or (512, 2048)),
        index=index,
        images=images,
        seed=order.seed,
        format=order.format,
        watermark=order.watermark,
        transparent=order.transparent,
        layer=LAYERS[index] if order.layers else "",
        references=tuple(reference.sha256 for reference in work.references),
    )


def _adapted(size: tuple[int, int], sides: tuple[int, int]) -> tuple[int, int]:
    """A reference's size, brought between the model's sides; the ratio is kept where both can be."""
    least, most = sides
    scale = max(1.0, least / min(size))
    scale = min(scale, most / max(size))
    width, height = (min(most, max(least, round(side * scale))) for side in size)
    return width, height
