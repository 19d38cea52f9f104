"""Why Discord doesn't let the bot connect, and what the operator can do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@contextmanager
def reading_answers() -> Iterator[None]:
    """Turn what discord.py raises for JSON that isn't Discord's into a ConnectError."""
    try:
        yield
    except (aiohttp.ClientError, OSError):
        raise  # no answer came: an untrusted certificate is a ValueError, too
    except (KeyError, TypeError, ValueError) as error:
        raise ConnectError(
            f"Discord's answer can't be read ({type(error).__name__}: {error}): something else answers in its place, "
            "or DISCORD_API_URL is wrong."
        ) from error
