"""`bot.py --check --spend --channel`: a message on the local Discord."""

from __future__ import annotations

import pytest

from check.channel import ALL, DELETED, EDITED, PERMISSIONS, POSTED, READ, SHOWN, check_channel
from check.results import CheckStatus
from cogs.client.bot import use_discord_at


@pytest.fixture
def discord(place):
    use_discord_at(place.discord.api_url, place.discord.gateway_url, place.discord.url)
    return place


async def tried(place):
    return {row.name: row for row in await check_channel(place.discord.token, int(await place.channel("general")))}


async def test_a_message_is_posted_edited_read_and_deleted(discord):
    rows = await tried(discord)
    assert {name: row.status for name, row in rows.items()} == dict.fromkeys(ALL, CheckStatus.OK)
    assert [method for method, _ in await discord.discord_calls()] == ["POST", "PATCH", "GET", "DELETE"]
    assert await discord.messages("general") == []


async def test_it_is_part_of_the_live_test(place):
    found = await place.run("--spend", "--yes", "--channel", await place.channel("general"))
    assert found.code == 0
    assert {found.states[name] for name in ALL} == {"ok"}
    assert await place.messages("general") == []


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        (("ATTACH_FILES",), "lacks Attach Files there"),
        (("ATTACH_FILES", "READ_MESSAGE_HISTORY"), "lacks Attach Files, Read Message History there"),
        (("SEND_MESSAGES",), "lacks Send Messages"),
        (("VIEW_CHANNEL",), "lacks View Channel there"),
    ],
)
async def test_a_missing_permission_is_named_and_nothing_is_posted(discord, denied, named):
    await discord.deny("general", *denied)
    rows = await tried(discord)
    assert rows[PERMISSIONS].status is CheckStatus.FAILED
    assert named in rows[PERMISSIONS].detail
    assert {rows[name].status for name in ALL if name != PERMISSIONS} == {CheckStatus.UNTRIED}
    assert await discord.discord_calls() == []


async def test_a_channel_that_is_not_there_is_told(discord):
    rows = {row.name: row for row in await check_channel(discord.discord.token, 1234567890123456789)}
    assert "there is no such channel" in rows[PERMISSIONS].detail


@pytest.mark.parametrize(("method", "name"), [("PATCH", EDITED), ("GET", READ)])
async def test_what_fails_on_the_way_is_a_row_and_the_message_is_deleted_all_the_same(discord, method, name):
    await discord.discord_fault(method, "/channels/*/messages/*", status=403, code=50013, times=1)
    rows = await tried(discord)
    assert rows[name].status is CheckStatus.FAILED
    assert rows[DELETED].status is CheckStatus.OK
    assert await discord.messages("general") == []


async def test_a_message_that_can_not_be_deleted_is_told(discord):
    await discord.discord_fault("DELETE", "/channels/*/messages/*", status=403, code=50013, times=1)
    rows = await tried(discord)
    assert (rows[READ].status, rows[DELETED].status) == (CheckStatus.OK, CheckStatus.FAILED)
    assert rows[DELETED].detail.endswith("Delete it by hand")


async def test_direct_messages_are_tried_without_permissions(discord):
    channel = await discord.direct_messages("ada")
    rows = {row.name: row for row in await check_channel(discord.discord.token, int(channel))}
    assert rows[PERMISSIONS].status is CheckStatus.UNTRIED
    assert {rows[name].status for name in (POSTED, SHOWN, EDITED, READ, DELETED)} == {CheckStatus.OK}
