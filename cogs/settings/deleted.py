"""Channels and roles that settings name and that no longer exist. Pure.

They stay until an admin removes them: if a restriction ended with its last channel or role, everything would be open by
accident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import N_, _, ngettext, sentences
from cogs.settings.controls import Entity, titled
from cogs.settings.descriptors import SETTINGS
from cogs.settings.lists import EntityList
from studio.guilds.changes import with_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    import discord

    from cogs.settings.view_model import SettingsViewModel
    from studio.guilds.settings import GuildSettings

# What is open to all once the lists are empty.
_OPENED: dict[tuple[str, ...], str] = {
    # Translators: "them" are channels that were deleted
    ("channels_allowed",): N_("If you remove them, members can make pictures in every channel."),
    # Translators: "them" are roles that were deleted
    ("roles_allowed",): N_("If you remove them, everyone can make pictures."),
    # Translators: "them" are channels and roles that were deleted
    ("channels_allowed", "roles_allowed"): N_("If you remove them, everyone can make pictures in every channel."),
}


def existing(guild: discord.Guild, settings: GuildSettings) -> tuple[frozenset[int], frozenset[int]]:
    """Return the channels and roles of a server. Until Discord has sent them, all that are set count as existing."""
    if guild.unavailable or not guild.channels:
        channels = settings.channels_allowed | settings.channels_denied
        return channels | {settings.log_channel or 0}, settings.roles_allowed
    return frozenset(channel.id for channel in guild.channels), frozenset(role.id for role in guild.roles)


def deleted(settings: GuildSettings, channels: frozenset[int], roles: frozenset[int]) -> dict[str, frozenset[int]]:
    """Return the ids in each list that are not among the existing ones, by the list's key."""
    known = {Entity.CHANNEL: channels, Entity.ROLE: roles}
    missing = {
        setting.key: frozenset(getattr(settings, setting.key) - known[setting.control.entity])
        for setting in SETTINGS.values()
        if isinstance(setting.control, EntityList) and setting.control.entity in known
    }
    return {key: ids for key, ids in missing.items() if ids}


def without_deleted(guild: discord.Guild, settings: GuildSettings) -> GuildSettings:
    for key, ids in deleted(settings, *existing(guild, settings)).items():
        settings = with_list(settings, key, removed=ids)
    return settings


def deleted_words(view: SettingsViewModel) -> str:
    """Say how many deleted channels and roles there are, and what is open to all without them; empty for none."""
    missing = deleted(view.settings, view.channels, view.roles)
    if not missing:
        return ""
    opened = tuple(key for key in ("channels_allowed", "roles_allowed") if _is_all(view.settings, missing, key))
    words = _("Deleted, or no longer visible to me.")
    count = sum(map(len, missing.values()))
    # Translators: in lists of channels and roles
    title = ngettext("⚠️ {n} deleted channel or role", "⚠️ {n} deleted channels or roles", count)
    return titled(title, sentences(words, _(_OPENED[opened])) if opened else words)


def _is_all(settings: GuildSettings, missing: Mapping[str, frozenset[int]], key: str) -> bool:
    return key in missing and missing[key] == getattr(settings, key)
