"""The spool: picture files from the service on their way to Discord, and members' references on theirs."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from infra.images.fetching import BACKOFF_SECONDS, PATIENCE_SECONDS, Fetcher, FetchError
from infra.images.imaging import Header, NotAPictureError, acceptable, inspect, shrink
from infra.images.zipping import write_zip
from seedream.limits import MAX_ASPECT_RATIO, MAX_REFERENCE_BYTES, MAX_REFERENCE_PIXELS, MIN_REFERENCE_SIDE
from seedream.phrases import Phrase
from studio.jobs.pictures import BadReference, Bundle, Picture, PictureUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

MAX_RESULT_BYTES = 64 * 2**20
MAX_FETCHED_REFERENCE_BYTES = 32 * 2**20  # what is sent of it is shrunk to the service's limit
INLINE_BYTES = 1 << 20  # written in well under a millisecond, which is what a thread costs

MAX_REFERENCES_BYTES = 24_000_000  # of one request, which is held in memory as it is sent: our own limit

_FILE = re.compile(r"(?P<job>[\w-]+)-(\d+|bundle|reference(?P<reference>\d+))(\.fit)?\.[a-z]+(\.part)?")
_JOB_ID = re.compile(r"[\w-]{1,64}")


class PictureStore:
    """Use as an async context manager. `folder` is its own; `allow_local` is for a local world.

    `max_bytes`: of a result. `backoff`: seconds before each further try of a fetch; `patience`: for all of them.
    Files are `<job>-<index>.<format>`, `<job>-<index>.fit.<format>` once shrunk, `<job>-bundle.zip`, for a reference
    `<job>-reference<index>.bin`, and `.part` while they are written.
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
        self._fits: dict[str, tuple[int, Picture]] = {}  # what was shrunk last, by the whole one's path

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._fetcher.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._fetcher.__aexit__(*details)

    def path(self, file: Picture | Bundle) -> Path:
        return self._folder / file.path

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture:
        """A result, from its link or its bytes, into a file; checked by its content. Raises: PictureUnavailable."""
        if not _JOB_ID.fullmatch(job_id):
            raise ValueError(f"{job_id!r} is no job id")
        label = f"Picture {index + 1}"
        part = self._folder / f"{job_id}-{index}.picture.part"
        try:
            body = source if isinstance(source, bytes) else await self._downloaded(source, part)
            return await _inline_if(_is_small(body), lambda: self._kept(body, part, f"{job_id}-{index}"))
        except FetchError as error:
            raise PictureUnavailable(f"{label} could not be fetched: {error}.") from error
        except NotAPictureError as error:
            raise PictureUnavailable(f"{label} is {error}.") from error
        except OSError as error:
            raise PictureUnavailable(f"{label} could not be kept: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)

    async def shrink(self, picture: Picture, limit: int) -> Picture:
        """The same picture in at most `limit` bytes. Raises: PictureUnavailable."""
        if picture.size <= limit:
            return picture
        async with self._decoding:
            known, fit = self._fits.get(picture.path, (0, picture))
            if known != limit:
                fit = await asyncio.to_thread(self._shrunk, picture, limit)
                self._fits[picture.path] = (limit, fit)
        return fit

    async def bundle(
        self, job_id: str, pictures: Mapping[str, Picture], texts: Mapping[str, str], *, limit: int
    ) -> Bundle | None:
        """A ZIP of a job's pictures and of texts, each under its name; None where it would have over `limit` bytes.

        Raises: PictureUnavailable.
        """
        if sum(picture.size for picture in pictures.values()) > limit:
            return None
        try:
            bundle = await asyncio.to_thread(self._bundled, f"{job_id}-bundle.zip", pictures, texts)
        except OSError as error:
            raise PictureUnavailable(f"A ZIP could not be made: {error.strerror}.") from error
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
        """A member's picture as a data: URL that the service takes. `formats` holds jpeg and png at least.

        `together`: how many a request has: they share what it may hold. `alpha`: it must have an alpha channel; then
        png is enough of a choice. `kept`: the job and the place under which it was kept.
        Raises: BadReference.
        """
        name = _name(url)
        try:
            source = await (self._kept_reference(*kept) if kept else self._read_reference(url))
        except FetchError as error:
            told = Phrase(
                "reference: “{name}” could not be fetched: {why}. "
                "Attach a JPEG, PNG, WebP, BMP, TIFF or GIF picture of at most {most} MB again.",
                name=name,
                why=error.why,
                most=MAX_FETCHED_REFERENCE_BYTES // 2**20,
            )
            raise BadReference(told) from error
        async with self._decoding:
            most = min(max_bytes, MAX_REFERENCES_BYTES // together)
            prepare = partial(acceptable, formats=formats, max_bytes=most, max_pixels=max_pixels, alpha=alpha)
            return await asyncio.to_thread(_prepared, name, source, prepare)

    async def keep_reference(self, job_id: str, index: int, url: str) -> None:
        """Read a member's picture now, since its link may die; where that fails, nothing is kept."""
        file = self._reference_file(job_id, index)
        part = file.with_suffix(".bin.part")
        try:
            await asyncio.to_thread(part.write_bytes, await self._read_reference(url))
            part.replace(file)
        except (FetchError, OSError) as error:
            log.info("job %s: its reference %d is not kept while it waits: %s", job_id, index, error)
            part.unlink(missing_ok=True)

    async def kept_references(self, job_id: str) -> frozenset[int]:
        """The places of the job's pictures that were kept."""
        return frozenset(await asyncio.to_thread(_kept_places, self._folder, job_id))

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
        """Whether the server says that it has no such file any more; False where nobody knows."""
        try:
            await self._fetcher.look(url)
        except FetchError as error:
            return error.gone
        return False

    async def discard(self, job_id: str) -> None:
        """Remove the job's files."""
        for name in await asyncio.to_thread(_removed, self._folder, job_id):
            self._fits.pop(name, None)

    async def holds(self, picture: Picture) -> bool:
        """Whether its file is still there."""
        return await asyncio.to_thread(self.path(picture).is_file)

    async def owners(self) -> set[str]:
        """The jobs that have files."""
        return await asyncio.to_thread(lambda: {match["job"] for _, match in _files(self._folder)})

    async def _downloaded(self, url: str, part: Path) -> bytes | Path:
        return await self._fetcher.read_or_spill(url, most=self._max_bytes, spill=part)

    def _kept(self, body: bytes | Path, part: Path, name: str) -> Picture:
        """The body under its own name, if it is a whole picture."""
        size = len(body) if isinstance(body, bytes) else body.stat().st_size
        if size > self._max_bytes:
            raise NotAPictureError(f"{size:,} bytes large, and at most {self._max_bytes:,} are taken")
        header = inspect(body)
        if isinstance(body, bytes):
            part.write_bytes(body)
        return self._renamed(part, name, header, size)

    def _renamed(self, part: Path, name: str, header: Header, size: int) -> Picture:
        path = f"{name}.{header.format}"
        part.replace(self._folder / path)
        return Picture(path=path, format=header.format, width=header.width, height=header.height, size=size)

    def _bundled(self, path: str, pictures: Mapping[str, Picture], texts: Mapping[str, str]) -> Bundle:
        part = self._folder / f"{path}.part"
        try:
            write_zip(part, {name: self.path(picture) for name, picture in pictures.items()}, texts)
            file = part.replace(self._folder / path)
        finally:
            part.unlink(missing_ok=True)
        return Bundle(path=path, size=file.stat().st_size)

    def _shrunk(self, picture: Picture, limit: int) -> Picture:
        name = f"{picture.path.partition('.')[0]}.fit"
        try:
            fitted = shrink(self.path(picture).read_bytes(), limit)
            if fitted is None:
                raise PictureUnavailable(f"{picture.path} can't be made to fit into {limit:,} bytes.")
            data, form = fitted
            part = self._folder / f"{name}.{form}.part"
            part.write_bytes(data)
            return self._renamed(part, name, inspect(data), len(data))
        except NotAPictureError as error:
            raise PictureUnavailable(f"{picture.path} is {error}.") from error
        except OSError as error:
            raise PictureUnavailable(f"{picture.path} could not be shrunk: {error.strerror}.") from error


async def _inline_if(small: bool, work: Callable[[], Picture]) -> Picture:
    return work() if small else await asyncio.to_thread(work)


def _is_small(body: bytes | Path) -> bool:
    return isinstance(body, bytes) and len(body) <= INLINE_BYTES


def _files(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    for file in folder.iterdir():
        if match := _FILE.fullmatch(file.name):
            yield file, match


def _kept_places(folder: Path, job_id: str) -> list[int]:
    """What is still written is not kept yet."""
    found = [match for file, match in _files(folder) if match["job"] == job_id and file.suffix == ".bin"]
    return [int(match["reference"]) for match in found if match["reference"]]


def _removed(folder: Path, job_id: str) -> list[str]:
    files = [file for file, match in _files(folder) if match["job"] == job_id]
    for file in files:
        file.unlink(missing_ok=True)
    return [file.name for file in files]


def _prepared(name: str, source: bytes, prepare: Callable[[bytes], tuple[bytes, str]]) -> str:
    try:
        header = inspect(source)
        _check_sides(name, header)
        data, form = prepare(source)
    except NotAPictureError as error:
        told = Phrase(
            "reference: “{name}” is {what}. Attach a JPEG, PNG, WebP, BMP, TIFF or GIF picture.",
            name=name,
            what=error.what,
        )
        raise BadReference(told) from error
    return f"data:image/{form};base64,{base64.b64encode(data).decode('ascii')}"


def _check_sides(name: str, header: Header) -> None:
    short, long = sorted((header.width, header.height))
    given = {"name": name, "size": f"{header.width}x{header.height}"}
    if short < MIN_REFERENCE_SIDE:
        told = Phrase(
            "reference: “{name}” is {size}; each side must be {least} pixels or more. Attach a larger one.",
            **given,
            least=MIN_REFERENCE_SIDE,
        )
        raise BadReference(told)
    if long > MAX_ASPECT_RATIO * short:
        told = Phrase(
            "reference: “{name}” is {size}; one side may be {most} times the other at most. Crop it.",
            **given,
            most=MAX_ASPECT_RATIO,
        )
        raise BadReference(told)


def _name(url: str) -> str:
    """The file's name, as the member knows it."""
    try:
        last = unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        last = ""
    return "".join(character for character in last if character.isprintable())[:80] or Phrase("picture")
