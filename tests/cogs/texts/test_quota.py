"""The sentences about quotas, as tables."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from cogs.i18n.translate import LANGUAGES, speaking
from cogs.quota.card import draw_quota
from cogs.requests.errors import sentence
from cogs.texts.limits import duration
from cogs.texts.quota import bar, offer_label, refusal_sentence, standing_lines
from seedream import MODELS
from seedream.capabilities import PriceAbove
from studio.jobs.reservations import Overview
from studio.quota.decide import Closed, Refused, Standing
from studio.quota.errors import ClosedError, CrowdedError, QuotaExceededError
from studio.quota.ledger import Measure, Meter, Scope
from studio.quota.limits import EVERYONE, SERVER, Kind, Rule, Target, Who
from studio.quota.prices import NO_PRICES, ModelPrice

METER = Meter(Measure.ALLOWANCE, Scope(1, 11))
ROLE, OWN = Target(Who.ROLE, 21), Target(Who.MEMBER, 11)
NOW = 1000.0


def rule(kind=Kind.DAY, by=EVERYONE, amount=5, ends: float | None = 2000.0) -> Rule:
    window = kind.window is not None
    return Rule(
        kind=kind,
        by=by,
        amount=amount,
        meter=METER,
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
        (
            "**Limit for everyone here:** 5 credits a day\n4 used, 1 left; this takes 4. "
            "It resets <t:2001:R>. An admin of this server can raise it, or grant you more."
        ),
    ),
    (
        refused(rule(Kind.WEEK, ROLE, 50), used=48, left=2, grants_left=1),
        (
            "**Limit for your role <@&21>:** 50 credits a week\n48 used, 2 left, and 1 credit granted to you; "
            "this takes 4. It resets <t:2001:R>. An admin of this server can raise it, or grant you more."
        ),
    ),
    (
        refused(rule(Kind.MONTH, OWN, 1), used=1, left=0, wanted=1),
        (
            "**Your own limit here:** 1 credit a month\n1 used, 0 left; this takes 1. "
            "It resets <t:2001:R>. An admin of this server can raise it, or grant you more."
        ),
    ),
    (
        refused(rule(Kind.MONTH, SERVER, 100), used=100, left=0),
        (
            "**Limit for this whole server, all members together:** 100 credits a month\n"
            "100 used, 0 left; this takes 4. It resets <t:2001:R>. An admin of this server can raise it."
        ),
    ),
    (
        refused(rule(Kind.DAY, Target(Who.BOT), 9), used=9, left=0),
        (
            "**Limit for this whole bot, all servers together:** 9 credits a day\n9 used, 0 left; this takes 4. "
            "It resets <t:2001:R>. Only whoever runs the bot can raise it."
        ),
    ),
    (
        refused(rule(Kind.DAY, Target(Who.PERSONAL), 3), used=3, left=0),
        (
            "**Limit for each member outside of servers:** 3 credits a day\n3 used, 0 left; this takes 4. "
            "It resets <t:2001:R>. Only whoever runs the bot can raise it."
        ),
    ),
    (
        refused(rule(amount=0), used=0, left=0, resets_at=None),
        "**Limit for everyone here:** 0 credits a day\nAn admin of this server can raise it, or grant you more.",
    ),
    (
        refused(rule(Kind.COOLDOWN, amount=90), used=30, wanted=90, left=60),
        (
            "**Limit for everyone here:** 90 seconds between requests\n30 seconds since your last request. "
            "You can ask again <t:2001:R>."
        ),
    ),
    (
        refused(rule(Kind.AT_ONCE, amount=1), used=1, wanted=1, left=0, resets_at=None),
        (
            "**Limit for everyone here:** 1 request at once\nYou have 1 request in the making. "
            "Wait until one of them is done. An admin of this server can raise it."
        ),
    ),
    (
        refused(rule(Kind.IMAGES, amount=2), used=0, wanted=4, left=2, resets_at=None),
        (
            "**Limit for everyone here:** 2 pictures a request\nThis asks for 4 pictures. "
            "Ask for fewer. An admin of this server can raise it."
        ),
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
def test_a_duration_is_told_in_the_largest_unit_that_is_exact(seconds, expected):
    assert duration(seconds) == expected


def test_an_offer_says_what_it_costs_where_that_is_not_a_credit_a_picture():
    assert [offer_label(4, price) for price in (0, 1, 2)] == ["Make 4 for 0 credits", "Make 4", "Make 4 for 8 credits"]


@pytest.mark.parametrize(
    ("used", "amount", "filled"),
    [(0, 5, 0), (1, 100, 1), (50, 100, 6), (99, 100, 11), (100, 100, 12), (7, 5, 12), (0, 0, 12)],
)
def test_a_bar_is_full_only_when_all_is_used_and_empty_only_when_nothing_is(used, amount, filled):
    assert bar(used, amount) == "█" * filled + "░" * (12 - filled)


STANDINGS = [
    (
        Standing(rule=rule(), used=3),
        "**Limit for everyone here:** 5 credits a day\n`███████░░░░░` 3 of 5 used, 2 left · resets <t:2001:R>",
    ),
    (
        Standing(rule=rule(by=ROLE, amount=None), used=3),
        "**Limit for your role <@&21>:** unlimited credits a day",
    ),
    (
        Standing(rule=rule(amount=2), used=3),
        "**Limit for everyone here:** 2 credits a day\n`████████████` 3 of 2 used, 0 left · resets <t:2001:R>",
    ),
    (
        Standing(rule=rule(Kind.COOLDOWN, OWN, 60), used=990.0),
        "**Your own limit here:** 1 minute between requests\nYou can ask again <t:1051:R>.",
    ),
    (
        Standing(rule=rule(Kind.COOLDOWN, OWN, 60), used=0),
        "**Your own limit here:** 1 minute between requests\nYou can ask now.",
    ),
    (Standing(rule=rule(Kind.COOLDOWN, OWN, None), used=0), "**Your own limit here:** no cooldown"),
    (
        Standing(rule=rule(Kind.AT_ONCE, amount=2), used=1),
        "**Limit for everyone here:** 2 requests at once\n1 request in the making",
    ),
    (
        Standing(rule=rule(Kind.IMAGES, amount=4), used=0),
        "**Limit for everyone here:** 4 pictures a request",
    ),
]


@pytest.mark.parametrize(("standing", "expected"), STANDINGS)
def test_where_a_member_stands_is_told_with_whose_limit_it_is(standing, expected):
    assert standing_lines(standing, NOW) == expected


def overview(*standings, grants=0, closed=None) -> Overview:
    return Overview(now=NOW, standings=standings, grants=grants, prices=NO_PRICES, closed=closed)


OVERVIEWS = [
    (overview(), inf, None),
    (overview(Standing(rule=rule(), used=3)), 2, None),
    (overview(Standing(rule=rule(), used=5)), 0, 2000.0),
    (overview(Standing(rule=rule(), used=5), grants=2), 2, None),
    (overview(Standing(rule=rule(by=SERVER), used=5), grants=2), 0, 2000.0),
    (overview(Standing(rule=rule(amount=0), used=0)), 0, None),
    (overview(Standing(rule=rule(), used=5), Standing(rule=rule(Kind.WEEK, ends=9000.0), used=5)), 0, 9000.0),
    (overview(Standing(rule=rule(), used=5), Standing(rule=rule(Kind.WEEK, amount=0), used=5)), 0, None),
    (overview(Standing(rule=rule(), used=1), Standing(rule=rule(Kind.IMAGES, amount=0), used=0)), 4, None),
]


@pytest.mark.parametrize(("given", "left", "more_at"), OVERVIEWS)
def test_what_is_left_by_every_window_and_when_there_is_more(given, left, more_at):
    assert (given.left, given.more_at if not given.left else None) == (left, more_at)


async def test_the_screen_says_all_of_it():
    standings = [Standing(rule=rule(), used=5), Standing(rule=rule(Kind.MONTH, SERVER, 100), used=40)]
    drawn = str(draw_quota(overview(*standings, grants=3)).to_components())
    for expected in ("3 credits", "for everyone here", "whole server", "granted to you", "A picture costs 1 credit."):
        assert expected in drawn
    assert "servers only" in str(draw_quota(overview(closed=Closed.PERSONAL)).to_components())
    assert "Nothing limits" in str(draw_quota(overview()).to_components())
    assert "Nothing is left now.** There is more <t:2001:R>" in str(draw_quota(overview(standings[0])).to_components())


async def test_ones_own_limits_come_before_those_that_are_shared():
    standings = [Standing(rule=rule(Kind.DAY, Target(Who.BOT), 9), used=0), Standing(rule=rule(), used=0)]
    drawn = str(draw_quota(overview(*standings)).to_components())
    assert drawn.index("5 credits a day") < drawn.index("9 credits a day")


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_the_longest_screen_is_one_that_discord_takes(locale):
    owners = [Target(Who.BOT), SERVER, Target(Who.ROLE, 10**18)]
    standings = [Standing(rule=rule(kind, by, 10**9), used=10**9) for kind in Kind for by in owners]
    dear = ModelPrice(picture=999, above=PriceAbove(pixels=10**9, price=1000), reference=1000, layer=1000)
    prices = {name: replace(dear, picture=number) for number, name in enumerate(MODELS, start=900)}
    with speaking(locale):
        view = draw_quota(Overview(now=NOW, standings=tuple(standings), grants=10**9, prices=prices, closed=None))
    assert view.content_length() <= 4000
    assert view.total_children_count <= 40
