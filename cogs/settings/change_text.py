"""Changes of a server's settings in words: for the screen, the audit log and the server's log channel. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import _, listing, ngettext, number
from cogs.settings.descriptors import SETTINGS
from cogs.settings.setting import LONGEST_ITEM
from cogs.texts.common import escaped, labelled
from studio.guilds.changes import items_of

if TYPE_CHECKING:
    from studio.guilds.audit import AuditEntry
    from studio.guilds.settings import InvalidSettingError
    from studio.guilds.time_zones import SeveralZonesError, UnknownZoneError


def change_line(entry: AuditEntry, *, short: bool = False) -> str:
    """Write a change: "**Time zone:** UTC → Europe/Berlin", "**Banned members**: + @ben".

    It has at most 500 characters if it is short.
    """
    setting = SETTINGS.get(entry.target)
    if setting is None:  # of a version that had it
        return labelled(entry.target, escaped(f"{entry.before} → {entry.after}", LONGEST_ITEM * 2))
    if not setting.control.several:
        return labelled(setting.name, f"{setting.text(entry.before)} → {setting.text(entry.after)}")
    parts = [
        f"{sign} {setting.listed(items_of(text), short=short)}"
        for sign, text in (("+", entry.after), ("−", entry.before))
        if text
    ]
    return labelled(setting.name, listing(parts))


def setting_sentence(error: InvalidSettingError) -> str:
    """Say why a setting can't have a value, and what to do."""
    setting = SETTINGS.get(error.setting)
    name = setting.name if setting else error.setting
    given, limit = escaped(str(error.value), LONGEST_ITEM), error.limit or 0
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


def several_zones_sentence(error: SeveralZonesError) -> str:
    name = escaped(error.name, LONGEST_ITEM)
    return _("“{name}” can be several time zones. Choose yours in the menu below.", name=name)
