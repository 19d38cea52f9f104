"""Whose choice counts where a member leaves it open."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import MODELS
from studio.guilds.settings import GuildSettings
from studio.members.defaults import Defaults, best_of
from studio.members.models import editor_near
from studio.members.preferences import Preferences

LITE, V45, V40, PRO, FLASH, T2I, I2I = MODELS
OPERATOR = Defaults(model=LITE, size="2K")

CHOSEN = {
    "nobody chose": ({}, {}, LITE),
    "the server chose": ({"default_model": V45}, {}, V45),
    "the member chose": ({}, {"model": V40}, V40),
    "both chose": ({"default_model": V45}, {"model": V40}, V40),
    "the member's is not allowed": ({"default_model": V45, "models": {V45}}, {"model": V40}, V45),
    "the member's and the server's are not allowed": ({"default_model": V45, "models": {LITE}}, {"model": V40}, LITE),
    "none is allowed": ({"default_model": V45, "models": {PRO, I2I}}, {"model": V40}, PRO),
    "the member's is not made any more": ({"default_model": V45}, {"model": "doubao-seedream-1.0"}, V45),
    "none that is allowed is made any more": ({"models": {"doubao-seedream-1.0"}}, {}, LITE),
}


@pytest.mark.parametrize(("server", "member", "model"), CHOSEN.values(), ids=CHOSEN)
def test_the_model_is_the_first_choice_that_is_allowed(server, member, model):
    assert OPERATOR.within(GuildSettings(**server), Preferences(**member)).model == model


def test_sizes_are_tried_in_the_order_of_who_chose_them():
    defaults = OPERATOR.within(GuildSettings(default_size="3K"), Preferences(size="4K", ratio="16:9"))
    assert (defaults.size, defaults.sizes, defaults.ratio) == ("4K", ("3K", "2K"), "16:9")
    assert OPERATOR.within(GuildSettings(), Preferences()).size == "2K"


@pytest.mark.parametrize(
    ("operator", "server", "marked"), [(True, None, True), (True, False, False), (False, True, True)]
)
def test_the_servers_watermark_counts_before_the_operators(operator, server, marked):
    usual = replace(OPERATOR, watermark=operator)
    assert usual.within(GuildSettings(watermark=server), Preferences()).watermark is marked


@pytest.mark.parametrize("server", [None, True, False])
def test_a_watermark_that_the_server_requires_is_the_default(server):
    usual = replace(OPERATOR, watermark=False)
    assert usual.within(GuildSettings(watermark=server, watermark_required=True), Preferences()).watermark


def test_a_format_is_taken_where_the_model_leaves_a_choice():
    defaults = OPERATOR.within(GuildSettings(output_format="png"), Preferences())
    assert [name for name, model in MODELS.items() if defaults.format_of(model)] == [LITE, PRO, FLASH]
    assert OPERATOR.format_of(MODELS[LITE]) is None


@given(st.frozensets(st.sampled_from(list(MODELS)), min_size=1), st.sampled_from([None, *MODELS]))
def test_what_is_chosen_is_allowed_and_paints_from_words_where_any_does(models, last):
    chosen = OPERATOR.within(GuildSettings(models=models), Preferences(model=last)).model
    assert chosen in models
    assert MODELS[best_of(models)].references.low == min(MODELS[one].references.low for one in models)


@given(st.frozensets(st.sampled_from(list(MODELS))), st.sampled_from(list(MODELS)), st.integers(1, 14))
def test_only_an_allowed_model_stands_in_for_one_that_cannot_edit(models, wanted, pictures):
    chosen = editor_near(wanted, pictures, models)
    assert chosen.name == wanted or not models or chosen.name in models


@pytest.mark.parametrize(
    ("server", "member", "own"),
    [
        ({}, {"ratio": "21:9"}, {"ratio": "21:9"}),
        ({"default_size": "4K"}, {"size": "4K"}, {}),  # it would be the same without
        ({"default_size": "4K"}, {"size": "1K"}, {"size": "1K"}),
        ({}, {"model": OPERATOR.model}, {}),
        ({}, {"model": "doubao-seedream-4.5"}, {"model": "doubao-seedream-4.5"}),
        ({"models": frozenset({"doubao-seedream-4.0"})}, {"model": "doubao-seedream-4.5"}, {}),
    ],
)
def test_what_a_member_chose_is_their_own_default_only_where_it_makes_a_difference(server, member, own):
    defaults = OPERATOR.within(GuildSettings(**server), Preferences(**member))
    assert defaults.own == Preferences(**own)
    assert defaults.starting_with("doubao-seedream-4.0").own.model is None
