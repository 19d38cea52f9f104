"""The spool: picture files in transit, results on their way to Discord and members' references to the service.

Files are `<job>-<index>.<format>`, `<job>-<index>.fit.<format>` once shrunk, `<job>-bundle.zip`, and for a prepared
reference `<job>-reference<index>.<format>`, with `.same` before the format if its link leads to the very same bytes;
while they are written they end in `.part`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from infra.images.decoder import Decoder, DecodingError
from infra.images.fetching import BACKOFF_SECONDS, PATIENCE_SECONDS, Fetcher, FetchError
from infra.images.memory import MAX_PIXELS, reduction
from infra.images.provenance import marked, marks_of, packet_of
from infra.images.references import (
    INLINE_BYTES,
    MAX_FETCHED_REFERENCE_BYTES,
    ReferencePreparer,
    as_source,
    file_name,
    unfetched,
)
from infra.images.spool_files import (
    SpoolLimits,
    SpoolRoom,
    data_url,
    delete_files,
    files_of,
    make_again,
    mapped,
    references_in,
    seen,
    write_whole,
)
from infra.images.spool_health import SpoolHealth
from infra.images.zipping import write_zip
from seedream.images import NotAnImageError, inspect
from seedream.images.positions import holds_position
from seedream.phrases import Phrase
from studio.jobs.pictures import BadReference, Bundle, Picture, PictureUnavailable
from studio.jobs.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from infra.images.fetching import Route
    from seedream.images import ImageStructure
    from studio.jobs.pictures import ReferenceForm

log = logging.getLogger(__name__)

PACKING_AT_ONCE = 2  # results that are shrunk or put into a ZIP, which bounds memory; of one member, one

_SHOWN = {"jpeg", "png", "gif", "webp"}  # by Discord's clients; other formats are converted
_JOB_ID = re.compile(r"[\w-]{1,64}")


class PictureStore:
    """An async context manager. `folder` is for its files only; `allow_local` is for a local world.

    `backoff`: seconds before each retry of a fetch; `patience`: seconds for all tries.
    `decoder`, `preparer`: None for those with the usual limits. `route`: how links are reached.
    """

    def __init__(
        self,
        folder: Path,
        *,
        allow_local: bool,
        limits: SpoolLimits | None = None,
        backoff: Sequence[float] = BACKOFF_SECONDS,
        patience: float = PATIENCE_SECONDS,
        decoder: Decoder | None = None,
        preparer: ReferencePreparer | None = None,
        route: Route | None = None,
    ) -> None:
        self._folder = folder
        self.health = SpoolHealth(folder)
        self._limits = limits or SpoolLimits()
        self._room = SpoolRoom(folder, self._limits)
        self._fetcher = Fetcher(allow_local=allow_local, backoff=backoff, patience=patience, route=route)
        self._decoder = decoder or Decoder()
        self._preparer = preparer or ReferencePreparer(self._decoder)
        self._packing = Turns(PACKING_AT_ONCE)
        self._fits: dict[str, tuple[int, Picture]] = {}  # original's path -> limit, and the picture shrunk to it

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._decoder.__aenter__()
        await self._fetcher.__aenter__()
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._fetcher.__aexit__(*details)
        await self._decoder.__aexit__(*details)

    def path(self, file: Picture | Bundle) -> Path:
        return self._folder / file.path

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture:
        """Write a result to a file, from its link or its bytes, whatever state the picture in it is in.

        Raises: PictureUnavailable, if it can't be fetched or is no picture at all; the log says why, as it is paid for.
        """
        try:
            return await self._fetched(job_id, index, source)
        except PictureUnavailable as error:
            cause = getattr(error.__cause__, "cause", "")
            log.warning("%s %s", error, cause, extra={"job": job_id})
            raise

    async def _fetched(self, job_id: str, index: int, source: str | bytes) -> Picture:
        if not _JOB_ID.fullmatch(job_id):
            raise ValueError(f"{job_id!r} is not a job id")
        label = f"Picture {index + 1}"
        part = self._folder / f"{job_id}-{index}.picture.part"
        try:
            make_again(self._folder)
            with self._room.of(job_id, index):
                most = await asyncio.to_thread(self._room.left, job_id, index)
                body = source if isinstance(source, bytes) else await self._download(source, part, most)
                await asyncio.to_thread(self._room.reserve, job_id, index, min(_size_of(body), most))
                picture = await _inline_if(_is_small(body), lambda: self._store(body, part, f"{job_id}-{index}", most))
            self.health.worked()
            return picture if picture.format in _SHOWN else await self._as_shown(picture)
        except FetchError as error:
            again = error.again or error.gone  # a new file may take a while to be everywhere
            raise PictureUnavailable(f"{label} couldn't be fetched: {error}.", again=again) from error
        except NotAnImageError as error:
            raise PictureUnavailable(f"{label} is {error}.") from error
        except OSError as error:
            soon = self.health.failed(error)
            why = f"{label} couldn't be written: {error.strerror}."
            raise PictureUnavailable(why, again=True, soon=soon) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    async def _as_shown(self, picture: Picture) -> Picture:
        """Convert a picture to a format that Discord shows; the picture itself if that fails."""
        try:
            return await self._shrunk(picture, self._limits.result, picture.path.partition(".")[0])
        except PictureUnavailable as error:
            log.warning("a result could not be converted: %s", error)
            return picture

    async def shrink(self, picture: Picture, limit: int) -> Picture:
        """Returns the same picture in at most `limit` bytes. Raises: PictureUnavailable."""
        if picture.size <= limit:
            return picture
        async with self._packing.turn():
            cached_limit, fit = self._fits.get(picture.path, (0, picture))
            if cached_limit != limit:
                fit = await self._shrunk(picture, limit, f"{picture.path.partition('.')[0]}.fit")
                self._fits[picture.path] = (limit, fit)
        return fit

    async def _shrunk(self, picture: Picture, limit: int, name: str) -> Picture:
        try:
            content = await asyncio.to_thread(self.path(picture).read_bytes)
            data, form = await self._fitted(content, limit)
            return await asyncio.to_thread(self._write, data, form, name)
        except (NotAnImageError, DecodingError) as error:
            raise PictureUnavailable(f"{picture.path} can't be shrunk to {limit:,} bytes: {error}.") from error
        except OSError as error:
            raise PictureUnavailable(f"{picture.path} couldn't be shrunk: {error.strerror}.") from error

    async def _fitted(self, content: bytes, limit: int) -> tuple[bytes, str]:
        """Returns the picture in at most `limit` bytes, and its format. Raises: NotAnImageError, DecodingError."""
        structure = await asyncio.to_thread(inspect, content)
        clean = structure.clean(content)
        memory = self._decoder.capacity.memory
        reduce = reduction(structure, len(clean), memory=memory, max_pixels=MAX_PIXELS)
        task = {"source": as_source(structure, reduce), "limit": limit, "packet": packet_of(marks_of(content))}
        return await self._decoder.run(task, clean)

    async def bundle(
        self, job_id: str, pictures: Mapping[str, Picture], texts: Mapping[str, str], *, limit: int
    ) -> Bundle | None:
        """Write a ZIP of pictures and texts, each under its name. Returns None if it would exceed `limit` bytes.

        Raises: PictureUnavailable.
        """
        if sum(picture.size for picture in pictures.values()) > limit:
            return None
        try:
            async with self._packing.turn():
                bundle = await asyncio.to_thread(self._write_bundle, f"{job_id}-bundle.zip", pictures, texts)
        except OSError as error:
            raise PictureUnavailable(f"A ZIP couldn't be written: {error.strerror}.") from error
        return bundle if bundle.size <= limit else None

    # --- references ---------------------------------------------------------------------------------------------------

    async def prepare_reference(self, job_id: str, index: int, url: str, form: ReferenceForm) -> None:
        """Download a member's picture and keep it as the service accepts it. Raises: BadReference."""
        name, file = file_name(url), self._folder / f"{job_id}-reference{index}"
        spill = file.with_name(f"{file.name}.source.part")
        make_again(self._folder)
        try:
            body = await self._fetcher.read_or_spill(url, most=MAX_FETCHED_REFERENCE_BYTES, spill=spill)
            with mapped(body) as source:
                data, kind = await self._preparer.prepare(name, source, form)
                same = ".same" if len(data) == len(source) and data == source[:] else ""
            await asyncio.to_thread(write_whole, file.with_name(f"{file.name}{same}.{kind}"), data)
        except FetchError as error:
            if error.cause:
                log.warning("reference %d: %s", index + 1, error.cause, extra={"job": job_id})
            raise unfetched(name, error) from error
        except OSError as error:
            why = Phrase("it couldn't be stored ({error})", error=error.strerror or type(error).__name__)
            raise unfetched(name, FetchError(why)) from error
        finally:
            with suppress(OSError):
                spill.unlink(missing_ok=True)

    async def prepared_references(self, job_id: str) -> dict[int, bool]:
        """Returns the indexes of the job's prepared references, and whether their links lead to the same bytes."""
        files = await asyncio.to_thread(references_in, self._folder, job_id)
        return {index: same for index, (_, same) in files.items()}

    async def reference(self, job_id: str, index: int) -> str:
        """Returns a prepared reference as a data: URL. Raises: BadReference."""
        try:
            return await asyncio.to_thread(data_url, self._folder, job_id, index)
        except OSError as error:
            log.warning("reference %d can't be read: %s", index + 1, error, extra={"job": job_id})
            raise BadReference(Phrase("A reference picture can't be read any more. Press Retry.")) from error

    async def gone(self, url: str) -> bool:
        """Whether the server says that the file is gone; False if that is unknown."""
        try:
            await self._fetcher.look(url)
        except FetchError as error:
            return error.gone
        return False

    async def discard(self, job_id: str) -> None:
        """Delete the job's files."""
        for name in await asyncio.to_thread(delete_files, self._folder, job_id):
            self._fits.pop(name, None)

    async def moved(self, picture: Picture, job_id: str, index: int) -> Picture:
        """Make a picture's file one of this job's, under this index. A file that is there already stays."""
        moved = replace(picture, path=f"{job_id}-{index}.{picture.format}")
        if moved != picture:
            with suppress(FileNotFoundError):  # an earlier try has moved it, or it is lost
                await asyncio.to_thread(self.path(picture).replace, self.path(moved))
        return moved

    async def holds(self, picture: Picture) -> bool:
        """Whether the picture's file still exists."""
        return await asyncio.to_thread(self.path(picture).is_file)

    async def fullness(self) -> float:
        """Returns how full the spool is, from 0 to 1."""
        return await asyncio.to_thread(self._room.fullness)

    async def owners(self) -> set[str]:
        """Returns the ids of the jobs that have files."""
        return await asyncio.to_thread(lambda: {match["job"] for _, match in files_of(self._folder)})

    async def _download(self, url: str, part: Path, most: int) -> bytes | Path:
        return await self._fetcher.read_or_spill(url, most=most, spill=part)

    def _store(self, body: bytes | Path, part: Path, name: str, most: int) -> Picture:
        """Keep the body under `name` if it is a picture, even a damaged one. Raises: NotAnImageError."""
        if (size := _size_of(body)) > most:
            raise NotAnImageError(f"{size:,} bytes large, over the limit of {most:,}")
        with mapped(body) as content:
            form, structure = seen(content)
            if structure is not None and structure.parts and holds_position(content, structure):
                body = marked(structure.clean(content), form, marks_of(content[:]), structure.orientation)
        if isinstance(body, bytes):
            part.write_bytes(body)
        return self._keep(part, name, form, structure)

    def _write(self, data: bytes, form: str, name: str) -> Picture:
        part = self._folder / f"{name}.{form}.part"
        part.write_bytes(data)
        return self._keep(part, name, form, inspect(data))

    def _keep(self, part: Path, name: str, form: str, structure: ImageStructure | None) -> Picture:
        """Give a file its name. `structure`: None if it is unknown, as the picture is damaged."""
        file = part.replace(self._folder / f"{name}.{form}")
        width, height = (structure.width, structure.height) if structure else (0, 0)
        return Picture(path=file.name, format=form, width=width, height=height, size=file.stat().st_size)

    def _write_bundle(self, path: str, pictures: Mapping[str, Picture], texts: Mapping[str, str]) -> Bundle:
        part = self._folder / f"{path}.part"
        try:
            write_zip(part, {name: self.path(picture) for name, picture in pictures.items()}, texts)
            file = part.replace(self._folder / path)
        finally:
            part.unlink(missing_ok=True)
        return Bundle(path=path, size=file.stat().st_size)


async def _inline_if(small: bool, work: Callable[[], Picture]) -> Picture:
    return work() if small else await asyncio.to_thread(work)


def _size_of(body: bytes | Path) -> int:
    return len(body) if isinstance(body, bytes) else body.stat().st_size


def _is_small(body: bytes | Path) -> bool:
    return isinstance(body, bytes) and len(body) <= INLINE_BYTES
