"""`bot.py` as an operator runs it: as a process of its own."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]


async def run(*arguments: str, cwd: Path, **environ: str):
    """Exit code, output and errors of `python bot.py`, with nothing of ours in its environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "bot.py"),
        *arguments,
        cwd=cwd,
        env=kept | environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_without_settings_every_missing_one_is_named_and_the_demo_is_mentioned(tmp_path):
    code, _, errors = await run(cwd=tmp_path)
    assert code == 2
    assert "Traceback" not in errors
    lines = errors.splitlines()
    assert any(line.startswith("DISCORD_TOKEN") and "discord.com/developers" in line for line in lines)
    assert any(line.startswith("SEEDREAM_API_KEY") for line in lines)
    assert "make demo" in errors


async def test_wrong_settings_are_all_told_at_once(tmp_path):
    (tmp_path / ".env").write_text("DISCORD_TOKEN=x.y.z\nSEEDREAM_APIKEY=key\nMAX_IN_FLIGHT=0\nDEFAULT_MODEL=nope\n")
    code, _, errors = await run(cwd=tmp_path)
    assert code == 2
    for name in ("SEEDREAM_APIKEY", "MAX_IN_FLIGHT", "DEFAULT_MODEL"):
        assert any(line.startswith(name) for line in errors.splitlines()), errors


@pytest.mark.parametrize("content", ["DISCORD_TOKEN=x.y.z\n".encode("utf-16"), b"# f\xfcr uns\n", None])
async def test_a_file_of_settings_that_can_not_be_read_is_one_line(tmp_path, content):
    if content is None:
        (tmp_path / ".env").mkdir()
    else:
        (tmp_path / ".env").write_bytes(content)
    code, output, errors = await run(cwd=tmp_path)
    assert (code, output, errors.count("\n")) == (2, "", 1)
    assert errors.startswith(".env")


async def test_check_says_what_works_and_costs_nothing(world, tmp_path):
    code, output, errors = await run("--check", cwd=tmp_path, **world.environment)
    assert (code, errors) == (0, "")
    rows = dict(line.split()[:2] for line in output.splitlines())
    assert {name: rows[name] for name in ("settings", "database", "discord", "seedream")} == dict.fromkeys(
        ("settings", "database", "discord", "seedream"), "ok"
    )
    assert await world.requests() == []


async def test_check_says_what_does_not_work_and_shows_no_secret(world, tmp_path):
    wrong = world.environment | {"DISCORD_TOKEN": "wrong.token.entirely", "SEEDREAM_API_KEY": "wrong-key-entirely"}
    code, output, _ = await run("--check", cwd=tmp_path, **wrong)
    assert code == 1
    assert "DISCORD_TOKEN" in output
    assert "SEEDREAM_API_KEY" in output
    assert "wrong" not in output


async def test_a_wrong_token_is_one_plain_line(world, tmp_path):
    await world.stop_bot()
    code, _, errors = await run(cwd=tmp_path, **(world.environment | {"DISCORD_TOKEN": "wrong.token.entirely"}))
    assert code == 1
    assert "DISCORD_TOKEN" in errors
    assert "Traceback" not in errors


async def test_a_name_that_resembles_a_setting_is_a_warning_and_the_bot_starts(world, tmp_path):
    await world.stop_bot()
    others = {"LOGLEVEL": "debug", "DISCORD_TOKEN": "wrong.token.entirely"}
    code, out, errors = await run(cwd=tmp_path, **(world.environment | others))
    assert code == 1
    said = "LOGLEVEL (from the environment) is not a setting of this bot and is ignored. Did you mean LOG_LEVEL?"
    assert said in out + errors


async def test_a_database_that_cannot_be_used_is_one_plain_line(world, tmp_path):
    (tmp_path / "words.db").write_text("this is no database, but some words that are long enough to be looked at")
    for url in (f"sqlite+aiosqlite:///{tmp_path}/words.db", "sqlite+aiosqlite:////proc/nowhere/bot.db"):
        for mode in ((), ("--check",)):
            code, output, errors = await run(*mode, cwd=tmp_path, **(world.environment | {"DATABASE_URL": url}))
            assert code == 1
            assert "DATABASE_URL" in output + errors
            assert "Traceback" not in output + errors


