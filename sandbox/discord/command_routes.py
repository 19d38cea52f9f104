"""Registers the application's commands. Source: Discord API reference, "Application Commands"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.rest import answer, body_of, guild_of, state_of
from sandbox.discord.rules import check_commands
from sandbox.discord.world import snowflake

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()
ENTRY_POINT = 4
BY_DISCORD = 2
_CONTEXTS, _CONTEXTS_OF_GUILD = (0, 1, 2), (0, 2)

GLOBAL, OF_GUILD = (
    "/applications/{application_id}/commands",
    "/applications/{application_id}/guilds/{guild_id}/commands",
)


def commands_of(request: web.Request) -> tuple[State, str, list[Json]]:
    state = state_of(request)
    if request.match_info["application_id"] != state.world.application_id:
        raise errors.unknown_application()
    scope = request.match_info.get("guild_id", "")
    if scope:
        guild_of(request)
    return state, scope, state.commands.setdefault(scope, [])


def give_entry_point(state: State) -> None:
    """Register the Entry Point command if Activities are enabled and there is none.

    Source: Discord, "Application Commands", Default Entry Point command.
    """
    known = state.commands.setdefault("", [])
    if state.settings.activities and not any(command["type"] == ENTRY_POINT for command in known):
        launch = {"name": "launch", "type": ENTRY_POINT, "handler": BY_DISCORD, "contexts": list(_CONTEXTS)}
        known.append(registered(state, "", launch, []))


def supported(state: State, scope: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the integration types and contexts that commands of this scope can have."""
    return tuple(state.settings.integration_types), _CONTEXTS_OF_GUILD if scope else _CONTEXTS


def registered(state: State, scope: str, definition: Json, known: list[Json]) -> Json:
    kind = definition.get("type") or 1
    same = [command for command in known if (command["name"], command["type"]) == (definition["name"], kind)]
    command: Json = {
        "description": "", "default_member_permissions": None, "nsfw": False, "contexts": None, "dm_permission": True,
        **definition, "options": [_normalized(option) for option in definition.get("options") or ()],
        "integration_types": definition.get("integration_types") or list(state.settings.integration_types),
        "type": kind, "application_id": state.world.application_id, "version": snowflake(),
        "id": same[0]["id"] if same else snowflake(),
    }  # fmt: skip
    permissions = command["default_member_permissions"]
    command["default_member_permissions"] = None if permissions is None else str(permissions)
    return command | ({"guild_id": scope} if scope else {})


def _normalized(option: Json) -> Json:
    """Normalize an option as Discord does: file extensions in lower case."""
    inner = {"options": [_normalized(child) for child in option["options"]]} if option.get("options") else {}
    types = {"file_types": [value.lower() for value in option["file_types"]]} if option.get("file_types") else {}
    return option | inner | types


@routes.get(GLOBAL)
@routes.get(OF_GUILD)
async def get_commands(request: web.Request) -> web.Response:
    return answer(commands_of(request)[2])


@routes.put(GLOBAL)
@routes.put(OF_GUILD)
async def put_commands(request: web.Request) -> web.Response:
    state, scope, known = commands_of(request)
    payload, _ = await body_of(request)
    errors.refuse(check_commands(payload, *supported(state, scope)))
    _require_entry_point(known, payload)
    state.commands[scope] = [registered(state, scope, definition, known) for definition in payload]
    state.emit("commands", {"scope": scope})
    return answer(state.commands[scope])


def _require_entry_point(known: list[Json], payload: list[Json]) -> None:
    """Raise DiscordError if a bulk overwrite would remove the Entry Point command."""
    if any(command["type"] == ENTRY_POINT for command in known) and not any(
        command.get("type") == ENTRY_POINT for command in payload
    ):
        raise errors.named("entry_point_missing")
