"""Creates the images of a request, with the delays of the settings and the faults of the request."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

from sandbox.seedream.byte_cache import ByteCache
from sandbox.seedream.drawing import Subject, draw
from sandbox.seedream.errors import internal_error
from sandbox.seedream.faults import Fault
from sandbox.seedream.layers import RenderedLayer, canvas_of, documented_layer, guide_layer
from sandbox.seedream.references import Reference
from sandbox.seedream.request_log import LoggedRequest
from sandbox.seedream.response_items import Item, RequestIds
from sandbox.seedream.settings import ServiceSettings
from sandbox.seedream.validation import Order

PICTURES_ROOM = 128 * 2**20  # bytes of cached pictures
FILES_ROOM = 256 * 2**20  # bytes of result files
CUT = "cut-"  # prefix of files that are served incompletely
NOT_AN_IMAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>\n"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """An accepted request: its parameters, references, faults and log entry."""

    order: Order
    references: tuple[Reference, ...]
    faults: dict[str, Fault]
    entry: LoggedRequest
    ids: RequestIds = field(default_factory=RequestIds)


class Renderer:
    """Draws pictures in threads and stores their files. `url` is the server's address."""

    def __init__(self) -> None:
        self.url = ""
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="seedream-drawing")
        self._pictures = ByteCache(PICTURES_ROOM)
        self._files = ByteCache(FILES_ROOM)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def clear(self) -> None:
        self._files.clear()

    async def in_thread(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)

    def file(self, name: str) -> bytes | None:
        return self._files.get(name)

    def forget(self, name: str) -> None:
        """Remove a file: its link has expired."""
        self._files.drop(name)

    async def items(self, job: RenderJob, settings: ServiceSettings) -> AsyncIterator[Item]:
        """Yield the images as they become ready; an internal error ends them early."""
        refused, broken = job.faults.get("item_refused"), job.faults.get("item_broken_rest")
        for place, index in enumerate(_indices(job)):
            await asyncio.sleep(settings.image_interval if place else settings.delay)
            if broken and broken.index == index:
                yield Item(index=index, error=internal_error())
                return
            if refused and refused.index == index:
                yield Item(index=index, error=refused.error)
            else:
                yield await self._made(job, index)

    async def _made(self, job: RenderJob, index: int) -> Item:
        layer = _layer(job, index % job.order.images) if job.order.layers else None
        subject = _subject(job, index % job.order.images, layer)
        data = NOT_AN_IMAGE if "not_an_image" in job.faults else await self._drawn(job, subject)
        link = self._stored(job, data, subject.format)
        size = subject.size if _states_real_size(job) else _size(job, layer)
        return Item(index=index, size=size, data=data, link=link, format=subject.format, layer=layer)

    async def _drawn(self, job: RenderJob, subject: Subject) -> bytes:
        data = self._pictures.get(subject)
        if data is None:
            references = [reference.data for reference in job.references] if subject.references else []
            data = await self.in_thread(lambda: draw(subject, references))
            self._pictures.put(subject, data)
        return data

    def _stored(self, job: RenderJob, data: bytes, kind: str) -> str:
        name = f"{CUT if 'cut_image' in job.faults else ''}{uuid4().hex}.{kind}"
        if "dead_link" not in job.faults:
            self._files.put(name, data)
        return f"{self.url}/files/{name}"


def _indices(job: RenderJob) -> list[int]:
    """Return the indices of the images in their order; extra images repeat the first ones."""
    fewer, more = job.faults.get("fewer"), job.faults.get("more")
    images = min(job.order.images, max(1, fewer.images)) if fewer else job.order.images
    indices = list(range(max(images, more.images) if more else images))
    return indices[::-1] if "out_of_order" in job.faults else indices


def _subject(job: RenderJob, index: int, layer: RenderedLayer | None) -> Subject:
    order = job.order
    other = job.faults.get("other_size")
    is_part = layer is not None and layer.z_index > 0
    return Subject(
        model=order.wire_id,
        prompt=layer.name if layer and is_part else order.prompt,
        size=(other.width, other.height) if other else _size(job, layer),
        index=index,
        images=order.images,
        seed=order.seed,
        format="png" if is_part else order.format,
        watermark=order.watermark,
        shape=layer.z_index if layer else int(order.transparent),
        layer=layer.name if layer else "",
        references=() if is_part else tuple(reference.sha256 for reference in job.references),
    )


def _states_real_size(job: RenderJob) -> bool:
    other = job.faults.get("other_size")
    return other is None or other.told


def _size(job: RenderJob, layer: RenderedLayer | None) -> tuple[int, int]:
    return layer.size if layer else _canvas(job)


def _layer(job: RenderJob, index: int) -> RenderedLayer:
    return (documented_layer if job.order.level else guide_layer)(index, _canvas(job))


def _canvas(job: RenderJob) -> tuple[int, int]:
    """Return the size of the whole picture."""
    order = job.order
    if order.size:
        return order.size
    size = job.references[0].size
    return canvas_of(size, order.level) if order.level else _adapted(size, order.model.sides or (512, 2048))


def _adapted(size: tuple[int, int], sides: tuple[int, int]) -> tuple[int, int]:
    """Scale a reference's size to the model's limits, and keep the ratio if possible."""
    least, most = sides
    scale = max(1.0, least / min(size))
    scale = min(scale, most / max(size))
    width, height = (min(most, max(least, round(side * scale))) for side in size)
    return width, height
