"""Braces in prompts: which are choices, and the ideas that they make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.jobs.ideas import LONGEST_LABEL, MOST_COUNTED, MOST_IDEAS, TooManyIdeasError, as_typed, as_words, read_ideas
from tests.support.cpu import cpu_seconds

WORD = st.text(alphabet="abcdefgh ", min_size=1, max_size=8).filter(str.strip)
CHOICES = st.lists(WORD.map(str.strip), min_size=2, max_size=3, unique=True)


def words(text):
    return [idea.words for idea in read_ideas(text)]


def labels(text):
    return [idea.label for idea in read_ideas(text)]


def count(text):
    try:
        return len(read_ideas(text))
    except TooManyIdeasError as error:
        return int(error.count)


def test_two_groups_make_every_combination_in_the_order_they_are_written():
    text = "a {red, blue, green} car in {snow, rain}"
    assert words(text) == [
        "a red car in snow",
        "a red car in rain",
        "a blue car in snow",
        "a blue car in rain",
        "a green car in snow",
        "a green car in rain",
    ]
    assert labels(text)[:2] == ["red, snow", "red, rain"]


@pytest.mark.parametrize(
    "text",
    [
        "a {red} car",
        "a {red, red} car",
        "a {red, } car",
        "a {} car",
        "a {,} car",
        "a {red, blue car",
        "a red, blue} car",
        "a }red, blue{ car",
        r"a \{red, blue\} car",
        r"a \{red, blue} car",
        r"a {red, blue\} car",
        r"a {red\, blue} car",
        "a {red, {blue, green}} car",
        '{"subject": "fox", "style": "ink"}',
        "{ “subject” : fox, style}",
        '{"a": {"b": 1, "c": 2}}',
        "body { color: red; font: a, b }",
        "a red car",
        "",
    ],
)
def test_other_braces_stay_words(text):
    assert read_ideas(text) == []


def test_escapes_are_taken_out_of_words_and_choices():
    assert words(r"\{a, b\} {c\, d, e\}}") == ["{a, b} c, d", "{a, b} e}"]
    assert as_words(r"\{a\, b\} c:\{") == r"{a\, b} c:{"


def test_a_brace_without_its_partner_hides_no_group_after_it():
    assert words("{ a {b, c} }} {d") == []
    assert words("{ a {b, c} {d") == ["{ a b {d", "{ a c {d"]


@pytest.mark.parametrize("comma", [",", "，", "、", "،", "､"])
def test_commas_of_other_scripts_separate_choices(comma):
    assert labels(f"a {{red{comma} blue}} car") == ["red", "blue"]


def test_braces_of_chinese_keyboards_count():
    assert words("｛红，蓝｝色的车") == ["红色的车", "蓝色的车"]


def test_the_same_choice_twice_and_the_same_prompt_twice_count_once():
    assert labels("a {red, blue, red} car") == ["red", "blue"]
    assert words("{a, ab}{bc, c}") == ["abc", "ac", "abbc"]


def test_typed_options_may_be_choices():
    assert words("a fox --ar {1:1, 16:9}") == ["a fox --ar 1:1", "a fox --ar 16:9"]


def test_twelve_are_made_and_thirteen_are_counted():
    assert len(words("{a,b,c} {a,b,c,d}")) == MOST_IDEAS
    with pytest.raises(TooManyIdeasError) as error:
        read_ideas(f"{{{','.join('abcdefghijklm')}}}")
    assert error.value.count == 13


def test_a_label_is_short():
    [first, _] = read_ideas(f"{{{'a' * 500}, b}}")
    assert len(first.label) == LONGEST_LABEL
    assert first.words == "a" * 500


@pytest.mark.parametrize("text", ["{a,b}" * 800, "{" * 4000, "{a" * 2000, "{a;b}" * 800, "}" * 4000, "{a,}" * 1000])
def test_hostile_prompts_take_no_time(text):
    assert count(text) in {0, MOST_COUNTED}
    assert cpu_seconds(lambda: count(text)) < 0.5


@given(st.text(alphabet='ab ,，{}\\;:"', max_size=60))
def test_any_text_has_no_idea_or_several_different_ones(text):
    if count(text) <= MOST_IDEAS:
        ideas = words(text)
        assert len(ideas) != 1
        assert len(set(ideas)) == len(ideas) == count(text)


@given(WORD, CHOICES, WORD, CHOICES)
def test_each_choice_is_in_as_many_ideas_as_the_other_group_has_choices(before, first, middle, second):
    text = f"{before}{{{', '.join(first)}}} {middle} {{{','.join(second)}}}"
    assert words(text) == [f"{before}{a} {middle} {b}" for a in first for b in second]


@given(st.text(alphabet="ab ,{}", max_size=40))
def test_a_text_whose_braces_are_escaped_stays_as_it_is(text):
    escaped = text.replace("{", r"\{").replace("}", r"\}")
    assert read_ideas(escaped) == []
    assert as_words(escaped) == text


@pytest.mark.parametrize("words", ["a red car", "a {red} car", '{"subject": "fox", "style": "ink"}', "a {b"])
def test_words_that_are_read_as_they_are_are_typed_as_they_are(words):
    assert as_typed(words) == words


@given(st.text(alphabet="ab ,{}\\｛，", max_size=40))
def test_what_is_typed_for_words_is_read_as_these_words(words):
    assert read_ideas(as_typed(words)) == []
    assert as_words(as_typed(words)) == words
