"""What is said once an hour."""

from __future__ import annotations

from cogs.delivery.log_throttle import OncePerHour


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
