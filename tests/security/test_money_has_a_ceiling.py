"""Whoever invites the bot can't run up a bill: a daily limit holds by default, and its owner hears of it in time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from infra.config.settings import DEFAULT_DAILY_LIMIT
from infra.db.tables import CHARGES
from tests.e2e.conftest import a_world, public_address
from tests.support.world import Member

FOX = "a red fox in snow"
ALERTS = ("50%", "80%", "100%")
README = (Path(__file__).parents[2] / "README.md").read_text()


async def billed(world):
    return sum(one["billed"] or 0 for one in await world.requests())


async def reserved(world):
    [row] = await world.read(select(func.coalesce(func.sum(CHARGES.c.images * CHARGES.c.price), 0)))
    return row[0]


async def alerts(world):
    """What Ada, who owns the application, was told of the limit."""
    return [one.text for one in await world.ada_in_dm.messages() if "limit for the whole bot" in one.text]


async def spend(world, member, times):
    for _ in range(times):
        await member.imagine_to_end(prompt=FOX)


async def test_with_the_settings_of_the_example_file_a_stranger_spends_no_more_than_the_default(tmp_path):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="") as world:
        await world.discord_setting(rate_limits=False)
        places = [
            Member(world, name, channel)
            for name, channel in (("ben", "small-files"), ("ben", "dm"), ("cleo", "general"), ("ben", "general"))
        ]
        asked = await asyncio.gather(*(one.run("imagine", prompt=FOX, images=15) for one in places for _ in range(5)))
        told = [(await one.ended()).text for one in asked]
        assert await billed(world) <= await reserved(world) <= DEFAULT_DAILY_LIMIT
        assert sum("credits" in text and "left today" in text for text in told) == 20 - DEFAULT_DAILY_LIMIT // 15
        await world.ada_in_dm.wait_for_message(text="80%")


async def test_the_owner_is_told_at_50_80_and_100_percent_once_each_and_what_to_do(tmp_path, caplog):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="10") as world:
        for times, share in ((5, "50%"), (3, "80%"), (2, "100%")):
            await spend(world, world.ben, times)
            alert = (await world.ada_in_dm.wait_for_message(text=share)).text
            assert "OPERATOR_DAILY_LIMIT=20" in alert
            assert "<t:" in alert
            assert f"{share} of OPERATOR_DAILY_LIMIT is reached" in caplog.text
        await world.restart_bot()
        refusal = await (await world.ben.imagine(prompt=FOX)).ended()
        assert "left today" in refusal.text
        found = await alerts(world)
        assert [sum(share in text for text in found) for share in ALERTS] == [1, 1, 1]


async def test_a_limit_that_is_raised_by_one_line_goes_on_at_once_and_repeats_no_alert(tmp_path):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="2") as world:
        await spend(world, world.ben, 2)
        await world.ada_in_dm.wait_for_message(text="100%")
        before = await alerts(world)
        await world.stop_bot()
        await world.start_bot(OPERATOR_DAILY_LIMIT="4")
        await spend(world, world.ben, 1)
        assert await alerts(world) == before


async def test_a_limit_of_one_is_one_picture_and_one_alert(tmp_path):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="1") as world:
        await asyncio.gather(*(member.run("imagine", prompt=FOX) for member in (world.ben, world.cleo, world.dan)))
        await world.ada_in_dm.wait_for_message(text="100%")
        await spend_nothing(world, world.ben)
        await world.until(lambda: billed(world), lambda pictures: pictures == 1)
        assert len(await alerts(world)) == 1


async def spend_nothing(world, member):
    end = await (await member.imagine(prompt=FOX)).ended()
    assert end.ephemeral
    return end.text


async def test_members_read_when_it_goes_on_and_nothing_of_money_or_settings(tmp_path):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="1") as world:
        await spend(world, world.ben, 1)
        told = await spend_nothing(world, world.cleo)
        assert "left today** (the whole bot's limit)" in told
        assert "More <t:" in told
        for word in ("OPERATOR", "$", "money", "API", "bill"):
            assert word not in told


@pytest.mark.parametrize("delivery", ["callback", "stream", "plain"])
async def test_the_ceiling_holds_however_pictures_come(tmp_path, delivery):
    settings = public_address() | {"SEEDREAM_PROVIDER": "acedata", "DELIVERY": delivery}
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="7", **settings) as world:
        await world.discord_setting(rate_limits=False)
        members = (world.ben, world.cleo, world.ben_in_dm, world.ada_in_workshop)
        for _ in range(5):
            asked = await asyncio.gather(*(member.run("imagine", prompt=FOX) for member in members))
            await asyncio.gather(*(one.ended() for one in asked))
        await world.until(lambda: billed(world), lambda pictures: pictures == 7)
        assert await reserved(world) == 7


async def test_the_owner_sees_the_days_use_beside_the_limit(tmp_path):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="8") as world:
        await spend(world, world.ben, 2)
        shown = await (await world.ada_in_dm.run("operator stats")).answer()
        assert "2 credits of 8 (`OPERATOR_DAILY_LIMIT`, 25%, until <t:" in shown.text


async def test_an_owner_who_has_chosen_no_limit_reads_the_default_in_the_log_of_every_start(tmp_path, caplog):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT=""):
        lines = [one for one in caplog.records if "OPERATOR_DAILY_LIMIT" in one.getMessage()]
        assert [one.levelname for one in lines] == ["WARNING"]
        assert f"at most {DEFAULT_DAILY_LIMIT} credits a day" in lines[0].getMessage()
        assert "unlimited removes the limit" in lines[0].getMessage()


def test_going_live_names_the_ceiling_and_what_keeps_strangers_out():
    going_live = README.split("## Going live")[1].split("\n## ")[0]
    for word in ("OPERATOR_DAILY_LIMIT", "Public Bot", "SERVERS_ALLOWED", "50, 80 and 100 %", "unlimited"):
        assert word in going_live
