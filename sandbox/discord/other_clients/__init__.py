"""REST endpoints that our bot never calls: only other clients of Discord, such as hikari and discord.js, need them."""

from sandbox.discord.other_clients import attachment_links, commands, empty_endpoints, guilds, reactions, threads

_MODULES = (empty_endpoints, guilds, commands, attachment_links, threads, reactions)
routes = [route for module in _MODULES for route in module.routes]
