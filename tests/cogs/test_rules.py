"""Each rule in its own words, naming what would do instead."""

from __future__ import annotations

import pytest

from cogs.ui.rules import FREE, rule_sentence
from studio.guild_settings import Rule, SettingsRefusal

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
