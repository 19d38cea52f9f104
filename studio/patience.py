"""How long to wait for a database that can't be used for a moment.

Work in the background waits for minutes: a job that runs is paid for. A member who has pressed a button waits less than
Discord's three seconds, and then reads what to do. The deadline is a context variable, set where somebody comes in.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WORK_SECONDS = 600.0
INTERACTION_SECONDS = 2.0
MESSAGE_SECONDS = 20.0
CLOSING_SECONDS = 2.0

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def answer_within(seconds: float) -> None:
    """Set the deadline of whatever the present task does from now on."""
    _deadline.set(time.monotonic() + seconds)


@contextmanager
def waiting(seconds: float = WORK_SECONDS) -> Iterator[None]:
    """Wait as long as work in the background does, or so many seconds, whoever has asked for it."""
    token = _deadline.set(time.monotonic() + seconds if seconds != WORK_SECONDS else None)
    try:
        yield
    finally:
        _deadline.reset(token)


def patience() -> float:
    """Return for how many seconds to try."""
    deadline = _deadline.get()
    return WORK_SECONDS if deadline is None else max(0.0, deadline - time.monotonic())
