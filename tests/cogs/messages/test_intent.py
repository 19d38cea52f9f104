"""Chat is told from instructions, in all languages: what members really write, and what must always hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cogs.messages.intent import Intent, Text, intent_of
from cogs.messages.reply_parser import ParsedReply, parse_reply
from cogs.requests.typed_options import parse_options
from tests.cogs.messages.said import CHAT, INSTRUCTIONS, SHORT, each
from tests.support.cpu import cpu_seconds


def intent(text: str, **parts) -> Intent:
    reply = replace(parse_reply(text, numbers=range(1, 5)), **parts)
    return intent_of(reply, parse_options(reply.text))


@pytest.mark.parametrize("text", each(CHAT))
def test_chat_is_never_taken_for_an_instruction(text):
    assert intent(text) is Intent.UNSURE


@pytest.mark.parametrize("text", each(INSTRUCTIONS))
def test_an_instruction_needs_no_press(text):
    assert intent(text) is Intent.INSTRUCTION


@pytest.mark.parametrize("text", each(SHORT))
def test_a_few_words_without_a_verb_run_only_where_the_bot_is_mentioned(text):
    assert intent(text) is Intent.UNSURE
    assert intent(text, mentioned=True) is Intent.INSTRUCTION


@pytest.mark.parametrize(
    ("text", "runs"), [("draw what?", False), ("improve?", False), ("can you draw it bigger?", True)]
)
def test_a_question_is_an_instruction_only_where_it_asks_for_something(text, runs):
    assert (intent(text) is Intent.INSTRUCTION) is runs


@pytest.mark.parametrize(
    "text", ["thanks!", "😂", "hello", "good bot", "lol", "谢谢", "danke dir", "merci beaucoup !", "kkkk"]
)
def test_who_mentions_the_bot_to_say_nothing_but_thanks_is_not_charged(text):
    assert intent(text, mentioned=True) is Intent.UNSURE


@pytest.mark.parametrize(
    "text", ["what is this?", "how are you today?", "wer bist du eigentlich?", "why", "これは何ですか？"]
)
def test_who_mentions_the_bot_to_ask_it_something_is_not_charged(text):
    assert intent(text, mentioned=True) is not Intent.INSTRUCTION


@pytest.mark.parametrize(
    "text", ["a fox", "cat", "beautiful sunset", "ein Fuchs im Schnee", "a thank you card", "雪の中のキツネ", "狐狸"]
)
def test_who_mentions_the_bot_with_anything_to_paint_gets_it(text):
    assert intent(text, mentioned=True) is Intent.INSTRUCTION


@pytest.mark.parametrize("text", ["#2 as a sketch", "#2 hat", "all: hats", "hat --ar 16:9", "#1 #3 together"])
def test_naming_pictures_or_options_is_an_instruction(text):
    assert intent(text) is Intent.INSTRUCTION


@pytest.mark.parametrize("text", ["#2 nice!", "#1 haha", "all: wow"])
def test_naming_a_picture_to_praise_it_is_not(text):
    assert intent(text) is Intent.UNSURE


@pytest.mark.parametrize(
    "text", ["help", "Help!", "hilfe", "?", "", "what can you do?", "aide", "ayuda", "ajuda", "ヘルプ", "帮助"]
)
def test_who_asks_for_help_gets_it(text):
    assert intent(text, mentioned=True) is Intent.HELP


@given(st.text(max_size=200), st.booleans())
def test_every_text_has_an_intent(text, mentioned):
    assert intent_of(ParsedReply(text, mentioned=mentioned), parse_options("")) in Intent


@given(st.sampled_from(each(CHAT)), st.sampled_from(["", "!", " 😂", "...", " <:fox:12>"]))
def test_how_loud_chat_is_said_does_not_matter(text, end):
    assert intent(text + end) is Intent.UNSURE


@given(
    st.sampled_from([one for one in each(INSTRUCTIONS) if one.isascii() and "#" not in one]),
    st.sampled_from(["", "!", "..."]),
)
@example("make it night", "!!!")
def test_how_loud_an_instruction_is_said_does_not_matter(text, end):
    assert intent(text.upper() + end) is Intent.INSTRUCTION


@pytest.mark.parametrize(
    "text", ["make ", "so ", "a", "哈", "(^_^) ", "> x\n", "#fff ", "ok ", "して", "<:a:1> ", "ha", "!?"]
)
def test_the_longest_text_is_judged_at_once(text):
    def judged():
        found = Text((text * 4000)[:4000])
        return found.is_instruction, found.is_question, found.changes_picture, found.is_nothing_but_chat

    assert cpu_seconds(judged) < 0.1
