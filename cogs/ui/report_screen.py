"""Draws the report of a server: its charts, and under each the figures as text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.ui.quota_screens import Screen, button, screen
from cogs.ui.texts import count
from seedream import MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.reports import MemberUse, Report

PERIODS = (7, 30, 90)  # days
MOST_MODELS = 12
DAYS_FILE, MEMBERS_FILE = "use-by-day.png", "use-by-member.png"


def draw_report(report: Report, server: str, alts: Mapping[str, str]) -> Screen:
    """`server`: where the server itself stands, if it has a limit. alts: of each chart's file, what it shows in words.

    The files are the caller's to add. Where nothing was used there are none.
    """
    days = len(report.days)
    parts: list[str | ui.Item[ui.LayoutView]] = [f"### The last {days} days", _headline(report), server]
    if report.totals.credits or report.totals.images:
        parts += [_chart(DAYS_FILE, alts), _models(report), _chart(MEMBERS_FILE, alts), _members(report)]
    parts.append(ui.ActionRow(*(_period(period, period == days) for period in PERIODS)))
    if report.totals.requests:
        parts.append(ui.ActionRow(button(f"Export these {days} days", "export", str(days))))
    return screen(*parts)


def label_of(model: str) -> str:
    return MODELS[model].label if model in MODELS else model


def _period(days: int, chosen: bool) -> ui.Button[ui.LayoutView]:
    style = discord.ButtonStyle.primary if chosen else discord.ButtonStyle.secondary
    return button(f"{days} days", "report", str(days), style, disabled=chosen)


def _chart(name: str, alts: Mapping[str, str]) -> ui.MediaGallery[ui.LayoutView]:
    return ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{name}", description=alts[name]))


def _headline(report: Report) -> str:
    totals = report.totals
    if not totals.requests:
        return "Nothing was used in this time."
    granted = f", {totals.from_grants:,} of them granted" if totals.from_grants else ""
    counts = ((totals.images, "picture"), (totals.requests, "request"), (totals.members, "member"))
    figures = " · ".join(count_of(*one) for one in counts)
    lines = [f"**{count_of(totals.credits, 'credit')}**{granted} · {figures}"]
    if report.busiest:
        day, most = report.busiest
        lines.append(f"Most on {day.day} {day:%B}: {count_of(most, 'credit')}")
    return "\n".join(lines)


def _models(report: Report) -> str:
    images = report.images_by_model
    sums = {model: sum(days) for model, days in report.by_model.items()}
    lines = [
        f"**{label_of(model)}** · {_use(credits_, images[model], report)}"
        for model, credits_ in list(sums.items())[:MOST_MODELS]
    ]
    more = len(sums) - len(lines)
    return "\n".join([*lines, f"and {count(more, 'other model')}"] if more else lines)


def _members(report: Report) -> str:
    lines = [f"{place}. {_member(one, report)}" for place, one in enumerate(report.members, 1)]
    more = report.totals.members - len(lines)
    return "\n".join([*lines, f"-# and {count(more, 'other member')}"] if more > 0 else lines)


def _member(one: MemberUse, report: Report) -> str:
    name = f"<@{one.user_id}>" if one.user_id else "members who are forgotten"
    return f"{name} · {_use(one.credits, one.images, report)}"


def _use(amount: int, images: int, report: Report) -> str:
    share = f" · {amount / report.totals.credits:.0%}" if report.totals.credits else ""
    pictures = "" if images == amount else f", {count_of(images, 'picture')}"  # most cost one credit each
    return f"{count_of(amount, 'credit')}{pictures}{share}"


def count_of(number: int, noun: str) -> str:
    """ "1 credit", "12,345 credits"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
