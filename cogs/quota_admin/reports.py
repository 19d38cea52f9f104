"""What admins look up with /quota-admin: limits, the audit log, a report with charts, and the ledger as a file."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

import discord
from discord import ui

from cogs.i18n.translate import ENGLISH, _, current_locale, day_and_month, ngettext, using_locale
from cogs.quota_admin.amounts import range_of
from cogs.quota_admin.guild_members import members_of
from cogs.quota_admin.report_screen import (
    DAYS_FILE,
    MEMBERS_FILE,
    days_alt,
    days_words,
    label_of,
    members_alt,
    members_words,
    render_report,
)
from cogs.quota_admin.screens import ENTRIES_A_PAGE, Listed, Screen, render_list, render_log, screen, standing_lines
from cogs.quota_admin.targets import gone_roles
from cogs.texts.common import credit_count, picture_count
from cogs.texts.refusal import RefusalError
from studio.guilds.time_zones import zone_label
from studio.jobs.turns import Turns
from studio.quota.reports import Share, dates_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from studio.guilds.audit import AuditEntry
    from studio.quota.admin import QuotaAdministration
    from studio.quota.reports import ChartWords, Report
    from studio.quota.windows import Bounds

AT_ONCE = 1  # of charts and files that are made, which takes memory: everybody's other reports wait for their turn
FORGOTTEN = 0  # the user id of all members who were forgotten
MOST_NAMED = 1_000  # members with a name in a file; all of them have an id


class ChartImage(Protocol):
    """A chart. `shown`: the name and figure of each model or member in it."""

    @property
    def png(self) -> bytes: ...
    @property
    def shown(self) -> Sequence[tuple[str, int]]: ...


class ChartRenderer(Protocol):
    """Draws charts. Called in a thread, one report at a time."""

    def days_chart(self, words: ChartWords, days: Sequence[str], use: Mapping[str, Sequence[int]], /) -> ChartImage: ...
    def members_chart(self, words: ChartWords, shares: Sequence[Share], /) -> ChartImage: ...
    def can_draw(self, words: str, /) -> bool: ...


class CsvFile(Protocol):
    """Charges as a file. `cut`: some didn't fit."""

    @property
    def data(self) -> bytes: ...
    @property
    def rows(self) -> int: ...
    @property
    def images(self) -> int: ...
    @property
    def credits(self) -> int: ...
    @property
    def cut(self) -> bool: ...


class CsvExport(Protocol):
    async def __call__(
        self, server_id: int, bounds: Bounds, names: Mapping[int, str], *, most_bytes: int
    ) -> CsvFile: ...


class AuditLog(Protocol):
    """Reads the audit log, the newest entries first. `before`: only those older than the entry with this id."""

    async def __call__(self, server_id: int, *, before: int | None = None, most: int = 20) -> list[AuditEntry]: ...


class Name(NamedTuple):
    """A member's display name in the server, and their unique one."""

    name: str
    handle: str


