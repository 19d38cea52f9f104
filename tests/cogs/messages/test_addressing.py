"""Which messages speak to the bot, as Discord sends them."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.messages.addressing import address_of, is_from_member, is_hidden, own_role
from tests.support.channels import BOT, GUILD, a_guild, a_state
from tests.support.messages import a_message

ROLE = 77
BOT_USER = {"id": str(BOT), "username": "SeeDream", "discriminator": "0", "avatar": None, "bot": True}
ROLES = {"bot's": ROLE, "other": ROLE + 1}
REPLY = {"type": 19, "message_reference": {"message_id": "6", "channel_id": "5", "guild_id": str(GUILD)}}


@pytest.fixture
def state():
    return a_state()


@pytest.fixture
def guild(state):
    guild = a_guild(state)
    for tags, identity in (({"bot_id": str(BOT)}, ROLES["bot's"]), ({"bot_id": "99"}, ROLES["other"])):
        role = {
            "id": str(identity), "name": "SeeDream", "permissions": "0", "position": 1, "color": 0, "hoist": False,
            "managed": True, "mentionable": True, "flags": 0, "tags": tags,
        }  # fmt: skip
        state.parse_guild_role_create({"guild_id": str(GUILD), "role": role})
    return guild


def address(state: Any, message: Any, replied: Any = None) -> Any:
    return address_of(message, state.user, replied)


@pytest.mark.parametrize(
    ("parts", "mentioned"),
    [
        ({"content": f"<@{BOT}> a fox", "mentions": [BOT_USER]}, True),
        ({"content": f"a fox, <@!{BOT}>", "mentions": [BOT_USER]}, True),
        ({"content": f"<@&{ROLE}> a fox", "mention_roles": [str(ROLE)]}, True),
        ({"content": f"<@&{ROLE + 1}> a fox", "mention_roles": [str(ROLE + 1)]}, False),
        ({"content": "@everyone a fox", "mention_everyone": True}, False),
        ({"content": "a fox", "mentions": [BOT_USER]}, False),
        ({"content": f"`<@{BOT}>` is how you ping it"}, False),
    ],
)
def test_a_mention_is_one_in_the_text_by_name_or_by_the_bots_own_role(state, guild, parts, mentioned):
    assert address(state, a_message(state, guild, **parts)).mentioned is mentioned


@pytest.mark.parametrize("ping", [True, False])
def test_a_reply_to_the_bot_concerns_it_with_or_without_a_ping(state, guild, ping):
    ours = a_message(state, guild, identity=6, author=BOT_USER)
    found = address(state, a_message(state, guild, **REPLY, mentions=[BOT_USER] if ping else []), ours)
    assert found.concerns_bot
    assert not found.mentioned


def test_a_reply_to_somebody_else_concerns_the_bot_only_if_it_names_it(state, guild):
    theirs = a_message(state, guild, identity=6)
    assert not address(state, a_message(state, guild, **REPLY, content="a fox"), theirs).concerns_bot
    naming = a_message(state, guild, **REPLY, content=f"<@{BOT}> a fox", mentions=[BOT_USER])
    assert address(state, naming, theirs).concerns_bot


def test_every_direct_message_concerns_the_bot(state):
    assert address(state, a_message(state, content="a fox")).concerns_bot


def test_what_is_written_to_nobody_does_not(state, guild):
    assert not address(state, a_message(state, guild, content="a fox")).concerns_bot


@pytest.mark.parametrize(
    ("parts", "from_member"),
    [
        ({}, True),
        (REPLY, True),
        ({"author": BOT_USER | {"id": "98"}}, False),
        ({"webhook_id": "97"}, False),
        ({"type": 6}, False),
        ({"type": 7}, False),
        ({"type": 18}, False),
        ({"type": 21}, False),
        ({"type": 46}, False),
    ],
)
def test_bots_webhooks_and_discords_own_notices_ask_for_nothing(state, guild, parts, from_member):
    assert is_from_member(a_message(state, guild, **parts)) is from_member


def test_the_bots_own_role_is_told_from_others(state, guild):
    roles = [str(ROLE + 1), str(ROLE)]
    message = a_message(state, guild, content=f"<@&{ROLE}> <@&{ROLE + 1}>", mention_roles=roles)
    assert own_role(message, state.user) == ROLE


def test_a_message_without_any_part_is_hidden_and_one_with_a_sticker_is_not(state, guild):
    assert is_hidden(a_message(state, guild))
    sticker = {"id": "5", "name": "wave", "format_type": 1}
    assert not is_hidden(a_message(state, guild, sticker_items=[sticker]))
    assert not is_hidden(a_message(state, guild, content="a fox"))
