"""The whole bot on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from sandbox.discord.server import LocalDiscord
from sandbox.seedream.server import LocalSeeDream
from tests.e2e.test_program import run
from tests.support.bots import QUICK_BOT, BotProcess
from tests.support.postgresql import PASSWORD, USER
from tests.support.witness import Witness
from tests.support.world import World


@pytest.fixture
async def world(postgresql, tmp_path):
    witness = Witness()
    async with (
        postgresql.new_database() as url,
        LocalSeeDream() as seedream,
        LocalDiscord(**witness.seeing) as discord,
        World(
            discord, seedream, tmp_path, BotProcess(tmp_path / "bot.log", program=QUICK_BOT), DATABASE_URL=url
        ) as world,
    ):
        yield world
    witness.judge()


async def test_pictures_are_made_edited_and_worked_on_after_a_restart(world, tmp_path):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow", images=3)
    assert len(result.pictures) == 3
    await world.restart_bot()
    edited = await world.ada.result_of(await world.ada.say("#2 make it night", to=result))
    assert len(edited.pictures) == 1
    details = await world.ada.pressed(edited, "Details")
    assert "make it night" in (await details.answer()).text
    assert (tmp_path / "data").is_dir()


async def test_members_who_ask_at_once_are_all_served(world):
    asked = [await world.ada.imagine(prompt=f"fox {number}") for number in range(12)]
    assert [len((await one.result()).pictures) for one in asked] == [1] * 12
    assert len(await world.requests()) == 12


async def test_a_job_is_taken_on_after_the_bot_died(world):
    await world.set_api(delay=0.3)
    asked = await world.ada.imagine(prompt="a red fox in snow", model="doubao-seedream-4.5")
    await world.kill_bot()
    await world.start_bot()
    assert (await asked.result()).pictures
    assert len(await world.requests()) == 1


ACCESS = [
    ("ALTER ROLE tenant PASSWORD 'another'", f"ALTER ROLE tenant PASSWORD '{PASSWORD}'"),
    ("ALTER DATABASE {0} ALLOW_CONNECTIONS false", "ALTER DATABASE {0} ALLOW_CONNECTIONS true"),
    ("ALTER ROLE tenant CONNECTION LIMIT 0", "ALTER ROLE tenant CONNECTION LIMIT -1"),
]


@pytest.mark.parametrize(("take", "give"), ACCESS, ids=["password", "closed", "limit"])
async def test_access_that_is_refused_for_a_while_is_waited_for_like_a_restart(world, postgresql, tmp_path, take, give):
    database = make_url(world.settings["DATABASE_URL"]).database
    await postgresql.execute(f"CREATE ROLE tenant LOGIN PASSWORD '{PASSWORD}'")
    await postgresql.execute(f"ALTER DATABASE {database} OWNER TO tenant")
    await postgresql.execute(f"GRANT {USER} TO tenant")
    try:
        await world.stop_bot()
        await world.start_bot(DATABASE_URL=postgresql.url(database, user="tenant"))
        await world.set_api(delay=0.5, image_interval=0.5)
        running = await world.ada.imagine(prompt="a red fox in snow", images=3)
        await postgresql.execute(take.format(database))
        await postgresql.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenant'")
        refused = await world.cleo.imagine(prompt="a fox meanwhile")
        assert "Try again in a minute" in (await refused.answer()).text
        await postgresql.execute(give.format(database))
        assert len((await running.result()).pictures) == 3
        assert (await (await world.ben.imagine(prompt="a fox later")).result()).pictures
        await world.stop_bot()
    finally:
        await postgresql.execute(give.format(database))
        await postgresql.execute(f"ALTER DATABASE {database} OWNER TO {USER}")
        await postgresql.execute("DROP ROLE tenant")
    assert "Traceback" not in (tmp_path / "bot.log").read_text()


async def test_check_tells_the_database_without_its_password(world, tmp_path):
    code, output, errors = await run("--check", cwd=tmp_path, **world.environment)
    assert (code, errors) == (0, "")
    assert "tables up to date" in output
    assert PASSWORD not in output


@pytest.mark.parametrize("mode", [(), ("--check",)], ids=["started", "checked"])
async def test_a_wrong_password_is_one_plain_line_that_does_not_show_it(world, tmp_path, mode):
    url = world.environment["DATABASE_URL"].replace(PASSWORD, "wrong-entirely").replace("+asyncpg", "")
    code, output, errors = await run(*mode, cwd=tmp_path, **(world.environment | {"DATABASE_URL": url}))
    assert code == 1
    (line,) = [line for line in (output + errors).splitlines() if "DATABASE_URL" in line]
    assert "password authentication failed" in line
    assert "Check its user and password" in line
    assert "wrong-entirely" not in output + errors
    assert "Traceback" not in output + errors
