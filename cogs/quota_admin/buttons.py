"""The buttons of /quota-admin's answers. Their custom ids say what they do, so that they work after a restart.

Discord decides who can use the command; a button is for the person who ran it, or for whoever has Manage Server. What
can't be undone is asked first: the answer counts once, and for 15 minutes.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord

from cogs.delivery.transports import QUIET
from cogs.i18n.translate import _
from cogs.quota_admin.changes import EVERY
from cogs.quota_admin.report_screen import PERIODS
from cogs.quota_admin.screens import screen
from cogs.texts.limits import target_of
from cogs.texts.refusal import RefusalError
from studio.quota.limits import EVERYONE, LimitKind

if TYPE_CHECKING:
    import re

    from discord import ui

    from cogs.quota_admin.changes import QuotaChanges
    from cogs.quota_admin.reports import QuotaReports
    from cogs.quota_admin.screens import Screen

VALID_FOR = timedelta(minutes=15)  # a question can be answered for that long
MOST_ANSWERED = 1_000  # questions remembered as answered
_CHANGING = {"clear", "gone", "take", "reset"}


class QuotaAdminButtons:
    def __init__(self, changes: QuotaChanges, reports: QuotaReports) -> None:
        self._changes = changes
        self._reports = reports
        self._answered: deque[int] = deque(maxlen=MOST_ANSWERED)

    async def press(self, interaction: discord.Interaction[Any], match: re.Match[str], _item: ui.Item[Any]) -> None:
        """Do what a button says. Raises: RefusalError if the person may not, or if it was used already."""
        guild, verb, argument = guild_of(interaction), match["verb"], match["argument"]
        _check_presser(interaction)
        if verb in _CHANGING:
            self._answer_once(interaction)
        if verb == "export":  # answered with a new message, beside the report
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        await show(interaction, await self._perform(interaction, guild, verb, argument))

    async def _perform(
        self, interaction: discord.Interaction, guild: discord.Guild, verb: str, argument: str
    ) -> Screen:
        """Raises: RefusalError."""
        by = interaction.user.id
        match verb:
            case "clear":
                key, _dot, name = argument.partition(".")
                kind = next((kind for kind in LimitKind if kind == name), None)
                return await self._changes.clear(guild, by, target_of(key), kind)
            case "gone":
                return await self._changes.clear_gone(guild, by)
            case "take":
                user_id, _dot, amount = argument.partition(".")
                return await self._changes.take(guild, by, int(user_id), None if amount == EVERY else int(amount))
            case "reset":
                return await self._changes.reset(guild, by, target_of(argument) or EVERYONE)
            case "keep":
                return screen(_("Nothing was changed."))
            case _:
                return await self._lookup(interaction, guild, verb, _number(argument))

    async def _lookup(self, interaction: discord.Interaction, guild: discord.Guild, verb: str, number: int) -> Screen:
        match verb:
            case "list":
                return await self._reports.limits(guild, number)
            case "log":
                return await self._reports.log(guild, number)
            case "report":
                return await self._reports.report(guild, _days(number))
            case "export":
                limit = interaction.filesize_limit
                return await self._reports.export_days(guild, _days(number), most_bytes=limit)
            case _:
                raise RefusalError(_("This button is from an older version. Use the command again."))

    def _answer_once(self, interaction: discord.Interaction) -> None:
        """Take the first press on a question, and refuse a second one. Raises: RefusalError."""
        message = interaction.message
        assert message is not None  # noqa: S101 - a button is on a message
        if discord.utils.utcnow() - message.created_at > VALID_FOR:
            raise RefusalError(_("This confirmation has expired. Use the command again. Nothing was changed."))
        if message.id in self._answered:
            raise RefusalError(_("This button has already been used."))
        self._answered.append(message.id)


async def show(interaction: discord.Interaction, screen: Screen) -> None:
    """Answer with a screen, also after the interaction was deferred."""
    if interaction.response.is_done():
        files = list(screen.files)
        await interaction.edit_original_response(view=screen.view, attachments=files, allowed_mentions=QUIET)
    else:
        await interaction.response.send_message(view=screen.view, ephemeral=True, allowed_mentions=QUIET)


def guild_of(interaction: discord.Interaction) -> discord.Guild:
    """Raises: RefusalError."""
    if interaction.guild is None:
        raise RefusalError(_("I can't see this server right now. Try again in a minute."))
    return interaction.guild


def _check_presser(interaction: discord.Interaction) -> None:
    """Raises: RefusalError."""
    command = interaction.message.interaction_metadata if interaction.message else None
    ran_it = command is not None and command.user.id == interaction.user.id
    if not ran_it and not interaction.permissions.manage_guild:
        raise RefusalError(
            _("Only the person who ran this command, or someone with Manage Server, can use this button.")
        )


def _number(argument: str) -> int:
    return int(argument) if argument.isdecimal() else 0


def _days(number: int) -> int:
    return number if number in PERIODS else PERIODS[1]
