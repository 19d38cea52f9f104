"""The spool: picture files from the service on their way to Discord, and members' references on theirs."""

from __future__ import annotations

import asyncio
import base64
import io
from typing import TYPE_CHECKING, Self

from infra.fetching import Fetcher, FetchError, retried
from infra.imaging import NotAPictureError, acceptable, is_cut_off, read_header, shrink
from studio.pictures import BadReference, Picture, PictureUnavailable

if TYPE_CHECKING:
    from pathlib import Path

MOST_RESULT_BYTES = 64 * 2**20
MOST_RESULT_PIXELS = 8192 * 8192
MOST_REFERENCE_BYTES = 30 * 2**20  # what is fetched; what is sent is shrunk to the service's limit
MOST_REFERENCE_PIXELS = 100_000_000  # what is decoded; likewise
_TAIL = 64
_SHORTEST_SIDE = 15
_LONGEST_RATIO = 16
_SUPPORTED = "a JPEG, PNG, WebP, BMP, TIFF or GIF picture"


class PictureStore:
    """Use as an async context manager. `folder` is its own; `allow_local` is for a local world."""

    def __init__(self, folder: Path, *, allow_local: bool) -> None:
        self._folder = folder
        self._fetcher = Fetcher(allow_local=allow_local)
        self._decoding = asyncio.Semaphore(1)  # one decoded picture may take 200 MB

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._fetcher.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._fetcher.__aexit__(*details)

    def path(self, picture: Picture) -> Path:
        return self._folder / picture.path

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture:
        """A result, from its link or its bytes, into a file; checked by its content. Raises: PictureUnavailable."""
        part = self._folder / f"{job_id}-{index}.part"
        try:
            if isinstance(source, bytes):
                part.write_bytes(source)
            else:
                await retried(lambda: self._download(source, part))
            return self._accepted(part, job_id, index)
        except (FetchError, NotAPictureError) as error:
            raise PictureUnavailable(f"Picture {index + 1} of job {job_id}: {error}") from error
        finally:
            part.unlink(missing_ok=True)

    async def shrink(self, picture: Picture, limit: int) -> Picture:
        """The same picture in at most `limit` bytes. Raises: PictureUnavailable."""
        if picture.size <= limit:
            return picture
        try:
            async with self._decoding:
                smaller = await asyncio.to_thread(shrink, self.path(picture).read_bytes(), limit)
        except (NotAPictureError, OSError) as error:
            raise PictureUnavailable(f"{picture.path}: {error}") from error
        if smaller is None:
            raise PictureUnavailable(f"{picture.path} does not fit into {limit} bytes")
        data, form = smaller
        name = f"{picture.path.split('.', 1)[0]}.fit.{form}"
        (self._folder / name).write_bytes(data)
        header = read_header(self._folder / name)
        return Picture(path=name, format=form, width=header.width, height=header.height, size=len(data))

    async def reference(self, url: str, *, formats: frozenset[str]) -> str:
        """A member's picture as a data: URL that the service takes. Raises: BadReference."""
        name = _name(url)
        try:
            source = await self._fetcher.read(url, most=MOST_REFERENCE_BYTES)
        except FetchError as error:
            raise BadReference(f"reference: “{name}” could not be fetched: {error}. Attach it again.") from error
        async with self._decoding:
            data, form = await asyncio.to_thread(_prepared, name, source, formats)
        return f"data:image/{form};base64,{base64.b64encode(data).decode()}"

    async def discard(self, job_id: str) -> None:
        """Remove the job's files."""
        for file in self._folder.glob(f"{job_id}-*"):
            file.unlink(missing_ok=True)

    async def _download(self, url: str, part: Path) -> None:
        with part.open("wb") as file:
            async for chunk in self._fetcher.chunks(url, most=MOST_RESULT_BYTES):
                file.write(chunk)

    def _accepted(self, part: Path, job_id: str, index: int) -> Picture:
        header = read_header(part)
        if header.width * header.height > MOST_RESULT_PIXELS:
            raise NotAPictureError(f"a picture of {header.width}x{header.height}, more than is taken")
        size = part.stat().st_size
        with part.open("rb") as file:
            file.seek(max(0, size - _TAIL))
            if is_cut_off(file.read(), header.format):
                raise NotAPictureError("a picture that was cut off")
        path = f"{job_id}-{index}.{header.format}"
        part.rename(self._folder / path)
        return Picture(path=path, format=header.format, width=header.width, height=header.height, size=size)


def _prepared(name: str, source: bytes, formats: frozenset[str]) -> tuple[bytes, str]:
    try:
        header = read_header(io.BytesIO(source))
        _check_sides(name, header.width, header.height)
        return acceptable(source, formats=formats, max_bytes=10_000_000, max_pixels=36_000_000)
    except NotAPictureError as error:
        raise BadReference(f"reference: “{name}” is {error}. Attach {_SUPPORTED}.") from error


def _check_sides(name: str, width: int, height: int) -> None:
    given = f"reference: “{name}” is {width}x{height}"
    if width * height > MOST_REFERENCE_PIXELS:
        raise BadReference(f"{given}; at most {MOST_REFERENCE_PIXELS:,} pixels are taken. Attach a smaller one.")
    if min(width, height) < _SHORTEST_SIDE:
        raise BadReference(f"{given}; each side must be {_SHORTEST_SIDE} pixels or more. Attach a larger one.")
    if max(width, height) > _LONGEST_RATIO * min(width, height):
        raise BadReference(f"{given}; one side may be {_LONGEST_RATIO} times the other at most. Crop it.")


def _name(url: str) -> str:
    return url.split("?", 1)[0].rsplit("/", 1)[-1][:80] or "picture"
