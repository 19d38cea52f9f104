"""Renders a server's usage report: what is left, the sums, and charts whose alt texts have all figures. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.i18n.translate import _, day_and_month, listing, ngettext, number, short_number
from cogs.quota_admin.screens import Screen, screen
from cogs.requests.cards import View, button
from cogs.texts.common import credit_count, dotted, member_count, picture_count, plain, request_count
from seedream import MODELS
from studio.quota.reports import ChartWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.quota.reports import Report

PERIODS = (7, 30, 90)  # days
LONGEST_ALT = 1_024  # Discord's limit
DAYS_FILE, MEMBERS_FILE = "use-by-day.png", "use-by-member.png"


def render_report(report: Report, server: str, alts: Mapping[str, str]) -> Screen:
    """Render the report. server: the status of the server's own limits, or nothing. alts: the charts' alt texts.

    The caller adds the charts' files; there are none if nothing was used.
    """
    days = len(report.days)
    title = ngettext("Last {n} day", "Last {n} days", days)
    parts: list[str | ui.Item[View]] = [server, f"### {title}", _headline(report)]
    if report.totals.credits or report.totals.images:
        parts += [_chart(DAYS_FILE, alts), _chart(MEMBERS_FILE, alts), _others(report)]
    parts.append(ui.ActionRow(*(_period(period, period == days) for period in PERIODS)))
    if report.totals.requests:
        # Translators: a button; at most 80 characters
        label = ngettext("Export this {n} day", "Export these {n} days", days)
        parts.append(ui.ActionRow(button(label, "qa", "export", days)))
    return screen(*parts)


def label_of(model: str) -> str:
    """Name a model in a chart: "4.5", since every model's label begins alike."""
    return MODELS[model].label.removeprefix("SeeDream ") if model in MODELS else model


# --- charts -----------------------------------------------------------------------------------------------------------


def days_words(report: Report) -> ChartWords:
    """Return the words of the chart by day, whose title doesn't repeat the period: on a phone, there is no room."""
    if len(report.used_days) == 1:
        return _chart_words(_("Credits by model"))
    if len(report.used_days) < len(report.days):
        # Translators: the title of a chart; {day} is such as "13 May"
        return _chart_words(_("Credits a day since {day}", day=day_and_month(report.used_days[0])))
    return _chart_words(_("Credits a day"))


def members_words() -> ChartWords:
    # Translators: the title of a chart: the members who have used most credits
    return _chart_words(_("Top members"))


def _chart_words(title: str) -> ChartWords:
    # Translators: all models together that have no colour of their own in a chart
    return ChartWords(title=title, nothing=nothing_used(), others=_("others"), figure=short_number)


def days_alt(report: Report, shown: Sequence[tuple[str, int]]) -> str:
    """Write the alt text of the chart by day. `shown`: the name and figure of each model in it."""
    title = days_words(report).title
    if report.busiest is None:
        return _alt(title, "")
    day, most = report.busiest
    if len(report.used_days) == 1:
        return _alt(f"{title} ({day_and_month(day)})", _figures(shown))
    # Translators: a chart's alt text; {title} is the chart's
    return plain(
        _(
            "{title}. {first} to {last}, {total} in total. Busiest day: {day}, {most}. By model: {models}.",
            title=title,
            first=day_and_month(report.used_days[0]),
            last=day_and_month(report.days[-1]),
            total=number(report.totals.credits),
            day=day_and_month(day),
            most=number(most),
            models=_figures(shown),
        ),
        LONGEST_ALT,
    )


def members_alt(shown: Sequence[tuple[str, int]]) -> str:
    """Write the alt text of the chart by member. `shown`: the name and figure of each member in it."""
    return _alt(members_words().title, _figures(shown))


def _alt(title: str, figures: str) -> str:
    # Translators: a chart's alt text; {title} is the chart's
    if figures:
        return plain(_("{title}. {figures}.", title=title, figures=figures), LONGEST_ALT)
    return plain(_("{title}: nothing was used.", title=title), LONGEST_ALT)


def _figures(shown: Sequence[tuple[str, int]]) -> str:
    return listing(f"{name} {number(amount)}" for name, amount in shown)


def nothing_used() -> str:
    return _("Nothing was used in this period.")


def _period(days: int, chosen: bool) -> ui.Button[View]:
    style = discord.ButtonStyle.primary if chosen else discord.ButtonStyle.secondary
    # Translators: a button: how far back a report goes; at most 20 characters
    label = ngettext("{n} day", "{n} days", days)
    return button(label, "qa", "report", days, style=style)


def _chart(name: str, alts: Mapping[str, str]) -> ui.MediaGallery[View]:
    return ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{name}", description=alts[name]))


def _headline(report: Report) -> str:
    totals = report.totals
    if not totals.requests:
        return nothing_used()
    credits_ = f"**{credit_count(totals.credits)}**"
    if totals.from_grants:
        # Translators: {granted} of them were extra credits, granted by admins
        credits_ = ngettext(
            "**{n} credit**, including {granted} extra",
            "**{n} credits**, including {granted} extra",
            totals.credits,
            granted=number(totals.from_grants),
        )
    figures = picture_count(totals.images), request_count(totals.requests), member_count(totals.members)
    lines = [dotted([credits_, *figures])]
    if report.busiest:
        day, most = report.busiest
        # Translators: the day on which most was used: "Most on 13 May: 40 credits"
        lines.append(_("Busiest day: {day}, {credits}", day=day_and_month(day), credits=credit_count(most)))
    return "\n".join(lines)


def _others(report: Report) -> str:
    """Say how many members the chart leaves out."""
    more = report.totals.members - len(report.members)
    others = ngettext("and {n} other member", "and {n} other members", more)
    return f"-# {others}" if more > 0 else ""
