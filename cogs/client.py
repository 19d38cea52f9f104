"""The bot's connection to Discord."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.voice_client import VoiceClient

from cogs.command_options import fitted
from cogs.errors import tell
from seedream import MODELS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from collections.abc import Set as AbstractSet

    from cogs.interpreter import Interpreter

log = logging.getLogger(__name__)

EVERYWHERE = 0  # the server of the commands that all have
SYNC_LEASE, SYNC_SECONDS, SYNC_LOOK_SECONDS = "sync-commands", 10.0, 0.25
# Close codes of the gateway after which connecting again is of no use, and what the operator can do.
PRIVILEGED_INTENTS = 4014
CLOSED_FOR_GOOD = {
    4004: "DISCORD_TOKEN: Discord does not take it any more. Copy the bot's token again from "
    "https://discord.com/developers/applications, page Bot.",
    4010: "SHARD_COUNT, SHARD_IDS: Discord knows no such shard of that count.",
    4011: "SHARD_COUNT: the bot is in more servers than so few shards may serve. Raise it, or set SHARDS=auto.",
    PRIVILEGED_INTENTS: "Discord has taken the intent Message Content away. Start again: the bot does without it.",
}
FEW_STARTS = 0.1  # of a day's session starts: fewer are left only where something starts again and again

VoiceClient.warn_nacl = VoiceClient.warn_dave = False  # there is no voice here to miss a library for


class SyncedCommands(Protocol):
    """Remembers what was last synced, so that identical commands are not synced again."""

    async def digests(self, application_id: int) -> dict[int, str]:
        """By server; EVERYWHERE for the commands of all."""

    async def remember(self, application_id: int, server_id: int, digest: str | None) -> None:
        """None: nothing is synced there any more."""


class Leases(Protocol):
    async def acquire(self, name: str, seconds: float) -> bool:
        """Take what one process at most may have, for so long; False if it is taken."""

    async def release(self, name: str) -> None:
        """Give it back."""


class IdentifyGate(Protocol):
    """Waits until a shard of this bucket may identify, whatever else the bot's other processes start."""

    async def __call__(self, bucket: int) -> None: ...


class ConnectError(Exception):
    """Discord does not let this bot connect; the text says why and what to do."""


def use_discord_at(api_url: str, gateway_url: str) -> None:
    """Send discord.py to these addresses. Its REST and webhook calls share this class; there is no option for it."""
    Route.BASE = api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class CommandTree(app_commands.CommandTree["StudioBot"]):
    async def interaction_check(self, interaction: discord.Interaction[StudioBot], /) -> bool:
        await self.client.interpreter.listen_to(interaction)
        return True

    async def on_error(
        self, interaction: discord.Interaction[StudioBot], error: app_commands.AppCommandError, /
    ) -> None:
        await tell(interaction, error)
        self.client.dispatch("interaction_done", interaction)


