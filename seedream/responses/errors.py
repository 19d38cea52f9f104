"""Turns error answers into exceptions: `seedream.error_table` decides the class. Pure."""

from __future__ import annotations

import re
from typing import Any

from seedream.error_table import CODES, classify
from seedream.errors import ApiError, ModelRefused, NotFound, RateLimited, UnreadableAnswer, WrongAddress, one_line
from seedream.json_parsing import parse_json
from seedream.listed_models import listed_models
from seedream.responses.fields import code_of, record_id, run_state, text_of

INSIDE_ANSWER = 200
"""The status of an error that came within a good answer."""
_MAX_MESSAGE = 20_000  # characters of an error's message: it may list a hundred models
_MAX_CODE = 100  # characters
_NOT_FOUND = 404
_SERVER_ERROR = 500


def parse_error(status: int, body: bytes, *, retry_after: float | None = None, lookup: bool = False) -> ApiError:
    """Parse an error answer of any kind: the error form, a bare string, a gateway's web page, an empty body.

    lookup: the call was a look-up or a download, so a 404 means what was looked up, and not the API's address.
    """
    try:
        value = parse_json(body)
    except UnreadableAnswer:
        value = {"error": {"message": _page_title(body)}}
    if isinstance(value, str):
        value = {"error": value}
    error = error_from(status, value if isinstance(value, dict) else {}, retry_after=retry_after)
    if lookup and isinstance(error, WrongAddress) and status == _NOT_FOUND and not error.code:
        return NotFound(status, "", error.message, error.trace_id, error.task_id)
    return error


def error_from(status: int, record: dict[str, Any], *, retry_after: float | None = None) -> ApiError:
    """Return the error that a record reports, as an instance of the class that fits it."""
    code, message = error_in(record) or _flat_error(record)
    if status >= _SERVER_ERROR and not isinstance(record.get("error"), dict):
        code, message = "", message or code  # not in the API's own form, so it may come from a gateway
    error_class = classify(status, code, message)
    error = error_class(status, code, message, record_id(record, "trace_id"), record_id(record, "task_id"))
    if isinstance(error, RateLimited):
        error.retry_after = retry_after
    if isinstance(error, ModelRefused):
        error.listed, error.complete = listed_models(message)
    return error


def error_in(record: dict[str, Any]) -> tuple[str, str] | None:
    """Return the (code, message) of the error that a record reports; None if it reports none."""
    error = record.get("error")
    if isinstance(error, str) and error:
        code = one_line(error, _MAX_CODE)
        return (code, "") if code.casefold() in CODES else ("", error[:_MAX_MESSAGE])
    if isinstance(error, dict) and error:
        return one_line(code_of(error.get("code")), _MAX_CODE), text_of(error.get("message"))[:_MAX_MESSAGE]
    if record.get("success") is False or run_state(record) == "failed":
        return _flat_error(record)
    data = record.get("data")
    return error_in({**data, "data": None}) if isinstance(data, dict) and run_state(data) == "failed" else None


def _flat_error(record: dict[str, Any]) -> tuple[str, str]:
    """Read an error whose code and message are fields of the answer itself."""
    message = text_of(record.get("message")) or text_of(record.get("detail"))
    return one_line(code_of(record.get("code")), _MAX_CODE), message[:_MAX_MESSAGE]


def _page_title(body: bytes) -> str:
    start = body[:4096].decode("utf-8", "replace")
    title = re.search(r"<title[^>]{0,100}>([^<]{1,200})</title", start, re.IGNORECASE)
    return one_line(title[1] if title else re.sub(r"<[^>]{0,1000}>", " ", start), 200)
