"""The bot's connection to Discord."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

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
from cogs.client.gateway_events import RepeatedEvents, UnreadableEvents
from cogs.client.message_content import has_content
from cogs.client.registration import ENTRY_POINT
from cogs.delivery.channels import ConnectionState
from cogs.i18n.translate import _
from cogs.requests.errors import OneLineFilter, tell
from cogs.texts.refusal import RefusalError
from seedream import MODELS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from collections.abc import Set as AbstractSet

    from cogs.client.command_sync import Leases, SyncedCommands
    from cogs.i18n.locale import LocaleTranslator

log = logging.getLogger(__name__)

# Close codes of the gateway after which connecting again is of no use, and what the operator can do.
CLOSED_FOR_GOOD = {
    4004: "DISCORD_TOKEN: Discord no longer accepts it. Copy the bot's token again from "
    "https://discord.com/developers/applications, page Bot.",
    4010: "SHARD_COUNT, SHARD_IDS: Discord rejects these shards. Ids go from 0 to SHARD_COUNT - 1.",
    4011: "SHARD_COUNT: the bot is in too many servers for so few shards. Raise it, or set SHARDS=auto.",
}
FEW_STARTS = 0.1  # of a day's session starts: fewer are left only where something starts again and again

logging.getLogger("discord.app_commands.tree").addFilter(OneLineFilter())
VoiceClient.warn_nacl = VoiceClient.warn_dave = False  # there is no voice here to miss a library for


class IdentifyGate(Protocol):
    """Waits until a shard of this bucket may identify, whatever else the bot's other processes start."""

    async def __call__(self, bucket: int) -> None: ...


class ConnectError(Exception):
    """Discord does not let this bot connect; the text says why and what to do."""


def use_discord_at(api_url: str, gateway_url: str, cdn_url: str) -> None:
    """Send discord.py to these addresses. Its REST and webhook calls share this class; there is no option for it."""
    Route.BASE = api_url
    discord.Asset.BASE = cdn_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


def discord_refusal(error: discord.HTTPException) -> str:
    """Why Discord, which was reached, does not let the bot start, and what to do."""
    reason = " ".join(str(error).split())
    if error.status >= 500:  # noqa: PLR2004 - HTTP's
        return f"Discord has a problem right now ({reason}). Start the bot again later."
    if error.status == 429:  # noqa: PLR2004 - HTTP's
        return f"Discord is rate limiting this IP address ({reason}). Start the bot again in an hour."
    return f"Discord refused to let the bot start: {reason}"


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
        translator: LocaleTranslator,
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
        self._logged_in = logged_in
        self.translator = translator
        self._offered = offered
        self._gate = gate
        self._commands = CommandSync(self, synced, leases, self._definitions, operator_server=operator_server)
        self._unreadable = UnreadableEvents()
        parsers = RepeatedEvents().skipping(self._connection.parsers)
        self._connection.parsers = self._unreadable.skipping(parsers)
        self._max_concurrency = 1
        self._without_content: set[int | None] = set()
        self._turn: asyncio.Future[None] | None = None
        self._has_turn: set[int | None] = set()

    def _get_state(self, **options: Any) -> ConnectionState:
        return ConnectionState(
            dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options
        )

    @property
    def connected(self) -> bool:
        """Whether the session of every shard stands; discord.py stays “ready” while it connects anew."""
        return self.is_ready() and not self.is_closed() and not any(one.is_closed() for one in self.shards.values())

    @property
    def reads_content(self) -> bool:
        """Whether Discord shows it messages in servers that don't mention it: the intent Message Content.

        It is known from login on, and becomes False if Discord refuses the intent later.
        """
        return self.intents.message_content

    async def setup_hook(self) -> None:
        if self.application and has_content(self.application.flags):
            self._connection._intents.message_content = True  # noqa: SLF001 - not yet connected; there is no setter
        await self.tree.set_translator(self.translator)
        for cog in self._make_cogs(self):
            await self.add_cog(cog)
        await self._learn_limits()
        await self._logged_in()
        await self._commands.start()

    async def close(self) -> None:
        # discord.py leaves its wait for the last servers running, which then trips over the closed connection.
        connection = self._connection
        tasks = (connection._ready_task, *connection._ready_tasks.values(), self._turn)  # noqa: SLF001
        if waiting := [task for task in tasks if task]:
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
        await self._commands.close()
        await super().close()

    async def connect(self, *, reconnect: bool = True) -> None:
        """Serve. Raises: ConnectError when Discord will have nothing of it, now or later."""
        try:
            await super().connect(reconnect=reconnect)
        except discord.ConnectionClosed as error:
            reason = f"Discord closed the connection permanently, with code {error.code}."
            raise ConnectError(CLOSED_FOR_GOOD.get(error.code, reason)) from error

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard, once it is its turn: a connection that waits for that long is taken for dead."""
        if self.is_closed():
            return
        if self._gate:
            await self._wait_for_turn(self._gate, shard_id)
            self._has_turn.add(shard_id)
        await super().launch_shard(gateway, shard_id, initial=initial)
        shard = self.shards[shard_id]._parent  # noqa: SLF001 - discord.py ends for good where only one intent is refused
        shard._queue_put = partial(self._queue, shard._queue_put)  # noqa: SLF001

    def _queue(self, put: Callable[[EventItem], None], item: EventItem) -> None:
        """What became of a shard. One that is refused the intent is connected again without it, once."""
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

    async def on_error(self, event_method: str, /, *_args: Any, **_more: Any) -> None:
        self._unreadable.failed(event_method, sys.exception())

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
                f"{left} of the {total} session starts that Discord allows per day are left, but the bot needs {mine}. "
                f"Start it again after {free}, and find out what keeps restarting it."
            )
        if left < total * FEW_STARTS:
            log.warning("%d of %d session starts are left until %s", left, total, free)
        if self.shard_count < wanted:
            log.warning("Discord recommends %d shards, but there are %d: raise SHARD_COUNT", wanted, self.shard_count)

    def refresh_commands(self) -> None:
        """Register the commands anew, soon: the models that are offered have changed."""
        self._commands.refresh()

    async def _definitions(self, server: discord.Object | None) -> list[dict[str, Any]]:
        """As they are registered, in every language."""
        commands = self.tree.get_commands(guild=server)
        payloads = [await command.get_translated_payload(self.tree, self.translator) for command in commands]
        return fitted(payloads, [model for name, model in MODELS.items() if name in self._offered()])
