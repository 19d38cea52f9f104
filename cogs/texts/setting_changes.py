"""A change of a server's settings in words: for the screen, and for the server's log channel. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import LANGUAGES, N_, _, listing, ngettext, number
from cogs.texts.common import escaped, labelled
from cogs.texts.replies import REPLIES
from seedream import MODELS
from studio.guilds.changes import items_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.guilds.audit import AuditEntry
    from studio.guilds.settings import InvalidSettingError
    from studio.guilds.time_zones import UnknownZoneError

MOST_ITEMS = 8
LONGEST_ITEM = 60
FEW_ITEMS, SHORT_ITEM = 3, 30  # where several changes stand together

# How a setting is called, what its items are, and what it is where nothing is set.
NAMES: dict[str, str] = {
    "default_model": N_("Default model"),
    "default_size": N_("Default size"),
    "output_format": N_("Default format"),
    "watermark": N_("Watermark"),
    # Translators: a setting: who asks is the only one to see the result
    "private": N_("Private by default"),
    "models": N_("Models"),
    "channels_allowed": N_("Allowed channels"),
    "channels_denied": N_("Blocked channels"),
    "roles_allowed": N_("Allowed roles"),
    "age_restricted_only": N_("Age-restricted channels only"),
    "blocked_words": N_("Blocked words"),
    "banned": N_("Banned members"),
    "log_channel": N_("Log channel"),
    "time_zone": N_("Time zone"),
    "language": N_("Language"),
    # Translators: a setting: what a member's reply to a picture does
    "replies": N_("Replies"),
}
_MENTIONS = {
    "channels_allowed": "<#{}>",
    "channels_denied": "<#{}>",
    "roles_allowed": "<@&{}>",
    "banned": "<@{}>",
    "log_channel": "<#{}>",
}
LISTS = {"models", "channels_allowed", "channels_denied", "roles_allowed", "blocked_words", "banned"}
# Translators: a setting's value where an admin chose none: what the bot chooses of itself
_BOTS_OWN = N_("the bot's default")
UNSET = {
    "default_model": _BOTS_OWN,
    "default_size": _BOTS_OWN,
    # Translators: the format of a picture where an admin chose none: what the model makes of itself
    "output_format": N_("the model's default"),
    "watermark": _BOTS_OWN,
    # Translators: the log channel where there is none
    "log_channel": N_("no channel"),
    # Translators: the language that the bot speaks: that of each member's Discord
    "language": N_("each member's Discord language"),
}
_LABELS: dict[str, dict[str, str]] = {"language": LANGUAGES, "replies": REPLIES}
_SWITCHES = {"watermark", "private", "age_restricted_only"}


def setting_name(setting: str) -> str:
    return _(NAMES[setting]) if setting in NAMES else setting


def change_line(entry: AuditEntry, *, short: bool = False) -> str:
    """ "**Time zone:** UTC → Europe/Berlin", "**Banned members**: + @ben"; of 500 characters at most if it is short."""
    name = setting_name(entry.target)
    if entry.target not in LISTS:
        before, after = (shown(entry.target, value) for value in (entry.before, entry.after))
        return labelled(name, f"{before} → {after}")
    parts = [
        f"{sign} {listed(entry.target, items_of(text), short=short)}"
        for sign, text in (("+", entry.after), ("−", entry.before))
        if text
    ]
    return labelled(name, listing(parts))


def listed(setting: str, items: Sequence[str], *, short: bool) -> str:
    """As many as are read at a glance, and how many more there are."""
    most, longest = (FEW_ITEMS, SHORT_ITEM) if short else (MOST_ITEMS, LONGEST_ITEM)
    named = [shown(setting, item, longest) for item in items[:most]]
    more = len(items) - len(named)
    text = listing(named)
    return ngettext("{listed} and {n} other", "{listed} and {n} others", more, listed=text) if more else text


def shown(setting: str, value: str | None, longest: int = LONGEST_ITEM) -> str:
    """A value as people read it: a channel as Discord shows it, a model by its label, a language by its name."""
    labels = _LABELS.get(setting)
    if value is None or (labels and value not in labels):
        return _(UNSET.get(setting, "none"))
    if labels:
        return _(labels[value])
    if setting in _SWITCHES:
        return on_or_off(on=value == "on")
    if setting in _MENTIONS and value.isdecimal():
        return _MENTIONS[setting].format(value)
    if value in MODELS:
        return MODELS[value].label
    return escaped(value, longest)


def on_or_off(*, on: bool) -> str:
    if on:
        # Translators: a setting that is switched on
        return _("on")
    # Translators: a setting that is switched off
    return _("off")


def setting_sentence(error: InvalidSettingError) -> str:
    """Why a setting can't be kept as it was given, and what would do."""
    name, given, limit = setting_name(error.setting), escaped(str(error.value), LONGEST_ITEM), error.limit or 0
    if error.problem == "too_long":
        # Translators: {name} is a setting that is a list, such as "Blocked words"
        return _("{name}: the list can't have more than {limit}. Remove some first.", name=name, limit=number(limit))
    if error.problem == "string_too_long":
        return ngettext(
            "“{given}” is too long. Use at most {n} character.",
            "“{given}” is too long. Use at most {n} characters.",
            limit,
            given=given,
        )
    if error.setting == "blocked_words":
        return _("“{given}” can't be blocked: it has no letters, digits or symbols.", given=given)
    return _("{name}: “{given}” isn't valid.", name=name, given=given)


def zone_sentence(error: UnknownZoneError) -> str:
    name = escaped(error.name, LONGEST_ITEM)
    if error.nearest:
        return _("“{name}” isn't a time zone. Did you mean {nearest}?", name=name, nearest=error.nearest)
    return _("“{name}” isn't a time zone. Use continent and city, such as Europe/Berlin.", name=name)
