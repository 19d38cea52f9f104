"""Rate limits: a bucket for each major parameter, and a global one for what the bot's own token asks.

Source: Discord API reference, "Rate Limits". The real service does not publish its numbers; these are of its order.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord.errors import DiscordError

if TYPE_CHECKING:
    from sandbox.discord.world import Json

WEBHOOK, CHANNEL, GLOBAL = (5, 2.0), (5, 5.0), (50, 1.0)  # requests, in seconds
MOST_BUCKETS = 10_000


@dataclass
class Bucket:
    """So many requests in a window that the first of them opens."""

    limit: int
    seconds: float
    opened: float = -math.inf
    used: int = 0

    def take(self, now: float) -> bool:
        if now - self.opened >= self.seconds:
            self.opened, self.used = now, 0
        self.used += 1
        return self.used <= self.limit

    def reset_after(self, now: float) -> float:
        return max(0.0, self.opened + self.seconds - now)


class Limits:
    """What has been used of every bucket."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}
        self._global = Bucket(*GLOBAL)

    def take(self, method: str, path: str) -> Json:
        """Count a request; the headers of its answer. Raises: DiscordError (429), with `headers` of its own.

        Interaction callbacks have no limit, and webhooks are no part of the global one.
        """
        now = time.monotonic()
        parts = path.split("/")
        if parts[1] == "interactions":
            return {}
        if parts[1] != "webhooks" and not self._global.take(now):
            raise rate_limited(
                self._global.reset_after(now), {"X-RateLimit-Scope": "global", "X-RateLimit-Global": "true"}
            )
        found = _bucket_of(method, parts)
        if found is None:
            return {}
        name, size = found
        bucket = self._buckets.pop(name, None) or Bucket(*size)
        self._buckets[name] = bucket  # the last used is last
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.pop(next(iter(self._buckets)))
        free = bucket.take(now)
        headers = _described(bucket, name, now)
        if not free:
            raise rate_limited(bucket.reset_after(now), headers | {"X-RateLimit-Scope": "user"})
        return headers


def _bucket_of(method: str, parts: list[str]) -> tuple[str, tuple[int, float]] | None:
    """A bucket's name and size: of a webhook's token, or of a channel and what is done to its messages."""
    if parts[1] == "webhooks":
        return "/".join(parts[1:4]), WEBHOOK
    if parts[1] == "channels" and parts[3:4] == ["messages"] and method != "GET":
        return f"{method}/{parts[2]}", CHANNEL
    return None


def _described(bucket: Bucket, name: str, now: float) -> dict[str, str]:
    left = bucket.reset_after(now)
    return {
        "X-RateLimit-Limit": str(bucket.limit), "X-RateLimit-Remaining": str(max(0, bucket.limit - bucket.used)),
        "X-RateLimit-Reset": f"{time.time() + left:.3f}", "X-RateLimit-Reset-After": f"{left:.3f}",
        "X-RateLimit-Bucket": hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(),
    }  # fmt: skip


def rate_limited(wait: float, headers: dict[str, str]) -> DiscordError:
    """A 429 to be waited out for so many seconds."""
    whole = headers.get("X-RateLimit-Scope") == "global"
    body = {"message": "You are being rate limited.", "retry_after": round(wait, 3), "global": whole}
    return DiscordError(429, 0, "You are being rate limited.", body, headers)
