"""Decides how often a task is looked up: an image should be late by no more than 5 % of its time. Pure."""

from __future__ import annotations

SHARE_OF_AGE = 0.05
SHORTEST_SECONDS = 0.5
LONGEST_SECONDS = 5.0


def poll_interval(age: float) -> float:
    """Return the seconds until the next look-up of a task that was submitted `age` seconds ago."""
    return min(max(age * SHARE_OF_AGE, SHORTEST_SECONDS), LONGEST_SECONDS)
