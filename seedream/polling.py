"""How often a task is looked up: often enough that its pictures are hardly late, and no more. Pure."""

from __future__ import annotations

SHARE_OF_AGE = 0.05
SHORTEST_SECONDS = 0.5
LONGEST_SECONDS = 5.0


def poll_interval(age: float) -> float:
    """Seconds until the next look at a task that was submitted `age` seconds ago: a picture is 5 % late at most."""
    return min(max(age * SHARE_OF_AGE, SHORTEST_SECONDS), LONGEST_SECONDS)
