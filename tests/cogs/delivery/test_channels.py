"""What a channel is in, who may see it, and whose copy of it counts."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from cogs.delivery.channels import Kind, Place, is_age_restricted, is_hidden, kind_of
from tests.support.channels import (
    CATEGORY,
    FORUM,
    GUILD,
    MEDIA,
    NEWS,
    NEWS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    STAGE,
    TEXT,
    VOICE,
    a_channel,
    a_guild,
    a_member,
    a_state,
    a_thread,
    hidden,
)

CHANNEL, CHANNEL_CATEGORY, THREAD = 20, 25, 30

READS = discord.Permissions(view_channel=True, read_message_history=True)


def a_place(kind: int, thread: int | None = None, **channel: Any) -> Place:
    """A channel of this kind, or a thread in it."""
    threads = () if thread is None else (a_thread(THREAD, CHANNEL, thread),)
    guild = a_guild(a_state(), a_channel(CHANNEL, kind, **channel), threads=threads)
    parent = guild.get_channel(CHANNEL)
    return Place(parent) if thread is None else Place(guild.get_thread(THREAD), parent)


KINDS = {
    "text": (TEXT, None, Kind.TEXT),
    "announcements": (NEWS, None, Kind.TEXT),
    "voice": (VOICE, None, Kind.VOICE),
    "a stage": (STAGE, None, Kind.VOICE),
    "a thread": (TEXT, PUBLIC_THREAD, Kind.THREAD),
    "a private thread": (TEXT, PRIVATE_THREAD, Kind.THREAD),
    "a thread of announcements": (NEWS, NEWS_THREAD, Kind.THREAD),
    "a forum's post": (FORUM, PUBLIC_THREAD, Kind.THREAD),
    "a media channel's post": (MEDIA, PUBLIC_THREAD, Kind.THREAD),
}


@pytest.mark.parametrize(("parent", "thread", "kind"), KINDS.values(), ids=KINDS)
def test_every_kind_of_place_lies_in_its_channel_and_category_and_is_as_restricted(parent, thread, kind):
    place = a_place(parent, thread, parent_id=str(CHANNEL_CATEGORY), nsfw=True)
    assert kind_of(place.channel) is kind
    assert place.lies_in == ((CHANNEL,) if thread is None else (THREAD, CHANNEL)) + (CHANNEL_CATEGORY,)
    assert place.age_restricted
    assert not a_place(parent, thread).age_restricted


def test_a_thread_whose_channel_nobody_tells_is_still_in_it_and_gives_nobody_permissions():
    guild = a_guild(a_state(), threads=(a_thread(THREAD, CHANNEL),))
    place = Place(guild.get_thread(THREAD))
    assert place.lies_in == (THREAD, CHANNEL)
    assert not place.age_restricted
    assert place.permissions_of(a_member(guild, 40)) == discord.Permissions.none()


@pytest.mark.parametrize("channel", [None, object(), discord.Object(7)])
def test_where_nothing_is_known_nothing_is_made_up(channel):
    place = Place(channel)
    assert place.lies_in == ((7,) if channel and hasattr(channel, "id") else ())
    assert not place.age_restricted
    assert kind_of(channel) is Kind.TEXT


def test_who_may_write_in_threads_only_may_attach_files_there():
    everyone = READS | discord.Permissions(send_messages_in_threads=True, attach_files=True)
    guild = a_guild(a_state(), a_channel(CHANNEL), threads=(a_thread(THREAD, CHANNEL),), everyone=everyone)
    place = Place(guild.get_thread(THREAD), guild.get_channel(CHANNEL))
    assert place.permissions_of(a_member(guild, 40)).attach_files


def an_interaction_from(*held: dict[str, Any], sent: dict[str, Any]) -> discord.Interaction:
    """As discord.py reads it, where it holds these channels and Discord sends that one."""
    state = a_state()
    guild = a_guild(state, *held)
    before = list(guild.channels)
    user = {"id": "40", "username": "ben", "discriminator": "0", "avatar": None}
    member = {"user": user, "roles": [], "joined_at": "2026-01-01", "flags": 0, "permissions": "0"}
    state.parse_interaction_create(
        {
            "id": "1", "application_id": "1", "type": 1, "token": "t", "version": 1, "guild_id": str(GUILD),
            "channel": sent, "channel_id": sent["id"], "member": member, "attachment_size_limit": 1,
            "app_permissions": "0",
        }
    )  # fmt: skip
    assert list(guild.channels) == before
    (_, interaction), *_ = state._get_client().dispatched
    return interaction


def test_an_interaction_from_a_hidden_channel_has_the_channel_that_discord_sent_with_it():
    real = a_channel(CHANNEL, parent_id="25", nsfw=True, name="after-hours")
    channel = an_interaction_from(hidden(real), sent=real).channel
    assert (channel.name, channel.category_id, is_age_restricted(channel)) == ("after-hours", 25, True)
    assert not is_hidden(channel)


def test_an_interaction_from_a_thread_in_a_hidden_channel_still_follows_its_category():
    held = hidden(a_channel(CHANNEL, parent_id="25"))
    thread = an_interaction_from(held, sent=a_thread(THREAD, CHANNEL)).channel
    assert Place(thread, thread.parent).lies_in == (THREAD, CHANNEL, 25)


def test_of_a_channel_that_is_not_hidden_the_copy_at_hand_counts():
    held = a_channel(CHANNEL, name="general")
    assert an_interaction_from(held, sent=held | {"name": "older"}).channel.name == "general"


def test_a_category_is_a_channel_too():
    guild = a_guild(a_state(), a_channel(CHANNEL_CATEGORY, CATEGORY))
    assert Place(guild.get_channel(CHANNEL_CATEGORY)).lies_in == (CHANNEL_CATEGORY,)
