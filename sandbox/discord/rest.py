"""Helpers that all REST routes share: reading requests, checking parameters and answering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import errors, messages
from sandbox.discord.state import REQUEST_BODY, RESPONSE_BODY, STATE
from sandbox.discord.uploads import read_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

NO_CONTENT = 204
NEWEST = 1 << 63  # later than every id


def answer(data: Any, status: int = 200) -> web.Response:
    """Respond with JSON; the middleware writes it with the content type that clients expect."""
    response = web.Response(status=status)
    response[RESPONSE_BODY] = data
    return response


def nothing() -> web.Response:
    return web.Response(status=NO_CONTENT)


def state_of(request: web.Request) -> State:
    return request.app[STATE]


async def body_of(request: web.Request, most: int = 1 << 20) -> tuple[Any, messages.Uploads]:
    payload, files = await read_body(request, most, state_of(request).settings.request_limit)
    request[REQUEST_BODY] = payload
    return payload, files


def number(request: web.Request, name: str, default: int, least: int = 0, most: int | None = None) -> int:
    """Return a number of the query. Raises: DiscordError."""
    value = request.query.get(name, str(default))
    if not value.isdecimal():
        problem = {"code": "NUMBER_TYPE_COERCE", "message": f'Value "{value}" is not int.'}
    elif int(value) < least:
        problem = {"code": "NUMBER_TYPE_MIN", "message": f"int value should be greater than or equal to {least}."}
    elif most is not None and int(value) > most:
        problem = {"code": "NUMBER_TYPE_MAX", "message": f"int value should be less than or equal to {most}."}
    else:
        return int(value)
    body = {"code": 50035, "message": "Invalid Form Body", "errors": {name: {"_errors": [problem]}}}
    raise errors.DiscordError(400, 50035, "Invalid Form Body", body)


def page(
    request: web.Request, items: Iterable[Json], id_of: Callable[[Json], int], *, default: int, most: int
) -> list[Json]:
    """Return the first `limit` items after the id `after`, ordered by id. Raises: DiscordError."""
    after, limit = number(request, "after", 0), number(request, "limit", default, 1, most)
    return [item for item in sorted(items, key=id_of) if id_of(item) > after][:limit]


def flag(request: web.Request, name: str) -> bool:
    """Tell whether a flag of the query is set."""
    return request.query.get(name, "").lower() in {"1", "true"}


def named(payload: Any) -> Json:
    """Return the fields of a body; none if it is not an object, which the rules refuse."""
    return payload if isinstance(payload, dict) else {}


def guild_of(request: web.Request) -> Guild:
    state = state_of(request)
    guild = state.world.guilds.get(request.match_info["guild_id"])
    if guild is None:
        raise errors.unknown_guild()
    if state.world.application_id not in guild.members:
        raise errors.missing_access()
    return guild
