"""Sessions: what a client has identified as, which events it is to have, and what it missed.

Source: Discord API reference, "Gateway": sharding, intents, resuming.
"""

from __future__ import annotations

import secrets
from collections import deque
from typing import TYPE_CHECKING

from sandbox.discord.gateway_events import guild_create
from sandbox.discord.message_content import without_content

if TYPE_CHECKING:
    from sandbox.discord.gateway import Connection
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

DISPATCH = 0
GUILDS, GUILD_MEMBERS, GUILD_EXPRESSIONS, GUILD_PRESENCES, GUILD_MESSAGES = 1, 1 << 1, 1 << 3, 1 << 8, 1 << 9
GUILD_REACTIONS, DIRECT_MESSAGES, DIRECT_REACTIONS, MESSAGE_CONTENT = 1 << 10, 1 << 12, 1 << 13, 1 << 15
ALL_INTENTS = (1 << 26) - 1
_NEEDS = {
    "GUILD_CREATE": GUILDS, "GUILD_DELETE": GUILDS, "GUILD_UPDATE": GUILDS, "CHANNEL_CREATE": GUILDS,
    "CHANNEL_UPDATE": GUILDS, "CHANNEL_DELETE": GUILDS, "GUILD_ROLE_CREATE": GUILDS, "GUILD_ROLE_UPDATE": GUILDS,
    **dict.fromkeys(("THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_MEMBERS_UPDATE"), GUILDS),
    "THREAD_LIST_SYNC": GUILDS,
    "CHANNEL_PINS_UPDATE": GUILDS, "GUILD_EMOJIS_UPDATE": GUILD_EXPRESSIONS,
    "GUILD_STICKERS_UPDATE": GUILD_EXPRESSIONS, "GUILD_ROLE_DELETE": GUILDS, "GUILD_MEMBER_ADD": GUILD_MEMBERS,
}  # fmt: skip
_MESSAGE_EVENTS = {"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"}
_KEPT_EVENTS = 1000


class Session:
    """What a client has identified as; it outlives its connection, to be resumed."""

    def __init__(self, state: State, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self._state = state
        self._intents = intents
        self.shard = shard
        self._sequence = 0
        self._events: deque[tuple[int, Json]] = deque(maxlen=_KEPT_EVENTS)
        self.connection: Connection | None = None

    def wants(self, name: str, guild_id: str | None) -> bool:
        """Whether an event of that server, or of none, is for this shard and these intents."""
        number, of = self.shard
        if (shard_of(guild_id, of) if guild_id else 0) != number:
            return False
        if name in _MESSAGE_EVENTS:
            return bool(self._intents & (GUILD_MESSAGES if guild_id else DIRECT_MESSAGES))
        if name.startswith("MESSAGE_REACTION_"):
            return bool(self._intents & (GUILD_REACTIONS if guild_id else DIRECT_REACTIONS))
        needed = _NEEDS.get(name, 0)
        return not needed or bool(self._intents & needed)

    def send_event(self, name: str, data: Json, *, right: bool = True) -> None:
        """Send an event; one that is not `right` is of a shape that nobody is to judge."""
        if "author" in data and name in _MESSAGE_EVENTS and not self._intents & MESSAGE_CONTENT:
            data = without_content(self._state, data, data.get("guild_id"))
        if right and self._state.on_event:
            self._state.on_event(name, data)
        self._sequence += 1
        payload = {"op": DISPATCH, "t": name, "s": self._sequence, "d": data}
        self._events.append((self._sequence, payload))
        if self.connection:
            self.connection.send(payload)

    def replay(self, after: int) -> bool:
        """Send again what came after this sequence number; False when it is not kept any more."""
        if after > self._sequence or (self._events and self._events[0][0] > after + 1):
            return False
        for number, payload in list(self._events):
            if number > after and self.connection:
                self.connection.send(payload)
        return True

    def guild_create(self, guild: Guild) -> Json:
        """A server in full; its members only where the client is told of their presences."""
        return guild_create(self._state, guild, everybody=bool(self._intents & GUILD_PRESENCES))

    def guild_joined(self, guild: Guild) -> Json:
        """A server that the bot has just joined. Source: discord.py's parse_guild_create, which tells them apart so."""
        return {key: value for key, value in self.guild_create(guild).items() if key != "unavailable"}

    def guilds(self) -> list[Guild]:
        """The bot's servers that this shard is told of."""
        bot, (number, of) = self._state.world.application_id, self.shard
        mine = (guild for guild in self._state.world.guilds.values() if bot in guild.members)
        return [guild for guild in mine if shard_of(guild.id, of) == number]


def shard_of(guild_id: str, of: int) -> int:
    """Which of so many shards has a server; direct messages are the first one's."""
    return (int(guild_id) >> 22) % of
