"""/quota-admin: limits, extra credits, resets, reports, the ledger as a file and the audit log, for a server's admins.

Discord decides who can use the command: members with Manage Server, unless the server's admins chose others for it.
Its buttons check the same again.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from cogs.i18n.translate import N_, _
from cogs.quota_admin.amounts import amount_of, amounts_offered, dates_offered
from cogs.quota_admin.buttons import QuotaAdminButtons, show
from cogs.quota_admin.changes import EVERY
from cogs.quota_admin.report_screen import PERIODS
from cogs.quota_admin.screens import PATTERN
from cogs.quota_admin.targets import target_of
from cogs.requests.command_gate import CommandGate
from cogs.requests.context import guild_of
from cogs.requests.dynamic_items import persistent_item
from cogs.texts.limits import KIND_NAMES
from cogs.texts.refusal import RefusalError
from studio.quota.limits import EVERYONE, MOST_AMOUNT, SERVER, Limit, LimitKind

if TYPE_CHECKING:
    from cogs.quota_admin.changes import QuotaChanges
    from cogs.quota_admin.reports import QuotaReports
    from studio.quota.admin import QuotaAdministration

Amount = app_commands.Range[int, 1, MOST_AMOUNT]

_KINDS = [app_commands.Choice(name=name, value=kind.value) for kind, name in KIND_NAMES.items()]
_EVERYONE = app_commands.Choice(name=N_("Each member"), value=EVERYONE.key)
_SERVER = app_commands.Choice(name=N_("Whole server (shared)"), value=SERVER.key)
_ALL = app_commands.Choice(name=N_("All limits in this server"), value=EVERY)
_DAYS = [
    app_commands.Choice(name=name, value=days)
    for name, days in zip((N_("Last 7 days"), N_("Last 30 days"), N_("Last 90 days")), PERIODS, strict=True)
]


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class QuotaAdmin(
    commands.GroupCog,
    group_name="quota-admin",
    group_description=N_("Limits, extra credits and usage in this server"),
):
    def __init__(
        self, bot: commands.AutoShardedBot, admin: QuotaAdministration, changes: QuotaChanges, reports: QuotaReports
    ) -> None:
        self._bot = bot
        self._admin = admin
        self._changes = changes
        self._reports = reports
        self._buttons = QuotaAdminButtons(changes, reports)

    async def cog_load(self) -> None:
        gate = CommandGate("quota-admin", needed="manage_guild")
        self._bot.add_dynamic_items(persistent_item(PATTERN, self._buttons.press, check=gate.check))

    @app_commands.command(name="set", description=N_("Set a limit for a member, a role, everyone or the server"))
    @app_commands.describe(
        limit=N_("What to limit"),
        # Translators: at most 100 characters
        amount=N_("A whole number or unlimited; for a cooldown, a time such as 30 s or 5 min"),
        member_or_role=N_("A member, or a role (each member who has it)"),
        group=N_("Each member, or the whole server (shared)"),
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
        guild, kind = guild_of(interaction), LimitKind(limit)
        target = target_of(member_or_role, group)
        if target == SERVER and kind.window is None:
            raise RefusalError(
                _(
                    "The whole server can be limited only by credits a day, a week or a month. Choose “Each member” "
                    "for other limits. Nothing was changed."
                )
            )
        new_limit = Limit(target, kind, amount_of(kind, amount))
        await interaction.response.defer(ephemeral=True, thinking=True)
        picked = None if isinstance(member_or_role, discord.Role) else member_or_role
        await show(interaction, await self._changes.ask_set(guild, new_limit, picked))

    @set_.autocomplete("amount")
    async def _amounts(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        kind = next((kind for kind in LimitKind if kind == interaction.namespace.limit), None)
        return [app_commands.Choice(name=name, value=value) for name, value in amounts_offered(kind, typed)]

    # Translators: at most 100 characters
    @app_commands.command(description=N_("Clear limits. The next limit that applies takes over, if there is one"))
    @app_commands.describe(
        member_or_role=N_("A member's or a role's limits"),
        group=N_("Each member's, the whole server's, or all limits in this server"),
        limit=N_("Which limit (default: all)"),
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
        guild, kind = guild_of(interaction), LimitKind(limit) if limit else None
        target = None if group == EVERY and member_or_role is None else target_of(member_or_role, group)
        limits = await self._admin.quotas.limits(guild.id)
        await show(interaction, self._changes.ask_clear(target, kind, limits))

    @app_commands.command(
        name="list", description=N_("Show all limits in this server, or one member's limits and usage")
    )
    @app_commands.describe(member=N_("Show this member's limits and usage"))
    async def list_(self, interaction: discord.Interaction, member: discord.User | None = None) -> None:
        guild = guild_of(interaction)
        screen = await self._changes.member(guild, member) if member else await self._reports.limits(guild)
        await show(interaction, screen)

    # Translators: at most 100 characters
    @app_commands.command(description=N_("Give a member extra credits, used once their limits are used up"))
    @app_commands.describe(member=N_("Who gets the credits"), amount=N_("How many credits"))
    async def grant(self, interaction: discord.Interaction, member: discord.User, amount: Amount) -> None:
        await show(interaction, await self._changes.grant(guild_of(interaction), interaction.user.id, member, amount))

    # Translators: at most 100 characters
    @app_commands.command(description=N_("Take back a member's unused extra credits"))
    @app_commands.describe(
        member=N_("Whose credits to take back"), amount=N_("How many credits (default: all that are left)")
    )
    async def take(self, interaction: discord.Interaction, member: discord.User, amount: Amount | None = None) -> None:
        await show(interaction, await self._changes.ask_take(guild_of(interaction), member, amount))

    # Translators: at most 100 characters
    @app_commands.command(description=N_("Reset usage for a member, a role, everyone or the server"))
    @app_commands.describe(
        member_or_role=N_("A member, or a role (each member who has it)"),
        group=N_("Everyone, or the whole server"),
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

    @app_commands.command(description=N_("Show usage by day, model and member, with charts"))
    @app_commands.describe(period=N_("How far back (default: 30 days)"))
    @app_commands.choices(period=_DAYS)
    async def report(self, interaction: discord.Interaction, period: int = 30) -> None:
        guild = guild_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show(interaction, await self._reports.report(guild, period))

    # Translators: at most 100 characters
    @app_commands.command(description=N_("Export every request and its cost as a file for spreadsheets"))
    @app_commands.describe(
        # Translators: at most 100 characters
        since=N_("First day, such as 2026-05-01 (default: first of the month)"),
        until=N_("Last day (default: today)"),
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
    @app_commands.command(description=N_("Show what admins changed: limits, extra credits, resets and settings"))
    async def log(self, interaction: discord.Interaction) -> None:
        await show(interaction, await self._reports.log(guild_of(interaction)))
