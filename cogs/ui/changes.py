"""A change of a server's settings in words: for the screen, and for the server's log channel. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.ui.texts import count, escaped
from seedream import MODELS
from studio.guild_changes import items_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.audit import AuditEntry
    from studio.guild_settings import InvalidSettingError

MOST_ITEMS = 8
LONGEST_ITEM = 60
FEW_ITEMS, SHORT_ITEM = 3, 30  # where several changes stand together

# How a setting is called, what its items are, and what it is where nothing is set.
NAMES: dict[str, str] = {
    "default_model": "Default model",
    "default_size": "Default size",
    "output_format": "Default format",
    "watermark": "Watermark",
    "private": "Private by default",
    "models": "Models",
    "channels_allowed": "Channels allowed",
    "channels_denied": "Channels closed",
    "roles_allowed": "Roles",
    "age_restricted_only": "Age-restricted channels only",
    "blocked_words": "Blocked words",
    "banned": "Banned members",
    "log_channel": "Log channel",
    "time_zone": "Time zone",
    "language": "Language",
}
_MENTIONS = {
    "channels_allowed": "<#{}>",
    "channels_denied": "<#{}>",
    "roles_allowed": "<@&{}>",
    "banned": "<@{}>",
    "log_channel": "<#{}>",
}
LISTS = {"models", "channels_allowed", "channels_denied", "roles_allowed", "blocked_words", "banned"}
UNSET = {
    "default_model": "the bot's own",
    "default_size": "the bot's own",
    "output_format": "the model's own",
    "watermark": "the bot's own",
    "log_channel": "none",
}


def change_line(entry: AuditEntry, *, short: bool = False) -> str:
    """ "**Time zone**: UTC → Europe/Berlin", "**Banned members**: + @ben"; of 500 characters at most if it is short."""
    name = NAMES.get(entry.target, entry.target)
    if entry.target not in LISTS:
        before, after = (shown(entry.target, value) for value in (entry.before, entry.after))
        return f"**{name}**: {before} → {after}"
    parts = [
        f"{sign} {listed(entry.target, items_of(text), short=short)}"
        for sign, text in (("+", entry.after), ("−", entry.before))
        if text
    ]
    return f"**{name}**: {'; '.join(parts)}"


def listed(setting: str, items: Sequence[str], *, short: bool) -> str:
    """As many as are read at a glance, and how many more there are."""
    most, longest = (FEW_ITEMS, SHORT_ITEM) if short else (MOST_ITEMS, LONGEST_ITEM)
    named = [shown(setting, item, longest) for item in items[:most]]
    more = len(items) - len(named)
    return ", ".join([*named, f"and {count(more, 'other')}"] if more else named)


def shown(setting: str, value: str | None, longest: int = LONGEST_ITEM) -> str:
    """A value as people read it: a channel as Discord shows it, a model by its label."""
    if value is None:
        return UNSET.get(setting, "none")
    if setting in _MENTIONS and value.isdecimal():
        return _MENTIONS[setting].format(value)
    if value in MODELS:
        return MODELS[value].label
    return escaped(value, longest)


def setting_sentence(error: InvalidSettingError) -> str:
    """Why a setting can't be kept as it was given, and what would do."""
    name, given = NAMES.get(error.setting, error.setting), escaped(str(error.value), LONGEST_ITEM)
    match error.problem:
        case "too_long":
            return f"{name}: more than {error.limit} can't be kept. Take some out first."
        case "string_too_long":
            return f"“{given}” is too long: {error.limit} characters are taken."
        case _ if error.setting == "blocked_words":
            return f"“{given}” has no letter, digit or symbol that could be found in a prompt."
        case _:
            return f"{name}: “{given}” can't be kept."
