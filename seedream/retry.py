"""Decides when a call is made again, and how long to wait first. Pure."""

from __future__ import annotations

import math
import random
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from seedream.errors import RateLimited, ResponseLost, ServiceError

if TYPE_CHECKING:
    from seedream.errors import SeeDreamError

FIRST_DELAY_SECONDS = 1.0
MAX_DELAY_SECONDS = 30.0  # a longer wait is for the caller to plan
_MAX_DOUBLINGS = 16
_MAX_RETRY_AFTER_SECONDS = 24 * 3600.0


def retry_delay(error: SeeDreamError, *, attempt: int, retries: int, paid: bool) -> float | None:
    """Return the seconds to wait before the same call is made again; None if it must not be. attempt counts from 0.

    A paid call is repeated only if that is safe. A look-up costs nothing, so it is repeated after any temporary error.
    """
    retryable = error.safe_to_resend or (not paid and isinstance(error, ResponseLost | ServiceError))
    if not retryable or attempt >= retries:
        return None
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return error.retry_after if error.retry_after <= MAX_DELAY_SECONDS else None
    return backoff(attempt, longest=MAX_DELAY_SECONDS)


def backoff(attempt: int, *, longest: float) -> float:
    """Return the seconds to wait before another attempt: doubled each time, up to `longest`. attempt counts from 0."""
    ceiling = min(math.ldexp(FIRST_DELAY_SECONDS, min(attempt, _MAX_DOUBLINGS)), longest)
    return ceiling * random.uniform(0.5, 1.0)  # jitter: calls that failed together must not all come back together


def parse_retry_after(header: str | None, *, now: float, date: str | None = None) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or a date; None if it is unreadable.

    `date`: the answer's Date, which a date is compared with: this machine's clock may be wrong.
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            until = parsedate_to_datetime(header).timestamp()
        except (ValueError, OverflowError):
            return None
        with suppress(ValueError, OverflowError):
            now = parsedate_to_datetime(date or "").timestamp()
        seconds = until - now
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER_SECONDS) if math.isfinite(seconds) else None
