"""The JSON that the service answers with. Pure. Source: SeeDream API guide, "Answers"."""

import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from sandbox.seedream.errors import ApiError, Json
from sandbox.seedream.validate import LAYERS, Order

PIXELS_A_TOKEN = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One image of a request, or the error in its place. `size` is in pixels."""

    index: int
    size: tuple[int, int] = (0, 0)
    data: bytes = b""
    link: str = ""
    error: ApiError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a request is called in answers and in the service's logs."""

    task_id: str = field(default_factory=lambda: str(uuid4()))
    trace_id: str = field(default_factory=lambda: str(uuid4()))


def made(items: Sequence[Item]) -> int:
    """How many of the items are images: as many as are billed."""
    return sum(item.error is None for item in items)


def failure(problem: ApiError, names: Names, *, task: bool = False) -> Json:
    body: Json = {"success": False, "error": problem.error, "trace_id": names.trace_id}
    return body | {"task_id": names.task_id} if task else body


def accepted(names: Names) -> Json:
    return {"success": True, "task_id": names.task_id, "trace_id": names.trace_id}


def plain(order: Order, items: Sequence[Item], references: int, names: Names) -> Json:
    """The plain answer. Raises ApiError where nothing was made: then the first error is the answer."""
    if not made(items):
        raise next(item.error for item in items if item.error)
    return accepted(names) | {"data": [_entry(order, item) for item in items], "usage": usage(order, items, references)}


def usage(order: Order, items: Sequence[Item], references: int) -> Json:
    tokens = sum(item.size[0] * item.size[1] // PIXELS_A_TOKEN for item in items if item.error is None)
    body: Json = {"generated_images": made(items), "output_tokens": tokens, "total_tokens": tokens}
    if references:
        body["input_images"] = references
    if order.web_search:
        body["tool_usage"] = {"web_search": 1}
    return body


def _entry(order: Order, item: Item) -> Json:
    if item.error:
        return {"error": item.error.error}
    body: Json = {"prompt": order.prompt, "size": _size(item)} | _image(order, item, "image_url")
    if order.layers:
        body |= {"name": LAYERS[item.index], "z_index": item.index, "bounding_box": [0, 0, *item.size]}
    return body


def event(order: Order, item: Item) -> Json:
    """An item as a line of a stream."""
    head: Json = {"type": f"image_generation.partial_{'failed' if item.error else 'succeeded'}", "model": order.wire_id}
    head |= {"created": int(time.time()), "image_index": item.index}
    if item.error:
        return head | {"error": item.error.error}
    return head | {"size": _size(item)} | _image(order, item, "url")


def completed(order: Order, items: Sequence[Item], references: int) -> Json:
    head: Json = {"type": "image_generation.completed", "model": order.wire_id, "created": int(time.time())}
    return head | {"usage": usage(order, items, references)}


def stream_error(problem: ApiError) -> Json:
    return {"type": "error", "error": problem.error}


def framed(body: Json, *, sse: bool) -> bytes:
    """A line of a stream, as NDJSON or as a server-sent event."""
    text = json.dumps(body, ensure_ascii=False)
    return (f"event: {body['type']}\ndata: {text}\n\n" if sse else f"{text}\n").encode()


def _size(item: Item) -> str:
    return f"{item.size[0]}x{item.size[1]}"


def _image(order: Order, item: Item, link: str) -> Json:
    if order.base64:
        return {"b64_json": base64.b64encode(item.data).decode()}
    return {link: item.link}
