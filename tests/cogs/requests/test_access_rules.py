"""Each rule in its own words, naming what would do instead."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from cogs.delivery.channels import Place
from cogs.requests.access_rules import check_sources, names_for
from cogs.texts.access import FREE, rule_sentence
from cogs.texts.refusal import RefusalError
from studio.guilds.settings import Rule, SettingsRefusal
from studio.jobs.job import Source
from tests.support.channels import CATEGORY, a_channel, a_guild, a_member, a_state, a_thread, hidden

NAMES = {31: "<#31>", 32: "“Art” (category)", 21: "<@&21>", 22: "<@&22>"}

SENTENCES = {
    "banned": ({"rule": Rule.BANNED}, "have banned you from making pictures"),
    "role": ({"rule": Rule.ROLE, "allowed": (21, 22)}, "takes the role <@&21> or <@&22>. Ask an admin for it."),
    "no role left": ({"rule": Rule.ROLE, "allowed": (23,)}, "a role that does not exist any more"),
    "closed": ({"rule": Rule.CHANNEL_DENIED, "given": 31, "allowed": (32,)},
               "No pictures are made in <#31>. Ask in “Art” (category)."),
    "closed, nothing named": ({"rule": Rule.CHANNEL_DENIED, "given": 31}, "in <#31>. Ask in another channel."),
    "closed, not seen": ({"rule": Rule.CHANNEL_DENIED, "given": 99},
                         "No pictures are made in this channel. Ask in another one."),
    "closed, not seen, elsewhere": ({"rule": Rule.CHANNEL_DENIED, "given": 99, "allowed": (31, 32)},
                                    "No pictures are made in this channel. Ask in <#31> or “Art” (category)."),
    "elsewhere": ({"rule": Rule.CHANNEL_NOT_ALLOWED, "given": 99, "allowed": (31, 98)}, "only. Ask in <#31>."),
    "nowhere": ({"rule": Rule.CHANNEL_NOT_ALLOWED, "given": 31, "allowed": (98,)}, "you can see none of them"),
    "not age-restricted": ({"rule": Rule.NOT_AGE_RESTRICTED, "given": 31},
                           "age-restricted channels only, and this channel is none."),
    "model": ({"rule": Rule.MODEL, "given": "doubao-seedream-4.0", "allowed": ("doubao-seedream-4.5",)},
              "SeeDream 4.0 may not be used in this server. Choose SeeDream 4.5."),
    "word": ({"rule": Rule.BLOCKED_WORD, "given": "r*d {fox} |@everyone"}, r"||r\*d {fox} \|@"),
}  # fmt: skip


@pytest.mark.parametrize(("refused", "words"), SENTENCES.values(), ids=SENTENCES)
def test_every_rule_has_its_sentence(refused, words):
    sentence = rule_sentence(SettingsRefusal(**refused), NAMES.get)
    assert words in sentence
    assert sentence.endswith(FREE)
    assert "@everyone" not in sentence


def test_every_rule_is_in_the_table():
    assert {refused["rule"] for refused, _ in SENTENCES.values()} == set(Rule)


def test_many_channels_are_not_all_named():
    allowed = tuple(range(1, 31))
    refused = SettingsRefusal(rule=Rule.CHANNEL_NOT_ALLOWED, given=99, allowed=allowed)
    sentence = rule_sentence(refused, lambda one: f"<#{one}>")
    assert "<#9>, <#10> or 20 others." in sentence
    assert "<#11>" not in sentence


def test_channels_that_are_hidden_from_the_bot_are_not_named_to_anybody():
    channels = (a_channel(20, parent_id="25"), a_channel(25, CATEGORY), hidden(a_channel(21)), a_channel(26, CATEGORY))
    guild = a_guild(
        a_state(), *channels[:3], hidden(channels[3]), threads=(a_thread(30, 99),), everyone=discord.Permissions.all()
    )
    named = names_for(a_member(guild, 40))
    assert [named(one) for one in (20, 25, 21, 26, 30, 98)] == ["<#20>", "“channel-25” (category)", *(None,) * 4]


def a_place(*, nsfw: bool) -> Place:
    return Place(a_guild(a_state(), a_channel(20, nsfw=nsfw)).get_channel(20))


def asked_in(channel: int = 20, *, dm: bool = False) -> Any:
    return SimpleNamespace(channel_id=channel, context=SimpleNamespace(dm_channel=dm))


RESTRICTED = Source(channel_id=21, message_id=1, age_restricted=True)
OPEN = Source(channel_id=21, message_id=1)


@pytest.mark.parametrize("sources", [(RESTRICTED,), (None, OPEN, RESTRICTED)])
def test_a_picture_from_an_age_restricted_channel_is_refused_where_minors_see_it(sources):
    with pytest.raises(RefusalError, match=r"age-restricted channel.*Nothing was made or charged"):
        check_sources(a_place(nsfw=False), asked_in(), sources)


def test_it_is_taken_in_age_restricted_channels_in_its_own_and_in_the_members_own_direct_messages():
    check_sources(a_place(nsfw=True), asked_in(), (RESTRICTED,))
    check_sources(a_place(nsfw=False), asked_in(21), (RESTRICTED,))
    check_sources(Place(None), asked_in(dm=True), (RESTRICTED,))
    check_sources(a_place(nsfw=False), asked_in(), (OPEN, None))
