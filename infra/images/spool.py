"""The spool: picture files in transit, results on their way to Discord and members' references to the service.

Files are `<job>-<index>.<format>`, `<job>-<index>.fit.<format>` once shrunk, `<job>-bundle.zip`, and for a reference
`<job>-reference<index>.bin`; while they are written they end in `.part`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Self

from infra.images.fetching import BACKOFF_SECONDS, PATIENCE_SECONDS, Fetcher, FetchError
from infra.images.imaging import Header, NotAPictureError, inspect, shrink
from infra.images.references import (
    MAX_FETCHED_REFERENCE_BYTES,
    MAX_TOTAL_REFERENCE_BYTES,
    data_url,
    file_name,
    unfetched,
)
from infra.images.zipping import write_zip
from seedream.limits import MAX_REFERENCE_BYTES, MAX_REFERENCE_PIXELS
from seedream.phrases import Phrase
from studio.jobs.pictures import Bundle, Picture, PictureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

MAX_RESULT_BYTES = 64 * 2**20
INLINE_BYTES = 1 << 20  # written in well under a millisecond, faster than a thread would start

_FILE = re.compile(r"(?P<job>[\w-]+)-(\d+|bundle|reference(?P<reference>\d+))(\.fit)?\.[a-z]+(\.part)?")
_JOB_ID = re.compile(r"[\w-]{1,64}")


class PictureStore:
    """An async context manager. `folder` is for its files only; `allow_local` is for a local world.

    `max_bytes`: of a result. `backoff`: seconds before each retry of a fetch; `patience`: seconds for all tries.
    """

    def __init__(
        self,
        folder: Path,
        *,
        allow_local: bool,
        max_bytes: int = MAX_RESULT_BYTES,
        backoff: Sequence[float] = BACKOFF_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._fetcher = Fetcher(allow_local=allow_local, backoff=backoff, patience=patience)
        self._decoding = asyncio.Semaphore(1)  # a decoded picture takes up to 256 MiB
        self._fits: dict[str, tuple[int, Picture]] = {}  # original's path -> limit, and the picture shrunk to it

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._fetcher.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._fetcher.__aexit__(*details)

    def path(self, file: Picture | Bundle) -> Path:
        return self._folder / file.path

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture:
        """Write a result to a file, from its link or its bytes, and check its content. Raises: PictureUnavailable."""
        if not _JOB_ID.fullmatch(job_id):
            raise ValueError(f"{job_id!r} is not a job id")
        label = f"Picture {index + 1}"
        part = self._folder / f"{job_id}-{index}.picture.part"
        try:
            body = source if isinstance(source, bytes) else await self._download(source, part)
            return await _inline_if(_is_small(body), lambda: self._store(body, part, f"{job_id}-{index}"))
        except FetchError as error:
            again = error.again or error.gone  # a new file may take a while to be everywhere
            raise PictureUnavailable(f"{label} couldn't be fetched: {error}.", again=again) from error
        except NotAPictureError as error:
            raise PictureUnavailable(f"{label} is {error}.") from error
        except OSError as error:
            raise PictureUnavailable(f"{label} couldn't be written: {error.strerror}.", again=True) from error
        finally:
            part.unlink(missing_ok=True)

    async def shrink(self, picture: Picture, limit: int) -> Picture:
        """Returns the same picture in at most `limit` bytes. Raises: PictureUnavailable."""
        if picture.size <= limit:
            return picture
        async with self._decoding:
            cached_limit, fit = self._fits.get(picture.path, (0, picture))
            if cached_limit != limit:
                fit = await asyncio.to_thread(self._shrink, picture, limit)
                self._fits[picture.path] = (limit, fit)
        return fit

    async def bundle(
        self, job_id: str, pictures: Mapping[str, Picture], texts: Mapping[str, str], *, limit: int
    ) -> Bundle | None:
        """Write a ZIP of pictures and texts, each under its name. Returns None if it would exceed `limit` bytes.

        Raises: PictureUnavailable.
        """
        if sum(picture.size for picture in pictures.values()) > limit:
            return None
        try:
            bundle = await asyncio.to_thread(self._write_bundle, f"{job_id}-bundle.zip", pictures, texts)
        except OSError as error:
            raise PictureUnavailable(f"A ZIP couldn't be written: {error.strerror}.") from error
        return bundle if bundle.size <= limit else None

    async def reference(
        self,
        url: str,
        *,
        formats: frozenset[str],
        together: int = 1,
        alpha: bool = False,
        kept: tuple[str, int] | None = None,
        max_bytes: int = MAX_REFERENCE_BYTES,
        max_pixels: int = MAX_REFERENCE_PIXELS,
    ) -> str:
        """Returns a member's picture as a data: URL that the service accepts. Raises: BadReference.

        `formats`: jpeg and png at least; png is enough with `alpha`, which adds an alpha channel. `together`: how many
        references share the request's limit. `kept`: job and index that the reference was kept under.
        """
        name = file_name(url)
        try:
            source = await (self._kept_reference(*kept) if kept else self._read_reference(url))
        except FetchError as error:
            raise unfetched(name, error) from error
        limit = min(max_bytes, MAX_TOTAL_REFERENCE_BYTES // together)
        prepare = partial(data_url, name, source, formats=formats, max_bytes=limit, max_pixels=max_pixels, alpha=alpha)
        async with self._decoding:
            return await asyncio.to_thread(prepare)

    async def keep_reference(self, job_id: str, index: int, url: str) -> None:
        """Download a member's picture now, because its link may expire. Keeps nothing if that fails."""
        file = self._reference_file(job_id, index)
        part = file.with_suffix(".bin.part")
        try:
            await asyncio.to_thread(part.write_bytes, await self._read_reference(url))
            part.replace(file)
        except (FetchError, OSError) as error:
            log.info("reference %d could not be kept: %s", index + 1, error, extra={"job": job_id})
            part.unlink(missing_ok=True)

    async def kept_references(self, job_id: str) -> frozenset[int]:
        """Returns the indexes of the job's references that were kept."""
        return frozenset(await asyncio.to_thread(_kept_indexes, self._folder, job_id))

    async def _read_reference(self, url: str) -> bytes:
        return await self._fetcher.read(url, most=MAX_FETCHED_REFERENCE_BYTES)

    async def _kept_reference(self, job_id: str, index: int) -> bytes:
        """Raises: FetchError."""
        try:
            return await asyncio.to_thread(self._reference_file(job_id, index).read_bytes)
        except OSError as error:
            raise FetchError(Phrase("the server can't be reached ({error})", error=type(error).__name__)) from error

    def _reference_file(self, job_id: str, index: int) -> Path:
        return self._folder / f"{job_id}-reference{index}.bin"

    async def gone(self, url: str) -> bool:
        """Whether the server says that the file is gone; False if that is unknown."""
        try:
            await self._fetcher.look(url)
        except FetchError as error:
            return error.gone
        return False

    async def discard(self, job_id: str) -> None:
        """Delete the job's files."""
        for name in await asyncio.to_thread(_delete_files, self._folder, job_id):
            self._fits.pop(name, None)

    async def holds(self, picture: Picture) -> bool:
        """Whether the picture's file still exists."""
        return await asyncio.to_thread(self.path(picture).is_file)

    async def owners(self) -> set[str]:
        """Returns the ids of the jobs that have files."""
        return await asyncio.to_thread(lambda: {match["job"] for _, match in _files(self._folder)})

    async def _download(self, url: str, part: Path) -> bytes | Path:
        return await self._fetcher.read_or_spill(url, most=self._max_bytes, spill=part)

    def _store(self, body: bytes | Path, part: Path, name: str) -> Picture:
        """Keep the body under `name` if it is a whole picture."""
        size = len(body) if isinstance(body, bytes) else body.stat().st_size
        if size > self._max_bytes:
            raise NotAPictureError(f"{size:,} bytes large, over the limit of {self._max_bytes:,}")
        header = inspect(body)
        if isinstance(body, bytes):
            part.write_bytes(body)
        return self._rename(part, name, header, size)

    def _rename(self, part: Path, name: str, header: Header, size: int) -> Picture:
        path = f"{name}.{header.format}"
        part.replace(self._folder / path)
        return Picture(path=path, format=header.format, width=header.width, height=header.height, size=size)

    def _write_bundle(self, path: str, pictures: Mapping[str, Picture], texts: Mapping[str, str]) -> Bundle:
        part = self._folder / f"{path}.part"
        try:
            write_zip(part, {name: self.path(picture) for name, picture in pictures.items()}, texts)
            file = part.replace(self._folder / path)
        finally:
            part.unlink(missing_ok=True)
        return Bundle(path=path, size=file.stat().st_size)

    def _shrink(self, picture: Picture, limit: int) -> Picture:
        name = f"{picture.path.partition('.')[0]}.fit"
        try:
            fitted = shrink(self.path(picture).read_bytes(), limit)
            if fitted is None:
                raise PictureUnavailable(f"{picture.path} can't be shrunk to {limit:,} bytes.")
            data, form = fitted
            part = self._folder / f"{name}.{form}.part"
            part.write_bytes(data)
            return self._rename(part, name, inspect(data), len(data))
        except NotAPictureError as error:
            raise PictureUnavailable(f"{picture.path} is {error}.") from error
        except OSError as error:
            raise PictureUnavailable(f"{picture.path} couldn't be shrunk: {error.strerror}.") from error


async def _inline_if(small: bool, work: Callable[[], Picture]) -> Picture:
    return work() if small else await asyncio.to_thread(work)


def _is_small(body: bytes | Path) -> bool:
    return isinstance(body, bytes) and len(body) <= INLINE_BYTES


def _files(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    for file in folder.iterdir():
        if match := _FILE.fullmatch(file.name):
            yield file, match


def _kept_indexes(folder: Path, job_id: str) -> list[int]:
    """Files that are still being written don't count."""
    kept = [match for file, match in _files(folder) if match["job"] == job_id and file.suffix == ".bin"]
    return [int(match["reference"]) for match in kept if match["reference"]]


def _delete_files(folder: Path, job_id: str) -> list[str]:
    files = [file for file, match in _files(folder) if match["job"] == job_id]
    for file in files:
        file.unlink(missing_ok=True)
    return [file.name for file in files]
