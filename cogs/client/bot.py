"""The bot's connection to Discord: its shards, intents and commands.

Where several processes serve shards, an `IdentifyGate` gives each its turn to identify; a single process needs none.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.shard import EventItem, EventType
from discord.voice_client import VoiceClient

from cogs.client.command_options import fitted
from cogs.client.command_sync import CommandSync
from cogs.client.connect_error import CLOSED_FOR_GOOD, AnotherAttemptError, ConnectError, reading_answers
from cogs.client.gateway_events import FloodingMembers, RepeatedEvents, UnreadableEvents
from cogs.client.message_content import has_content
from cogs.client.registration import ENTRY_POINT
from cogs.client.session_starts import SessionStarts
from cogs.delivery.channels import ConnectionState
from cogs.delivery.odd_answers import refuse_odd_answers
from cogs.delivery.outage import Outage
from cogs.i18n.translate import _
from cogs.requests.errors import OneLineFilter, tell
from cogs.texts.refusal import RefusalError
from seedream import MODELS
from seedream.proxies import ProxiedConnector, Proxies

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from collections.abc import Set as AbstractSet

    from cogs.client.command_sync import CommandLock, SyncedCommands
    from cogs.i18n.locale import LocaleTranslator
    from studio.clock import Clock

log = logging.getLogger(__name__)


logging.getLogger("discord.app_commands.tree").addFilter(OneLineFilter())
VoiceClient.warn_nacl = VoiceClient.warn_dave = False  # the bot has no voice, so it misses no library for it


class IdentifyGate(Protocol):
    """Waits until a shard of this bucket may identify, taking turns with the bot's other processes."""

    async def __call__(self, bucket: int) -> None: ...


def use_discord_at(api_url: str, gateway_url: str, cdn_url: str) -> None:
    """Make discord.py use these addresses. It has no option for that, but its REST and webhook calls share `Route`."""
    Route.BASE = api_url
    discord.Asset.BASE = cdn_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


class CommandTree(app_commands.CommandTree["StudioBot"]):
    async def interaction_check(self, interaction: discord.Interaction[StudioBot], /) -> bool:
        await self.client.translator.set_locale_from(interaction)
        if interaction.data and interaction.data.get("type") == ENTRY_POINT:
            await tell(interaction, RefusalError(_("I have no activity to launch. Use /imagine to make a picture.")))
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[StudioBot], error: app_commands.AppCommandError, /
    ) -> None:
        await tell(interaction, error)
        self.client.dispatch("interaction_done", interaction)


