"""Nonces prevent a message from being posted twice. Source: Discord API reference, "Create Message", enforce_nonce.

They are compared per author over all channels, for "the past few minutes". Deleting the message does not free its nonce
(api-docs #6647).
"""

from __future__ import annotations

import time


class Nonces:
    """Maps each author's recent nonces to messages."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, str]] = {}

    def message(self, author_id: str, nonce: object, life: float) -> str | None:
        """Return the message that was posted with this nonce in the last `life` seconds."""
        now = time.monotonic()
        self._known = {key: entry for key, entry in self._known.items() if now - entry[0] < life}
        return self._known.get((author_id, str(nonce)), (now, None))[1]

    def keep(self, author_id: str, nonce: object, message_id: str) -> None:
        self._known[author_id, str(nonce)] = time.monotonic(), message_id

    def clear(self) -> None:
        self._known.clear()
