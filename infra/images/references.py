"""Members' reference pictures, checked against the service's limits and prepared for a request."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from infra.images.imaging import Header, NotAPictureError, acceptable, inspect
from seedream.limits import MAX_ASPECT_RATIO, MIN_REFERENCE_SIDE
from seedream.phrases import Phrase
from studio.jobs.pictures import BadReference

if TYPE_CHECKING:
    from infra.images.fetching import FetchError

MAX_FETCHED_REFERENCE_BYTES = 32 * 2**20  # a larger file than the service accepts is shrunk

MAX_TOTAL_REFERENCE_BYTES = 24_000_000  # per request, which is held in memory while it is sent: our own limit

_MAX_NAME_LENGTH = 80


def data_url(name: str, source: bytes, *, formats: frozenset[str], max_bytes: int, max_pixels: int, alpha: bool) -> str:
    """The picture as a data: URL that the service accepts. It decodes, so call it in a thread. Raises: BadReference."""
    try:
        _check_sides(name, inspect(source))
        data, form = acceptable(source, formats=formats, max_bytes=max_bytes, max_pixels=max_pixels, alpha=alpha)
    except NotAPictureError as error:
        refusal = Phrase(
            "reference: “{name}” is {what}. Attach a JPEG, PNG, WebP, BMP, TIFF or GIF picture.",
            name=name,
            what=error.what,
        )
        raise BadReference(refusal) from error
    return f"data:image/{form};base64,{base64.b64encode(data).decode('ascii')}"


def unfetched(name: str, error: FetchError) -> BadReference:
    refusal = Phrase(
        "reference: “{name}” couldn't be downloaded: {why}. "
        "Attach it again, as a JPEG, PNG, WebP, BMP, TIFF or GIF of at most {most} MB.",
        name=name,
        why=error.why,
        most=MAX_FETCHED_REFERENCE_BYTES // 2**20,
    )
    return BadReference(refusal)


def _check_sides(name: str, header: Header) -> None:
    short, long = sorted((header.width, header.height))
    picture = {"name": name, "size": f"{header.width}x{header.height}"}
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
