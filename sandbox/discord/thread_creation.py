"""Starts threads: from a message, without one, and as a forum post.

Source: Discord API reference, "Start Thread from Message", "Start Thread in Forum or Media Channel", "Message Reference
Content Attribution".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord import messages, threads
from sandbox.discord.channel_types import ANNOUNCEMENT, ANNOUNCEMENT_THREAD, PRIVATE_THREAD, PUBLIC_THREAD
from sandbox.discord.world import snowflake

if TYPE_CHECKING:
    from sandbox.discord.messages import Uploads
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

THREAD_CREATED, THREAD_STARTER = 18, 21
HAS_THREAD = 1 << 5


def start(state: State, user: Json, parent: Json, name: str, *, private: bool = False) -> Json:
    """Start a thread without a message; a public one is announced in its channel."""
    public = ANNOUNCEMENT_THREAD if parent["type"] == ANNOUNCEMENT else PUBLIC_THREAD
    thread = _opened(state, user, parent, name, PRIVATE_THREAD if private else public, snowflake())
    if not private:
        reference = {"type": 0, "channel_id": thread["id"], "guild_id": thread["guild_id"]}
        messages.post(state, parent, user, type=THREAD_CREATED, content=name, message_reference=reference)
    return thread


def start_from(state: State, user: Json, parent: Json, name: str, stored: Stored) -> Json:
    """Start a thread from a message: it has the same id, and its first message refers to the original."""
    kind = ANNOUNCEMENT_THREAD if parent["type"] == ANNOUNCEMENT else PUBLIC_THREAD
    thread = _opened(state, user, parent, name, kind, stored.data["id"])
    stored.data["flags"] |= HAS_THREAD
    stored.data["thread"] = thread
    messages.dispatch_update(state, stored)
    reference = {
        "type": 0, "message_id": stored.data["id"], "channel_id": parent["id"], "guild_id": parent["guild_id"],
    }  # fmt: skip
    referenced = messages.without_its_own(state, stored)
    messages.post(
        state, thread, user, type=THREAD_STARTER, message_reference=reference, referenced_message=referenced
    )  # fmt: skip
    return thread


def publish(state: State, user: Json, forum: Json, name: str, payload: Any, files: Uploads) -> tuple[Json, Stored]:
    """Publish a forum post: its first message has the same id. Raises: DiscordError."""
    messages.check(state, forum, user, payload, files, kind="create")
    thread = _opened(state, user, forum, name, PUBLIC_THREAD, snowflake())
    return thread, messages.create(state, thread, user, payload, files, kind="create", id=thread["id"])


def _opened(state: State, user: Json, parent: Json, name: str, kind: int, thread_id: str) -> Json:
    thread = state.world.add_thread(parent, name, kind, user["id"], thread_id=thread_id)
    threads.announce(state, thread, "THREAD_CREATE", newly_created=True)
    threads.join(state, thread, user["id"])
    return thread
