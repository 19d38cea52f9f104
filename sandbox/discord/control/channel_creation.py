"""Creates channels of every type, threads, posts and groups, and changes threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import thread_creation, threads
from sandbox.discord.channel_types import ANNOUNCEMENT, CATEGORY, FORUMS, NAMES, TEXT, THREADS
from sandbox.discord.client_refusals import ClientRefusal, a_list
from sandbox.discord.control.common import message_named, place_of, read_call, user_named
from sandbox.discord.gateway_events import visible_channel
from sandbox.discord.member_actions import uploads_in
from sandbox.discord.rest import answer

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.post("/control/channel")
async def create_channel(request: web.Request) -> web.Response:
    """Create a channel: `{"guild", "name"}`, with a `type` by name, a `category`, and `nsfw`."""
    state, data = await read_call(request)
    guild = state.world.guild(str(data.get("guild")))
    kind = NAMES.get(str(data.get("type", "text")))
    category = state.world.channel(str(data["category"])) if data.get("category") else None
    if guild is None or not data.get("name") or kind is None:
        raise ClientRefusal(f"A channel has a guild, a name, and one of the types {', '.join(NAMES)}.")
    if data.get("category") and (category is None or category["type"] != CATEGORY):
        raise ClientRefusal(f"There is no category {data['category']}.")
    nsfw = bool(data.get("nsfw"))
    created = state.world.add_channel(guild, str(data["name"]), nsfw=nsfw, kind=kind, category=category)
    state.dispatch("CHANNEL_CREATE", visible_channel(state, guild, created), guild_id=guild.id)
    state.emit("channel", {"channel": created["id"]})
    return answer(created)


@routes.post("/control/thread")
async def start_thread(request: web.Request) -> web.Response:
    """Start a thread as a member: `{"user", "channel", "name"}`, from a `message`, or `private`.

    In a forum, publish a post with `content` and `attachments`.
    """
    state, data = await read_call(request)
    user, parent = place_of(state, data)
    name = str(data.get("name"))
    if parent["type"] in FORUMS:
        return answer(_publish_post(state, user, parent, name, data))
    if parent["type"] not in {TEXT, ANNOUNCEMENT} or (data.get("private") and parent["type"] == ANNOUNCEMENT):
        raise ClientRefusal(f"You can't start such a thread in {parent.get('name', 'a direct message')}.")
    if data.get("message") is None:
        return answer(thread_creation.start(state, user, parent, name, private=bool(data.get("private"))))
    stored = message_named(state, data["message"])
    if stored.data["channel_id"] != parent["id"] or stored.data["id"] in state.world.channels:
        raise ClientRefusal("That message is in another channel, or already has a thread.")
    return answer(thread_creation.start_from(state, user, parent, name, stored))


def _publish_post(state: State, user: Json, forum: Json, name: str, data: Json) -> Json:
    files = uploads_in(data)
    payload = {"content": str(data.get("content", name))}
    return thread_creation.publish(state, user, forum, name, payload, dict(enumerate(files)))[0]


@routes.post("/control/thread-state")
async def change_thread(request: web.Request) -> web.Response:
    """Archive, reopen, lock or unlock a thread as a moderator: `{"thread", "archived", "locked"}`."""
    state, data = await read_call(request)
    thread = _thread(state, data)
    threads.change(state, thread, archived=_flag(data, "archived"), locked=_flag(data, "locked"))
    return answer(thread)


@routes.post("/control/thread-member")
async def change_members(request: web.Request) -> web.Response:
    """Add a user or the bot to a thread; with `remove`, remove them."""
    state, data = await read_call(request)
    thread, user = _thread(state, data), user_named(state, data.get("user"))
    (threads.leave if data.get("remove") else threads.join)(state, thread, user["id"])
    return answer(list(state.world.thread_members[thread["id"]].values()))


@routes.post("/control/group")
async def create_group(request: web.Request) -> web.Response:
    """Create a group of `users`, without the bot: `{"name", "users"}`."""
    state, data = await read_call(request)
    people = [user_named(state, name) for name in a_list("users", data.get("users"))]
    if not people:
        raise ClientRefusal("A group needs users.")
    group = state.world.add_group(str(data.get("name")), *people)
    state.emit("channel", {"channel": group["id"]})
    return answer(group)


def _thread(state: State, data: Json) -> Json:
    thread = state.world.channel(str(data.get("thread")))
    if thread is None or thread["type"] not in THREADS:
        raise ClientRefusal(f"There is no thread {data.get('thread')}.")
    return thread


def _flag(data: Json, name: str) -> Any:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise ClientRefusal(f"{name} is {value!r}: it takes true or false.")
    return value
