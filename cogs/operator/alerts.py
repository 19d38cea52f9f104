"""Alerts the bot's owners to what only they can fix: by direct message, and in their server's log channel."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.transports import QUIET
from cogs.operator.ceiling_text import ceiling_alert, ceiling_log_line
from cogs.texts.common import warning

if TYPE_CHECKING:
    from cogs.delivery.guild_log import GuildLog
    from cogs.operator.owners import Owners
    from seedream.providers import Provider
    from studio.guilds.ports import GuildStore
    from studio.jobs.states import Reason
    from studio.quota.ceiling import CeilingUse

log = logging.getLogger(__name__)

MOST_OWNERS = 25  # of a team: each one is a message


class OperatorAlerts:
    """Sends alerts. `provider`: of the API. `server`: the operator's, which may have a log channel."""

    def __init__(
        self,
        client: discord.Client,
        owners: Owners,
        guilds: GuildStore,
        guild_log: GuildLog,
        *,
        provider: Provider,
        server: int | None,
    ) -> None:
        self._client = client
        self._owners = owners
        self._guilds = guilds
        self._guild_log = guild_log
        self._provider = provider
        self._server = server

    async def out_of_service(self, reason: Reason) -> None:
        """Say that the API rejects every request. Never raises: owners who can't be reached find it in the log."""
        text = warning(reason, self._provider)
        log.error("%s", text)
        await self._alert(text)

    async def ceiling(self, use: CeilingUse) -> None:
        """Say how much of the whole bot's daily limit is used. Never raises, as above."""
        log.warning("%s", ceiling_log_line(use))
        await self._alert(ceiling_alert(use))

    async def _alert(self, text: str) -> None:
        try:
            for owner in sorted(await self._owners.ids())[:MOST_OWNERS]:
                await self._message(owner, text)
            if self._server is not None:
                self._guild_log.tell((await self._guilds.of(self._server)).log_channel, text)
        except Exception:
            log.exception("some of the bot's owners were not alerted")

    async def _message(self, owner: int, text: str) -> None:
        try:
            channel = await self._client.create_dm(discord.Object(owner))
            await channel.send(text, allowed_mentions=QUIET)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("can't alert owner %d: %s", owner, error)
