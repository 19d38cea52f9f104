"""How long nothing is sent after rate limits that do not say how long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.jobs.rate_limits import LONGEST_PAUSE_SECONDS, RateLimits


def in_a_row(count: int) -> RateLimits:
    limits = RateLimits()
    for number in range(count):
        limits = limits.met(sent_at=2.0 * number, now=2.0 * number + 1)
    return limits


def test_the_pause_doubles_from_a_second_to_a_minute():
    ceilings = [1, 2, 4, 8, 16, 32, 60, 60]
    for count, ceiling in enumerate(ceilings, 1):
        assert ceiling / 2 <= in_a_row(count).pause() <= ceiling


def test_those_that_were_under_way_together_count_once():
    limits = RateLimits().met(sent_at=1.0, now=3.0)
    assert limits.met(sent_at=2.0, now=4.0) is limits
    assert limits.met(sent_at=3.5, now=5.0).in_a_row == 2


def test_a_request_that_got_through_since_starts_it_again():
    limits = in_a_row(5)
    assert limits.passed(sent_at=limits.known_at) is limits
    assert limits.passed(sent_at=limits.known_at + 1) == RateLimits()


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100), st.floats(0, 100))))
def test_whatever_happens_the_pause_is_bounded(happened):
    limits = RateLimits()
    for met, sent_at, now in happened:
        limits = limits.met(sent_at=sent_at, now=now) if met else limits.passed(sent_at=sent_at)
        assert 0.5 <= limits.pause() <= LONGEST_PAUSE_SECONDS
