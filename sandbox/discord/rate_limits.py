"""Rate limits: a bucket per major parameter, and a global one for the bot's token.

Source: Discord API reference, "Rate Limits". Discord does not publish its numbers; these have the same magnitude.
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

WEBHOOK, CHANNEL, REACTIONS, GLOBAL = (5, 2.0), (5, 5.0), (1, 0.25), (50, 1.0)  # requests, in seconds
MOST_BUCKETS = 10_000
_OF_A_MESSAGE, _OF_A_REACTION = 5, 8  # number of parts of their paths


@dataclass
class Bucket:
    """Allows `limit` requests in a window that starts with the first one."""

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


class DiscordRateLimits:
    """The usage of every bucket."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._global = Bucket(*GLOBAL)

    def take(self, method: str, path: str) -> Json:
        """Count a request, and return the headers of its response. Raises: DiscordError (429), with its own `headers`.

        Interaction callbacks are not limited. Webhooks do not count in the global bucket.
        """
        now = time.monotonic()
        parts = path.split("/")
        if parts[1] == "interactions":
            return {}
        if parts[1] != "webhooks" and not self._global.take(now):
            raise rate_limited(
                self._global.reset_after(now), {"X-RateLimit-Scope": "global", "X-RateLimit-Global": "true"}
            )
        bucket_key = _bucket_of(method, parts)
        if bucket_key is None:
            return {}
        name, size, owner = bucket_key
        bucket = self._buckets.pop((name, owner), None) or Bucket(*size)
        self._buckets[name, owner] = bucket  # the most recently used is last
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.pop(next(iter(self._buckets)))
        free = bucket.take(now)
        headers = _described(bucket, name, now)
        if not free:
            raise rate_limited(bucket.reset_after(now), headers | {"X-RateLimit-Scope": "user"})
        return headers


def _bucket_of(method: str, parts: list[str]) -> tuple[str, tuple[int, float], str] | None:
    """Return a bucket's name, size and owner: a webhook's token, or a channel.

    Adding and removing reactions share a bucket. The name does not include the owner: clients add that themselves.
    """
    if parts[1] == "webhooks":
        return "webhooks", WEBHOOK, "/".join(parts[2:4])
    if parts[1] != "channels" or parts[3:4] != ["messages"] or method == "GET":
        return None
    if len(parts) == _OF_A_REACTION:
        return "reactions", REACTIONS, parts[2]
    return (f"{method} messages", CHANNEL, parts[2]) if len(parts) <= _OF_A_MESSAGE else None


def _described(bucket: Bucket, name: str, now: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(bucket.limit), "X-RateLimit-Remaining": str(max(0, bucket.limit - bucket.used)),
        "X-RateLimit-Bucket": hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(),
        **_reset(bucket.reset_after(now)),
    }  # fmt: skip


def _reset(after: float) -> dict[str, str]:
    return {"X-RateLimit-Reset": f"{time.time() + after:.3f}", "X-RateLimit-Reset-After": f"{after:.3f}"}


def rate_limited(wait: float, headers: dict[str, str]) -> DiscordError:
    """Build a 429 response that asks to wait for so many seconds, with further headers."""
    whole = headers.get("X-RateLimit-Scope") == "global"
    body = {"message": "You are being rate limited.", "retry_after": round(wait, 3), "global": whole}
    # Whole seconds in this header. Without Via, clients mistake the response for a ban and do not wait.
    headers = headers | {"Retry-After": str(math.ceil(wait)), "Via": "1.1 local"}
    if "X-RateLimit-Bucket" in headers:
        headers |= {"X-RateLimit-Remaining": "0", **_reset(wait)}
    return DiscordError(429, 0, "You are being rate limited.", body, headers)