class StudioBot(commands.AutoShardedBot):
    """`make_cogs` is called once the bot exists. It listens to servers and to messages, without their content: Discord
    gives that for messages that mention the bot. Where the operator has switched Message Content on, it is used.
    `logged_in` is called once Discord can be asked for something, before the commands are registered and the first
    event comes.

    It serves the shards `shard_ids` of `shard_count`, all of them without ids, as many as Discord asks for without a
    count. `offered` names the models that are offered. `gate` is needed where other processes serve shards too.
    `operator_server` has commands of its own.
    """

    def __init__(
        self,
        make_cogs: Callable[[StudioBot], Sequence[commands.Cog]],
        synced: SyncedCommands,
        logged_in: Callable[[], Awaitable[None]],
        leases: Leases,
        interpreter: Interpreter,
        *,
        offered: Callable[[], AbstractSet[str]],
        gate: IdentifyGate | None = None,
        operator_server: int | None = None,
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
        self._leases = leases
        self.interpreter = interpreter
        self._offered = offered
        self._gate = gate
        self._operator_server = operator_server
        self._max_concurrency = 1
        self._registered = self._outdated = False
        self._refreshing: asyncio.Task[None] | None = None
        self._turn: asyncio.Future[None] | None = None
        self._has_turn: set[int | None] = set()

    @property
    def connected(self) -> bool:
        """Whether the session of every shard stands; discord.py stays “ready” while it connects anew."""
        return self.is_ready() and not self.is_closed() and not any(one.is_closed() for one in self.shards.values())

    async def setup_hook(self) -> None:
        flags = self.application.flags if self.application else None
        if flags and (flags.gateway_message_content or flags.gateway_message_content_limited):
            self._connection._intents.message_content = True  # noqa: SLF001 - not yet connected; there is no setter
        await self.tree.set_translator(self.interpreter)
        for cog in self._make_cogs(self):
            await self.add_cog(cog)
        await self._learn_limits()
        await self._logged_in()
        await self._sync_commands()
        self._registered = True

    async def close(self) -> None:
        # discord.py leaves its wait for the last servers running, which then trips over the closed connection.
        connection = self._connection
        tasks = (connection._ready_task, *connection._ready_tasks.values(), self._turn, self._refreshing)  # noqa: SLF001
        if waiting := [task for task in tasks if task]:
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
        await super().close()

    async def connect(self, *, reconnect: bool = True) -> None:
        """Serve. Raises: ConnectError when Discord will have nothing of it, now or later."""
        try:
            await super().connect(reconnect=reconnect)
        except discord.PrivilegedIntentsRequired as error:
            raise ConnectError(CLOSED_FOR_GOOD[PRIVILEGED_INTENTS]) from error
        except discord.ConnectionClosed as error:
            unknown = f"Discord has closed the connection for good, with code {error.code}."
            raise ConnectError(CLOSED_FOR_GOOD.get(error.code, unknown)) from error

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard, once it is its turn: a connection that waits for that long is taken for dead."""
        if self.is_closed():
            return
        if self._gate:
            await self._wait_for_turn(self._gate, shard_id)
            self._has_turn.add(shard_id)
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for the shard's turn, at its start and whenever a session that is lost is begun anew."""
        if shard_id in self._has_turn:
            self._has_turn.remove(shard_id)
        elif self._gate:
            await self._wait_for_turn(self._gate, shard_id or 0)
        else:
            await super().before_identify_hook(shard_id, initial=initial)

    async def _wait_for_turn(self, gate: IdentifyGate, shard_id: int) -> None:
        self._turn = asyncio.ensure_future(gate(shard_id % self._max_concurrency))
        await self._turn

    async def on_ready(self) -> None:
        served = ", ".join(map(str, self._connection.shard_ids))
        log.info("ready as %s in %d servers, shard %s of %s", self.user, len(self.guilds), served, self.shard_count)

    async def on_message(self, message: discord.Message, /) -> None:
        """There are no text commands."""

    async def _learn_limits(self) -> None:
        """How many shards Discord asks for, and how often and how fast they may start. Raises: ConnectError.

        One start more than a day has, and Discord ends every session and makes the token invalid.
        """
        wanted, _, limit = await self.http.get_bot_gateway()
        self.shard_count = self.shard_count or wanted
        self._max_concurrency = limit["max_concurrency"]
        mine, left, total = len(self.shard_ids or range(self.shard_count)), limit["remaining"], limit["total"]
        free = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(time.time() + limit["reset_after"] / 1000))
        if left < mine:
            raise ConnectError(
                f"Of the {total} session starts that Discord allows a day {left} are left, and {mine} would be needed. "
                f"Start again after {free}, and see what has been starting this bot again and again."
            )
        if left < total * FEW_STARTS:
            log.warning("%d of %d session starts are left until %s", left, total, free)
        if self.shard_count < wanted:
            log.warning("Discord asks for %d shards, and there are %d: raise SHARD_COUNT", wanted, self.shard_count)

    async def _sync_commands(self) -> None:
        """Register the commands, but only where their definitions have changed since the last time.

        Of processes that start at once, one does it; the others see it done, or do it if that one has died.
        """
        application_id = self.application_id or 0
        wanted = {EVERYWHERE: await self._definitions(None)}
        if self._operator_server is not None:
            wanted[self._operator_server] = await self._definitions(discord.Object(self._operator_server))
        digests = {
            server: hashlib.sha256(json.dumps(commands, sort_keys=True).encode()).hexdigest()
            for server, commands in wanted.items()
        }
        while (synced := await self._synced.digests(application_id)) != digests:
            if await self._leases.acquire(SYNC_LEASE, SYNC_SECONDS):
                for server in {**synced, **digests}:
                    if synced.get(server) != digests.get(server):
                        await self._sync(server, wanted.get(server, []))
                        await self._synced.remember(application_id, server, digests.get(server))
                await self._leases.release(SYNC_LEASE)
                return
            await asyncio.sleep(SYNC_LOOK_SECONDS)

    def refresh_commands(self) -> None:
        """Register the commands anew, soon: the models that are offered have changed."""
        self._outdated = True
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh_commands(), name="refresh-commands")

    async def _refresh_commands(self) -> None:
        """What changes meanwhile is registered as well. Before the first time there is nothing to do: it is to come."""
        try:
            while self._outdated and self._registered:
                self._outdated = False
                await self._sync_commands()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("the commands could not be registered anew; they are at the next start: %s", error)

    async def _definitions(self, server: discord.Object | None) -> list[dict[str, Any]]:
        """As they are registered, in every language."""
        commands = self.tree.get_commands(guild=server)
        payloads = [await command.get_translated_payload(self.tree, self.interpreter) for command in commands]
        return fitted(payloads, [model for name, model in MODELS.items() if name in self._offered()])

    async def _sync(self, server: int, commands: list[dict[str, Any]]) -> None:
        """Register the commands of a server, or of all; a server that had some once loses them."""
        application_id = self.application_id or 0
        if server == EVERYWHERE:
            await self.http.bulk_upsert_global_commands(application_id, payload=commands)
            log.info("synced %d commands", len(commands))
            return
        try:
            await self.http.bulk_upsert_guild_commands(application_id, server, payload=commands)
            log.info("synced %d commands of server %d", len(commands), server)
        except discord.Forbidden as error:
            if server == self._operator_server:
                log.error(  # noqa: TRY400 - the operator can act on it, and a traceback says nothing more
                    "OPERATOR_SERVER: Discord takes no commands for server %d (%s). Invite the bot there and start it "
                    "again; until then /operator is nowhere.",
                    server,
                    error.text,
                )
