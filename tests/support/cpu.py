"""What a call costs, whatever else the machine does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def cpu_seconds(call: Callable[[], object]) -> float:
    """This thread's time in a call: the least of three, as one may have had to collect the whole suite's garbage."""
    return min(_once(call) for _ in range(3))


def _once(call: Callable[[], object]) -> float:
    began = time.thread_time()
    call()
    return time.thread_time() - began
