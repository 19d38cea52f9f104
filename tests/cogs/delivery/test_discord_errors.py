"""What each of Discord's refusals means, and what a member is told of it."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp
import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.delivery.discord_errors import DiscordRefusal, is_answerable, is_expected, refusal_of, refusal_words
from studio.jobs.errors import AnsweredElsewhereError


def refused(status, code=0):
    return discord.HTTPException(SimpleNamespace(status=status, reason=""), {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("status", "code", "refusal"),
    [
        (500, 0, DiscordRefusal.LATER),
        (503, 50035, DiscordRefusal.LATER),
        (429, 0, DiscordRefusal.LATER),
        (413, 0, DiscordRefusal.TOO_LARGE),
        (400, 40005, DiscordRefusal.TOO_LARGE),
        (400, 50045, DiscordRefusal.TOO_LARGE),
        (403, 40003, DiscordRefusal.LATER),
        (403, 40006, DiscordRefusal.LATER),
        (400, 40094, DiscordRefusal.CLOSED),
        (400, 30046, DiscordRefusal.CLOSED),
        (400, 50033, DiscordRefusal.CLOSED),
        (403, 50278, DiscordRefusal.CLOSED),
        (400, 20009, DiscordRefusal.PICTURES),
        (403, 20009, DiscordRefusal.PICTURES),
        (400, 200000, DiscordRefusal.WORDS),
        (400, 240000, DiscordRefusal.LINK),
        (400, 50083, DiscordRefusal.CLOSED),
        (400, 160005, DiscordRefusal.CLOSED),
        (403, 50001, DiscordRefusal.CLOSED),
        (401, 50027, DiscordRefusal.TOKEN),
        (404, 10015, DiscordRefusal.TOKEN),
        (404, 10062, DiscordRefusal.TOKEN),
        (404, 10008, DiscordRefusal.GONE),
        (404, 10003, DiscordRefusal.GONE),
        (404, 0, DiscordRefusal.CLOSED),
        (400, 50035, DiscordRefusal.INVALID),
        (400, 987654, DiscordRefusal.INVALID),
        (418, 0, DiscordRefusal.INVALID),
    ],
)
def test_a_refusal_says_what_follows_from_it(status, code, refusal):
    assert refusal_of(status, code) is refusal


@given(st.integers(400, 599), st.integers(0, 10**6))
def test_every_refusal_is_known(status, code):
    assert refusal_of(status, code) in DiscordRefusal


@pytest.mark.parametrize("code", [10062, 40060, 10008, 50027, 50001, 50083, 160005, 200000, 20009, 240000])
def test_what_happens_in_the_course_of_a_day_is_expected_and_has_words(code):
    assert is_expected(refused(400, code))
    assert refusal_words(refused(400, code))


@pytest.mark.parametrize("error", [refused(400, 50035), refused(400, 987654), ValueError(), OSError()])
def test_what_nobody_foresaw_is_not_expected(error):
    assert not is_expected(error)
    assert refusal_words(error) is None


@pytest.mark.parametrize("code", [10062, 40060, 10015, 50027])
def test_nobody_is_left_to_tell_where_the_interaction_is_over(code):
    assert not is_answerable(refused(404, code))


def test_nobody_is_left_to_tell_where_another_program_has_answered():
    assert not is_answerable(AnsweredElsewhereError())


@pytest.mark.parametrize("error", [refused(400, 200000), refused(404, 10008), aiohttp.ClientError(), ValueError()])
def test_elsewhere_the_member_is_told(error):
    assert is_answerable(error)
