"""What each of Discord's refusals means, and what a member is told of it."""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp
import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.delivery.discord_errors import Refusal, is_answerable, is_expected, refusal_of, refusal_words
from studio.jobs.errors import AnsweredElsewhereError


def refused(status, code=0):
    return discord.HTTPException(SimpleNamespace(status=status, reason=""), {"code": code, "message": "no"})


@pytest.mark.parametrize(
    ("status", "code", "refusal"),
    [
        (500, 0, Refusal.LATER),
        (503, 50035, Refusal.LATER),
        (429, 0, Refusal.LATER),
        (413, 0, Refusal.TOO_LARGE),
        (400, 40005, Refusal.TOO_LARGE),
        (400, 50045, Refusal.TOO_LARGE),
        (403, 40003, Refusal.LATER),
        (403, 40006, Refusal.LATER),
        (400, 40094, Refusal.CLOSED),
        (400, 30046, Refusal.CLOSED),
        (400, 50033, Refusal.CLOSED),
        (403, 50278, Refusal.CLOSED),
        (400, 20009, Refusal.PICTURES),
        (403, 20009, Refusal.PICTURES),
        (400, 200000, Refusal.WORDS),
        (400, 240000, Refusal.LINK),
        (400, 50083, Refusal.CLOSED),
        (400, 160005, Refusal.CLOSED),
        (403, 50001, Refusal.CLOSED),
        (401, 50027, Refusal.TOKEN),
        (404, 10015, Refusal.TOKEN),
        (404, 10062, Refusal.TOKEN),
        (404, 10008, Refusal.GONE),
        (404, 10003, Refusal.GONE),
        (404, 0, Refusal.CLOSED),
        (400, 50035, Refusal.INVALID),
        (400, 987654, Refusal.INVALID),
        (418, 0, Refusal.INVALID),
    ],
)
def test_a_refusal_says_what_follows_from_it(status, code, refusal):
    assert refusal_of(status, code) is refusal


@given(st.integers(400, 599), st.integers(0, 10**6))
def test_every_refusal_is_known(status, code):
    assert refusal_of(status, code) in Refusal


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
