"""Parses the images of an answer: links or bytes, layers, failures of single images, and the usage. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from seedream.capabilities import Size
from seedream.errors import MAX_OUTSIDE_LENGTH, one_line
from seedream.responses.errors import error_in
from seedream.responses.fields import run_state, text_of, whole_number
from seedream.urls import http_url_problem
from seedream.values import BoundingBox, ImageFailed, ImageReady, Layer, Usage

MAX_IMAGES = 100  # in one answer: far more than any model makes
UNREADABLE = "unreadable_image"
"""The code of an image that was made, but can't be read out of the answer."""
_MAX_LAYER_NAME, _MAX_LAYER_DESCRIPTION = 100, 500  # characters
_CORNER_COORDINATES = 4
_MAX_COORDINATE = 1_000_000  # pixels: no image is so large
_DECODE_CHUNK = 1 << 20  # characters, a multiple of 4: decoding one keeps other threads waiting for 2 ms, not for 60


def image_items(record: dict[str, Any]) -> list[Any] | None:
    """Return the images of an answer, however they are wrapped; None if the answer has no place for any."""
    data = record.get("data")
    if isinstance(data, list):
        return data
    if isinstance(data, dict) and data:
        return None if run_state(data) in {"running", "failed"} else [data]
    return [record] if any(name in record for name in ("image_url", "b64_json")) else None


def has_running_images(record: dict[str, Any]) -> bool:
    """Return whether the answer says that some of its images are still being made."""
    return any(isinstance(item, dict) and run_state(item) == "running" for item in image_items(record) or ())


def has_finished_images(record: dict[str, Any]) -> bool:
    """Return whether at least one image has been made or has failed, and no more are being made."""
    return any(map(_is_finished, image_items(record) or ())) and not has_running_images(record)


def _is_finished(item: Any) -> bool:
    if not isinstance(item, dict):
        return bool(text_of(item))
    return error_in(item) is not None or any(text_of(item.get(name)) for name in ("image_url", "url", "b64_json"))


def parse_images(items: list[Any]) -> list[ImageReady | ImageFailed]:
    """Parse the images of one answer, each with an index of its own; those beyond MAX_IMAGES are dropped."""
    items = items[:MAX_IMAGES]
    return [parse_image(item, index) for item, index in zip(items, _unique_indexes(items), strict=True)]


def _unique_indexes(items: list[Any]) -> list[int]:
    """Return each item's own index; an item without one, or with one that is taken, gets the first free index."""
    given = [_own_index(item) for item in items]
    owners = {index: position for position, index in reversed(list(enumerate(given))) if index is not None}
    free = (index for index in range(MAX_IMAGES) if index not in owners)
    return [
        index if index is not None and owners[index] == position else next(free) for position, index in enumerate(given)
    ]


def _own_index(item: Any) -> int | None:
    if not isinstance(item, dict):
        return None
    indexes = (whole_number(item.get(name)) for name in ("image_index", "index"))
    return next((index for index in indexes if index is not None and index < MAX_IMAGES), None)


def parse_image(item: Any, index: int) -> ImageReady | ImageFailed:
    """Parse one image: an object, or only its link."""
    if isinstance(item, str):
        item = {"url": item}
    if not isinstance(item, dict):
        return ImageFailed(index, UNREADABLE, "The service's answer has no image here.")
    if (error := error_in(item)) is not None:
        code, message = error
        return ImageFailed(index, code, one_line(message, MAX_OUTSIDE_LENGTH))
    if content := text_of(item.get("b64_json")):
        data = _decode_base64(content)
        return ImageReady(index, None, data, _size(item), _layer(item)) if data else _unreadable(index, "base64")
    url = text_of(item.get("image_url")) or text_of(item.get("url"))
    if not url or http_url_problem(url):
        return _unreadable(index, "link")
    return ImageReady(index, url, None, _size(item), _layer(item))


def _unreadable(index: int, part: str) -> ImageFailed:
    return ImageFailed(index, UNREADABLE, f"The service made this image, but its {part} can't be read.")


def _decode_base64(content: str) -> bytes | None:
    if content.startswith("data:"):
        content = content.partition(",")[2]
    if "\n" in content:  # wrapped, as in mail
        content = "".join(content.split())
    if "=" in content[:-2]:
        return None
    starts = range(0, len(content), _DECODE_CHUNK)
    try:
        return b"".join(base64.b64decode(content[start : start + _DECODE_CHUNK], validate=True) for start in starts)
    except (binascii.Error, ValueError):
        return None


def _size(item: dict[str, Any]) -> Size | None:
    try:
        return Size.parse(text_of(item.get("size")))
    except ValueError:
        return None


def _layer(item: dict[str, Any]) -> Layer | None:
    name, z_index = one_line(text_of(item.get("name")), _MAX_LAYER_NAME), whole_number(item.get("z_index"))
    if z_index is None and not name:
        return None
    description = one_line(text_of(item.get("description")), _MAX_LAYER_DESCRIPTION)
    box = _bounding_box(item.get("bounding_box"))
    return Layer(name=name, z_index=z_index, description=description, bounding_box=box)


def _bounding_box(value: Any) -> BoundingBox:
    """Parse a layer's box; a plain list, as older answers have it, is in pixels."""
    forms = value if isinstance(value, dict) else {"absolute": value}
    pixels = _corners(forms.get("absolute"))
    return BoundingBox(absolute=tuple(map(round, pixels)), normalized=_corners(forms.get("normalized")))


def _corners(value: Any) -> tuple[float, ...]:
    """Return two corners as four finite numbers; an empty tuple if the value isn't that."""
    valid = isinstance(value, list) and len(value) == _CORNER_COORDINATES and all(map(_is_coordinate, value))
    return tuple(value) if valid else ()


def _is_coordinate(value: Any) -> bool:
    """Return whether it is a number that fits an image; infinity and NaN do not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _MAX_COORDINATE


def parse_usage(value: Any) -> Usage | None:
    """Parse the `usage` of an answer; None if it isn't an object."""
    if not isinstance(value, dict):
        return None
    tools = value.get("tool_usage")
    return Usage(
        generated_images=whole_number(value.get("generated_images")),
        output_tokens=whole_number(value.get("output_tokens")),
        total_tokens=whole_number(value.get("total_tokens")),
        input_images=whole_number(value.get("input_images")),
        web_searches=whole_number(tools.get("web_search")) if isinstance(tools, dict) else None,
    )
