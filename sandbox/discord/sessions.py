"""Gateway sessions: intents, shard, and the events kept for a resume.

Source: Discord API reference, "Gateway": sharding, intents, resuming.
"""

from __future__ import annotations

import secrets
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.connection import Connection
    from sandbox.discord.world import Json

DISPATCH = 0
GUILDS, GUILD_MEMBERS, GUILD_EXPRESSIONS, GUILD_PRESENCES, GUILD_MESSAGES = 1, 1 << 1, 1 << 3, 1 << 8, 1 << 9
GUILD_REACTIONS, DIRECT_MESSAGES, DIRECT_REACTIONS, MESSAGE_CONTENT = 1 << 10, 1 << 12, 1 << 13, 1 << 15
ALL_INTENTS = (1 << 26) - 1
MESSAGE_EVENTS = {"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"}
_REQUIRED_INTENTS = {
    "GUILD_CREATE": GUILDS, "GUILD_DELETE": GUILDS, "GUILD_UPDATE": GUILDS, "CHANNEL_CREATE": GUILDS,
    "CHANNEL_UPDATE": GUILDS, "CHANNEL_DELETE": GUILDS, "GUILD_ROLE_CREATE": GUILDS, "GUILD_ROLE_UPDATE": GUILDS,
    **dict.fromkeys(("THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_MEMBERS_UPDATE"), GUILDS),
    "THREAD_LIST_SYNC": GUILDS,
    "CHANNEL_PINS_UPDATE": GUILDS, "GUILD_EMOJIS_UPDATE": GUILD_EXPRESSIONS,
    "GUILD_STICKERS_UPDATE": GUILD_EXPRESSIONS, "GUILD_ROLE_DELETE": GUILDS, "GUILD_MEMBER_ADD": GUILD_MEMBERS,
    "GUILD_MEMBER_UPDATE": GUILD_MEMBERS,
}  # fmt: skip
_KEPT_EVENTS = 1000


class Session:
    """An identified client. It outlives its connection, so that the client can resume."""

    def __init__(self, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.connection: Connection | None = None
        self._sequence = 0
        self._events: deque[tuple[int, Json]] = deque(maxlen=_KEPT_EVENTS)

    @property
    def has_presences(self) -> bool:
        """Whether the session receives all members of a server when it becomes available."""
        return bool(self.intents & GUILD_PRESENCES)

    def wants(self, name: str, guild_id: str | None) -> bool:
        """Tell whether this shard and these intents receive an event; `guild_id` is None outside servers."""
        if not self.serves(guild_id):
            return False
        if name in MESSAGE_EVENTS:
            return bool(self.intents & (GUILD_MESSAGES if guild_id else DIRECT_MESSAGES))
        if name.startswith("MESSAGE_REACTION_"):
            return bool(self.intents & (GUILD_REACTIONS if guild_id else DIRECT_REACTIONS))
        required = _REQUIRED_INTENTS.get(name, 0)
        return not required or bool(self.intents & required)

    def serves(self, guild_id: str | None) -> bool:
        """Tell whether this shard receives the events of a server; the first shard receives those of DMs."""
        number, count = self.shard
        return number == ((int(guild_id) >> 22) % count if guild_id else 0)

    def send(self, name: str, data: Json) -> None:
        """Send an event, and keep it for a resume."""
        self._sequence += 1
        payload = {"op": DISPATCH, "t": name, "s": self._sequence, "d": data}
        self._events.append((self._sequence, payload))
        if self.connection:
            self.connection.send(payload)

    def replay(self, after: int) -> bool:
        """Send the events after this sequence number again. Return False if some of them are no longer kept."""
        if after > self._sequence or (self._events and self._events[0][0] > after + 1):
            return False
        for number, payload in list(self._events):
            if number > after and self.connection:
                self.connection.send(payload)
        return True
