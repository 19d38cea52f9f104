"""What becomes of a message, by how it reaches the bot, what it says, and what the server's admins want."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.messages.addressing import Address
from cogs.messages.decision import Decision, decide
from cogs.messages.intent import Intent
from studio.guilds.settings import Replies

REPLY = Address(mentioned=False, reply=True, to_bot=True, direct=False)
NAMING = Address(mentioned=True, reply=True, to_bot=False, direct=False)
MENTION = Address(mentioned=True, reply=False, to_bot=False, direct=False)
DIRECT = Address(mentioned=False, reply=False, to_bot=False, direct=True)
ADDRESSES = [REPLY, NAMING, MENTION, DIRECT]


def decided(address, intent, replies=Replies.ASK_WHEN_UNSURE, *, pictures=True, points=False):
    return decide(address, intent, pictures=pictures, points=points, replies=replies)


@pytest.mark.parametrize(
    ("replies", "instruction", "chat"),
    [
        (Replies.AT_ONCE, Decision.RUN, Decision.RUN),
        (Replies.ASK_WHEN_UNSURE, Decision.RUN, Decision.ASK),
        (Replies.ALWAYS_ASK, Decision.ASK, Decision.ASK),
        (Replies.OFF, Decision.IGNORE, Decision.IGNORE),
    ],
)
def test_the_admins_say_what_a_reply_does(replies, instruction, chat):
    assert decided(REPLY, Intent.INSTRUCTION, replies) is instruction
    assert decided(REPLY, Intent.UNSURE, replies) is chat


def test_who_names_the_bot_in_a_reply_learns_that_replies_are_off():
    assert decided(NAMING, Intent.INSTRUCTION, Replies.OFF) is Decision.SAY_OFF


@pytest.mark.parametrize("replies", Replies)
def test_the_setting_is_about_replies_alone(replies):
    assert decided(MENTION, Intent.INSTRUCTION, replies, pictures=False) is Decision.RUN
    assert decided(MENTION, Intent.UNSURE, replies, pictures=False) is Decision.ASK


@pytest.mark.parametrize(
    ("address", "pictures", "points", "expected"),
    [
        (REPLY, True, False, Decision.IGNORE),  # a ping, or a sticker
        (REPLY, True, True, Decision.SAY_HOW),  # "#2", or a photo of their own
        (NAMING, True, False, Decision.SAY_HOW),
        (MENTION, True, False, Decision.SAY_HOW),  # a photo without words
        (MENTION, False, False, Decision.HELP),
        (DIRECT, True, False, Decision.SAY_HOW),
        (DIRECT, False, False, Decision.HELP),
    ],
)
def test_what_has_no_words_is_told_how_where_it_asks_for_something(address, pictures, points, expected):
    assert decided(address, None, pictures=pictures, points=points) is expected


def test_chat_in_reply_to_words_of_the_bot_is_left_alone():
    assert decided(REPLY, Intent.UNSURE, pictures=False) is Decision.IGNORE


def test_a_question_for_help_gets_help():
    for address in ADDRESSES:
        assert decided(address, Intent.HELP, pictures=False) is Decision.HELP


@given(st.sampled_from(ADDRESSES), st.sampled_from([None, *Intent]), st.booleans(), st.booleans())
def test_nothing_but_an_instruction_ever_runs_without_a_press(address, intent, pictures, points):
    found = decided(address, intent, pictures=pictures, points=points)
    assert found is not Decision.RUN or intent is Intent.INSTRUCTION
