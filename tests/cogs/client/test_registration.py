"""What of the commands an application can have."""

from __future__ import annotations

from types import SimpleNamespace

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.client.registration import (
    EVERY_INSTALL,
    GUILD_INSTALL,
    USER_INSTALL,
    available,
    entry_points,
    installs_of,
    limitation,
    of_server,
    remedy,
)
from cogs.delivery.discord_errors import discord_refusal

IMAGINE = {"name": "imagine", "type": 1, "integration_types": [0, 1], "contexts": [0, 1, 2], "dm_permission": True}
SETTINGS = {"name": "settings", "type": 1, "integration_types": [0], "contexts": [0], "dm_permission": False}
PLAIN = {"name": "plain", "type": 1, "integration_types": None, "contexts": None}
COMMANDS = [IMAGINE, SETTINGS, PLAIN]


@pytest.mark.parametrize(
    ("application", "installs"),
    [
        ({"integration_types_config": {"0": {}, "1": {"oauth2_install_params": None}}}, {0, 1}),
        ({"integration_types_config": {"0": None}}, {0}),
        ({"integration_types_config": {"1": {}}}, {1}),
        ({"integration_types_config": {"1": {}, "2": {}, "new": {}}}, {1}),
        ({"integration_types_config": {}}, {0, 1}),
        ({"integration_types_config": None}, {0, 1}),
        ({"integration_types_config": ["0"]}, {0, 1}),
        ({}, {0, 1}),
    ],
)
def test_how_an_application_can_be_installed_is_read_from_it(application, installs):
    assert installs_of(application) == installs


def test_an_application_with_every_installation_context_has_every_command_unchanged():
    assert available(COMMANDS, EVERY_INSTALL) == COMMANDS


def test_without_user_install_no_command_is_offered_to_users_or_in_others_direct_messages():
    assert available(COMMANDS, {GUILD_INSTALL}) == [
        IMAGINE | {"integration_types": [0], "contexts": [0, 1]},
        SETTINGS,
        PLAIN,
    ]


def test_without_guild_install_the_commands_of_servers_are_left_out():
    assert available(COMMANDS, {USER_INSTALL}) == [IMAGINE | {"integration_types": [1]}, PLAIN]


def test_a_command_without_any_context_is_left_out():
    only_elsewhere = IMAGINE | {"contexts": [2]}
    assert available([only_elsewhere], {GUILD_INSTALL}) == []


def test_a_servers_own_commands_have_no_installation_contexts():
    assert of_server(COMMANDS) == [{"name": one["name"], "type": 1} for one in COMMANDS]


@given(
    installs=st.sets(st.sampled_from([0, 1]), min_size=1),
    types=st.none() | st.lists(st.sampled_from([0, 1]), unique=True),
    contexts=st.none() | st.lists(st.sampled_from([0, 1, 2]), unique=True),
)
def test_nothing_is_registered_beyond_what_the_application_can_and_the_command_wants(installs, types, contexts):
    for one in available([{"name": "x", "integration_types": types, "contexts": contexts}], installs):
        assert set(one["integration_types"] or []) <= installs & set(types or [])
        assert set(one["contexts"] or []) <= set(contexts or [])
        assert [] not in (one["integration_types"], one["contexts"])


def test_an_entry_point_command_is_sent_back_as_it_is_without_what_only_discord_writes():
    launch = {
        "id": "7", "name": "launch", "type": 4, "handler": 2, "description": "", "nsfw": False, "contexts": [0, 1, 2],
        "integration_types": [0, 1], "name_localizations": {"de": "starten"}, "default_member_permissions": None,
    }  # fmt: skip
    registered = [IMAGINE, launch | {"application_id": "1", "version": "2", "default_permission": True}]
    assert entry_points(registered) == [launch]
    assert entry_points([IMAGINE]) == []


def test_a_disabled_installation_context_is_reported_with_where_to_enable_it():
    assert limitation(EVERY_INSTALL) is None
    assert limitation({GUILD_INSTALL}) == (
        "User Install is switched off, so the commands work only in servers that the bot was added to, and in direct "
        "messages with it. Switch it on at https://discord.com/developers/applications, page Installation, and start "
        "the bot again."
    )
    assert limitation({USER_INSTALL}).startswith("Guild Install is switched off")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, 30034, "200 commands a day"),
        (429, 30034, "200 commands a day"),
        (400, 50035, "Update the bot"),
        (400, 50240, "Entry Point"),
        (403, 50001, "doesn't let this bot register commands"),
        (503, 0, "Start the bot again later."),
    ],
)
def test_a_refusal_to_register_says_what_to_do(status, code, words):
    assert words in remedy(status=status, code=code)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "Discord refused to let the bot start: 403 No (error code: 0): a page"),
        (429, "Discord is rate limiting this IP address"),
        (502, "Discord has a problem right now"),
    ],
)
def test_an_answer_of_discord_is_not_reported_as_unreachable(status, words):
    error = discord.HTTPException(SimpleNamespace(status=status, reason="No"), "a\npage")
    assert discord_refusal(error).startswith(words)
