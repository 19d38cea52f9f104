"""/quota-admin: limits, grants, resets, reports, the ledger as a file and the audit log, for a server's admins.

Discord's own gate says who may use the command: Manage Server, unless the server's admins chose others for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.i18n.translate import _, marked
from cogs.quota_admin.amounts import amount_of, amounts_offered, dates_offered
from cogs.quota_admin.buttons import Presses, guild_of, show
from cogs.quota_admin.changes import EVERY
from cogs.quota_admin.report_screen import PERIODS
from cogs.quota_admin.screens import PATTERN
from cogs.quota_admin.targets import target_of
from cogs.requests.dynamic_items import Control, cog_of
from cogs.texts.limits import KIND_NAMES
from cogs.texts.refusal import RefusalError
from studio.quota.limits import EVERYONE, MOST_AMOUNT, SERVER, Kind, Limit

if TYPE_CHECKING:
    import re

    from cogs.quota_admin.changes import QuotaChanges
    from cogs.quota_admin.reports import QuotaReports
    from studio.quota.admin import QuotaAdmin as Admin

Amount = app_commands.Range[int, 1, MOST_AMOUNT]

_KINDS = [app_commands.Choice(name=name, value=kind.value) for kind, name in KIND_NAMES.items()]
_EVERYONE = app_commands.Choice(name=marked("everyone, each by themselves"), value=EVERYONE.key)
_SERVER = app_commands.Choice(name=marked("the server, all members together"), value=SERVER.key)
_ALL = app_commands.Choice(name=marked("every limit of this server"), value=EVERY)
_DAYS = [
    app_commands.Choice(name=name, value=days)
    for name, days in zip(
        (marked("the last 7 days"), marked("the last 30 days"), marked("the last 90 days")), PERIODS, strict=True
    )
]


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class QuotaAdmin(
    commands.GroupCog,
    group_name="quota-admin",
    group_description=marked("Who may make how much here, and what was used"),
):
    def __init__(
        self, bot: commands.AutoShardedBot, admin: Admin, changes: QuotaChanges, reports: QuotaReports
    ) -> None:
        self._bot = bot
        self._admin = admin
        self._changes = changes
        self._reports = reports
        self._presses = Presses(changes, reports)

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(QuotaAdminButton)

    @app_commands.command(name="set", description=marked("Set a limit for a member, a role, everyone or the server"))
    @app_commands.describe(
        limit=marked("What is limited"),
        # Translators: at most 100 characters
        amount=marked("How much: a whole number, or unlimited; of a cooldown a time such as 30 s or 5 min"),
        member_or_role=marked("A member, or a role: each member who has it"),
        group=marked("Everyone, each by themselves, or the server, all together"),
    )
    @app_commands.rename(group="all")
    @app_commands.choices(limit=_KINDS, group=[_EVERYONE, _SERVER])
    async def set_(
        self,
        interaction: discord.Interaction,
        limit: str,
        amount: app_commands.Range[str, 1, 40],
        member_or_role: discord.User | discord.Member | discord.Role | None = None,
        group: str | None = None,
    ) -> None:
        guild, kind = guild_of(interaction), Kind(limit)
        target = target_of(member_or_role, group)
        if target == SERVER and kind.window is None:
            raise RefusalError(
                _(
                    "The server as a whole can be limited by credits a day, a week or a month. Choose everyone for any "
                    "other limit. Nothing was changed."
                )
            )
        wanted = Limit(target, kind, amount_of(kind, amount))
        await interaction.response.defer(ephemeral=True, thinking=True)
        picked = None if isinstance(member_or_role, discord.Role) else member_or_role
        await show(interaction, await self._changes.set(guild, interaction.user.id, wanted, picked))

    @set_.autocomplete("amount")
    async def _amounts(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        kind = next((one for one in Kind if one == interaction.namespace.limit), None)
        return [app_commands.Choice(name=name, value=value) for name, value in amounts_offered(kind, typed)]

    # Translators: at most 100 characters
    @app_commands.command(description=marked("Clear limits: then the next that is set holds instead, or none"))
    @app_commands.describe(
        member_or_role=marked("Whose: a member, or a role"),
        group=marked("Everyone's, the server's, or every limit that was set here"),
        limit=marked("Which of them; without it all"),
    )
    @app_commands.rename(group="all")
    @app_commands.choices(limit=_KINDS, group=[_EVERYONE, _SERVER, _ALL])
    async def clear(
        self,
        interaction: discord.Interaction,
        member_or_role: discord.User | discord.Member | discord.Role | None = None,
        group: str | None = None,
        limit: str | None = None,
    ) -> None:
        guild, kind = guild_of(interaction), Kind(limit) if limit else None
        target = None if group == EVERY and member_or_role is None else target_of(member_or_role, group)
        limits = await self._admin.quotas.limits(guild.id)
        await show(interaction, self._changes.ask_clear(target, kind, limits))

    @app_commands.command(name="list", description=marked("All limits that are set here; or where one member stands"))
    @app_commands.describe(member=marked("Where this member stands with what holds for them"))
    async def list_(self, interaction: discord.Interaction, member: discord.User | None = None) -> None:
        guild = guild_of(interaction)
        shown = await self._changes.member(guild, member) if member else await self._reports.limits(guild)
        await show(interaction, shown)

    # Translators: at most 100 characters
    @app_commands.command(description=marked("Give a member extra credits, used when their allowance is used up"))
    @app_commands.describe(member=marked("Who gets them"), amount=marked("How many credits"))
    async def grant(self, interaction: discord.Interaction, member: discord.User, amount: Amount) -> None:
        await show(interaction, await self._changes.grant(guild_of(interaction), interaction.user.id, member, amount))

    # Translators: at most 100 characters
    @app_commands.command(description=marked("Take credits back that were granted to a member and not used"))
    @app_commands.describe(member=marked("Who loses them"), amount=marked("How many; without it all that are left"))
    async def take(self, interaction: discord.Interaction, member: discord.User, amount: Amount | None = None) -> None:
        await show(interaction, await self._changes.ask_take(guild_of(interaction), member, amount))

    # Translators: at most 100 characters
    @app_commands.command(description=marked("Give a member, a role, everyone or the server the whole allowance again"))
    @app_commands.describe(
        member_or_role=marked("A member, or a role: each member who has it"),
        group=marked("Everyone, or the server as a whole"),
    )
    @app_commands.rename(group="all")
    @app_commands.choices(group=[_EVERYONE, _SERVER])
    async def reset(
        self,
        interaction: discord.Interaction,
        member_or_role: discord.User | discord.Member | discord.Role | None = None,
        group: str | None = None,
    ) -> None:
        guild_of(interaction)
        await show(interaction, self._changes.ask_reset(target_of(member_or_role, group)))

    @app_commands.command(description=marked("What was used here, by day, model and member, with charts"))
    @app_commands.describe(period=marked("How far back; without it 30 days"))
    @app_commands.choices(period=_DAYS)
    async def report(self, interaction: discord.Interaction, period: int = 30) -> None:
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show(interaction, await self._reports.report(guild, period))

    # Translators: at most 100 characters
    @app_commands.command(description=marked("The ledger as a file for spreadsheets: every request, and what it cost"))
    @app_commands.describe(
        # Translators: at most 100 characters
        since=marked("The first day, such as 2026-05-01; without it the first of the month"),
        until=marked("The last day; without it today"),
    )
    async def export(
        self,
        interaction: discord.Interaction,
        since: app_commands.Range[str, 1, 40] | None = None,
        until: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        limit = interaction.filesize_limit
        await show(interaction, await self._reports.export(guild, since, until, most_bytes=limit))

    @export.autocomplete("since")
    @export.autocomplete("until")
    async def _dates(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        zone = await self._admin.zone(guild_of(interaction).id)
        today = datetime.fromtimestamp(self._admin.clock(), zone).date()
        return [app_commands.Choice(name=name, value=value) for name, value in dates_offered(typed, today)]

    # Translators: at most 100 characters
    @app_commands.command(description=marked("What admins have changed: limits, grants, resets and settings"))
    async def log(self, interaction: discord.Interaction) -> None:
        await show(interaction, await self._reports.log(guild_of(interaction)))

    async def pressed(self, interaction: discord.Interaction, verb: str, argument: str) -> None:
        await self._presses.press(interaction, verb, argument)


class QuotaAdminButton(Control, ui.DynamicItem[ui.Button[Any]], template=PATTERN):
    def __init__(self, item: ui.Button[Any], verb: str, argument: str) -> None:
        super().__init__(item)
        self._meant = verb, argument

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, ui.Button)  # noqa: S101 - the pattern names a button's custom id
        return cls(item, match["verb"], match["argument"])

    async def used(self, interaction: discord.Interaction[Any]) -> None:
        await cog_of(interaction, QuotaAdmin).pressed(interaction, *self._meant)
