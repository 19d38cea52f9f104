"""The sentences about quotas, as tables."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from cogs.i18n.translate import LANGUAGES, using_locale
from cogs.quota.card import render_quota
from cogs.requests.errors import sentence
from cogs.texts.limits import duration
from cogs.texts.quota import (
    bar,
    is_limited,
    lead,
    left_line,
    offer_label,
    refusal_sentence,
    small_lines,
    tightest,
    whose_limit,
)
from seedream import MODELS
from seedream.capabilities import PriceAbove
from studio.jobs.reservations import QuotaStatus
from studio.quota.decide import Closed, LimitStatus, Refused
from studio.quota.errors import ClosedError, CrowdedError, QuotaExceededError
from studio.quota.ledger import Measure, Scope, UsageQuery
from studio.quota.limits import EVERYONE, SERVER, LimitKind, LimitRule, Target, Who
from studio.quota.prices import NO_PRICES, ModelPrice

METER = UsageQuery(Measure.ALLOWANCE, Scope(1, 11))
ROLE, OWN = Target(Who.ROLE, 21), Target(Who.MEMBER, 11)
NOW = 1000.0


def rule(kind=LimitKind.DAY, by=EVERYONE, amount=5, ends: float | None = 2000.0) -> LimitRule:
    window = kind.window is not None
    return LimitRule(
        kind=kind,
        by=by,
        amount=amount,
        usage_query=METER,
        ends=ends if window else None,
        extended=window and by.who in {Who.EVERYONE, Who.ROLE, Who.MEMBER},
    )


def refused(rule_, *, used=4, wanted=4, left=1, grants_left=0, resets_at=2000.0) -> Refused:
    return Refused(
        rule=rule_,
        used=used,
        amount=rule_.amount,
        wanted=wanted,
        left=left,
        grants_left=grants_left,
        resets_at=resets_at,
        fits=0,
        price=1,
    )


REFUSALS = [
    (
        refused(rule()),
        "**1 of 5 left today.** This costs 4 credits. More <t:2001:R>, or ask an admin.",
    ),
    (
        refused(rule(LimitKind.WEEK, ROLE, 50), used=48, left=2, grants_left=1),
        (
            "**2 of 50 left this week** (your role <@&21>'s limit). You also have 1 granted credit. This costs "
            "4 credits. More <t:2001:R>, or ask an admin."
        ),
    ),
    (
        refused(rule(LimitKind.MONTH, OWN, 1), used=1, left=0, wanted=1),
        "**0 of 1 left this month** (your own limit). More <t:2001:R>, or ask an admin.",
    ),
    (
        refused(rule(LimitKind.MONTH, SERVER, 100), used=100, left=0),
        "**0 of 100 left this month** (the whole server's limit). More <t:2001:R>, or ask an admin.",
    ),
    (
        refused(rule(LimitKind.DAY, SERVER, 100), used=98, left=2),
        ("**2 of 100 left today** (the whole server's limit). This costs 4 credits. More <t:2001:R>, or ask an admin."),
    ),
    (
        refused(rule(LimitKind.DAY, Target(Who.BOT), 9), used=9, left=0),
        ("**0 of 9 left today** (the whole bot's limit). More <t:2001:R>. Only the bot's owner can raise the limit."),
    ),
    (
        refused(rule(LimitKind.DAY, Target(Who.PERSONAL), 3), used=3, left=0),
        ("**0 of 3 left today** (limit outside servers). More <t:2001:R>. Only the bot's owner can raise the limit."),
    ),
    (
        refused(rule(amount=0), used=0, left=0, resets_at=None),
        "You can't make pictures here (limit: 0 credits a day). Ask an admin to raise the limit.",
    ),
    (
        refused(rule(amount=0), used=0, left=0, grants_left=2, resets_at=None),
        "You have **2 credits** left. This costs 4 credits. Ask an admin to raise the limit.",
    ),
    (
        refused(rule(LimitKind.COOLDOWN, amount=90), used=30, wanted=90, left=60),
        "You can make your next request <t:2001:R> (limit: 90 seconds between requests).",
    ),
    (
        refused(rule(LimitKind.AT_ONCE, amount=1), used=1, wanted=1, left=0, resets_at=None),
        "You already have 1 request running (limit: 1). Wait until one is done, or ask an admin to raise the limit.",
    ),
    (
        refused(rule(LimitKind.IMAGES, amount=2), used=0, wanted=4, left=2, resets_at=None),
        "4 pictures are too many for one request (limit: 2). Make fewer, or ask an admin to raise the limit.",
    ),
]


@pytest.mark.parametrize(("given", "expected"), REFUSALS, ids=[f"{one.by.who}-{one.kind}" for one, _ in REFUSALS])
def test_a_refusal_says_which_limit_how_much_is_left_when_and_whom_to_ask(given, expected):
    assert refusal_sentence(given) == expected
    assert sentence(QuotaExceededError(given)) == expected


@pytest.mark.parametrize("error", [*map(ClosedError, Closed), CrowdedError()])
def test_every_other_refusal_has_its_sentence_too(error):
    assert "othing was made or charged" in sentence(error)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 seconds"), (1, "1 second"), (90, "90 seconds"), (120, "2 minutes"), (3600, "1 hour"), (172_800, "2 days")],
)
def test_a_duration_is_given_in_the_largest_unit_that_is_exact(seconds, expected):
    assert duration(seconds) == expected


def test_an_offer_says_what_it_costs_where_that_is_not_a_credit_a_picture():
    assert [offer_label(4, price) for price in (0, 1, 2)] == [
        "Make 4 · 0 credits",
        "Make 4 · 4 credits",
        "Make 4 · 8 credits",
    ]
    assert [offer_label(1, price) for price in (1, 2)] == ["Make 1", "Make 1 · 2 credits"]


@pytest.mark.parametrize(
    ("left", "amount", "expected"),
    [
        (5, 5, "🟩" * 10),
        (99, 100, "🟩" * 9 + "⬛"),
        (50, 100, "🟩" * 5 + "⬛" * 5),
        (24, 100, "🟨" * 2 + "⬛" * 8),
        (1, 100, "🟨" + "⬛" * 9),
        (0, 100, "⬛" * 10),
        (0, 0, "⬛" * 10),
    ],
)
def test_a_bar_is_full_only_while_nothing_is_used_and_empty_only_when_nothing_is_left(left, amount, expected):
    assert bar(left, amount) == expected


LIMIT_STATUSES = [
    (
        LimitStatus(rule=rule(), used=3),
        "-# **Limit for each member:** 2 of 5 left today · resets <t:2001:R>",
    ),
    (
        LimitStatus(rule=rule(by=ROLE, amount=None), used=3),
        "-# **Limit for your role <@&21>:** unlimited credits a day",
    ),
    (
        LimitStatus(rule=rule(amount=2), used=3),
        "-# **Limit for each member:** 0 of 2 left today · resets <t:2001:R>",
    ),
    (LimitStatus(rule=rule(amount=0), used=0), "-# **Limit for each member:** 0 credits a day"),
    (
        LimitStatus(rule=rule(LimitKind.COOLDOWN, OWN, 60), used=990.0),
        "-# **Your own limit:** 1 minute between requests",
    ),
    (
        LimitStatus(rule=rule(LimitKind.COOLDOWN, OWN, 60), used=0),
        "-# **Your own limit:** 1 minute between requests",
    ),
    (LimitStatus(rule=rule(LimitKind.COOLDOWN, OWN, None), used=0), "-# **Your own limit:** no cooldown"),
    (
        LimitStatus(rule=rule(LimitKind.AT_ONCE, amount=2), used=1),
        "-# **Limit for each member:** 2 requests at once (1 running)",
    ),
    (
        LimitStatus(rule=rule(LimitKind.IMAGES, amount=4), used=0),
        "-# **Limit for each member:** 4 pictures per request",
    ),
]


@pytest.mark.parametrize(("status", "expected"), LIMIT_STATUSES)
def test_a_limits_status_names_whose_limit_it_is(status, expected):
    assert [line.replace("\xa0", " ") for line in small_lines([status], whose_limit)] == [expected]


def test_several_limits_of_the_same_target_share_a_line():
    limits = [rule(LimitKind.COOLDOWN, amount=60), rule(LimitKind.IMAGES, amount=4), rule(LimitKind.WEEK, SERVER, 9)]
    each, server = small_lines([LimitStatus(rule=one, used=0) for one in limits], whose_limit)
    assert (
        each == "-# **Limit for each member:** 1\xa0minute\xa0between\xa0requests\xa0· 4\xa0pictures\xa0per\xa0request"
    )
    assert server.startswith("-# **Limit for the whole server (shared):** 9 of 9 left this week")


def test_a_cooldown_that_lasts_says_when_it_ends():
    for newest, words in ((990.0, "1 minute between requests (next request <t:1051:R>)"), (0.0, "between requests")):
        drawn = str(
            render_quota(overview(LimitStatus(rule=rule(LimitKind.COOLDOWN, OWN, 60), used=newest))).to_components()
        )
        assert words in drawn.replace("\\xa0", " ")
        assert ("next request" in drawn) is bool(newest)


def test_over_a_lowered_limit_nothing_is_left_and_no_more_is_said():
    lines = lead(LimitStatus(rule=rule(amount=10), used=17), whose_limit)
    assert lines.startswith("### 0 of 10 left today\n" + "⬛" * 10)
    assert "17" not in lines


def test_of_a_limit_that_allows_nothing_there_is_no_reset_to_wait_for():
    nothing = LimitStatus(rule=rule(amount=0), used=0)
    words = f"{lead(nothing, whose_limit)}\n{left_line(nothing)}"
    assert words == f"### 0 credits a day\n{bar(0, 0)}\n-# Limit for each member\n**0 credits a day**"


def test_the_limit_of_which_least_is_left_leads():
    day, month = LimitStatus(rule=rule(), used=3), LimitStatus(rule=rule(LimitKind.MONTH, SERVER, 100), used=99)
    unlimited = LimitStatus(rule=rule(LimitKind.WEEK, amount=None), used=9)
    assert tightest([day, unlimited, month]) == month
    assert tightest([unlimited, LimitStatus(rule=rule(LimitKind.IMAGES, amount=0), used=0)]) is None


def overview(*limit_statuses, grants=0, closed=None) -> QuotaStatus:
    return QuotaStatus(now=NOW, limit_statuses=limit_statuses, grants=grants, prices=NO_PRICES, closed=closed)


OVERVIEWS = [
    (overview(), inf, None),
    (overview(LimitStatus(rule=rule(), used=3)), 2, None),
    (overview(LimitStatus(rule=rule(), used=5)), 0, 2000.0),
    (overview(LimitStatus(rule=rule(), used=5), grants=2), 2, None),
    (overview(LimitStatus(rule=rule(by=SERVER), used=5), grants=2), 0, 2000.0),
    (overview(LimitStatus(rule=rule(amount=0), used=0)), 0, None),
    (
        overview(LimitStatus(rule=rule(), used=5), LimitStatus(rule=rule(LimitKind.WEEK, ends=9000.0), used=5)),
        0,
        9000.0,
    ),
    (overview(LimitStatus(rule=rule(), used=5), LimitStatus(rule=rule(LimitKind.WEEK, amount=0), used=5)), 0, None),
    (overview(LimitStatus(rule=rule(), used=1), LimitStatus(rule=rule(LimitKind.IMAGES, amount=0), used=0)), 4, None),
]


@pytest.mark.parametrize(("given", "left", "more_at"), OVERVIEWS)
def test_what_is_left_by_every_window_and_when_there_is_more(given, left, more_at):
    assert (given.left, given.more_at if not given.left else None) == (left, more_at)


async def test_the_screen_says_all_of_it():
    limit_statuses = [LimitStatus(rule=rule(), used=5), LimitStatus(rule=rule(LimitKind.MONTH, SERVER, 100), used=40)]
    drawn = str(render_quota(overview(*limit_statuses, grants=3)).to_components())
    for expected in (
        "### 0 of 5 left today",
        "for each member",
        "whole server",
        "granted to you",
        "A picture costs 1 credit.",
    ):
        assert expected in drawn
    assert "servers only" in str(render_quota(overview(closed=Closed.PERSONAL)).to_components())
    assert "You have no limits here" in str(render_quota(overview()).to_components())
    assert "60 of 100 left this month · resets <t:2001:R>" in drawn


async def test_ones_own_limits_come_before_those_that_are_shared():
    limit_statuses = [
        LimitStatus(rule=rule(LimitKind.DAY, Target(Who.BOT), 9), used=0),
        LimitStatus(rule=rule(), used=0),
    ]
    drawn = str(render_quota(overview(*limit_statuses)).to_components())
    assert drawn.index("for each member") < drawn.index("for the whole bot")


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_the_longest_screen_is_one_that_discord_takes(locale):
    owners = [Target(Who.BOT), SERVER, Target(Who.ROLE, 10**18)]
    limit_statuses = [LimitStatus(rule=rule(kind, by, 10**9), used=10**9) for kind in LimitKind for by in owners]
    dear = ModelPrice(picture=999, above=PriceAbove(pixels=10**9, price=1000), reference=1000, layer=1000)
    prices = {name: replace(dear, picture=number) for number, name in enumerate(MODELS, start=900)}
    with using_locale(locale):
        view = render_quota(
            QuotaStatus(now=NOW, limit_statuses=tuple(limit_statuses), grants=10**9, prices=prices, closed=None)
        )
    assert view.content_length() <= 4000
    assert view.total_children_count <= 40


def test_only_the_whole_bots_limit_is_none_that_members_look_at():
    whole_bot = LimitStatus(rule=rule(by=Target(Who.BOT), amount=100), used=0)
    unlimited = LimitStatus(rule=rule(amount=None), used=0)
    pictures = LimitStatus(rule=rule(LimitKind.IMAGES, amount=4), used=0)
    assert not is_limited([whole_bot, unlimited, pictures])
    assert is_limited([whole_bot, LimitStatus(rule=rule(by=SERVER), used=0)])
