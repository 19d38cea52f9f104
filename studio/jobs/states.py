"""How far a job is, how its pictures come from the API, and why it failed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from seedream.phrases import from_json, to_json

Kept = Annotated[str, PlainValidator(from_json), PlainSerializer(to_json)]
"""A text that, if it is a phrase, is still one after it was stored."""


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self not in {JobState.QUEUED, JobState.RUNNING}


class Path(StrEnum):
    """How pictures come from the API."""

    CALLBACK = "callback"
    STREAM = "stream"
    POLL = "poll"
    PLAIN = "plain"


class Reason(StrEnum):
    """Why a job or one of its images failed. `cogs` word it."""

    CONTENT_REFUSED = "content_refused"
    REFERENCE = "reference"
    BAD_REQUEST = "bad_request"
    TOO_LARGE = "too_large"
    BAD_KEY = "bad_key"
    USED_UP = "used_up"
    DISABLED = "disabled"
    OVERDUE = "overdue"
    QUOTA_SPENT = "quota_spent"
    WRONG_ADDRESS = "wrong_address"
    MODEL_GONE = "model_gone"
    UNKNOWN = "unknown"
    SERVICE = "service"
    UNREACHABLE = "unreachable"
    LOST = "lost"
    CUT = "cut"
    EMPTY = "empty"
    PICTURE = "picture"
    INTERRUPTED = "interrupted"
    CRASHED = "crashed"
    EXPIRED = "expired"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A reason, details (the service's own message, or a phrase of ours), and the service's trace id."""

    reason: Reason
    detail: Kept = ""
    trace_id: str | None = None
