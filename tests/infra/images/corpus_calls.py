"""How the corpus reaches the product: the only place that knows the store's calls."""

from __future__ import annotations

import base64
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from infra.images.spool import PictureStore
from studio.jobs.pictures import BadReference, PictureUnavailable, ReferenceForm
from tests.infra.images.files import InProcessDecoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

JOB = "corpus"


class Kept(NamedTuple):
    """A result's file, with the format and sides that were reported."""

    content: bytes
    form: str
    sides: tuple[int, int]


@asynccontextmanager
async def open_store(folder: Path) -> AsyncIterator[PictureStore]:
    async with PictureStore(folder, allow_local=True, backoff=(), decoder=InProcessDecoder()) as store:
        yield store


async def as_reference(store: PictureStore, url: str, formats: frozenset[str]) -> bytes | str:
    """Returns what is sent to the service, or the sentence of the refusal."""
    try:
        await store.prepare_reference(JOB, 0, url, ReferenceForm(formats=formats))
    except BadReference as refusal:
        return str(refusal)
    match = re.fullmatch("data:image/([a-z]+);base64,(.*)", await store.reference(JOB, 0))
    return base64.b64decode(match[2], validate=True)


async def as_result(store: PictureStore, source: str | bytes) -> Kept | str:
    """Returns the file that is attached, or why it can't be."""
    try:
        picture = await store.fetch(JOB, 0, source)
    except PictureUnavailable as error:
        return str(error)
    return Kept(store.path(picture).read_bytes(), picture.format, (picture.width, picture.height))


async def shrunk(store: PictureStore, source: bytes, limit: int) -> bytes:
    """Returns a result as it is attached where so many bytes are allowed."""
    picture = await store.shrink(await store.fetch(JOB, 0, source), limit)
    return store.path(picture).read_bytes()
