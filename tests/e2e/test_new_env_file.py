"""`bot.py --init`, as an operator uses it: on a terminal."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from pathlib import Path

import pytest

from check.env_file import env_file_results
from check.new_env_file import quoted
from check.results import CheckStatus
from seedream.env_file import read_env_file

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, str(ROOT / "bot.py"), "--init"]


async def type_in(folder: Path, lines: bytes, **environ: str) -> tuple[int, str]:
    """Run `--init` on a terminal where somebody types these lines. Returns the exit code and what is shown."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        cwd=folder,
        env=os.environ | environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=_own_terminal,
    )
    os.close(theirs)
    shown = asyncio.create_task(asyncio.to_thread(_read, ours, lines))
    async with asyncio.timeout(60):
        code = await process.wait()
        return code, await shown


def _own_terminal() -> None:
    os.setsid()
    import fcntl  # noqa: PLC0415
    import termios  # noqa: PLC0415

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(terminal: int, lines: bytes) -> str:
    """Type a line at each question, until the program ends. An echo would be seen."""
    shown, waiting = b"", lines.splitlines(keepends=True)
    while True:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # Linux: nobody has the other end any more
            return shown.decode()
        if waiting and shown.rstrip().endswith((b"):", b"provider:")) and shown.endswith(b" "):
            os.write(terminal, waiting.pop(0))
            shown += b"\n"


async def test_it_asks_writes_a_private_file_and_checks_it(world, tmp_path):
    ours = world.environment
    token, key = ours.pop("DISCORD_TOKEN"), ours.pop("SEEDREAM_API_KEY")
    code, shown = await type_in(tmp_path, f"Bot {token}\n{token}\n{key}\n".encode(), **ours)
    assert code == 0, shown
    assert "leave that out" in shown
    assert token not in shown
    assert key not in shown
    assert "seedream  " in shown
    file = tmp_path / ".env"
    assert file.stat().st_mode & 0o777 == 0o600
    assert dict(read_env_file(file).values) == {"DISCORD_TOKEN": token, "SEEDREAM_API_KEY": key}
    assert "#MAX_IN_FLIGHT=8" in file.read_text()


async def test_an_existing_file_is_never_overwritten(tmp_path):
    (tmp_path / ".env").write_text("DISCORD_TOKEN=mine\n")
    code, shown = await type_in(tmp_path, b"")
    assert (code, shown.strip()) == (
        2,
        ".env already exists and stays as it is. Edit it, then run: python bot.py --check",
    )
    assert (tmp_path / ".env").read_text() == "DISCORD_TOKEN=mine\n"


async def test_without_a_terminal_it_says_what_to_do(tmp_path):
    process = await asyncio.create_subprocess_exec(
        *COMMAND, cwd=tmp_path, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert errors.decode().startswith("There is no terminal to ask on. Copy .env.example to .env and fill in ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("typed", "said"),
    [(b"\x04", "The input ended"), (b"\n\n\n", "3 tries without a valid value")],
    ids=["Ctrl-D", "nothing"],
)
async def test_without_an_answer_nothing_is_written(tmp_path, typed, said):
    code, shown = await type_in(tmp_path, typed)
    assert code == 2
    assert said in shown
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", ["plain-Value_1.x", "a$b", "a#b", 'a"b', "a'b", "a\\b", "a %41 @"])
def test_a_value_is_written_so_that_it_is_read_the_same(tmp_path, value):
    file = tmp_path / ".env"
    file.write_text(f"SECRET_KEY={quoted(value)}\n")
    content = read_env_file(file)
    assert content.values == {"SECRET_KEY": value}
    assert not content.expandable


def test_check_names_what_compose_would_expand_and_what_the_bot_ignores(tmp_path):
    file = tmp_path / ".env"
    file.write_text("SECRET_KEY=a$b\nSEEDREAM_API_KEY='a$b'\nPOSTGRES_PASSWORD=a$b\nTZ=UTC\n")
    others, secret = env_file_results(file)
    assert (others.status, others.name) == (CheckStatus.OK, "other names")
    assert others.detail.startswith("POSTGRES_PASSWORD, TZ in ")
    assert (secret.status, secret.name) == (CheckStatus.NOTE, "SECRET_KEY")
    assert "single quotes" in secret.detail
    assert not list(env_file_results(tmp_path / "absent"))
