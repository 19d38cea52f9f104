"""What is said once an hour."""

from __future__ import annotations

from cogs.delivery.log_throttle import MOST_KINDS, OncePerHour


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_the_first_of_a_kind_in_an_hour_is_news():
    clock = Clock()
    told = OncePerHour(clock)
    news = []
    for clock.now in (0.0, 1.0, 3599.0, 3600.0, 3601.0, 7200.0):
        news.append(told.is_news("token"))
    assert news == [True, False, False, True, False, True]
    assert told.is_news("another kind")


def test_what_is_quiet_no_longer_is_forgotten_and_no_flood_of_kinds_is_remembered():
    clock = Clock()
    told = OncePerHour(clock)
    assert all(told.is_news(f"flood {member}") for member in range(3 * MOST_KINDS))
    assert len(told._quiet_until) == MOST_KINDS
    assert not told.is_news(f"flood {3 * MOST_KINDS - 1}")
    clock.now = 3600.0
    assert told.is_news("token")
    assert set(told._quiet_until) == {"token"}
