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
from sandbox.seedream.errors import internal_error
from sandbox.seedream.faults import Fault
from sandbox.seedream.layers import Layer, canvas_of, documented_layer, guide_layer
from sandbox.seedream.references import Reference
from sandbox.seedream.settings import Settings
from sandbox.seedream.validate import Order

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

    def forget(self, name: str) -> None:
        """The picture's link has died."""
        self._files.drop(name)

    async def items(self, work: Work, settings: Settings) -> AsyncIterator[Item]:
        """The images one by one, each when it is ready; an internal error ends them early."""
        refused, broken = work.faults.get("item_refused"), work.faults.get("item_broken_rest")
        for place, index in enumerate(_indices(work)):
            await asyncio.sleep(settings.image_interval if place else settings.delay)
            if broken and broken.index == index:
                yield Item(index=index, error=internal_error())
                return
            if refused and refused.index == index:
                yield Item(index=index, error=refused.error)
            else:
                yield await self._made(work, index)

    async def _made(self, work: Work, index: int) -> Item:
        layer = _layer(work, index % work.order.images) if work.order.layers else None
        subject = _subject(work, index % work.order.images, layer)
        data = NOT_AN_IMAGE if "not_an_image" in work.faults else await self._drawn(work, subject)
        link = self._stored(work, data, subject.format)
        size = subject.size if _is_told(work) else _size(work, layer)
        return Item(index=index, size=size, data=data, link=link, format=subject.format, layer=layer)

    async def _drawn(self, work: Work, subject: Subject) -> bytes:
        data = self._pictures.get(subject)
        if data is None:
            references = [reference.data for reference in work.references] if subject.references else []
            data = await self.in_thread(lambda: draw(subject, references))
            self._pictures.put(subject, data)
        return data

    def _stored(self, work: Work, data: bytes, kind: str) -> str:
        name = f"{CUT if 'cut_image' in work.faults else ''}{uuid4().hex}.{kind}"
        if "dead_link" not in work.faults:
            self._files.put(name, data)
        return f"{self.url}/files/{name}"


def _indices(work: Work) -> list[int]:
    """Which images are made, in the order in which they come; those past what was asked repeat the first."""
    fewer, more = work.faults.get("fewer"), work.faults.get("more")
    images = min(work.order.images, max(1, fewer.images)) if fewer else work.order.images
    indices = list(range(max(images, more.images) if more else images))
    return indices[::-1] if "out_of_order" in work.faults else indices


def _subject(work: Work, index: int, layer: Layer | None) -> Subject:
    order = work.order
    other = work.faults.get("other_size")
    is_part = layer is not None and layer.z_index > 0
    return Subject(
        model=order.wire_id,
        prompt=layer.name if layer and is_part else order.prompt,
        size=(other.width, other.height) if other else _size(work, layer),
        index=index,
        images=order.images,
        seed=order.seed,
        format="png" if is_part else order.format,
        watermark=order.watermark,
        shape=layer.z_index if layer else int(order.transparent),
        layer=layer.name if layer else "",
        references=() if is_part else tuple(reference.sha256 for reference in work.references),
    )


def _is_told(work: Work) -> bool:
    other = work.faults.get("other_size")
    return other is None or other.told


def _size(work: Work, layer: Layer | None) -> tuple[int, int]:
    return layer.size if layer else _canvas(work)


def _layer(work: Work, index: int) -> Layer:
    return (documented_layer if work.order.level else guide_layer)(index, _canvas(work))


def _canvas(work: Work) -> tuple[int, int]:
    """The size of the picture as a whole."""
    order = work.order
    if order.size:
        return order.size
    size = work.references[0].size
    return canvas_of(size, order.level) if order.level else _adapted(size, order.model.sides or (512, 2048))


def _adapted(size: tuple[int, int], sides: tuple[int, int]) -> tuple[int, int]:
    """A reference's size, brought between the model's sides; the ratio is kept where both can be."""
    least, most = sides
    scale = max(1.0, least / min(size))
    scale = min(scale, most / max(size))
    width, height = (min(most, max(least, round(side * scale))) for side in size)
    return width, height
