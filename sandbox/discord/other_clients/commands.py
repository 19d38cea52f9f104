"""Creates, changes and deletes single commands: our bot overwrites all of them at once.

Source: Discord API reference, "Application Commands".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.command_routes import GLOBAL, OF_GUILD, commands_of, registered, supported
from sandbox.discord.rest import answer, body_of, named, nothing
from sandbox.discord.rules import check_command

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.post(GLOBAL)
@routes.post(OF_GUILD)
async def post_command(request: web.Request) -> web.Response:
    state, scope, known = commands_of(request)
    payload, _ = await body_of(request)
    errors.refuse(check_command(payload, *supported(state, scope)))
    command = registered(state, scope, payload, known)
    others = [other for other in known if other["id"] != command["id"]]
    state.commands[scope] = [*others, command]
    state.emit("commands", {"scope": scope})
    return answer(command, 200 if len(others) < len(known) else 201)


def command_of(request: web.Request) -> tuple[State, str, list[Json], Json]:
    state, scope, known = commands_of(request)
    command = next((command for command in known if command["id"] == request.match_info["command_id"]), None)
    if command is None:
        raise errors.unknown_command()
    return state, scope, known, command


@routes.get(GLOBAL + "/{command_id}")
@routes.get(OF_GUILD + "/{command_id}")
async def get_command(request: web.Request) -> web.Response:
    return answer(command_of(request)[3])


@routes.patch(GLOBAL + "/{command_id}")
@routes.patch(OF_GUILD + "/{command_id}")
async def patch_command(request: web.Request) -> web.Response:
    state, scope, known, current = command_of(request)
    payload, _ = await body_of(request)
    merged = {key: current[key] for key in ("name", "type", "description", "options")} | named(payload)
    errors.refuse(check_command(merged, *supported(state, scope)))
    changed = registered(state, scope, current | named(payload), []) | {"id": current["id"]}
    state.commands[scope] = [changed if command is current else command for command in known]
    return answer(changed)


@routes.delete(GLOBAL + "/{command_id}")
@routes.delete(OF_GUILD + "/{command_id}")
async def delete_command(request: web.Request) -> web.Response:
    state, scope, known, current = command_of(request)
    state.commands[scope] = [command for command in known if command is not current]
    return nothing()
