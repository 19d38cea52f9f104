"""Threads: their members, and whether they are archived or locked.

Source: Discord, "Threads"; the refusals as reported in api-docs #5517, #6884, #6928 and #7707.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors
from sandbox.discord.channel_types import THREADS
from sandbox.discord.world import timestamp

if TYPE_CHECKING:
    from sandbox.discord.guild import Guild
    from sandbox.discord.state import State
    from sandbox.discord.world import Json


def described(state: State, thread: Json) -> Json:
    """Describe a thread to the bot, with its own membership if it has joined."""
    mine = state.world.thread_members.get(thread["id"], {}).get(state.world.application_id)
    return thread | ({"member": mine} if mine else {})


def active(state: State, guild: Guild) -> list[Json]:
    """List the active threads of a server that the bot can view."""
    bot = state.world.application_id
    threads = (thread for thread in state.world.threads_of(guild) if not thread["thread_metadata"]["archived"])
    return [described(state, thread) for thread in threads if state.world.sees(bot, thread)]


def sync(state: State, guild: Guild, channel: Json) -> None:
    """Send the active threads of a channel that the bot has just gained access to. Source: "Thread List Sync"."""
    threads = [thread for thread in active(state, guild) if thread["parent_id"] == channel["id"]]
    members = [thread["member"] for thread in threads if "member" in thread]
    synced = {"guild_id": guild.id, "channel_ids": [channel["id"]], "threads": threads, "members": members}
    state.dispatch_in(channel, "THREAD_LIST_SYNC", synced)


def deleted(thread: Json) -> Json:
    """Describe a deleted thread, as THREAD_DELETE does."""
    return {key: thread[key] for key in ("id", "guild_id", "parent_id", "type")}


def announce(state: State, thread: Json, event: str, **extra: bool) -> None:
    state.dispatch_in(thread, event, described(state, thread) | extra)
    state.emit("channel", {"channel": thread["id"]})


def join(state: State, thread: Json, user_id: str) -> None:
    members = state.world.thread_members.get(thread["id"])
    if members is None or user_id in members:
        return
    members[user_id] = {"id": thread["id"], "user_id": user_id, "join_timestamp": timestamp(), "flags": 0}
    thread["member_count"] = len(members)
    if user_id == state.world.application_id:
        announce(state, thread, "THREAD_CREATE")
    _members_changed(state, thread, added=[members[user_id]])


def leave(state: State, thread: Json, user_id: str) -> None:
    members = state.world.thread_members[thread["id"]]
    if members.pop(user_id, None):
        thread["member_count"] = len(members)
        _members_changed(state, thread, removed=[user_id])


def _members_changed(
    state: State, thread: Json, *, added: list[Json] | None = None, removed: list[str] | None = None
) -> None:
    """Send the event; the bot also receives its own removal."""
    event = {
        "id": thread["id"], "guild_id": thread["guild_id"], "member_count": thread["member_count"],
        "added_members": added or [], "removed_member_ids": removed or [],
    }  # fmt: skip
    if state.world.application_id in (removed or []) or state.world.sees(state.world.application_id, thread):
        state.dispatch("THREAD_MEMBERS_UPDATE", event, guild_id=thread["guild_id"])


def change(state: State, thread: Json, *, archived: bool | None = None, locked: bool | None = None) -> None:
    """Archive or reopen, lock or unlock a thread."""
    metadata = thread["thread_metadata"]
    if archived is not None and archived != metadata["archived"]:
        metadata |= {"archived": archived, "archive_timestamp": timestamp()}
    if locked is not None:
        metadata["locked"] = locked
    announce(state, thread, "THREAD_UPDATE")


def posted(state: State, channel: Json) -> None:
    """Count a message; posting reopens an archived thread."""
    if channel["type"] not in THREADS:
        return
    channel["message_count"] += 1
    channel["total_message_sent"] += 1
    if channel["thread_metadata"]["archived"]:
        change(state, channel, archived=False)


def is_locked(state: State, channel: Json, user_id: str) -> bool:
    locked = channel["type"] in THREADS and channel["thread_metadata"]["locked"]
    return locked and not state.world.may(user_id, channel, "MANAGE_THREADS")


def require_unarchived(channel: Json) -> None:
    """Raise DiscordError if the thread is archived: only posting and deleting messages is allowed then."""
    if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
        raise errors.thread_is_archived()


def require_unlocked(state: State, channel: Json) -> None:
    """Raise DiscordError if the bot's own token can't post."""
    if is_locked(state, channel, state.world.application_id):
        archived = channel["thread_metadata"]["archived"]
        raise errors.thread_is_archived() if archived else errors.thread_is_locked()


def require_answerable(state: State, channel: Json, *, status: int = 400) -> None:
    """Raise DiscordError with `status` if an interaction's token can't post or edit.

    A locked thread gives the error of an archived one, or missing access if the bot is not a member of the server
    (api-docs #6884). Callbacks are refused with 403 (#7707).
    """
    bot, guild = state.world.application_id, state.world.guild_of(channel)
    if guild and is_locked(state, channel, bot):
        raise errors.thread_is_archived(status) if bot in guild.members else errors.missing_access()
