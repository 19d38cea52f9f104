"""How often messages are answered: with few refusals a minute, and so seldom that there is room for results."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.messages.notices import CHANNEL_MOST, CHANNEL_SECONDS, MEMBER_SECONDS, Allowance, Once


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_member_gets_words_once_a_minute(clock):
    allowance = Allowance(clock)
    assert allowance.takes_words(1, 10)
    assert not allowance.takes_words(1, 10)
    clock.now += MEMBER_SECONDS
    assert allowance.takes_words(1, 10)


def test_a_member_who_goes_on_to_something_else_hears_what_is_wrong_with_that_but_not_for_ever(clock):
    allowance = Allowance(clock)
    said = []
    for text in ("a text file", "a video", "a video", "a web page", "an archive"):
        clock.now += CHANNEL_SECONDS
        said.append(allowance.takes_words(1, 10, refusal=text))
    assert said == [True, True, False, True, False]


def test_questions_and_help_are_not_held_back_by_a_refusal_but_by_the_channel(clock):
    allowance = Allowance(clock)
    assert allowance.takes_words(1, 10)
    for _ in range(CHANNEL_MOST - 1):
        assert allowance.takes_words(1, 10, refusal=None)
    assert not allowance.takes_words(1, 10, refusal=None)


def test_members_do_not_use_up_each_others_words(clock):
    allowance = Allowance(clock)
    assert allowance.takes_words(1, 10)
    assert allowance.takes_words(2, 10)


def test_a_member_who_is_kept_waiting_by_others_gets_words_later(clock):
    allowance = Allowance(clock)
    for member in range(CHANNEL_MOST):
        assert allowance.takes_words(member, 10)
    assert not allowance.takes_words(99, 10)
    assert allowance.takes_words(99, 11)
    clock.now += CHANNEL_SECONDS
    assert allowance.takes_words(99, 10)


def test_a_full_channel_has_room_again_when_its_oldest_answer_is_long_enough_ago(clock):
    allowance = Allowance(clock)
    assert allowance.seconds_until_room(10) == 0
    for member in range(CHANNEL_MOST):
        allowance.takes_words(member, 10)
        clock.now += 1
    assert allowance.seconds_until_room(10) == CHANNEL_SECONDS - CHANNEL_MOST
    assert allowance.seconds_until_room(11) == 0


def test_a_channel_gets_a_reaction_a_second(clock):
    allowance = Allowance(clock)
    assert allowance.takes_reaction(10)
    assert not allowance.takes_reaction(10)
    assert allowance.takes_reaction(11)
    clock.now += 1
    assert allowance.takes_reaction(10)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 20))))
def test_no_channel_ever_gets_more_than_its_share(asked):
    clock = Clock()
    allowance = Allowance(clock)
    posted = []
    for pause, member in asked:
        clock.now += pause
        if allowance.takes_words(member, 10):
            posted.append(clock.now)
    for at in posted:
        assert sum(at <= other < at + CHANNEL_SECONDS for other in posted) <= CHANNEL_MOST


def test_something_is_due_once_in_its_time_for_each_key(clock):
    once = Once(clock, 60)
    assert once.due("a")
    assert not once.due("a")
    assert once.due("b")
    clock.now += 60
    assert once.due("a")
