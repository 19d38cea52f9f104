"""Reference images of a request: encodes files as data URLs, and validates data URLs and links. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from seedream.errors import Refusal
from seedream.image_formats import format_of
from seedream.phrases import OneOf, Phrase
from seedream.urls import http_url_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.capabilities import Model

MAX_REFERENCE_BYTES = 10 * 2**20
_DATA_URL = re.compile(r"data:image/([A-Za-z0-9.+-]{1,20});base64,", re.IGNORECASE)
_BASE64_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_HEAD = 64  # base64 characters that are enough to tell a format


def data_url(content: bytes) -> str:
    """A picture as the API takes it inline. Raises: ValueError for what is no picture."""
    kind = format_of(content[:12])
    if kind is None:
        raise ValueError("it is not a JPEG, PNG, WebP, GIF, BMP or TIFF picture")
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def normal_reference(text: str) -> str:
    """The same reference with a data URL's head as the API wants it: lower case, jpeg rather than jpg."""
    match = _DATA_URL.match(text)
    if match is None:
        return text if text.startswith("data:") else text.strip()
    kind = match[1].lower()
    head = f"data:image/{'jpeg' if kind == 'jpg' else kind};base64,"
    return text if text.startswith(head) else head + text[match.end() :]


def reference_refusals(model: Model, references: tuple[str, ...]) -> Iterator[Refusal]:
    """What is wrong with normalised references, one by one."""
    for number, reference in enumerate(references, start=1):
        label = "references" if len(references) == 1 else Phrase("references, number {number}", number=number)
        if reference.startswith("data:"):
            yield from _data_url_refusals(model, reference, label)
        elif problem := http_url_problem(reference):
            yield Refusal(label, reference, problem, Phrase("give an http(s) link or a data:image/...;base64, URL"))


def data_url_format(reference: str) -> str | None:
    """The format that a data URL names; None for a link."""
    match = _DATA_URL.match(reference)
    return match[1] if match else None


def _data_url_refusals(model: Model, url: str, label: str) -> Iterator[Refusal]:
    match = _DATA_URL.match(url)
    if match is None:
        allowed = Phrase("a data URL starts with data:image/<format>;base64,")
        yield Refusal(label, url[:30], allowed, Phrase("encode the picture so"))
        return
    kind, start = match[1], match.end()
    if kind not in model.reference_formats:
        formats = OneOf(sorted(model.reference_formats))
        allowed = Phrase("{model} takes {formats}", model=model.label, formats=formats)
        yield Refusal(label, kind, allowed, Phrase("convert the picture to png or jpeg"))
        return
    padding = 2 if url.endswith("==") else int(url.endswith("="))
    size = (len(url) - start) * 3 // 4 - padding
    if size > MAX_REFERENCE_BYTES:
        allowed = Phrase("a reference picture has at most {most} bytes", most=MAX_REFERENCE_BYTES)
        yield Refusal(label, Phrase("{number}", number=size), allowed, Phrase("shrink the picture"))
    elif not _is_base64(url, start, padding):
        allowed = Phrase("the data after the comma is not base64")
        yield Refusal(label, "", allowed, Phrase("encode the whole picture, with padding"))
    elif (found := _format_inside(url, start)) != kind:
        allowed = Phrase("the data URL says {format}", format=kind)
        remedy = Phrase("name the format that the picture has")
        yield Refusal(label, found or Phrase("no picture"), allowed, remedy)


def _is_base64(url: str, start: int, padding: int) -> bool:
    end = len(url) - padding
    if (len(url) - start) % 4 or not url.isascii() or end <= start:
        return False
    # Deleting the alphabet takes 4 ms for 10 MB, a regular expression 10, decoding 17.
    return not url[start:end].encode("ascii").translate(None, _BASE64_ALPHABET)


def _format_inside(url: str, start: int) -> str | None:
    try:
        return format_of(base64.b64decode(url[start : start + _HEAD]))
    except binascii.Error:
        return None
