"""Making places: channels of every type, threads and posts, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.discord import member_actions, thread_creation, threads
from sandbox.discord.channel_types import ANNOUNCEMENT, CATEGORY, FORUMS, NAMES, TEXT, THREADS
from sandbox.discord.client_refusals import ClientRefusal, a_list
from sandbox.discord.control.common import given, message_named, place_of
from sandbox.discord.gateway_events import visible_channel
from sandbox.discord.rest import answer, state_of

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

routes = web.RouteTableDef()


@routes.post("/control/channel")
async def make_channel(request: web.Request) -> web.Response:
    """`{"guild", "name"}`, with a `type` by name, a `category`, and whether it is `nsfw`."""
    state, data = state_of(request), await given(request)
    guild = state.world.guild(str(data.get("guild")))
    kind = NAMES.get(str(data.get("type", "text")))
    category = state.world.channel(str(data["category"])) if data.get("category") else None
    if guild is None or not data.get("name") or kind is None:
        raise ClientRefusal(f"A channel has a guild, a name, and one of the types {', '.join(NAMES)}.")
    if data.get("category") and (category is None or category["type"] != CATEGORY):
        raise ClientRefusal(f"There is no category {data['category']}.")
    made = state.world.add_channel(
        guild, str(data["name"]), nsfw=bool(data.get("nsfw")), kind=kind, category=category
    )  # fmt: skip
    state.dispatch("CHANNEL_CREATE", visible_channel(state, guild, made), guild_id=guild.id)
    state.emit("channel", {"channel": made["id"]})
    return answer(made)


@routes.post("/control/thread")
async def start_thread(request: web.Request) -> web.Response:
    """Start a thread as a member: `{"user", "channel", "name"}`, from a `message`, or `private`.

    In a forum, publish a post with `content` and `attachments`.
    """
    state, data = state_of(request), await given(request)
    user, parent = place_of(state, data)
    name = str(data.get("name"))
    if parent["type"] in FORUMS:
        return answer(_post(state, user, parent, name, data))
    if parent["type"] not in {TEXT, ANNOUNCEMENT} or (data.get("private") and parent["type"] == ANNOUNCEMENT):
        raise ClientRefusal(f"No such thread can be started in {parent.get('name', 'a direct message')}.")
    if data.get("message") is None:
        return answer(thread_creation.start(state, user, parent, name, private=bool(data.get("private"))))
    stored = message_named(state, data["message"])
    if stored.data["channel_id"] != parent["id"] or stored.data["id"] in state.world.channels:
        raise ClientRefusal("That message is elsewhere, or has a thread.")
    return answer(thread_creation.start_from(state, user, parent, name, stored))


def _post(state: State, user: Json, forum: Json, name: str, data: Json) -> Json:
    files = [member_actions.upload_of("attachments", one) for one in a_list("attachments", data.get("attachments"))]
    payload = {"content": str(data.get("content", name))}
    return thread_creation.publish(state, user, forum, name, payload, dict(enumerate(files)))[0]


@routes.post("/control/thread-state")
async def change_thread(request: web.Request) -> web.Response:
    """A moderator archives, reopens, locks or unlocks: `{"thread", "archived", "locked"}`."""
    state, data = state_of(request), await given(request)
    thread = _thread(state, data)
    threads.change(state, thread, archived=_flag(data, "archived"), locked=_flag(data, "locked"))
    return answer(thread)


@routes.post("/control/thread-member")
async def change_members(request: web.Request) -> web.Response:
    """Somebody, the bot too, is added to a thread, or with `remove` taken from it."""
    state, data = state_of(request), await given(request)
    thread, user = _thread(state, data), _user(state, data.get("user"))
    (threads.leave if data.get("remove") else threads.join)(state, thread, user["id"])
    return answer(list(state.world.thread_members[thread["id"]].values()))


@routes.post("/control/group")
async def make_group(request: web.Request) -> web.Response:
    """A group of `users`, without the bot: `{"name", "users"}`."""
    state, data = state_of(request), await given(request)
    people = [_user(state, one) for one in a_list("users", data.get("users"))]
    if not people:
        raise ClientRefusal("A group has users.")
    group = state.world.add_group(str(data.get("name")), *people)
    state.emit("channel", {"channel": group["id"]})
    return answer(group)


def _thread(state: State, data: Json) -> Json:
    found = state.world.channel(str(data.get("thread")))
    if found is None or found["type"] not in THREADS:
        raise ClientRefusal(f"There is no thread {data.get('thread')}.")
    return found


def _user(state: State, name: Any) -> Json:
    found = state.world.user(str(name))
    if found is None:
        raise ClientRefusal(f"There is no user {name}.")
    return found


def _flag(data: Json, name: str) -> bool | None:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise ClientRefusal(f"{name} is {value!r}: it takes true or false.")
    return value
