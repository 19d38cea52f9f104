"""`bot.py --check`: what costs nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

import bot
from infra.db.engine import close_engine, open_engine
from tests.seedream.raw_server import RawServer, drop, error, reply
from tests.support.postgresql import PASSWORD

WRONG_CLOCK = Path(__file__).parents[1] / "support" / "wrong_clock"
PAGE = b"<html><head><title>Sign in to Hotel WiFi</title></head></html>"


async def test_a_fresh_bot_is_told_what_works_how_it_will_ask_and_what_a_live_test_costs(place):
    found = await place.run()
    assert found.code == 0
    assert found.states == dict.fromkeys(
        (
            "settings",
            "daily limit",
            "database",
            "spool",
            "network",
            "discord",
            "commands",
            "session starts",
            "clock",
            "seedream",
            "models",
            "delivery",
            "live test",
        ),
        "ok",
    ) | {"message content": "note"}
    assert "isn't known yet" in found.rows["models"].detail
    assert found.rows["delivery"].detail.startswith(
        "one picture: streamed (not by callback: PUBLIC_URL is not set; not as a polled task"
    )
    assert "several: streamed" in found.output
    assert "at most 8 pictures" in found.rows["live test"].detail
    assert (await place.books())["requests"] == []


async def test_beside_a_local_discord_the_cdn_of_the_real_one_is_not_looked_for(place):
    place.settings["DISCORD_CDN_URL"] = ""
    assert "cdn.discordapp.com" not in (await place.check()).output


async def test_a_name_that_only_resembles_a_setting_is_noted(place):
    place.settings["LOG_TIMEFORMAT"] = "%H:%M"
    found = await place.check()
    assert found.code == 0
    assert "LOG_TIMEFORMAT (from the environment) is not a setting of this bot and is ignored." in found.output


async def test_the_databases_passwords_are_not_printed(place, postgresql):
    async with postgresql.new_database() as url:
        place.settings["DATABASE_URL"] = f"{url}?sslmode=disable&sslpassword=hunter2hunter2"
        found = await place.check()
    assert found.states["database"] == "ok", found.rows["database"]
    assert "sslpassword=…" in found.rows["database"].detail
    assert all(secret not in found.output for secret in ("hunter2", f"{PASSWORD}@"))


async def test_the_databases_password_may_be_a_variable_of_postgresqls_in_the_file(place, postgresql):
    async with postgresql.new_database() as url:
        place.settings["DATABASE_URL"] = f"{url.replace(f':{PASSWORD}@', '@')}?sslmode=disable"
        (place.folder / ".env").write_text(f"PGPASSWORD='{PASSWORD}'\n")
        found = await place.run()
    assert found.states["database"] == "ok", found.rows["database"]
    assert "other names" not in found.rows


@pytest.mark.parametrize("answer", ["not_found", "bad_request", "empty"])
async def test_every_answer_to_an_unknown_task_says_that_the_key_is_taken(place, answer):
    await place.set_api(unknown_task=answer)
    assert (await place.check()).states["seedream"] == "ok"


@pytest.mark.parametrize(
    ("provider", "console"), [("xhuoapi", "platform.xhuoapi.ai"), ("acedata", "platform.acedata.cloud")]
)
async def test_a_key_that_is_not_taken_names_the_providers_own_console_and_not_the_key(place, provider, console):
    place.settings |= {"SEEDREAM_PROVIDER": provider, "SEEDREAM_API_KEY": "sk-entirely-made-up"}
    found = await place.check()
    assert (found.code, found.failed()) == (1, ["seedream"])
    assert "SEEDREAM_API_KEY" in found.rows["seedream"].detail
    assert console in found.rows["seedream"].detail
    assert "entirely" not in found.output


async def test_a_used_up_balance_says_where_it_is_topped_up(place):
    await place.api_fault("error", on="tasks", code="used_up")
    found = await place.check()
    assert found.failed() == ["seedream"]
    assert "Top it up at https://platform.xhuoapi.ai" in found.rows["seedream"].detail


async def test_on_bytedances_hosts_the_key_is_tried_too_and_ways_are_fewer(place):
    await place.set_api(dialect="ark")
    place.settings["SEEDREAM_PROVIDER"] = "ark"
    found = await place.check()
    assert found.code == 0
    assert "Volcengine Ark has no tasks" in found.rows["delivery"].detail
    place.settings["SEEDREAM_API_KEY"] = "made-up-key"
    assert "console.volcengine.com/ark" in (await place.check()).rows["seedream"].detail


@pytest.mark.parametrize("status", [200, 404, 403, 502])
async def test_a_web_page_in_place_of_an_answer_is_called_so_whatever_its_status(place, status):
    async with RawServer(reply(status, PAGE, content_type="text/html")) as portal:
        place.settings["SEEDREAM_BASE_URL"] = portal.url
        found = await place.check()
    assert found.failed() == ["seedream"]
    assert f"a web page came in place of the API's answer (HTTP {status})" in found.rows["seedream"].detail
    assert "login page" in found.rows["seedream"].detail


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (drop, "the connection was cut before an answer came"),
        (error(400, "api_not_implemented"), "SEEDREAM_BASE_URL, SEEDREAM_PROVIDER: there is no such API"),
        (error(429, "too_many_requests"), "asks to slow down"),
        (reply(302, b"", location="https://login.example/"), "there is no such API"),
    ],
)
async def test_what_else_can_answer_is_one_plain_line(place, answer, words):
    async with RawServer(answer) as service:
        place.settings["SEEDREAM_BASE_URL"] = service.url
        found = await place.check()
    assert found.failed() == ["seedream"]
    assert words in found.rows["seedream"].detail
    assert "Traceback" not in found.output


async def test_nobody_there_is_told_for_both_services(place):
    place.settings |= {"SEEDREAM_BASE_URL": "http://127.0.0.1:9", "DISCORD_API_URL": "http://127.0.0.1:9/api"}
    found = await place.check()
    assert found.failed() == ["discord", "seedream"]
    assert "DISCORD_API_URL can't be reached: the connection is refused" in found.rows["discord"].detail
    assert "the connection is refused" in found.rows["seedream"].detail


@pytest.mark.parametrize("arguments", [("--yes",), ("--channel", "1"), ("--out", "x")])
def test_options_of_the_live_test_need_it(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        bot.parse_arguments(["--check", *arguments])
    assert "go with --check --spend" in capsys.readouterr().err


async def test_an_entry_point_command_of_the_application_is_named(place):
    state = place.discord.state
    launch = {"id": "7", "application_id": state.world.application_id, "version": "1", "name": "launch", "type": 4}
    launch |= {"description": "", "default_member_permissions": None, "nsfw": False, "handler": 2}
    state.commands[""] = [launch]
    found = (await place.check()).rows["commands"]
    assert (found.state, found.detail) == ("ok", "all can be registered. The Entry Point command launch is kept")


async def test_message_content_is_named_with_what_works_without_it(place):
    off = (await place.check()).rows["message content"]
    assert "off. In servers the bot reads only messages that mention it. What works all the same" in off.detail
    assert "10,000 users or more" in off.detail
    settings = place.discord.state.settings
    place.discord.state.settings = replace(settings, message_content=True)
    on = (await place.check()).rows["message content"]
    assert (on.state, on.detail.startswith("on. ")) == ("ok", True)


async def test_a_discord_that_refuses_the_bot_is_not_called_out_of_reach(place):
    await place.discord_fault("GET", "/users/@me", status=403, code=40333, message="Go away")
    found = await place.check()
    assert found.failed() == ["discord"]
    assert found.rows["discord"].detail.startswith("Discord refused to let the bot start: 403")


@pytest.mark.parametrize(("left", "state"), [(1000, "ok"), (0, "failed")])
async def test_how_many_sessions_may_still_start_is_said_before_the_bot_needs_them(place, left, state):
    place.discord.state.settings = replace(place.discord.state.settings, session_starts=left)
    row = (await place.check()).rows["session starts"]
    assert row.state == state
    assert f"{left} of " in row.detail


@pytest.mark.parametrize(
    ("ahead", "state", "said"),
    [
        (1, "ok", "within 5 s of Discord's"),
        (1200, "note", "ahead of Discord's. The bot goes by Discord's. Set the machine's"),
        (-1200, "note", "behind Discord's"),
    ],
)
async def test_a_wrong_clock_of_the_machine_is_a_note(place, ahead, state, said):
    file = place.folder / "clock"
    file.write_text(str(ahead))
    place.settings |= {"PYTHONPATH": str(WRONG_CLOCK), "WRONG_CLOCK": str(file)}
    clock = (await place.run()).rows["clock"]
    assert (clock.state, said in clock.detail) == (state, True), clock


async def test_tables_of_an_older_version_are_left_to_the_start(place):
    await place.check()
    engine = open_engine(place.environment["DATABASE_URL"])
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0012'"))
    found = await place.check()
    assert (found.code, found.states["database"]) == (0, "note")
    assert (
        "of an older version; the start brings them up to date, so make a backup first" in found.rows["database"].detail
    )
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "0012"
    await close_engine(engine)