async def test_a_second_bot_on_the_same_database_file_is_refused_and_the_first_is_left_alone(world, tmp_path):
    code, _, errors = await run(cwd=tmp_path, **world.environment)
    assert code == 1
    assert "another bot is using" in errors
    await world.ada.imagine_to_end(prompt="a red fox in snow")


async def test_a_discord_that_cannot_be_reached_is_one_plain_line(world, tmp_path):
    await world.stop_bot()
    nowhere = world.environment | {"DISCORD_API_URL": "http://127.0.0.1:9/api/v10"}
    code, _, errors = await run(cwd=tmp_path, **nowhere)
    assert code == 1
    assert "Can't reach Discord" in errors
    assert "Traceback" not in errors


async def test_no_other_user_of_the_machine_can_read_its_files(world, tmp_path):
    await world.stop_bot()
    await world.set_api(delay=0.5)
    for file in (tmp_path / "bot.db", tmp_path / "bot.db-wal"):  # as of an earlier version
        if file.exists():
            file.chmod(0o644)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "bot.py"), cwd=tmp_path, env=os.environ | world.environment, umask=0o022
    )
    await world.get("/control/wait", **{"for": "ready"}, timeout="30")
    asked = await world.ada.imagine(prompt="secret words", private=True)
    await asked.result()
    names = ("bot.db", "bot.db-wal", "bot.db-shm", "bot.db.lock", "spool")
    assert [name for name in names if (tmp_path / name).stat().st_mode & 0o077] == []
    process.terminate()
    assert await process.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=["SIGTERM", "SIGINT", "SIGHUP"])
async def test_a_signal_ends_it_with_the_running_job_delivered(world, tmp_path, number):
    await world.stop_bot()
    await world.set_api(delay=0.5)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "bot.py"),
        cwd=tmp_path,
        env=os.environ | world.environment,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # the tests may run under nohup
    )
    await world.get("/control/wait", **{"for": "ready"}, timeout="30")
    asked = await world.ada.imagine(prompt="a red fox in snow")
    await world.api_is_asked()
    process.send_signal(number)
    async with asyncio.timeout(30):
        assert await process.wait() == 0
    assert len((await asked.result()).pictures) == 1


async def test_under_nohup_it_outlives_its_terminal(world, tmp_path):
    await world.stop_bot()
    process = await asyncio.create_subprocess_exec(
        "nohup", sys.executable, str(ROOT / "bot.py"), cwd=tmp_path, env=os.environ | world.environment
    )
    await world.get("/control/wait", **{"for": "ready"}, timeout="30")
    process.send_signal(signal.SIGHUP)
    await world.ada.imagine_to_end(prompt="a red fox in snow")
    process.terminate()
    assert await process.wait() == 0


async def test_the_demo_shows_every_stage_and_leaves_the_pictures(tmp_path):
    command = "/imagine prompt:a red fox in snow model:doubao-seedream-4.0 size:1K images:2"
    code, output, errors = await run("--sandbox", "--once", command, cwd=tmp_path)
    assert (code, errors) == (0, ""), output + errors
    assert "placeholder" in output
    assert output.count("---") == 3
    pictures = sorted((tmp_path / "out").iterdir())
    assert [Image.open(io.BytesIO(file.read_bytes())).size for file in pictures] == [(1024, 1024)] * 2


async def test_the_demo_prints_a_refusal_and_ends_with_1(tmp_path):
    code, output, _ = await run("--sandbox", "--once", "/imagine prompt:a fox seed:4", cwd=tmp_path)
    assert code == 1
    assert "has no seed setting" in output


async def test_the_demo_says_how_a_command_is_typed(tmp_path):
    code, _, errors = await run("--sandbox", "--once", "imagine a fox", cwd=tmp_path)
    assert code == 2
    assert "/imagine" in errors
