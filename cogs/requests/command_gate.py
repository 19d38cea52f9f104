"""Checks again, when a control is used, what Discord checked when the command was run: who may use the command.

A command is for members with its default permission, unless the server's admins chose others under Server Settings >
Integrations. Of that choice an interaction says nothing, so it is read from Discord each time; if Discord doesn't
answer, what it said minutes ago counts, and otherwise nobody but administrators is let in. Source: Discord API
reference, "Application Commands", Permissions; Discord's help, "Updates to Command Permissions".
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from cogs.delivery.channels import PATIENCE_SECONDS
from cogs.i18n.translate import N_, _
from cogs.requests.context import member_of
from cogs.texts.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

ROLE, USER, CHANNEL = 1, 2, 3
REMEMBERED_SECONDS = 300.0
MOST_REMEMBERED = 1000  # servers
Entries = dict[tuple[int, int], bool]
"""Whom admins have allowed or denied a command, by kind and id."""

# Translators: {command} is such as /settings; "Server Settings > Integrations" are menus of Discord's client
NOT_ADMIN = N_(
    "Only members with the Manage Server permission, or those chosen for {command} in Server Settings > Integrations, "
    "can do this. Ask an admin. Nothing was changed."
)


NOT_SURE = N_(
    "Discord didn't answer in time, so I couldn't check that you may do this. Nothing was changed. "
    "Try again in a minute."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presser:
    """Who uses a control, and where. channel_id: of a thread, its channel's."""

    guild_id: int
    user_id: int
    role_ids: frozenset[int]
    channel_id: int


def is_allowed(own: Entries, whole: Entries, presser: Presser, *, by_default: bool) -> bool:
    """Tell whether admins let a member use a command. Pure.

    own: the command's entries; whole: the application's, which apply where the command has none. Members and roles
    override @everyone, which overrides the default; for the whole application, @everyone can only be denied.
    """
    everyone, everywhere = (ROLE, presser.guild_id), (CHANNEL, presser.guild_id - 1)
    user, roles = [(USER, presser.user_id)], [(ROLE, role_id) for role_id in presser.role_ids]
    here = [(CHANNEL, presser.channel_id)]
    if _first((own, here), (own, [everywhere]), (whole, here), (whole, [everywhere])) is False:
        return False
    chosen = _first((own, user), (own, roles), (own, [everyone]), (whole, user), (whole, roles))
    return by_default and whole.get(everyone, True) if chosen is None else chosen


def _first(*steps: tuple[Entries, Iterable[tuple[int, int]]]) -> bool | None:
    """Return what the first step with an entry says; of several roles, one that allows is enough."""
    for entries, keys in steps:
        if found := [entries[key] for key in keys if key in entries]:
            return any(found)
    return None


class CommandGate:
    """The gate of one top-level command. `needed`: its default permission, as discord.py names it."""

    def __init__(self, command: str, *, needed: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._command = command
        self._needed = needed
        self._clock = clock
        self._remembered: OrderedDict[int, tuple[float, Entries, Entries]] = OrderedDict()  # by server
        self._names: Mapping[int, str] = {}  # of the registered commands, by id

    async def check(self, interaction: discord.Interaction[Any]) -> None:
        """Refuse a member who may not use the command now. Raises: RefusalError."""
        if not interaction.permissions.administrator and not await self._lets_in(interaction):
            raise RefusalError(_(NOT_ADMIN, command=f"/{self._command}"))

    async def _lets_in(self, interaction: discord.Interaction[Any]) -> bool:
        """Judge by what admins chose, if need be as it was minutes ago. Raises: RefusalError."""
        if interaction.guild_id is None:
            return False
        by_default: bool = getattr(interaction.permissions, self._needed)
        presser = _presser(interaction, interaction.guild_id)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                own, whole = await self._chosen(interaction, interaction.guild_id)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            at, own, whole = self._remembered.get(interaction.guild_id, (-inf, {}, {}))
            is_recent = self._clock() - at < REMEMBERED_SECONDS
            if is_recent and is_allowed(own, whole, presser, by_default=by_default):
                return True
            raise RefusalError(_(NOT_SURE)) from error
        self._remember(interaction.guild_id, own, whole)
        return is_allowed(own, whole, presser, by_default=by_default)

    def _remember(self, guild_id: int, own: Entries, whole: Entries) -> None:
        self._remembered[guild_id] = (self._clock(), own, whole)
        self._remembered.move_to_end(guild_id)
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    async def _chosen(self, interaction: discord.Interaction[Any], guild_id: int) -> tuple[Entries, Entries]:
        """Return the entries of the command and of the whole application."""
        application, http = interaction.application_id, interaction.client.http
        chosen = {
            int(target["id"]): {(int(entry["type"]), int(entry["id"])): entry["permission"] for entry in entries}
            for target in await http.get_guild_application_command_permissions(application, guild_id)
            if (entries := target["permissions"])
        }
        if chosen.keys() - self._names.keys() - {application}:
            registered = await http.get_global_commands(application)
            self._names = {int(command["id"]): command["name"] for command in registered}
        own = (entries for target, entries in chosen.items() if self._names.get(target) == self._command)
        return next(own, {}), chosen.get(application, {})


def _presser(interaction: discord.Interaction[Any], guild_id: int) -> Presser:
    channel = interaction.channel
    channel_id = channel.parent_id if isinstance(channel, discord.Thread) else interaction.channel_id
    role_ids = member_of(interaction).role_ids
    return Presser(guild_id=guild_id, user_id=interaction.user.id, role_ids=role_ids, channel_id=channel_id or 0)
