"""The control API: act as a member, look at everything, and make things go wrong. ../README.md has it all."""

from sandbox.discord.control import acting, faults, looking, memberships, places, publishing

routes = (*acting.routes, *looking.routes, *faults.routes, *places.routes, *publishing.routes, *memberships.routes)
