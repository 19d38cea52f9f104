"""The words of a reply, and the pictures of a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.errors import RefusalError
from cogs.words import Words, chosen, parse_words, which_note

BOT = 42


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("make it night", Words("make it night")),
        ("  <@42> make it night ", Words("make it night")),
        ("<@!42>#2 make it night", Words("make it night", (2,))),
        ("#2 make it night", Words("make it night", (2,))),
        ("#2, #3 blend them", Words("blend them", (2, 3))),
        ("#2 #2 twice", Words("twice", (2,))),
        ("all make it night", Words("make it night", every=True)),
        ("ALL: make it night", Words("make it night", every=True)),
        ("all", Words("", every=True)),
        ("allow more light", Words("allow more light")),
        ("allée fleurie", Words("allée fleurie")),
        ("all-over print", Words("all-over print")),
        ("#2改成夜晚", Words("改成夜晚", (2,))),
        ("#1、#3 合成", Words("合成", (1, 3))),
        ("＃2，夜にして", Words("夜にして", (2,))),
        ("all，改成夜晚", Words("改成夜晚", every=True)),
        ("all夜にして", Words("夜にして", every=True)),
        ("#fff as the sky", Words("#fff as the sky")),
        ("#2nd try", Words("#2nd try")),
        ("make #2 brighter", Words("make #2 brighter")),
        ("give <@7> a hat", Words("give <@7> a hat")),
        ("", Words("")),
        ("<@42>", Words("")),
    ],
)
def test_what_stands_at_the_head_chooses_pictures_and_the_rest_is_what_to_do(content, words):
    assert parse_words(content, bot_id=BOT) == words


@given(st.text())
def test_any_text_is_understood_as_some_words(content):
    words = parse_words(content, bot_id=BOT)
    assert words.text == words.text.strip()
    assert len(words.text) <= len(content)
    assert len(set(words.numbers)) == len(words.numbers)


@given(st.lists(st.integers(1, 30), unique=True, max_size=5), st.text(st.characters(categories=["L"]), min_size=1))
def test_numbers_and_words_are_told_apart_however_many_there_are(numbers, text):
    content = " ".join([*(f"#{number}" for number in numbers), text])
    if text.lower() != "all":
        assert parse_words(content, bot_id=BOT) == Words(text, tuple(numbers))


@given(st.integers(1, 20), st.lists(st.integers(0, 25), max_size=4), st.booleans())
def test_what_is_chosen_is_always_there_or_refused(pictures, numbers, every):
    there = [f"picture {number}" for number in range(1, pictures + 1)]
    words = Words("x", tuple(numbers), every=every)
    wrong = [number for number in numbers if not 1 <= number <= pictures]
    if wrong and not every:
        with pytest.raises(RefusalError, match=f"#{wrong[0]}:"):
            chosen(there, words)
    else:
        assert chosen(there, words) == (there if every else [there[number - 1] for number in numbers or [1]])


@pytest.mark.parametrize(
    ("pictures", "words", "note"),
    [
        (1, Words("x"), ""),
        (1, Words("x", (1,)), ""),
        (4, Words("x"), "Picture 1 of 4. For another, begin with #2, or with all for all of them."),
        (4, Words("x", (3,)), "#3 of 4 pictures."),
        (4, Words("x", (3, 1)), "#3 and #1 of 4 pictures."),
        (4, Words("x", every=True), "All 4 pictures."),
    ],
)
def test_of_several_pictures_it_is_said_which_are_meant_and_how_to_mean_another(pictures, words, note):
    assert which_note(pictures, words) == note