class QuotaReports:
    def __init__(self, admin: QuotaAdministration, charts: ChartRenderer, sheets: CsvExport, history: AuditLog) -> None:
        self._admin = admin
        self._history = history
        self._charts = charts
        self._sheets = sheets
        self._turns = Turns(AT_ONCE)

    async def limits(self, guild: discord.Guild, page: int = 0) -> Screen:
        limits = await self._admin.quotas.limits(guild.id)
        server, zone = await self._admin.server(guild.id), await self._admin.zone(guild.id)
        return render_list(
            Listed(limits=limits, server=server, gone=gone_roles(guild, limits), zone=zone_label(zone.key)), page
        )

    async def log(self, guild: discord.Guild, before: int = 0) -> Screen:
        """Show a page of the audit log: what is older than an entry, or the newest for 0."""
        entries = await self._history(guild.id, before=before or None, most=ENTRIES_A_PAGE + 1)
        return render_log(entries, newest=not before)

    async def report(self, guild: discord.Guild, days: int) -> Screen:
        report = await self._admin.report(guild.id, days)
        server = await self._admin.server(guild.id)
        limits = standing_lines([status for status in server if status.rule.amount is not None])
        if not report.totals.requests:
            return render_report(report, limits, {})
        names = await _names(guild, [member.user_id for member in report.members])
        async with self._turns.turn():
            by_day, by_member = await asyncio.to_thread(self._draw, report, names)
        alts = {DAYS_FILE: days_alt(report, by_day.shown), MEMBERS_FILE: members_alt(by_member.shown)}
        files: dict[str, ChartImage] = {DAYS_FILE: by_day, MEMBERS_FILE: by_member}
        screen = render_report(report, limits, alts)
        return screen._replace(files=tuple(discord.File(io.BytesIO(chart.png), name) for name, chart in files.items()))

    async def export(self, guild: discord.Guild, since: str | None, until: str | None, *, most_bytes: int) -> Screen:
        """Export the charges of a range of days, as typed. Raises: RefusalError."""
        zone = await self._admin.zone(guild.id)
        first, last = range_of(since, until, datetime.fromtimestamp(self._admin.clock(), zone).date())
        return await self._export(guild, first, last, dates_bounds(first, last, zone), most_bytes)

    async def export_days(self, guild: discord.Guild, days: int, *, most_bytes: int) -> Screen:
        """Export the charges of a report's days. Raises: RefusalError."""
        report = await self._admin.report(guild.id, days)
        return await self._export(guild, report.days[0], report.days[-1], report.bounds, most_bytes)

    async def _export(self, guild: discord.Guild, first: date, last: date, bounds: Bounds, most_bytes: int) -> Screen:
        users = [member.user_id for member in await self._admin.ledger.members(guild.id, bounds, most=MOST_NAMED)]
        names = {user_id: name.name for user_id, name in (await _names(guild, users, unknown="")).items()}
        async with self._turns.turn():
            sheet = await self._sheets(guild.id, bounds, names, most_bytes=most_bytes)
        period = (
            _("Ledger, {day}", day=first) if first == last else _("Ledger, {first} to {last}", first=first, last=last)
        )
        title = f"### {period}"
        if not sheet.rows:
            if sheet.cut:
                raise RefusalError(_("This channel's upload limit is too small for the export."))
            return screen(title, _("Nothing was charged in this period, so there's no file."))
        name = f"{first}" if first == last else f"{first}-to-{last}"
        file = discord.File(io.BytesIO(sheet.data), f"ledger-{name}.csv")
        # Translators: what a file holds; {credits} is such as "3 credits", {pictures} such as "2 pictures"
        sums = ngettext(
            "{n} row: **{credits}**, {pictures}",
            "{n} rows: **{credits}**, {pictures}",
            sheet.rows,
            credits=credit_count(sheet.credits),
            pictures=picture_count(sheet.images),
        )
        cut = _("⚠️ Not everything fits into one file. Its last row says where to continue.")
        shown = screen(title, sums, cut if sheet.cut else "", ui.File[ui.LayoutView](f"attachment://{file.filename}"))
        return shown._replace(files=(file,))

    def _draw(self, report: Report, names: Mapping[int, Name]) -> tuple[ChartImage, ChartImage]:
        """Draw the charts by day and by member; in English if no font has the letters of the current language."""
        skipped = len(report.days) - len(report.used_days)
        use = {label_of(model): credits_[skipped:] for model, credits_ in report.by_model.items()}
        shares = [Share(*names[member.user_id], member.credits) for member in report.members]
        with using_locale(current_locale() if self._charts.can_draw(_sample(report)) else ENGLISH):
            return self._first_chart(report, use), self._charts.members_chart(members_words(), shares)

    def _first_chart(self, report: Report, use: Mapping[str, Sequence[int]]) -> ChartImage:
        """Draw the days from the first one with usage; of a single day, the models."""
        days, words = [day_and_month(day) for day in report.used_days], days_words(report)
        if len(days) == 1:
            return self._charts.members_chart(words, [Share(label, label, sum(days)) for label, days in use.items()])
        return self._charts.days_chart(words, days, use)


def _sample(report: Report) -> str:
    """Return all words of the charts except names."""
    words = days_words(report)
    figure, day = words.figure(10**8), day_and_month(report.days[0])
    return f"{words.title} {members_words().title} {words.nothing} {words.others} {figure} {day}"


async def _names(guild: discord.Guild, users: Sequence[int], unknown: str = "…{}") -> dict[int, Name]:
    """Return the members' names; `unknown` formats the id of a member who left or wasn't received in time."""
    members = await members_of(guild, users) or {}
    nameless = {user: Name(unknown.format(str(user)[-4:]), unknown.format(str(user)[-4:])) for user in users}
    if unknown and FORGOTTEN in nameless:
        # Translators: stands in a list where others have their name
        nameless[FORGOTTEN] = Name(_("anonymous members"), _("anonymous members"))
    return nameless | {member.id: Name(member.display_name, member.name) for member in members.values()}
