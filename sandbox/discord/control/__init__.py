"""Serves the control API: act as a member, inspect everything, inject faults. ../README.md documents it."""

from sandbox.discord.control import actions, channel_creation, faults, inspection, memberships, special_messages

_MODULES = (actions, inspection, faults, channel_creation, special_messages, memberships)
routes = [route for module in _MODULES for route in module.routes]
