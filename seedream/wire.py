"""What the client decides without a connection: when to send again, and what may be sent at all. Pure."""

from __future__ import annotations

import math
import random
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from seedream.errors import InvalidRequest, RateLimited, Refusal, ResponseLost, SeeDreamError, ServiceError
from seedream.providers import key_problem
from seedream.urls import http_url_problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seedream.providers import Provider

FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 30.0  # a longer wait is for the caller to plan
_MOST_DOUBLINGS = 16
_LONGEST_RETRY_AFTER = 24 * 3600.0
_LONGEST_ID = 200
_LONGEST_KEY = 4096


def retry_delay(error: SeeDreamError, *, attempt: int, retries: int, paid: bool) -> float | None:
    """Seconds to wait before the same call is made again; None if it must not be. `attempt` counts from 0.

    A paid call is repeated only when that is safe; a look-up costs nothing, so it is repeated after any passing fault.
    """
    passing = error.safe_to_resend or (not paid and isinstance(error, ResponseLost | ServiceError))
    if not passing or attempt >= retries:
        return None
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_DELAY_SECONDS else None
    return backoff(attempt, longest=LONGEST_DELAY_SECONDS)


def backoff(attempt: int, *, longest: float) -> float:
    """Seconds to wait before another attempt: twice as long each time, up to `longest`. `attempt` counts from 0."""
    ceiling = min(math.ldexp(FIRST_DELAY_SECONDS, min(attempt, _MOST_DOUBLINGS)), longest)
    return ceiling * random.uniform(0.5, 1.0)  # jitter, so that what failed together does not come back together


def retry_after(header: str | None, *, now: float) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date. None if it says nothing readable."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER) if math.isfinite(seconds) else None


def checked_key(key: str, provider: Provider) -> str:
    """The key, stripped. Raises: InvalidRequest, which does not repeat it."""
    stripped = key.strip()
    if problem := key_problem(stripped, provider):
        raise InvalidRequest(Refusal("api_key", "", problem, "change SEEDREAM_API_KEY"))
    if not stripped:
        raise InvalidRequest(Refusal("api_key", "", "the service asks for a key", "set SEEDREAM_API_KEY"))
    if len(stripped) > _LONGEST_KEY or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        allowed = "a key is printable ASCII without spaces"
        raise InvalidRequest(Refusal("api_key", "", allowed, "copy SEEDREAM_API_KEY again"))
    return stripped


def checked_url(option: str, url: str) -> str:
    """The address. Raises: InvalidRequest."""
    if problem := http_url_problem(url):
        raise InvalidRequest(Refusal(option, url, problem, "give such an address"))
    return url


def checked_base_url(url: str) -> str:
    """The address without its last slash. Raises: InvalidRequest."""
    checked = checked_url("base_url", url.strip())
    if "?" in checked or "#" in checked or "@" in checked:
        allowed = "the API's address has no query, fragment or password"
        raise InvalidRequest(Refusal("base_url", "", allowed, "give it as https://host, or https://host/path"))
    return checked.rstrip("/")


def checked_ids(ids: Iterable[str]) -> list[str]:
    """Task ids without repeats, in order. Raises: InvalidRequest."""
    unique = list(dict.fromkeys(ids))
    for one in unique:
        if not isinstance(one, str) or not 0 < len(one) <= _LONGEST_ID or not one.isprintable():
            allowed = f"a task id is 1 to {_LONGEST_ID} printable characters"
            raise InvalidRequest(Refusal("task", str(one), allowed, "copy it from the answer that named it"))
    return unique
