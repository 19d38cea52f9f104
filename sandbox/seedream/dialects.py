"""Formats responses in the provider's dialect and in ByteDance's. Pure.

Sources: SeeDream API guide, "Answers"; SeedreamDify e2e-results.json and SeedreamN8N tests for null fields and boxes;
BytePlus's schema as published by Comfy (Comfy-Org/docs, comfy-router) and ByteDance's list of error codes for its own.
"""

import base64
import time
from collections.abc import Sequence
from typing import ClassVar

from sandbox.seedream.errors import Json, LocalApiError
from sandbox.seedream.known_errors import INTERNAL, KNOWN_ERRORS, MODERATED
from sandbox.seedream.response_items import PIXELS_A_TOKEN, Item, RequestIds, count_images, size_text
from sandbox.seedream.settings import ServiceSettings
from sandbox.seedream.validation import Order

# Fields that the provider sends with every item, possibly null.
OFTEN_NULL = ("bounding_box", "description", "name", "output_format", "z_index")

# ByteDance's names of the provider's codes. PathNotFound and RequestTooLarge are not in its list, but other clients of
# its hosts know them.
ARK_CODES = {
    "bad_request": "InvalidParameter",
    "no_token": "AuthenticationError",
    "invalid_token": "AuthenticationError",
    "no_api": "PathNotFound",
    "request_too_large": "RequestTooLarge",
    "too_many_requests": "RateLimitExceeded.EndpointRPMExceeded",
    "timeout": "InternalServiceError",
    INTERNAL: "InternalServiceError",
    MODERATED: "OutputImageSensitiveContentDetected",
}
ARK_TYPES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    429: "TooManyRequests",
    500: "InternalServerError",
}


class AceData:
    """The form of Ace Data Cloud, XHuoAPI and other resellers."""

    link: ClassVar[str] = "image_url"

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings

    def translated(self, problem: LocalApiError) -> LocalApiError:
        """Translate an error to this dialect."""
        return problem

    def refusal(self, problem: LocalApiError, ids: RequestIds, *, has_task: bool = False) -> Json:
        """Format an error response."""
        body: Json = {"error": problem.error, "trace_id": ids.trace_id}
        if self._settings.success_in_errors:
            body = {"success": False} | body
        return body | self._task_id(ids) if has_task else body

    def failure(self, problem: LocalApiError, ids: RequestIds) -> Json:
        """Format the response of a failed task, also for its callback."""
        return {"success": False, "error": problem.error, "trace_id": ids.trace_id, "task_id": ids.task_id}

    def accepted(self, ids: RequestIds) -> Json:
        return {"success": True, "task_id": ids.task_id, "trace_id": ids.trace_id}

    def plain(self, order: Order, items: Sequence[Item], references: int, ids: RequestIds) -> Json:
        """Format the plain response. Raises ApiError, the first error, if no image was created."""
        _check_made(order, items)
        entries = [self._entry(order, item) for item in items]
        return self.accepted(ids) | {"data": entries, "usage": _usage(order, items, references)}

    def event(self, order: Order, item: Item, ids: RequestIds) -> Json:
        """Format an item as an event of a stream."""
        head = _event(f"image_generation.partial_{'failed' if item.error else 'succeeded'}", order)
        head |= {"image_index": item.index} | self._task_id(ids)
        if item.error:
            return head | {"error": self.translated(item.error).error}
        return head | {"size": size_text(item.size)} | _image(order, item, "url")

    def completed(self, order: Order, items: Sequence[Item], references: int, ids: RequestIds) -> Json:
        head = _event("image_generation.completed", order) | self._task_id(ids)
        return head | {"usage": _usage(order, items, references)}

    def stream_error(self, problem: LocalApiError, ids: RequestIds) -> Json:
        return {"type": "error", "error": self.translated(problem).error} | self._task_id(ids)

    def _task_id(self, ids: RequestIds) -> Json:
        return {"task_id": ids.task_id} if self._settings.tell_task_ids else {}

    def _entry(self, order: Order, item: Item) -> Json:
        if item.error:
            return {"error": self.translated(item.error).error}
        body: Json = {"prompt": order.prompt} | self._described(order, item)
        return dict.fromkeys(OFTEN_NULL) | body if self._settings.null_fields else body

    def _described(self, order: Order, item: Item) -> Json:
        body: Json = {"size": size_text(item.size)} | _image(order, item, self.link) | _layer(order, item)
        if order.model.layers and self._settings.null_fields:
            body["output_format"] = item.format
        return body


