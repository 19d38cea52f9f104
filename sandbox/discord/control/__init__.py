"""Serves the control API: act as a member, inspect everything, inject faults. ../README.md documents it."""

from sandbox.discord.control import (
    access_changes,
    actions,
    channel_creation,
    expressions_and_links,
    faults,
    guild_changes,
    inspection,
    memberships,
    settings,
    special_messages,
)

_MODULES = (
    access_changes, actions, channel_creation, expressions_and_links, faults, guild_changes, inspection, memberships,
    settings, special_messages,
)  # fmt: skip
routes = [route for module in _MODULES for route in module.routes]
