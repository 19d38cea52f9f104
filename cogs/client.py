"""The bot's connection to Discord."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any, Protocol

import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.voice_client import VoiceClient

from cogs.errors import tell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

log = logging.getLogger(__name__)

VoiceClient.warn_nacl = VoiceClient.warn_dave = False  # there is no voice here to miss a library for


class SyncedCommands(Protocol):
    """Remembers what was last synced, so that identical commands are not synced again."""

    async def digest(self, application_id: int) -> str | None: ...
    async def remember(self, application_id: int, digest: str) -> None: ...


def use_discord_at(api_url: str, gateway_url: str) -> None:
    """Send discord.py to these addresses. Its REST and webhook calls share this class; there is no option for it."""
    Route.BASE = api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class CommandTree(app_commands.CommandTree["StudioBot"]):
    async def on_error(
        self, interaction: discord.Interaction[StudioBot], error: app_commands.AppCommandError, /
    ) -> None:
        await tell(interaction, error)


class StudioBot(commands.Bot):
    """`make_cogs` is called once the bot exists. It listens to servers and to messages, without their content: Discord
    gives that for messages that mention the bot. Where the operator has switched Message Content on, it is used.
    `logged_in` is called once Discord can be asked for something, before the first event.
    """

    def __init__(
        self,
        make_cogs: Callable[[StudioBot], Sequence[commands.Cog]],
        synced: SyncedCommands,
        logged_in: Callable[[], Awaitable[None]],
        **options: Any,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=CommandTree,
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            **options,
        )
        self._make_cogs = make_cogs
        self._synced = synced
        self._logged_in = logged_in

    @property
    def connected(self) -> bool:
        """Whether the gateway's session stands; discord.py stays “ready” while it connects anew."""
        return self.is_ready() and not self.is_closed() and self.ws is not None and self.ws.open

    async def setup_hook(self) -> None:
        flags = self.application.flags if self.application else None
        if flags and (flags.gateway_message_content or flags.gateway_message_content_limited):
            self._connection._intents.message_content = True  # noqa: SLF001 - not yet connected; there is no setter
        for cog in self._make_cogs(self):
            await self.add_cog(cog)
        await self._sync_commands()
        await self._logged_in()

    async def close(self) -> None:
        # discord.py leaves its wait for the last servers running, which then trips over the closed connection.
        waiting = self._connection._ready_task  # noqa: SLF001
        if waiting:
            waiting.cancel()
        await super().close()

    async def on_ready(self) -> None:
        log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message, /) -> None:
        """There are no text commands."""

    async def _sync_commands(self) -> None:
        """Register the commands, but only when their definitions have changed since the last time."""
        application_id = self.application_id or 0
        definitions = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps(definitions, sort_keys=True).encode()).hexdigest()
        if await self._synced.digest(application_id) == digest:
            return
        await self.tree.sync()
        await self._synced.remember(application_id, digest)
        log.info("synced %d commands", len(definitions))
