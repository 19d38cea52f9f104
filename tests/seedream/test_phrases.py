"""Phrases: English as they are, and still phrases after they were kept."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from seedream.phrases import OneOf, Phrase, from_json, to_json

words = st.text(max_size=20)
phrases = st.deferred(
    lambda: st.one_of(
        st.builds(lambda value: Phrase("“{value}” is none", value=value), st.one_of(words, st.integers(), phrases)),
        st.builds(lambda n, of: Phrase.counted("{n} of {of}", "{n} of all {of}", n, of=of), st.integers(0, 3), words),
        st.builds(OneOf, st.lists(words, min_size=1, max_size=3)),
    )
)


def test_numbers_get_their_commas_and_the_plural_is_chosen():
    assert Phrase("at most {most} bytes", most=10_000_000) == "at most 10,000,000 bytes"
    assert [Phrase.counted("{n} image", "{n} images", n) for n in (0, 1, 2)] == ["0 images", "1 image", "2 images"]


def test_braces_in_a_value_are_text():
    assert Phrase("“{name}” is empty", name="{0.__class__}") == "“{0.__class__}” is empty"


def test_one_of_several_is_listed():
    assert [OneOf(["2K"]), OneOf(["2K", "3K"]), OneOf(["2K", "3K", "4K"])] == ["2K", "2K or 3K", "2K, 3K or 4K"]


@given(phrases)
def test_a_phrase_that_was_kept_is_the_same_phrase(phrase):
    read = from_json(json.loads(json.dumps(to_json(phrase))))
    assert read == phrase
    assert to_json(read) == to_json(phrase)


@given(words)
def test_any_other_text_is_kept_as_it_is(text):
    assert from_json(json.loads(json.dumps(to_json(text)))) == text
