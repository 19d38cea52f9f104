"""What is shown before a limit is saved, and what its button says."""

from __future__ import annotations

import re

import pytest

from cogs.quota_admin.preview import look_back_words, parse_save, save_argument
from cogs.quota_admin.screens import PATTERN
from studio.quota.limits import EVERYONE, MOST_AMOUNT, SERVER, Limit, LimitKind, Target, Who
from studio.quota.what_if import Forecast

ADA = Target(Who.MEMBER, 10**18)
DAILY = Limit(EVERYONE, LimitKind.DAY, 5)


@pytest.mark.parametrize(
    "limit", [DAILY, Limit(ADA, LimitKind.COOLDOWN, MOST_AMOUNT), Limit(SERVER, LimitKind.WEEK, None)]
)
@pytest.mark.parametrize("amount", ["nothing", 0, None, MOST_AMOUNT])
def test_the_button_knows_the_limit_and_the_one_that_it_replaces(limit, amount):
    before = None if amount == "nothing" else Limit(limit.target, limit.kind, amount)
    argument = save_argument(limit, before)
    assert re.fullmatch(PATTERN, f"sd:qa:save:{argument}")
    assert parse_save(argument) == (limit, (before,) if before else ())


@pytest.mark.parametrize(
    "argument",
    ["", "everyone.day.5", "everyone.day.none.none", "role.day.5.none", "server.images.5.none", "x.y.z.none"],
)
def test_a_button_that_cannot_be_read_saves_nothing(argument):
    assert parse_save(argument) is None


@pytest.mark.parametrize(
    ("limit", "forecast", "words"),
    [
        (
            DAILY,
            Forecast(3, 140, 120),
            "**3 members** would have met this limit. **120 of 140 credits** would",
        ),
        (
            DAILY,
            Forecast(9, 140, 20, others=50),
            "at least **9 members** would have met this limit. At most **20 of 140",
        ),
        (
            DAILY,
            Forecast(0, 140, 140),
            "nobody would have met this limit. **140 credits** were used, as before.",
        ),
        (
            DAILY,
            Forecast(0, 140, 140, others=200),
            "at most **200 members** would have met this limit. **140 credits** were used.",
        ),
        (Limit(SERVER, LimitKind.DAY, 1), Forecast(0, 5, 1), "only anonymous members would have met this limit."),
        (DAILY, Forecast(0, 0, 0), "no credits were used, so there is nothing to compare."),
        (
            Limit(ADA, LimitKind.DAY, 1),
            Forecast(1, 5, 1),
            "they would have met this limit. **1 of 5 credits**",
        ),
        (DAILY, None, "Discord didn't send the members' roles in time"),
    ],
)
def test_the_last_days_are_said_in_words(limit, forecast, words):
    assert words in look_back_words(limit, forecast)


@pytest.mark.parametrize("target", [EVERYONE, ADA, Target(Who.ROLE, 21)])
def test_extra_credits_are_left_out_except_under_the_servers_limit_which_they_count_against(target):
    forecast, left_out = Forecast(3, 140, 120), "Extra credits aren't counted."
    assert left_out in look_back_words(Limit(target, LimitKind.DAY, 5), forecast)
    assert left_out not in look_back_words(Limit(SERVER, LimitKind.DAY, 5), forecast)
