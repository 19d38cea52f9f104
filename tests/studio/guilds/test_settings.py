"""What admins set: kept, read again, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.guilds.moderation import tokens
from studio.guilds.settings import (
    AccessRequest,
    AccessRule,
    GuildSettings,
    InvalidSettingError,
    Replies,
    SettingsRefusal,
    refusal,
)
from studio.guilds.time_zones import zone_names
from tests.seedream.strategies import any_json

FOX = AccessRequest(
    user_id=11,
    role_ids=frozenset({21, 22}),
    channels=(33, 32, 31),  # a thread, its channel, their category
    age_restricted=False,
    model="doubao-seedream-4.5",
    prompt="A red FOX in snow",
)
ids = st.integers(1, 2**63 - 1)
some_ids = st.frozensets(ids, max_size=5)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
settings = st.builds(
    GuildSettings,
    default_model=st.none() | names,
    default_size=st.none() | names,
    watermark=st.none() | st.booleans(),
    watermark_required=st.booleans(),
    output_format=st.none() | st.sampled_from(["png", "jpeg"]),
    models=st.frozensets(names, max_size=4),
    channels_allowed=some_ids,
    channels_denied=some_ids,
    roles_allowed=some_ids,
    private=st.booleans(),
    age_restricted_only=st.booleans(),
    blocked_words=st.lists(names.filter(tokens), max_size=5).map(tuple),
    banned=some_ids,
    log_channel=st.none() | ids,
    time_zone=st.sampled_from(sorted(zone_names().values())),
    language=st.none() | st.sampled_from(["de", "ja", "pt-BR"]),
    replies=st.sampled_from(Replies),
)


@given(settings)
def test_settings_survive_writing_and_reading(kept):
    assert GuildSettings.from_json(kept.to_json()) == kept
    assert GuildSettings.from_json(kept.to_json()).to_json() == kept.to_json()


def test_defaults_are_not_written():
    assert GuildSettings().to_json() == "{}"
    assert GuildSettings.from_json("{}") == GuildSettings()


@given(settings, st.dictionaries(st.text(max_size=8), any_json, max_size=4))
def test_keys_of_other_versions_are_skipped(kept, others):
    known = json.loads(kept.to_json())
    others = {name: value for name, value in others.items() if name not in GuildSettings.model_fields}
    assert GuildSettings.from_json(json.dumps(others | known)) == kept


@given(st.dictionaries(st.sampled_from([*GuildSettings.model_fields]), any_json))
def test_any_values_can_be_read(values):
    kept = GuildSettings.from_json(json.dumps(values))
    assert GuildSettings.from_json(kept.to_json()) == kept


def test_only_invalid_items_of_a_list_are_dropped():
    kept = GuildSettings.from_json(
        json.dumps(
            {
                "banned": [1, "2", -3, 4, None],
                "models": ["a", 5, "", "b"],
                "blocked_words": ["gore", "...", "x" * 101, "blood"],
                "time_zone": "Mars/Olympus",
                "private": "yes",
                "log_channel": 9,
                "replies": "sometimes",
            }
        )
    )
    expected = GuildSettings(
        banned=frozenset({1, 4}), models=frozenset({"a", "b"}), blocked_words=("gore", "blood"), log_channel=9
    )
    assert kept == expected


def test_a_list_over_a_lowered_limit_is_cut_not_lost():
    kept = GuildSettings.from_json(json.dumps({"banned": ["x", *range(1, 6000)], "private": True}))
    assert len(kept.banned) == 4999
    assert kept.private


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '"text"', "5"])
def test_anything_but_an_object_is_an_error(text):
    with pytest.raises(ValueError):
        GuildSettings.from_json(text)


@pytest.mark.parametrize(
    ("change", "problem", "limit"),
    [
        ({"banned": frozenset(range(1, 5002))}, "too_long", 5000),
        ({"channels_denied": frozenset(range(1, 252))}, "too_long", 250),
        ({"roles_allowed": frozenset({0})}, "greater_than", None),
        ({"log_channel": 2**63}, "less_than", None),
        ({"log_channel": "5"}, "int_type", None),
        ({"blocked_words": tuple(f"word{number}" for number in range(501))}, "too_long", 500),
        ({"blocked_words": ("x" * 101,)}, "string_too_long", 100),
        ({"blocked_words": ("fox", "...")}, "value_error", None),
        ({"blocked_words": (" ",)}, "string_too_short", None),
        ({"time_zone": "Europe/Belrin"}, "value_error", None),
        ({"language": "x" * 65}, "string_too_long", 64),
        ({"private": "yes"}, "bool_type", None),
        ({"replies": "sometimes"}, "enum", None),
    ],
)
def test_an_invalid_value_is_refused_with_its_limit(change, problem, limit):
    with pytest.raises(InvalidSettingError) as told:
        GuildSettings(private=True).changed(**change)
    assert (told.value.setting, told.value.problem, told.value.limit) == (next(iter(change)), problem, limit)


def test_a_change_is_validated_and_changes_nothing_else():
    before = GuildSettings(private=True, blocked_words=("gore",))
    after = before.changed(blocked_words=("gore", "GORE", " Blood "), time_zone="europe/berlin")
    assert after.blocked_words == ("gore", "Blood")
    assert after.zone.key == "Europe/Berlin"
    assert after.private
    assert after.differences(before) == {
        "blocked_words": (("gore",), ("gore", "Blood")),
        "time_zone": ("UTC", "Europe/Berlin"),
    }
    with pytest.raises(TypeError):
        before.changed(privat=True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"banned": frozenset({12})}, None),
        ({"banned": frozenset({11})}, SettingsRefusal(rule=AccessRule.BANNED)),
        ({"roles_allowed": frozenset({22, 29})}, None),
        ({"roles_allowed": frozenset({29, 25})}, SettingsRefusal(rule=AccessRule.ROLE, allowed=(25, 29))),
        ({"channels_denied": frozenset({39})}, None),
        ({"channels_denied": frozenset({33})}, SettingsRefusal(rule=AccessRule.CHANNEL_DENIED, given=33)),
        ({"channels_denied": frozenset({31})}, SettingsRefusal(rule=AccessRule.CHANNEL_DENIED, given=31)),
        ({"channels_denied": frozenset({31}), "channels_allowed": frozenset({32})}, None),
        (
            {"channels_denied": frozenset({32}), "channels_allowed": frozenset({31})},
            SettingsRefusal(rule=AccessRule.CHANNEL_DENIED, given=32, allowed=(31,)),
        ),
        (
            {"channels_denied": frozenset({32}), "channels_allowed": frozenset({32})},
            SettingsRefusal(rule=AccessRule.CHANNEL_DENIED, given=32, allowed=(32,)),
        ),
        ({"channels_allowed": frozenset({31})}, None),
        ({"channels_allowed": frozenset({33})}, None),
        (
            {"channels_allowed": frozenset({39, 38})},
            SettingsRefusal(rule=AccessRule.CHANNEL_NOT_ALLOWED, given=33, allowed=(38, 39)),
        ),
        ({"age_restricted_only": True}, SettingsRefusal(rule=AccessRule.NOT_AGE_RESTRICTED, given=33)),
        ({"models": frozenset({"doubao-seedream-4.5", "doubao-seedream-4.0"})}, None),
        (
            {"models": frozenset({"doubao-seedream-4.0"})},
            SettingsRefusal(rule=AccessRule.MODEL, given="doubao-seedream-4.5", allowed=("doubao-seedream-4.0",)),
        ),
        ({"blocked_words": ("snowman",)}, None),
        ({"blocked_words": ("bear", "Red  Fox")}, SettingsRefusal(rule=AccessRule.BLOCKED_WORD, given="Red  Fox")),
    ],
)
def test_each_rule_refuses_with_what_it_is_about(changes, expected):
    assert refusal(GuildSettings(**changes), FOX) == expected


def test_an_age_restricted_channel_is_fine_where_only_these_are():
    assert refusal(GuildSettings(age_restricted_only=True), replace(FOX, age_restricted=True)) is None


def test_of_several_rules_the_one_that_is_hardest_to_resolve_is_reported():
    """Whoever is banned need not hear that another channel would do."""
    every = {
        "banned": frozenset({11}),
        "roles_allowed": frozenset({29}),
        "channels_denied": frozenset({33}),
        "models": frozenset({"other"}),
        "blocked_words": ("fox",),
    }
    told = []
    while found := refusal(GuildSettings(**every), FOX):
        told.append(found.rule)
        every.pop(next(iter(every)))
    assert told == [
        AccessRule.BANNED,
        AccessRule.ROLE,
        AccessRule.CHANNEL_DENIED,
        AccessRule.MODEL,
        AccessRule.BLOCKED_WORD,
    ]


@given(settings)
def test_every_refusal_comes_from_a_setting(kept):
    refused = refusal(kept, FOX)
    assert refused is None or kept != GuildSettings()
    assert refusal(GuildSettings(), FOX) is None


@pytest.mark.parametrize(
    "settings", [GuildSettings(channels_allowed=frozenset({31})), GuildSettings(age_restricted_only=True)]
)
def test_a_channel_of_a_kind_that_nobody_here_knows_is_refused_without_its_name(settings):
    refused = refusal(settings, replace(FOX, channels=()))
    assert refused is not None
    assert refused.given is None
