"""What /quota-admin set shows before a limit is saved: the last days under it, and a button that saves it. Pure.

The button's custom id has the limit, and the one that it replaces as the admin saw it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.i18n.translate import N_, _, ngettext, number, sentences
from cogs.quota_admin.screens import Screen, holds_for, screen
from cogs.requests.cards import button
from cogs.texts.common import credit_count, labelled
from cogs.texts.limits import limit_words, target_name, target_of
from studio.quota.limits import SERVER, Limit, LimitKind, Who

if TYPE_CHECKING:
    from studio.quota.what_if import Forecast

UNLIMITED, NONE = "unlimited", "none"
_ACCENT = 0x5865F2
_NO_ROLES = N_("I couldn't look back at the last 30 days: Discord didn't send the members' roles in time.")
_NOT_KEPT = N_("I can't look back at the last 30 days: how long requests ran isn't kept.")


def render_preview(limit: Limit, before: Limit | None, look_back: str, away: str) -> Screen:
    """Ask whether to save a limit. look_back: what it would have done. away: where its member isn't here."""
    title = _("Save this limit?")
    # Translators: a button that saves a limit; at most 20 characters
    save = button(_("Save"), "qa", "save", save_argument(limit, before), style=discord.ButtonStyle.success)
    # Translators: a button that leaves everything as it is; at most 20 characters
    cancel = button(_("Cancel"), "qa", "keep", "")
    lines = [_limit_line(limit, before), look_back, away, holds_for(limit.target)]
    return screen(f"### {title}", "\n".join(filter(None, lines)), ui.ActionRow(save, cancel), colour=_ACCENT)


def _limit_line(limit: Limit, before: Limit | None) -> str:
    words = limit_words(limit)
    if before is not None:
        # Translators: a limit as it would be, such as "5 credits a day", and as it is until it is saved
        words = _("{limit} (now {before})", limit=words, before=limit_words(before))
    return labelled(target_name(limit.target), words)


def can_look_back(limit: Limit) -> bool:
    """Whether the ledger shows what a limit would have done."""
    return limit.amount is not None and limit.kind is not LimitKind.AT_ONCE


def no_look_back(limit: Limit) -> str:
    return _(_NOT_KEPT) if limit.amount is not None else ""


def look_back_words(limit: Limit, forecast: Forecast | None) -> str:
    """Say what the last 30 days would have been under a limit."""
    if forecast is None:
        return _(_NO_ROLES)
    if not forecast.used:
        nothing = _("no credits were used, so there is nothing to compare.")
        return labelled(_("Last 30 days"), nothing)
    told = labelled(_("Last 30 days"), sentences(_met_words(limit, forecast), _credits_words(forecast)))
    return f"{told}\n-# {_how(limit)}"


def _met_words(limit: Limit, forecast: Forecast) -> str:
    if not forecast.members and forecast.others:
        return ngettext(
            "at most **{n} member** would have met this limit.",
            "at most **{n} members** would have met this limit.",
            forecast.others,
        )
    if not forecast.members and forecast.under < forecast.used:
        # Translators: members whose data was deleted since
        return _("only anonymous members would have met this limit.")
    if not forecast.members:
        return _("nobody would have met this limit.")
    if limit.target.who is Who.MEMBER:
        # Translators: one member, whose limit it is
        return _("they would have met this limit.")
    if not forecast.others:
        return ngettext(
            "**{n} member** would have met this limit.", "**{n} members** would have met this limit.", forecast.members
        )
    return ngettext(
        "at least **{n} member** would have met this limit.",
        "at least **{n} members** would have met this limit.",
        forecast.members,
    )


def _credits_words(forecast: Forecast) -> str:
    if forecast.under == forecast.used and forecast.others:
        # Translators: {credits} is such as "40 credits"
        return _("**{credits}** were used.", credits=credit_count(forecast.used))
    if forecast.under == forecast.used:
        # Translators: {credits} is such as "40 credits"
        return _("**{credits}** were used, as before.", credits=credit_count(forecast.used))
    values = {"under": number(forecast.under), "credits": credit_count(forecast.used)}
    if not forecast.others:
        # Translators: {under} of {credits}, such as "30 of 40 credits"
        return _("**{under} of {credits}** would have been used.", **values)
    # Translators: {under} of {credits}, such as "30 of 40 credits"
    return _("At most **{under} of {credits}** would have been used.", **values)


def _how(limit: Limit) -> str:
    without = _("Without the requests that it would have refused.")
    # The server's limit counts extra credits as well.
    return without if limit.target == SERVER else sentences(without, _("Extra credits aren't counted."))


# --- the button -------------------------------------------------------------------------------------------------------


def save_argument(limit: Limit, before: Limit | None) -> str:
    """Write a limit and the one that it replaces: "role:21.day.50.none"."""
    return ".".join([limit.target.key, limit.kind, _amount(limit), _amount(before) if before else NONE])


def _amount(limit: Limit) -> str:
    return UNLIMITED if limit.amount is None else str(limit.amount)


def parse_save(argument: str) -> tuple[Limit, tuple[Limit, ...]] | None:
    """Parse a limit and the one that it replaces, if any. None if the text isn't of `save_argument`."""
    try:
        key, kind, amount, before = argument.split(".")
        target = target_of(key)
        if target is None:
            return None
        limit, *seen = (
            Limit(target, LimitKind(kind), None if text == UNLIMITED else int(text))
            for text in (amount, before)
            if text != NONE
        )
    except ValueError:
        return None
    return limit, tuple(seen)
