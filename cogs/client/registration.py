"""Decides which commands an application can have, and what to do if Discord refuses to register them. Pure.

Source: Discord API reference, "Application Commands" (contexts, bulk overwrite), "Application" (installation contexts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

GUILD_INSTALL, USER_INSTALL = 0, 1
EVERY_INSTALL = frozenset({GUILD_INSTALL, USER_INSTALL})
ENTRY_POINT = 4  # the type of the command that launches an application's Activity

_GUILD, _BOT_DM, _PRIVATE_CHANNEL = range(3)
_INSTALLS, _CONTEXTS = "integration_types", "contexts"
_GLOBAL_ONLY = {_INSTALLS, _CONTEXTS, "dm_permission"}
_READ_ONLY = {
    "application_id", "guild_id", "version", "default_permission", "name_localized", "description_localized",
}  # fmt: skip
_PORTAL = "https://discord.com/developers/applications, page Installation"
_SWITCHED_OFF = {
    GUILD_INSTALL: "Guild Install is switched off, so the bot can't be added to servers, and the commands for their "
    "admins are not registered.",
    USER_INSTALL: "User Install is switched off, so the commands work only in servers that the bot was added to, and "
    "in direct messages with it.",
}
_REMEDIES = {
    30034: "Discord lets an application create only 200 commands a day. Start the bot again tomorrow.",
    50035: "Discord rejects a definition as invalid. Update the bot; if that doesn't help, report this line.",
    50240: "The application has just been given an Entry Point command. Start the bot again.",
}


def installs_of(application: Mapping[str, Any]) -> frozenset[int]:
    """Return the installation contexts that an application is set up for; all of them if Discord doesn't say."""
    config = application.get("integration_types_config")
    named = config if isinstance(config, dict) else {}
    return frozenset(install for install in EVERY_INSTALL if str(install) in named) or EVERY_INSTALL


def limitation(installs: AbstractSet[int]) -> str | None:
    """Say what an application without one of the installation contexts lacks, and how to change that."""
    lacking = [text for install, text in _SWITCHED_OFF.items() if install not in installs]
    return f"{' '.join(lacking)} Switch it on at {_PORTAL}, and start the bot again." if lacking else None


def available(commands: Iterable[Mapping[str, Any]], installs: AbstractSet[int]) -> list[dict[str, Any]]:
    """Return the global commands, restricted to what an application with these installation contexts can have."""
    narrowed = (_narrowed(command, installs) for command in commands)
    return [command for command in narrowed if command[_INSTALLS] != [] and command[_CONTEXTS] != []]


def _narrowed(command: Mapping[str, Any], installs: AbstractSet[int]) -> dict[str, Any]:
    kept = _within(command.get(_INSTALLS), installs)
    by_user = USER_INSTALL in (installs if kept is None else kept)
    contexts = {_GUILD, _BOT_DM, _PRIVATE_CHANNEL} if by_user else {_GUILD, _BOT_DM}
    return {**command, _INSTALLS: kept, _CONTEXTS: _within(command.get(_CONTEXTS), contexts)}


def _within(values: Iterable[int] | None, allowed: AbstractSet[int]) -> list[int] | None:
    """Keep the allowed values. None stays None: it leaves the choice to Discord."""
    return None if values is None else [value for value in values if value in allowed]


def of_server(commands: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the commands as a server's own, which have neither installation contexts nor direct messages."""
    return [{key: value for key, value in command.items() if key not in _GLOBAL_ONLY} for command in commands]


def entry_points(registered: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the registered Entry Point command, which a bulk overwrite has to include."""
    return [
        {key: value for key, value in command.items() if key not in _READ_ONLY}
        for command in registered
        if command.get("type") == ENTRY_POINT
    ]


def remedy(*, status: int, code: int) -> str:
    """Say what the operator can do if Discord refuses to register the commands."""
    if code in _REMEDIES:
        return _REMEDIES[code]
    if status == 403:  # noqa: PLR2004 - HTTP's
        return (
            "Discord doesn't let this bot register commands. Check whether the application is restricted, at " + _PORTAL
        )
    return "Start the bot again later."
