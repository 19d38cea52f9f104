"""Prepares members' reference pictures for a request: checked against the service's limits, without metadata."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from infra.images.decoder import DecodingError
from infra.images.memory import reduction, too_large
from seedream.images import NotAnImageError, inspect
from seedream.images.exif import UPRIGHT
from seedream.images.png import is_whole_png
from seedream.images.structure import LABELS, cut_off, damaged
from seedream.limits import MAX_ASPECT_RATIO, MAX_REFERENCE_BYTES, MAX_REFERENCE_PIXELS, MIN_REFERENCE_SIDE
from seedream.phrases import Phrase
from studio.jobs.pictures import BadReference

if TYPE_CHECKING:
    from infra.images.decoder import Decoder
    from infra.images.fetching import FetchError
    from seedream.images import ImageStructure
    from seedream.images.structure import Content
    from studio.jobs.pictures import ReferenceForm

MAX_FETCHED_REFERENCE_BYTES = 32 * 2**20  # a larger file than the service accepts is shrunk

MAX_TOTAL_REFERENCE_BYTES = 24_000_000  # per request, which is held in memory while it is sent: our own limit

INLINE_BYTES = 1 << 20  # looked at in about a millisecond, faster than a thread would start

_MAX_NAME_LENGTH = 80


class ReferencePreparer:
    """`max_bytes`, `max_pixels`: of a reference."""

    def __init__(
        self, decoder: Decoder, *, max_bytes: int = MAX_REFERENCE_BYTES, max_pixels: int = MAX_REFERENCE_PIXELS
    ) -> None:
        self._decoder = decoder
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels

    async def prepare(self, name: str, content: Content, form: ReferenceForm) -> tuple[bytes, str]:
        """Return the picture as the service accepts it, and its format. Raises: BadReference.

        That is without metadata and what is behind its end, but unchanged in its pixels if possible; otherwise upright,
        one frame, 8 bits per channel and small enough.
        """
        try:
            structure = await _inspected(content)
            _check_sides(name, structure)
            if not structure.ended:
                content, structure = await self._completed(content, structure)
            max_bytes = min(self._max_bytes, MAX_TOTAL_REFERENCE_BYTES // form.together)
            if self._is_acceptable(structure, form) and len(clean := await _cleaned(content, structure)) <= max_bytes:
                return await _whole(clean, structure), structure.format
            return await self._converted(content, structure, form, max_bytes)
        except NotAnImageError as error:
            text = Phrase("reference: “{name}” is {what}. {remedy}", name=name, what=error.what, remedy=error.remedy)
            raise BadReference(text) from error

    def _is_acceptable(self, structure: ImageStructure, form: ReferenceForm) -> bool:
        """Whether the pixels can be sent as they are."""
        has_alpha = structure.alpha and structure.channels == 4  # noqa: PLR2004 - RGBA
        return (
            structure.plain
            and bool(structure.parts)
            and structure.format in form.formats
            and structure.pixels <= self._max_pixels
            and (has_alpha or not form.alpha)
        )

    async def _completed(self, content: Content, structure: ImageStructure) -> tuple[bytes, ImageStructure]:
        """Return a JPEG with its end mark, as it is then. Raises: NotAnImageError, if more is missing."""
        clean = await _cleaned(content, structure)
        reduce = reduction(structure, len(clean), memory=self._decoder.capacity.memory, max_pixels=self._max_pixels)
        try:
            data, _ = await self._decoder.run({"source": as_source(structure, reduce)}, clean)
        except DecodingError as error:
            raise _refusal(structure, error) from error
        completed, orientation = inspect(data), structure.orientation
        plain = completed.plain and orientation == UPRIGHT
        return data, replace(completed, orientation=orientation, plain=plain)

    async def _converted(
        self, content: Content, structure: ImageStructure, form: ReferenceForm, max_bytes: int
    ) -> tuple[bytes, str]:
        memory = self._decoder.capacity.memory
        reduce = reduction(structure, len(content), memory=memory, max_pixels=self._max_pixels)
        clean = await _cleaned(content, structure) if structure.parts else content
        target = {
            "formats": sorted(form.formats),
            "max_bytes": max_bytes,
            "max_pixels": self._max_pixels,
            "max_ratio": MAX_ASPECT_RATIO,
            "alpha": form.alpha,
            "lossless": structure.palette,
        }
        try:
            return await self._decoder.run({"source": as_source(structure, reduce), "target": target}, clean)
        except DecodingError as error:
            raise _refusal(structure, error) from error


def as_source(structure: ImageStructure, reduce: int) -> dict[str, object]:
    """Return what a worker needs to know to decode a picture, see `imaging.Source`."""
    return {
        "format": structure.format,
        "orientation": structure.orientation,
        "reduce": reduce,
    }


async def _inspected(content: Content) -> ImageStructure:
    return inspect(content) if len(content) <= INLINE_BYTES else await asyncio.to_thread(inspect, content)


async def _cleaned(content: Content, structure: ImageStructure) -> bytes:
    small = len(content) <= INLINE_BYTES
    return structure.clean(content) if small else await asyncio.to_thread(structure.clean, content)


async def _whole(clean: bytes, structure: ImageStructure) -> bytes:
    """Return the picture. Raises: NotAnImageError, if its data end too early."""
    if structure.format == "png" and not await asyncio.to_thread(is_whole_png, clean):
        raise damaged("PNG")
    return clean


def _refusal(structure: ImageStructure, error: DecodingError) -> NotAnImageError:
    label = LABELS[structure.format]
    match error.reason:
        case "cut off":
            return cut_off(label)
        case "damaged":
            return damaged(label)
        case _:
            return too_large(structure)


def unfetched(name: str, error: FetchError) -> BadReference:
    refusal = Phrase(
        "reference: “{name}” couldn't be downloaded: {why}. Attach it again, with at most {most} MB.",
        name=name,
        why=error.why,
        most=MAX_FETCHED_REFERENCE_BYTES // 2**20,
    )
    return BadReference(refusal)


def _check_sides(name: str, structure: ImageStructure) -> None:
    short, long = sorted(structure.sides)
    picture = {"name": name, "size": f"{structure.width}x{structure.height}"}
    if short < MIN_REFERENCE_SIDE:
        refusal = Phrase(
            "reference: “{name}” is {size}; each side needs at least {least} pixels. Attach a larger picture.",
            **picture,
            least=MIN_REFERENCE_SIDE,
        )
        raise BadReference(refusal)
    if long > MAX_ASPECT_RATIO * short:
        refusal = Phrase(
            "reference: “{name}” is {size}; one side may be at most {most} times as long as the other. Crop it.",
            **picture,
            most=MAX_ASPECT_RATIO,
        )
        raise BadReference(refusal)


def file_name(url: str) -> str:
    """The file's name, as the member knows it."""
    try:
        last = unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        last = ""
    return "".join(character for character in last if character.isprintable())[:_MAX_NAME_LENGTH] or Phrase("picture")
