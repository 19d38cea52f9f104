"""The card of /help, for every setting and every place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cogs.help.card import Hearing, HelpViewModel, render_help
from cogs.help.examples import EXAMPLES, PATTERN, example_button
from cogs.help.welcome import render_welcome
from cogs.i18n.translate import LANGUAGES, using_locale
from sandbox.discord.rules.messages import check_message
from studio.guilds.settings import Replies
from studio.jobs.reservations import QuotaStatus
from studio.quota.decide import Closed, LimitStatus
from studio.quota.ledger import Measure, Scope, UsageQuery
from studio.quota.limits import EVERYONE, SERVER, LimitKind, LimitRule
from studio.quota.prices import NO_PRICES, parse_prices
from tests.support.world import walk

V2 = 1 << 15
BOT = "<@7>"


def standing(kind=LimitKind.DAY, by=EVERYONE, amount=5, used=2):
    meter = UsageQuery(Measure.ALLOWANCE, Scope(1, 11))
    return LimitStatus(rule=LimitRule(kind=kind, by=by, amount=amount, usage_query=meter, ends=2000.0), used=used)


def overview(*limit_statuses, prices=NO_PRICES, closed=None):
    return QuotaStatus(now=1000.0, limit_statuses=limit_statuses, grants=0, prices=prices, closed=closed)


def text_of(view):
    return "\n".join(one["content"] for one in walk(view.to_components()) if one["type"] == 10)


def card(hearing=Hearing.ALL, replies=Replies.ASK_WHEN_UNSURE, given=None, *, private=True):
    scene = HelpViewModel(mention=BOT, hearing=hearing, replies=replies, overview=given or overview(), private=private)
    return render_help(scene)


@pytest.mark.parametrize(
    ("hearing", "replies", "words"),
    [
        (
            Hearing.ALL,
            Replies.ASK_WHEN_UNSURE,
            "Reply to it and say what to change, such as “make it night”. If a reply",
        ),
        (Hearing.ALL, Replies.AT_ONCE, "such as “make it night”. Every reply edits the picture and is charged."),
        (Hearing.ALL, Replies.ALWAYS_ASK, "such as “make it night”. I answer with a button; nothing"),
        (Hearing.ALL, Replies.OFF, "- Editing by reply is off in this server.\n- Send a photo"),
        (Hearing.MENTIONS, Replies.ASK_WHEN_UNSURE, f"Reply to it, mention me and say what to change: “{BOT} make it"),
        (Hearing.MENTIONS, Replies.OFF, "- Editing by reply is off in this server."),
        (Hearing.DIRECT, Replies.ASK_WHEN_UNSURE, "- Send me a photo and say what to change in the same message."),
        (Hearing.NONE, Replies.ASK_WHEN_UNSURE, "**Change a picture**\n- Press **Edit** under a result."),
    ],
)
async def test_how_pictures_are_changed_follows_what_the_bot_can_read_and_what_replies_do(hearing, replies, words):
    text = text_of(card(hearing, replies))
    assert words in text
    assert "*Edit image*" in text


async def test_where_the_bot_reads_no_messages_nothing_is_said_of_replies():
    text = text_of(card(Hearing.NONE))
    assert "eply" not in text
    assert BOT not in text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (overview(), "A picture costs 1 credit. You have no limits here."),
        (
            overview(prices=parse_prices("pro=3")),
            "A picture costs 1 credit; 3 with SeeDream 5.0 pro. You have no limits here",
        ),
        (
            overview(standing(), standing(LimitKind.AT_ONCE, amount=1, used=0)),
            (
                "A picture costs 1 credit. You have **3 credits** left.\n"
                "-# 5\xa0credits\xa0a\xa0day\xa0· 1\xa0request\xa0at\xa0once\n"
            ),
        ),
        (overview(standing(by=SERVER)), "You have **3 credits** left.\n-# `/quota`"),
    ],
)
async def test_a_member_reads_what_it_costs_and_what_they_have_left(given, words):
    assert words in text_of(card(given=given))


async def test_a_card_that_everybody_reads_says_nothing_of_one_members_credits():
    text = text_of(card(given=overview(standing()), private=False))
    assert "A picture costs 1 credit.\n-# `/quota`" in text
    assert "You have" not in text
    assert "credits a day" not in text


async def test_where_nothing_may_be_made_there_is_nothing_to_press():
    view = card(given=overview(closed=Closed.SERVER))
    assert "hasn't enabled it in this server" in text_of(view)
    assert [one for one in walk(view.to_components()) if one["type"] == 2] == []


async def test_there_are_five_examples_whose_buttons_are_found_again():
    buttons = [one for one in walk(card().to_components()) if one["type"] == 2]
    names = [re.fullmatch(PATTERN, one["custom_id"])["example"] for one in buttons]
    assert names == list(EXAMPLES)
    assert len(names) == 5
    assert "opens a form" in text_of(card())


async def test_a_button_of_an_example_that_is_gone_is_still_a_button():
    assert example_button("cat").custom_id == "sd:try:cat"


def test_prompts_are_in_a_language_that_the_models_understand():
    for example in EXAMPLES.values():
        with using_locale("zh-CN"):
            assert example.prompt == example.chinese
        for language in LANGUAGES.keys() - {"zh-CN"}:
            with using_locale(language):
                assert example.prompt == example.english


@given(
    hearing=st.sampled_from(Hearing),
    replies=st.sampled_from(Replies),
    limit_statuses=st.lists(
        st.builds(
            standing, st.sampled_from(LimitKind), st.sampled_from([EVERYONE, SERVER]), st.none() | st.integers(0, 10**9)
        ),
        max_size=8,
    ),
    prices=st.sampled_from(["", "4.0=0", "pro=2, pro>2612345=4, pro:reference=1, pro:layer=3"]),
    closed=st.none() | st.sampled_from(Closed),
    private=st.booleans(),
    language=st.sampled_from(list(LANGUAGES)),
)
@hypothesis_settings(deadline=None, max_examples=60)
async def test_discord_takes_every_card_in_every_language(
    hearing, replies, limit_statuses, prices, closed, private, language
):
    with using_locale(language):
        given = overview(*limit_statuses, prices=parse_prices(prices), closed=closed)
        components = card(hearing, replies, given, private=private).to_components()
    assert check_message({"components": components, "flags": V2}, files={}, kind="callback") is None
    assert "None" not in str([one.get("content") for one in walk(components) if "content" in one])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_welcome_names_the_commands_for_admins(language):
    with using_locale(language):
        text = text_of(render_welcome())
    assert all(f"`{command}`" in text for command in ("/settings", "/quota-admin", "/help", "/imagine"))
    assert len(text) < 700
