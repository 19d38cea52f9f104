"""Changes, starts and lists threads, and changes their members. Source: Discord API reference, "Channel Resource"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import errors, messages, thread_creation, threads
from sandbox.discord.channel_routes import channel_of, message_of
from sandbox.discord.channel_types import ANNOUNCEMENT, FORUMS, PRIVATE_THREAD, TEXT
from sandbox.discord.rest import NEWEST, answer, body_of, guild_of, named, nothing, number, page, state_of
from sandbox.discord.rules import check_thread
from sandbox.discord.thread_routes import thread_of, user_id_of, with_member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()
_CHANNEL = "/channels/{channel_id}"
_MEMBERS = _CHANNEL + "/thread-members"
CREATED = 201


@routes.patch(_CHANNEL)
async def patch_thread(request: web.Request) -> web.Response:
    """Change a thread; an archived one can only be reopened (api-docs #6928)."""
    state, thread = thread_of(request)
    payload, _ = await body_of(request)
    errors.refuse(check_thread(payload, new=False))
    fields = named(payload)
    _require_change(state, thread, fields)
    if fields.get("archived") is not False:
        threads.require_unarchived(thread)
    thread["name"] = fields.get("name") or thread["name"]
    threads.change(state, thread, archived=fields.get("archived"), locked=fields.get("locked"))
    return answer(threads.described(state, thread))


def _require_change(state: State, thread: Json, fields: Json) -> None:
    """Raise DiscordError if the bot lacks permission for the change. Source: "Threads", Editing & Deleting Threads."""
    bot = state.world.application_id
    if state.world.may(bot, thread, "MANAGE_THREADS"):
        return
    reopens = fields.keys() == {"archived"} and not fields["archived"] and not thread["thread_metadata"]["locked"]
    joined = bot in state.world.thread_members.get(thread["id"], {})
    owned = thread["owner_id"] == bot and "locked" not in fields
    if not owned and not (reopens and joined):
        raise errors.missing_permissions()


@routes.delete(_CHANNEL)
async def delete_thread(request: web.Request) -> web.Response:
    state, thread = thread_of(request)
    messages.require(state, thread, "MANAGE_THREADS")
    state.dispatch_in(thread, "THREAD_DELETE", threads.deleted(thread))
    state.world.forget_channel(thread)
    return answer(thread)


@routes.post(_CHANNEL + "/messages/{message_id}/threads")
async def start_from_message(request: web.Request) -> web.Response:
    state, parent, stored = message_of(request, "CREATE_PUBLIC_THREADS")
    payload, _ = await body_of(request)
    errors.refuse(check_thread(payload))
    if parent["type"] not in {TEXT, ANNOUNCEMENT}:
        raise errors.wrong_channel_type()
    if stored.data["id"] in state.world.channels:
        raise errors.thread_exists()
    thread = thread_creation.start_from(state, state.world.bot, parent, payload["name"], stored)
    return answer(threads.described(state, thread), CREATED)


@routes.post(_CHANNEL + "/threads")
async def start_thread(request: web.Request) -> web.Response:
    state, parent = channel_of(request)
    payload, files = await body_of(request, state.world.limit(parent))
    errors.refuse(check_thread(payload))
    if parent["type"] in FORUMS:
        messages.require(state, parent, "SEND_MESSAGES")
        message = payload.get("message") or {}
        thread, stored = thread_creation.publish(state, state.world.bot, parent, payload["name"], message, files)
        return answer(threads.described(state, thread) | {"message": messages.seen(state, stored)}, CREATED)
    if parent["type"] not in {TEXT, ANNOUNCEMENT}:
        raise errors.wrong_channel_type()
    private = payload.get("type", PRIVATE_THREAD) == PRIVATE_THREAD  # the default
    messages.require(state, parent, "CREATE_PRIVATE_THREADS" if private else "CREATE_PUBLIC_THREADS")
    thread = thread_creation.start(state, state.world.bot, parent, payload["name"], private=private)
    return answer(threads.described(state, thread), CREATED)


# --- members --------------------------------------------------------------------------------------------------------


@routes.get(_MEMBERS)
async def members(request: web.Request) -> web.Response:
    state, thread = thread_of(request)
    members = state.world.thread_members.get(thread["id"], {}).values()
    listed = page(request, members, lambda member: int(member["user_id"]), default=100, most=100)
    return answer([with_member(request, state, thread, member) for member in listed])


@routes.put(_MEMBERS + "/{user_id}")
async def add_member(request: web.Request) -> web.Response:
    state, thread = thread_of(request)
    threads.require_unarchived(thread)
    guild = state.world.guilds[thread["guild_id"]]
    if user_id_of(request) not in guild.members:
        raise errors.unknown_member()
    threads.join(state, thread, user_id_of(request))
    return nothing()


@routes.delete(_MEMBERS + "/{user_id}")
async def remove_member(request: web.Request) -> web.Response:
    state, thread = thread_of(request)
    threads.require_unarchived(thread)
    if user_id_of(request) != state.world.application_id and thread["owner_id"] != state.world.application_id:
        messages.require(state, thread, "MANAGE_THREADS")
    threads.leave(state, thread, user_id_of(request))
    return nothing()


# --- lists ----------------------------------------------------------------------------------------------------------


@routes.get("/guilds/{guild_id}/threads/active")
async def active(request: web.Request) -> web.Response:
    state = state_of(request)
    return answer(_listed(state, threads.active(state, guild_of(request))) | {"has_more": False})


@routes.get(_CHANNEL + "/threads/archived/public")
async def archived_public(request: web.Request) -> web.Response:
    state, parent = channel_of(request, "READ_MESSAGE_HISTORY")
    archived = _archived(state, parent, private=False)
    return _archived_page(request, state, sorted(archived, key=lambda thread: str(_archived_at(thread)), reverse=True))


@routes.get(_CHANNEL + "/threads/archived/private")
async def archived_private(request: web.Request) -> web.Response:
    state, parent = channel_of(request, "READ_MESSAGE_HISTORY", "MANAGE_THREADS")
    archived = _archived(state, parent, private=True)
    return _archived_page(request, state, sorted(archived, key=lambda thread: str(_archived_at(thread)), reverse=True))


@routes.get(_CHANNEL + "/users/@me/threads/archived/private")
async def archived_joined(request: web.Request) -> web.Response:
    state, parent = channel_of(request, "READ_MESSAGE_HISTORY")
    bot, before = state.world.application_id, number(request, "before", NEWEST)
    mine = [
        thread for thread in _archived(state, parent, private=True) if bot in state.world.thread_members[thread["id"]]
    ]
    earlier = [thread for thread in mine if int(thread["id"]) < before]
    return _archived_page(request, state, sorted(earlier, key=lambda thread: int(thread["id"]), reverse=True))


def _archived_at(thread: Json) -> Any:
    return thread["thread_metadata"]["archive_timestamp"]


def _archived(state: State, parent: Json, *, private: bool) -> Iterable[Json]:
    guild = state.world.guilds[parent["guild_id"]]
    children = (thread for thread in state.world.threads_of(guild) if thread["parent_id"] == parent["id"])
    archived = (thread for thread in children if thread["thread_metadata"]["archived"])
    return (thread for thread in archived if (thread["type"] == PRIVATE_THREAD) == private)


def _archived_page(request: web.Request, state: State, archived: list[Json]) -> web.Response:
    limit = number(request, "limit", 50, 1, 100)
    shown = [threads.described(state, thread) for thread in archived[:limit]]
    return answer(_listed(state, shown) | {"has_more": len(archived) > limit})


def _listed(state: State, listed: list[Json]) -> Json:
    """List threads with the bot's memberships in them."""
    bot = state.world.application_id
    mine = (state.world.thread_members.get(thread["id"], {}).get(bot) for thread in listed)
    return {"threads": listed, "members": [member for member in mine if member]}