class StudioBot(commands.AutoShardedBot):
    """The Discord client with the bot's cogs and commands.

    It receives servers and messages. Without the intent Message Content, which is used if the application has it,
    Discord includes the content only of messages that mention the bot.

    make_cogs: called once the bot exists. logged_in: called after login, before commands are registered and the first
    event arrives. clock: Discord's time. offered: the models to name in commands. gate: needed where other processes
    serve shards too. operator_server: the server that gets /operator. Options `shard_ids` and `shard_count` are
    discord.py's: without ids all shards are served, without a count as many as Discord recommends.
    proxies: for REST and the gateway.
    """

    def __init__(
        self,
        make_cogs: Callable[[StudioBot], Sequence[commands.Cog]],
        synced: SyncedCommands,
        logged_in: Callable[[], Awaitable[None]],
        leases: CommandLock,
        translator: LocaleTranslator,
        *,
        clock: Clock,
        offered: Callable[[], AbstractSet[str]],
        gate: IdentifyGate | None = None,
        operator_server: int | None = None,
        proxies: Proxies | None = None,
        http_trace: aiohttp.TraceConfig | None = None,
        **options: Any,
    ) -> None:
        self.outage = Outage()
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=CommandTree,
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            http_trace=refuse_odd_answers(self.outage.watch(http_trace or aiohttp.TraceConfig())),
            **options,
        )
        self._proxies = proxies or Proxies()
        self._make_cogs = make_cogs
        self._logged_in = logged_in
        self.translator = translator
        self.clock = clock
        self._offered = offered
        self._gate = gate
        self._commands = CommandSync(self, synced, leases, self._definitions, operator_server=operator_server)
        self._unreadable = UnreadableEvents()
        parsers = FloodingMembers().skipping(RepeatedEvents().skipping(self._connection.parsers))
        self._connection.parsers = self._unreadable.skipping(parsers)
        self._max_concurrency = 1
        self._without_content: set[int | None] = set()
        self._turn: asyncio.Future[None] | None = None
        self._has_turn: set[int | None] = set()
        self._launching: int | None = None

    def _get_state(self, **options: Any) -> ConnectionState:
        return ConnectionState(
            dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options
        )

    @property
    def connected(self) -> bool:
        """Whether every shard has a session. (discord.py stays “ready” while it reconnects.)"""
        return self.is_ready() and not self.is_closed() and not any(shard.is_closed() for shard in self.shards.values())

    @property
    def reads_content(self) -> bool:
        """Whether Discord includes the content of server messages that don't mention the bot (intent Message Content).

        Known after login. Becomes False if Discord rejects the intent when a shard connects.
        """
        return self.intents.message_content

    async def login(self, token: str) -> None:
        """Log in, waiting for as long as Discord turns everybody away."""
        await self.outage.through(lambda: self._login(token))

    async def _login(self, token: str) -> None:
        self.http.connector = ProxiedConnector(self._proxies, limit=0)
        try:
            with reading_answers():
                await super().login(token)
            await self._set_up()
        except (discord.HTTPException, aiohttp.ClientError):
            await self.http.close()  # another login opens another session
            raise

    async def _set_up(self) -> None:
        """Do what setup_hook is for, but not within discord.py's login, whose errors are about Discord's answers."""
        if self.application and has_content(self.application.flags):
            self._connection._intents.message_content = True  # noqa: SLF001 - not connected yet, and there is no setter
        await self.tree.set_translator(self.translator)
        for cog in self._make_cogs(self):
            await self.add_cog(cog)
        await self._learn_limits()
        await self._logged_in()
        await self._commands.start()

    async def close(self) -> None:
        # discord.py leaves its wait for the last servers running, which would then fail on the closed connection.
        connection = self._connection
        tasks = (connection._ready_task, *connection._ready_tasks.values(), self._turn)  # noqa: SLF001
        if waiting := [task for task in tasks if task]:
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
        await self._commands.close()
        self.outage.close()
        await super().close()

    async def connect(self, *, reconnect: bool = True) -> None:
        """Connect and serve. Raises: ConnectError if Discord refuses, now or later."""
        try:
            await super().connect(reconnect=reconnect)
        except discord.ConnectionClosed as error:
            reason = f"Discord closed the connection permanently, with code {error.code}."
            raise ConnectError(CLOSED_FOR_GOOD.get(error.code, reason)) from error

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard, however often that takes. discord.py tries again by recursion, which has a limit."""
        if shard_id == self._launching:
            raise AnotherAttemptError
        self._launching = shard_id
        try:
            while not self.is_closed():
                await self.outage.over()
                with suppress(AnotherAttemptError):
                    return await self._launch_shard(gateway, shard_id, initial=initial)
        finally:
            self._launching = None

    async def _launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool) -> None:
        """Connect a shard once it is its turn. Waiting with an open connection would make it time out."""
        if self._gate:
            await self._wait_for_turn(self._gate, shard_id)
            self._has_turn.add(shard_id)
        await super().launch_shard(gateway, shard_id, initial=initial)
        shard = self.shards[shard_id]._parent  # noqa: SLF001 - discord.py would end because of one rejected intent
        shard._queue_put = partial(self._queue, shard._queue_put)  # noqa: SLF001

    def _queue(self, put: Callable[[EventItem], None], item: EventItem) -> None:
        """Pass on what a shard reports. If the intent was rejected, reconnect the shard once without it."""
        error = item.error
        if isinstance(error, discord.PrivilegedIntentsRequired) and error.shard_id not in self._without_content:
            self._without_content.add(error.shard_id)
            self._do_without_content()
            item = EventItem(EventType.reconnect, item.shard, None)
        put(item)

    def _do_without_content(self) -> None:
        intents = self._connection._intents  # noqa: SLF001 - there is no setter
        if intents.message_content:
            intents.message_content = False
            log.warning(
                "Discord rejects the Message Content intent although the application has it. The bot continues without "
                "it, so replies have to ping or mention it. Turn the intent off and on again at "
                "https://discord.com/developers/applications, page Bot."
            )

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for the shard's turn, at its start and when it needs a new session."""
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

    async def on_error(self, event_method: str, /, *_args: Any, **_more: Any) -> None:
        self._unreadable.failed(event_method, sys.exception())

    async def on_message(self, message: discord.Message, /) -> None:
        """There are no text commands."""

    async def _learn_limits(self) -> None:
        """Ask Discord how many shards it recommends and how many sessions may still start. Raises: ConnectError.

        Exceeding the daily number of starts would end every session and invalidate the token.
        """
        with reading_answers():
            recommended, _, limit = await self.outage.through(self.http.get_bot_gateway)
            self._max_concurrency = limit["max_concurrency"]
            starts = SessionStarts.of(limit, self.clock())
        self.shard_count = self.shard_count or recommended
        if refusal := starts.refusal(len(self.shard_ids or range(self.shard_count))):
            raise ConnectError(refusal)
        if starts.are_few:
            log.warning("%d of %d session starts are left until %s", starts.left, starts.total, starts.reset)
        if self.shard_count < recommended:
            log.warning(
                "Discord recommends %d shards, but there are %d: raise SHARD_COUNT", recommended, self.shard_count
            )

    def refresh_commands(self) -> None:
        """Register the commands again soon, because the offered models have changed."""
        self._commands.refresh()

    async def _definitions(self, server: discord.Object | None) -> list[dict[str, Any]]:
        """Build the commands' payloads in every language."""
        commands = self.tree.get_commands(guild=server)
        payloads = [await command.get_translated_payload(self.tree, self.translator) for command in commands]
        return fitted(payloads, [model for name, model in MODELS.items() if name in self._offered()])
