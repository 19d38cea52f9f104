"""The buttons of /quota-admin's answers. Their custom ids say what they do, so that they work after a restart.

A button is for members who may use the command when they press it, whoever ran it. What can't be undone is asked
first: the answer counts once, and for 15 minutes.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cogs.delivery.transports import QUIET
from cogs.i18n.translate import _
from cogs.quota_admin.changes import EVERY
from cogs.quota_admin.preview import parse_save
from cogs.quota_admin.report_screen import PERIODS
from cogs.quota_admin.screens import screen
from cogs.requests.context import guild_of
from cogs.texts.limits import target_of
from cogs.texts.refusal import RefusalError
from studio.quota.limits import LimitKind

if TYPE_CHECKING:
    import re

    import discord
    from discord import ui

    from cogs.quota_admin.changes import QuotaChanges
    from cogs.quota_admin.reports import QuotaReports
    from cogs.quota_admin.screens import Screen
    from studio.quota.limits import Limit, Target

VALID_FOR = timedelta(minutes=15)  # a question can be answered for that long
MOST_ANSWERED = 1_000  # questions remembered as answered
LONGEST_ID = 19  # digits
_CHANGING = {"save", "clear", "gone", "take", "reset"}


class QuotaAdminButtons:
    def __init__(self, changes: QuotaChanges, reports: QuotaReports) -> None:
        self._changes = changes
        self._reports = reports
        self._answered: deque[int] = deque(maxlen=MOST_ANSWERED)

    async def press(self, interaction: discord.Interaction[Any], match: re.Match[str], _item: ui.Item[Any]) -> None:
        """Do what a button says. Raises: RefusalError, also if it was used already."""
        guild, verb, argument = guild_of(interaction), match["verb"], match["argument"]
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
            case "save" | "clear" | "gone":
                return await self._change_limits(guild, by, verb, argument)
            case "take":
                user_id, _dot, amount = argument.partition(".")
                return await self._changes.take(
                    guild, by, _positive(user_id), None if amount == EVERY else _positive(amount)
                )
            case "reset":
                return await self._changes.reset(guild, by, _target(argument))
            case "keep":
                return screen(_("Nothing was changed."))
            case _:
                return await self._lookup(interaction, guild, verb, _number(argument))

    async def _change_limits(self, guild: discord.Guild, by: int, verb: str, argument: str) -> Screen:
        """Raises: RefusalError."""
        if verb == "save":
            limit, seen = _saved(argument)
            return await self._changes.set(guild, by, limit, seen)
        if verb == "gone":
            return await self._changes.clear_gone(guild, by)
        key, _dot, kind = argument.partition(".")
        which = None if kind == EVERY else _kind(kind)
        return await self._changes.clear(guild, by, None if key == EVERY else _target(key), which)

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
                raise _outdated()

    def _answer_once(self, interaction: discord.Interaction) -> None:
        """Take the first press on a question, and refuse a second one. Raises: RefusalError."""
        message = interaction.message
        assert message is not None  # noqa: S101 - a button is on a message
        if interaction.created_at - message.created_at > VALID_FOR:
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


def _outdated() -> RefusalError:
    return RefusalError(_("This button is from an older version. Use the command again."))


def _target(key: str) -> Target:
    """Raises: RefusalError; a button that can't be read must not be taken for one that means everyone."""
    target = target_of(key)
    if target is None:
        raise _outdated()
    return target


def _saved(argument: str) -> tuple[Limit, tuple[Limit, ...]]:
    """Raises: RefusalError."""
    parsed = parse_save(argument)
    if parsed is None:
        raise _outdated()
    return parsed


def _kind(name: str) -> LimitKind:
    """Raises: RefusalError."""
    try:
        return LimitKind(name)
    except ValueError:
        raise _outdated() from None


def _positive(argument: str) -> int:
    """Raises: RefusalError."""
    if not _number(argument):
        raise _outdated()
    return _number(argument)


def _number(argument: str) -> int:
    """Parse a number that an id has room for; 0 for anything else."""
    return int(argument) if argument.isascii() and argument.isdecimal() and len(argument) <= LONGEST_ID else 0


def _days(number: int) -> int:
    return number if number in PERIODS else PERIODS[1]