class Ark(AceData):
    """ByteDance's own form, of Volcengine Ark and BytePlus ModelArk: no tasks, no callbacks."""

    link: ClassVar[str] = "url"

    def translated(self, problem: LocalApiError) -> LocalApiError:
        if problem.code not in ARK_CODES:
            return problem
        code = ARK_CODES[problem.code]
        if problem.code == "bad_request":
            return LocalApiError(problem.status, code, _ark_message(problem), problem.parameter)
        return LocalApiError(*_known(code, problem))

    def refusal(self, problem: LocalApiError, ids: RequestIds, *, has_task: bool = False) -> Json:  # noqa: ARG002 - it has none
        kind = ARK_TYPES.get(problem.status, "")
        message = f"{problem.message} Request id: {ids.trace_id}"
        return {"error": {"code": problem.code, "message": message, "param": problem.parameter, "type": kind}}

    def plain(self, order: Order, items: Sequence[Item], references: int, ids: RequestIds) -> Json:  # noqa: ARG002
        _check_made(order, items)
        body: Json = {"model": order.wire_id, "created": int(time.time())}
        body["data"] = [self._entry(order, item) for item in items]
        if order.web_search:
            body["tools"] = [{"type": "web_search"}]
        return body | {"usage": _usage(order, items, references)}

    def _task_id(self, ids: RequestIds) -> Json:  # noqa: ARG002
        return {}

    def _entry(self, order: Order, item: Item) -> Json:
        if item.error:
            return {"error": self.translated(item.error).error}
        return self._described(order, item)


def _ark_message(problem: LocalApiError) -> str:
    if not problem.parameter:
        return problem.message
    return f"The parameter `{problem.parameter}` specified in the request is not valid: {problem.message}"


def _known(code: str, problem: LocalApiError) -> tuple[int, str, str]:
    status, message = KNOWN_ERRORS.get(code, (problem.status, problem.message))
    return status, code, message


def dialect_of(settings: ServiceSettings) -> AceData:
    return Ark(settings) if settings.dialect == "ark" else AceData(settings)


def _check_made(order: Order, items: Sequence[Item]) -> None:
    """Raise the first error if no image was created; a decomposition fails as a whole."""
    errors = [item.error for item in items if item.error]
    if errors and (order.level or not count_images(items)):
        raise errors[0]


def _usage(order: Order, items: Sequence[Item], references: int) -> Json:
    tokens = sum(item.size[0] * item.size[1] // PIXELS_A_TOKEN for item in items if item.error is None)
    body: Json = {"generated_images": count_images(items), "output_tokens": tokens, "total_tokens": tokens}
    if references:
        body["input_images"] = references
    if order.web_search:
        body["tool_usage"] = {"web_search": 1}
    return body


def _event(kind: str, order: Order) -> Json:
    return {"type": kind, "model": order.wire_id, "created": int(time.time())}


def _layer(order: Order, item: Item) -> Json:
    layer = item.layer
    if layer is None:
        return {}
    if not order.level:
        return {"name": layer.name, "z_index": layer.z_index, "bounding_box": layer.box}
    if layer.box is None:
        return {"z_index": layer.z_index}
    box = {"absolute": layer.box, "normalized": layer.normalized}
    return {"z_index": layer.z_index, "name": layer.name, "description": layer.description, "bounding_box": box}


def _image(order: Order, item: Item, link: str) -> Json:
    if order.base64:
        return {"b64_json": base64.b64encode(item.data).decode()}
    return {link: item.link}
