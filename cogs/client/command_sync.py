"""Registers the bot's commands with Discord when their definitions have changed since the last time.

Of several processes, the one with the lease `sync-commands` registers; the others wait until the stored digest changes.
Only what the application can have is registered, so the digest also changes with its installation contexts.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import discord
from discord.http import Route

from cogs.client.registration import EVERY_INSTALL, available, entry_points, installs_of, limitation, of_server, remedy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

GLOBAL = 0  # stands for the server of the global commands
LEASE, LEASE_SECONDS, LOOK_SECONDS = "sync-commands", 10.0, 0.25
PATIENCE_SECONDS = 30.0  # a rate limit of commands can last for hours, and the bot shouldn't wait for it
Commands = list[dict[str, Any]]


class SyncedCommands(Protocol):
    """Remembers what was last synced, so that identical commands are not synced again."""

    async def digests(self, application_id: int) -> dict[int, str]:
        """Return the digest of each server's commands; GLOBAL stands for the global ones."""

    async def remember(self, application_id: int, server_id: int, digest: str | None) -> None:
        """Store a digest; None if nothing is registered there any more."""


class CommandLock(Protocol):
    async def acquire(self, name: str, seconds: float) -> bool:
        """Take a lease that only one process can have; False if another one has it."""

    async def release(self, name: str) -> None:
        """Give it back."""


class CommandSync:
    """Keeps Discord's copy of the commands up to date.

    A refusal never stops the bot: it is logged, and the commands are tried again at the next start or change.

    definitions: builds the commands of a server, or the global ones for None. operator_server: the one with /operator.
    """

    def __init__(
        self,
        client: discord.Client,
        synced: SyncedCommands,
        leases: CommandLock,
        definitions: Callable[[discord.Object | None], Awaitable[Commands]],
        *,
        operator_server: int | None,
    ) -> None:
        self._client = client
        self._synced = synced
        self._leases = leases
        self._definitions = definitions
        self._operator_server = operator_server
        self._installs = EVERY_INSTALL
        self._started = self._outdated = False
        self._refreshing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Register the commands. From now on, `refresh` does."""
        await self._register()
        self._started = True

    def refresh(self) -> None:
        """Register the commands again soon, because their definitions have changed."""
        self._outdated = True
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh(), name="refresh-commands")

    async def close(self) -> None:
        if self._refreshing:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])

    async def _refresh(self) -> None:
        """Register until nothing has changed meanwhile. Before `start`, there is nothing to do."""
        while self._outdated and self._started:
            self._outdated = False
            await self._register()

    async def _register(self) -> None:
        try:
            await self._learn_installs()
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.error("%s", _network_failure(error))  # noqa: TRY400 - a traceback would add nothing
        else:
            await self._sync(await self._build())

    async def _learn_installs(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            installs = installs_of(await self._client.http.application_info())
        if installs != self._installs:
            log.warning(limitation(installs) or "Guild Install and User Install are both switched on now.")
        self._installs = installs

    async def _build(self) -> dict[int, Commands]:
        commands = {GLOBAL: available(await self._definitions(None), self._installs)}
        if self._operator_server is not None:
            server = discord.Object(self._operator_server)
            commands[self._operator_server] = of_server(await self._definitions(server))
        return commands

    async def _sync(self, commands: dict[int, Commands]) -> None:
        """Register what differs from what was registered last.

        Of processes that start together, one registers; the others wait for it, or do it themselves if it has died.
        """
        digests = {server: _digest(payload) for server, payload in commands.items()}
        while (synced := await self._synced.digests(self._application_id)) != digests:
            if await self._leases.acquire(LEASE, LEASE_SECONDS):
                try:
                    for server in {**synced, **digests}:
                        if synced.get(server) != digests.get(server):
                            await self._replace(server, commands.get(server, []), digests.get(server))
                finally:
                    await self._leases.release(LEASE)
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _replace(self, server: int, commands: Commands, digest: str | None) -> None:
        """Register the commands of a server, or the global ones. An empty list removes what a server had."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await (self._overwrite(commands) if server == GLOBAL else self._overwrite_in(server, commands))
        except discord.HTTPException as error:
            gone = server != GLOBAL and not commands and error.status == 403  # noqa: PLR2004 - HTTP's
            if not gone:
                log.error("%s", self._explain(server, error))  # noqa: TRY400 - a traceback would add nothing
                return
        except (aiohttp.ClientError, OSError) as error:
            log.error("%s", _network_failure(error))  # noqa: TRY400 - as above
            return
        await self._synced.remember(self._application_id, server, digest)

    async def _overwrite(self, commands: Commands) -> None:
        localized = {"with_localizations": "true"}  # otherwise the Entry Point would lose its translations
        route = Route("GET", "/applications/{application_id}/commands", application_id=self._application_id)
        registered: Commands = await self._client.http.request(route, params=localized)
        payload = [*commands, *entry_points(registered)]
        await self._client.http.bulk_upsert_global_commands(self._application_id, payload=payload)
        log.info("synced %d commands", len(commands))

    async def _overwrite_in(self, server: int, commands: Commands) -> None:
        await self._client.http.bulk_upsert_guild_commands(self._application_id, server, payload=commands)
        log.info("synced %d commands of server %d", len(commands), server)

    def _explain(self, server: int, error: discord.HTTPException) -> str:
        if server == self._operator_server and error.status == 403:  # noqa: PLR2004 - HTTP's
            return (
                f"OPERATOR_SERVER: Discord rejects commands for server {server} ({error.text}). Invite the bot "
                "to it and start it again; until then /operator is not available."
            )
        where = "" if server == GLOBAL else f" of server {server}"
        what_to_do = remedy(status=error.status, code=error.code)
        why = " ".join(str(error).split()).rstrip(".")
        return f"The commands{where} are not registered: {why}. {what_to_do}"

    @property
    def _application_id(self) -> int:
        return self._client.application_id or 0


def _network_failure(error: Exception) -> str:
    why = str(error) or "Discord didn't answer in time"  # a TimeoutError has no text
    return f"The commands are not registered: {why}. Start the bot again later."


def _digest(commands: Commands) -> str:
    return hashlib.sha256(json.dumps(commands, sort_keys=True).encode()).hexdigest()
