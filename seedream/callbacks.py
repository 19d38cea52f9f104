"""Callbacks: makes and verifies a job's callback address, and parses what the service posts there. Pure.

The address names the job and is signed: `PUBLIC_URL/callbacks/<job>/<HMAC of the job>`. So it identifies the job even
if the answer to the request, with its task id, was lost.
Source: SeeDream API guide, "Answers".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seedream.errors import ApiError, UnreadableAnswer
from seedream.json_parsing import parse_json
from seedream.responses import has_running_images, parse_result, record_id

if TYPE_CHECKING:
    from seedream.values import Result

# Keeps these signatures apart from anything else that the same secret may sign one day.
_DOMAIN = b"seedream/callback/1\0"
_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What was posted: a result or an error, never both. task_id, trace_id: None if the service leaves them out."""

    task_id: str | None = None
    trace_id: str | None = None
    result: Result | None = None
    error: ApiError | None = None


def callback_url(public_url: str, job_id: str, secret: str) -> str:
    """Return the address for this job's result. Raises: ValueError for an invalid job id, or without a secret."""
    return f"{public_url.rstrip('/')}/callbacks/{job_id}/{sign(job_id, secret)}"


def sign(job_id: str, secret: str) -> str:
    """Return the HMAC-SHA256 of a job id as 43 characters that need no quoting in a URL.

    Raises: ValueError for a job id that is not 1 to 64 letters, digits, `-` and `_`, or without a secret.
    """
    if not secret:
        raise ValueError("callbacks need a secret to be signed with")
    if not _JOB_ID.fullmatch(job_id):
        raise ValueError(f"{job_id[:80]!r} isn't a job id: it must have 1 to 64 letters, digits, - and _")
    digest = hmac.digest(secret.encode(), _DOMAIN + job_id.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def verify(job_id: str, signature: str, secret: str) -> bool:
    """Return whether the text is the job's signature. Takes the same time wherever it differs."""
    if not _JOB_ID.fullmatch(job_id) or not signature.isascii():
        return False
    return hmac.compare_digest(sign(job_id, secret), signature)


def parse_callback(body: bytes) -> Callback:
    """Parse a callback's body: a plain answer, the error form, or a task record that holds one of them.

    Raises: UnreadableAnswer, whatever the bytes are; looking the task up may still give its result.
    """
    record = _object(parse_json(body, strict=True))
    response = record.get("response")
    answer = record if response is None else _object(response)
    if has_running_images(answer):
        raise UnreadableAnswer("The callback has images that are still being made.")
    task_id = record_id(answer, "task_id") or record_id(record, "task_id")
    if answer is not record:
        task_id = task_id or record_id(record, "id")
    trace_id = record_id(answer, "trace_id") or record_id(record, "trace_id")
    try:
        return Callback(task_id=task_id, trace_id=trace_id, result=parse_result(answer))
    except ApiError as error:
        return Callback(task_id=task_id, trace_id=trace_id, error=error)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableAnswer("The callback isn't a JSON object.")
    return value
