"""The words of a reply: which pictures they name, and what is left for the prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.messages.reply_parser import ParsedReply, chosen, numbered, parse_reply, which_note
from cogs.texts.refusal import RefusalError

BOT, ROLE = 42, 7
FOUR = range(1, 5)
SECOND_MESSAGE = range(11, 16)

PLAIN = [
    "make it night",
    "all the people should wear hats",
    "all good",
    "All white background",
    "ALL CAPS text on the sign",
    "all make it night",
    "all night long",
    "allow more light",
    "allée fleurie",
    "all-over print",
    "alles gut",
    "alle Leute sollen Hüte tragen",
    "todas las flores en rojo",
    "todos sonríen",
    "toutes les fleurs en rouge",
    "tous en smoking",
    "todas as flores em vermelho",
    "全部改成夜晚",
    "所有人都戴帽子",
    "全部夜にして",
    "すべての花を赤に",
    "#333 background",
    "#333",
    "#000",
    "#fff as the sky",
    "#2b2b2b",
    "#012",
    "#1a2",
    "#9 make it night",
    "#0 make it night",
    "#99",
    "#2nd try",
    "#2-3 blend",
    "#2.5 times larger",
    "#1st place",
    "make #2 brighter",
    "# 2 make it night",
    "give <@8> a hat",
    "give <@&9> a hat",
    "and #2",
    "#９ 夜に",
]


@pytest.mark.parametrize("content", PLAIN)
def test_what_names_no_picture_is_part_of_the_prompt(content):
    assert parse_reply(content, numbers=FOUR, bot_id=BOT, role_id=ROLE) == ParsedReply(content)


@pytest.mark.parametrize(
    ("content", "text", "numbers"),
    [
        ("#2 make it night", "make it night", (2,)),
        ("  #2   make it night ", "make it night", (2,)),
        ("#2, make it night", "make it night", (2,)),
        ("#2: make it night", "make it night", (2,)),
        ("#2 : make it night", "make it night", (2,)),
        ("#2\nmake it night", "make it night", (2,)),
        ("#1 #3 blend them", "blend them", (1, 3)),
        ("#1, #3: blend", "blend", (1, 3)),
        ("#1 and #3 blend them", "blend them", (1, 3)),
        ("#1 & #3: blend", "blend", (1, 3)),
        ("#1 und #3: mischen", "mischen", (1, 3)),
        ("#1 y #3: mezcla", "mezcla", (1, 3)),
        ("#1 et #3 : mélange", "mélange", (1, 3)),
        ("#1 e #3: mistura", "mistura", (1, 3)),
        ("#1、#3 合成", "合成", (1, 3)),
        ("#1和#3 合成", "合成", (1, 3)),
        ("#1と#3を合成して", "合成して", (1, 3)),
        ("#3 #1 #3 blend", "blend", (3, 1)),
        ("#2 #2 twice", "twice", (2,)),
        ("＃2，夜にして", "夜にして", (2,)),
        ("＃２　夜にして", "夜にして", (2,)),
        ("#2改成夜晚", "改成夜晚", (2,)),
        ("#2を夜にして", "夜にして", (2,)),
        ("#2的背景改成白色", "背景改成白色", (2,)),
        ("#2", "", (2,)),
        ("#2:", "", (2,)),
        ("#1 #9 blend", "#9 blend", (1,)),
        ("#2 #333 background", "#333 background", (2,)),
        ("#2 all white", "all white", (2,)),
    ],
)
def test_numbers_at_the_head_name_pictures_that_there_are(content, text, numbers):
    assert parse_reply(content, numbers=FOUR) == ParsedReply(text, numbers)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("all: make it night", "make it night"),
        ("ALL: make it night", "make it night"),
        ("all, make it night", "make it night"),
        ("All , make it night", "make it night"),
        ("all：夜にして", "夜にして"),
        ("all、夜にして", "夜にして"),
        ("all of them: make it night", "make it night"),
        ("all:\nmake it night", "make it night"),
        ("all", ""),
        ("All:", ""),
        ("alle: mach es Nacht", "mach es Nacht"),
        ("Alles, bitte dunkler", "bitte dunkler"),
        ("todas: de noche", "de noche"),
        ("todos, de noche", "de noche"),
        ("Todas las imágenes: de noche", "de noche"),
        ("toutes : de nuit", "de nuit"),
        ("tous, de nuit", "de nuit"),
        ("todas as imagens: de noite", "de noite"),
        ("全部：改成夜晚", "改成夜晚"),
        ("全部，改成夜晚", "改成夜晚"),
        ("所有图片: 改成夜晚", "改成夜晚"),
        ("全部、夜にして", "夜にして"),
        ("すべて：夜にして", "夜にして"),
        ("全て：夜にして", "夜にして"),
    ],
)
def test_a_word_for_all_names_every_picture_where_it_stands_alone(content, text):
    assert parse_reply(content, numbers=FOUR) == ParsedReply(text, every=True)


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        ("<@42> make it night", ParsedReply("make it night", mentioned=True)),
        ("<@!42>#2 make it night", ParsedReply("make it night", (2,), mentioned=True)),
        ("<@&7> #2 make it night", ParsedReply("make it night", (2,), mentioned=True)),
        ("<@42>, make it night", ParsedReply("make it night", mentioned=True)),
        ("<@42>: make it night", ParsedReply("make it night", mentioned=True)),
        ("<@42> <@&7>, make it night", ParsedReply("make it night", mentioned=True)),
        ("<@42> all: make it night", ParsedReply("make it night", every=True, mentioned=True)),
        ("#2 <@42> make it night", ParsedReply("make it night", (2,), mentioned=True)),
        ("make it night <@42>", ParsedReply("make it night", mentioned=True)),
        ("make <@42> it night", ParsedReply("make it night", mentioned=True)),
        ("hey <@42>, make it night", ParsedReply("hey, make it night", mentioned=True)),
        ("one\n<@42>\ntwo", ParsedReply("one\n\ntwo", mentioned=True)),
        ("<@42>", ParsedReply("", mentioned=True)),
        ("<@42>夜にして", ParsedReply("夜にして", mentioned=True)),
        ("<@8> make it night", ParsedReply("<@8> make it night")),
        ("<@7> make it night", ParsedReply("<@7> make it night")),
        ("<@&42> make it night", ParsedReply("<@&42> make it night")),
        ("<@420> make it night", ParsedReply("<@420> make it night")),
        ("", ParsedReply("")),
    ],
)
def test_mentions_of_the_bot_and_its_role_are_seen_and_taken_out(content, reply):
    assert parse_reply(content, numbers=FOUR, bot_id=BOT, role_id=ROLE) == reply


def test_numbers_are_those_of_the_message():
    assert parse_reply("#12 as a sketch", numbers=SECOND_MESSAGE) == ParsedReply("as a sketch", (12,))
    assert parse_reply("#2 as a sketch", numbers=SECOND_MESSAGE) == ParsedReply("#2 as a sketch")
    assert parse_reply("#3 as a sketch", numbers=(1, 2, 4)) == ParsedReply("#3 as a sketch")


@given(st.text())
def test_any_text_is_understood_and_nothing_is_added_to_it(content):
    reply = parse_reply(content, numbers=FOUR, bot_id=BOT, role_id=ROLE)
    assert reply.text == reply.text.strip()
    assert content.rstrip().endswith(reply.text)
    assert set(reply.numbers) <= set(FOUR)


@given(st.lists(st.sampled_from(SECOND_MESSAGE), unique=True, max_size=5), st.text(st.characters(categories=["L"])))
def test_numbers_and_words_are_told_apart_however_many_there_are(numbers, text):
    content = " ".join([*(f"#{number}" for number in numbers), f"x{text}"])
    assert parse_reply(content, numbers=SECOND_MESSAGE) == ParsedReply(f"x{text}", tuple(numbers))


@pytest.mark.parametrize("piece", ["#1 ", "#1", "<@42>", "<@42> ", "all ", "all,", " ", "#1 and ", "，", "\u200b"])
def test_a_hostile_text_is_read_at_once(piece):
    content = "x" + (piece * 4000)[:4000]
    assert parse_reply(content[1:], numbers=FOUR, bot_id=BOT).text is not None
    assert parse_reply(content, numbers=FOUR, bot_id=BOT).text.startswith("x")


# --- which pictures ---------------------------------------------------------------------------------------------------


@given(st.sets(st.integers(1, 20), min_size=1), st.lists(st.integers(0, 25), max_size=4, unique=True), st.booleans())
def test_what_is_chosen_is_there_or_refused(there, named, every):
    pictures = {number: f"picture {number}" for number in sorted(there)}
    reply = ParsedReply("x", tuple(named), every=every)
    wrong = [number for number in named if number not in there]
    if wrong and not every:
        with pytest.raises(RefusalError, match=rf"no picture {wrong[0]}\."):
            chosen(pictures, reply)
    else:
        numbers = sorted(there) if every else named or [min(there)]
        assert chosen(pictures, reply) == [pictures[number] for number in numbers]


def test_pictures_are_numbered_from_one_or_where_an_earlier_message_ended():
    assert numbered("ab") == {1: "a", 2: "b"}
    assert numbered("ab", 11) == {11: "a", 12: "b"}


@pytest.mark.parametrize(
    ("numbers", "reply", "note"),
    [
        ((1,), ParsedReply("x"), ""),
        ((1,), ParsedReply("x", (1,)), ""),
        (FOUR, ParsedReply("x"), "Picture 1 of 4. To choose another, begin with #2, or with “all:” for all of them."),
        (FOUR, ParsedReply("x", (3,)), "#3 of 4 pictures."),
        (FOUR, ParsedReply("x", (3, 1)), "#3 and #1 of 4 pictures."),
        (FOUR, ParsedReply("x", every=True), "All 4 pictures."),
        (
            SECOND_MESSAGE,
            ParsedReply("x"),
            "Picture 11 of 15. To choose another, begin with #12, or with “all:” for all of them.",
        ),
        (SECOND_MESSAGE, ParsedReply("x", (12,)), "#12 of 15 pictures."),
        (SECOND_MESSAGE, ParsedReply("x", every=True), "All 5 pictures."),
        ((2, 4), ParsedReply("x"), "Picture 2 of 4. To choose another, begin with #4, or with “all:” for all of them."),
    ],
)
def test_of_several_pictures_the_note_says_which_are_meant_and_how_to_name_another(numbers, reply, note):
    assert which_note(numbers, reply) == note
