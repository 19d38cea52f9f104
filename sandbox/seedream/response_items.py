"""The images and ids of a response, before a dialect formats them. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from sandbox.seedream.errors import Json, LocalApiError
from sandbox.seedream.layers import RenderedLayer

PIXELS_A_TOKEN = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One image of a request, or the error in its place. `size` is the size stated in the response, in pixels."""

    index: int
    size: tuple[int, int] = (0, 0)
    data: bytes = b""
    link: str = ""
    format: str = ""
    layer: RenderedLayer | None = None
    error: LocalApiError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestIds:
    """The ids of a request in responses and in the service's logs."""

    task_id: str = field(default_factory=lambda: str(uuid4()))
    trace_id: str = field(default_factory=lambda: str(uuid4()))


def count_images(items: Sequence[Item]) -> int:
    """Count the items that are images and therefore billed."""
    return sum(item.error is None for item in items)


def size_text(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def stream_line(body: Json, *, sse: bool) -> bytes:
    """Format a stream's event as a line of NDJSON or as a server-sent event."""
    text = json.dumps(body, ensure_ascii=False)
    return (f"event: {body['type']}\ndata: {text}\n\n" if sse else f"{text}\n").encode()
