"""Why Discord doesn't let the bot connect, and what the operator can do."""

from __future__ import annotations

# Close codes of the gateway after which reconnecting is pointless, and what the operator can do.
CLOSED_FOR_GOOD = {
    4004: "DISCORD_TOKEN: Discord no longer accepts it. Copy the bot's token again from "
    "https://discord.com/developers/applications, page Bot.",
    4010: "SHARD_COUNT, SHARD_IDS: Discord rejects these shards. Ids go from 0 to SHARD_COUNT - 1.",
    4011: "SHARD_COUNT: the bot is in too many servers for so few shards. Raise it, or set SHARDS=auto.",
}


class ConnectError(Exception):
    """Discord doesn't let this bot connect. The text says why and what to do."""


class AnotherAttemptError(Exception):
    """discord.py wants to connect a shard again."""
