"""Each rule in its own words, naming what would do instead."""

from __future__ import annotations

import discord
import pytest

from cogs.requests.access_rules import names_for
from cogs.texts.access import FREE, rule_sentence
from studio.guilds.settings import AccessRule, SettingsRefusal
from tests.support.channels import CATEGORY, a_channel, a_guild, a_member, a_state, a_thread, hidden

NAMES = {31: "<#31>", 32: "“Art” (category)", 21: "<@&21>", 22: "<@&22>"}

SENTENCES = {
    "banned": ({"rule": AccessRule.BANNED}, "have banned you from making pictures"),
    "role": ({"rule": AccessRule.ROLE, "allowed": (21, 22)}, "need the role <@&21> or <@&22> to make pictures"),
    "no role left": ({"rule": AccessRule.ROLE, "allowed": (23,)}, "no longer exists"),
    "closed": ({"rule": AccessRule.CHANNEL_DENIED, "given": 31, "allowed": (32,)},
               "You can't make pictures in <#31>. Use “Art” (category)."),
    "closed, nothing named": ({"rule": AccessRule.CHANNEL_DENIED, "given": 31}, "in <#31>. Use another channel."),
    "closed, not seen": ({"rule": AccessRule.CHANNEL_DENIED, "given": 99},
                         "You can't make pictures in this channel. Use another one."),
    "closed, not seen, elsewhere": ({"rule": AccessRule.CHANNEL_DENIED, "given": 99, "allowed": (31, 32)},
                                    "You can't make pictures in this channel. Use <#31> or “Art” (category)."),
    "elsewhere": ({"rule": AccessRule.CHANNEL_NOT_ALLOWED, "given": 99, "allowed": (31, 98)},
                  "in certain channels of this server. Use <#31>."),
    "nowhere": ({"rule": AccessRule.CHANNEL_NOT_ALLOWED, "given": 31, "allowed": (98,)}, "you can't see any of them"),
    "not age-restricted": ({"rule": AccessRule.NOT_AGE_RESTRICTED, "given": 31},
                           "age-restricted channels of this server, and this channel isn't one."),
    "model": ({"rule": AccessRule.MODEL, "given": "doubao-seedream-4.0", "allowed": ("doubao-seedream-4.5",)},
              "SeeDream 4.0 isn't allowed in this server. Choose SeeDream 4.5."),
    "word": ({"rule": AccessRule.BLOCKED_WORD, "given": "r*d {fox} |@everyone"}, r"||r\*d {fox} \|@"),
}  # fmt: skip


@pytest.mark.parametrize(("refused", "words"), SENTENCES.values(), ids=SENTENCES)
def test_every_rule_has_its_sentence(refused, words):
    sentence = rule_sentence(SettingsRefusal(**refused), NAMES.get)
    assert words in sentence
    assert sentence.endswith(FREE)
    assert "@everyone" not in sentence


def test_every_rule_is_in_the_table():
    assert {refused["rule"] for refused, _ in SENTENCES.values()} == set(AccessRule)


def test_many_channels_are_not_all_named():
    allowed = tuple(range(1, 31))
    refused = SettingsRefusal(rule=AccessRule.CHANNEL_NOT_ALLOWED, given=99, allowed=allowed)
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
