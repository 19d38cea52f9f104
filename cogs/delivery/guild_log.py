"""Posts lines to the log channels of servers, in the background."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.transports import QUIET

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

MOST_WAITING = 50  # lines for one channel; the audit log has all of them
MOST_FAILED = 1_000  # channels remembered as failing
LAST_SECONDS = 2.0  # to post waiting lines when the bot stops
_LONGEST = 2_000


class GuildLog:
    """Makes one post at a time in each channel; lines that come meanwhile are posted together."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._waiting: dict[int, list[str]] = {}
        self._posting: dict[int, asyncio.Task[None]] = {}
        self._failed: set[int] = set()

    def tell(self, channel_id: int | None, line: str) -> None:
        """Queue a line for a channel; without a channel, do nothing."""
        if channel_id is None:
            return
        waiting = self._waiting.setdefault(channel_id, [])
        if len(waiting) < MOST_WAITING:
            waiting.append(line[:_LONGEST])
        if channel_id not in self._posting:
            self._posting[channel_id] = asyncio.create_task(self._post(channel_id), name=f"guild-log-{channel_id}")

    async def close(self) -> None:
        """Post what is waiting, for LAST_SECONDS at most."""
        if tasks := list(self._posting.values()):
            _, late = await asyncio.wait(tasks, timeout=LAST_SECONDS)
            for task in late:
                task.cancel()

    async def _post(self, channel_id: int) -> None:
        try:
            while lines := self._waiting.pop(channel_id, None):
                for text in joined(lines):
                    await self._send(channel_id, text)
        finally:
            self._posting.pop(channel_id, None)
            self._waiting.pop(channel_id, None)

    async def _send(self, channel_id: int, text: str) -> None:
        """Send, and log a failing channel once until it works again."""
        try:
            await self._client.get_partial_messageable(channel_id).send(text, allowed_mentions=QUIET)
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            if channel_id not in self._failed:
                log.warning("can't post in log channel %d: %s", channel_id, error)
            if len(self._failed) < MOST_FAILED:
                self._failed.add(channel_id)
        else:
            self._failed.discard(channel_id)


def joined(lines: Sequence[str]) -> list[str]:
    """Join lines into as few messages as possible."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= _LONGEST:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return texts
