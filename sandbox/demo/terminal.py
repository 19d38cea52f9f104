"""Gives commands as a member, prints every state of the bot's message, and saves its pictures.

A line is typed as in Discord: a command (`/imagine prompt:a red fox in snow size:2K`), or a reply to the latest picture
(`reply:last make it night`).
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.demo.command_line import InvalidInputError, parse_options
from sandbox.demo.control_api import LONGEST_SECONDS, ControlApi
from sandbox.demo.message_text import describe, is_final, links

MEMBER, CHANNEL = "ada", "general"
PLACE = {"user": MEMBER, "channel": CHANNEL}
REPLY = "reply:last"
OUT = Path("out")

Json = dict[str, Any]


async def act(url: str, line: str) -> int:
    """Run a line as the member. Return 0 if pictures came, 1 if none did, 2 if the line is invalid."""
    async with ControlApi(url) as api:
        try:
            await api.wait_until_ready()
            if line.startswith(REPLY):
                return await _reply(api, line.removeprefix(REPLY).strip())
            return await _run_command(api, line)
        except InvalidInputError as error:
            print(error, file=sys.stderr)
            return 2


async def read_commands(url: str) -> None:
    """Run each line of standard input, until it is closed."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)

    # A daemon thread: reading from a terminal can't be cancelled, so nothing may wait for it.
    threading.Thread(target=read, daemon=True).start()
    while True:
        if line := (await lines.get()).strip():
            await act(url, line)


async def _run_command(api: ControlApi, line: str) -> int:
    name, _, rest = line.strip().removeprefix("/").partition(" ")
    offered = await api.get("commands", **PLACE)
    command = next((command for command in offered if command["name"] == name), None)
    if not line.startswith("/") or command is None:
        names = ", ".join(f"/{command['name']}" for command in offered)
        raise InvalidInputError(f"“{line}” isn't a command here. Use one of {names}, or {REPLY} and a text.")
    options, files = parse_options(rest, {option["name"]: option["type"] for option in command.get("options", [])})
    started = time.monotonic()
    result = await api.post("command", {**PLACE, "name": name, "options": options, "attachments": files, "wait": True})
    if "message" not in result:
        raise InvalidInputError(result.get("error") or result.get("failed") or "The bot did not answer.")
    return await _follow(api, result["message"], started)


async def _reply(api: ControlApi, text: str) -> int:
    """Reply to the latest message with pictures; if there is none, create one first."""
    messages = await api.get("messages", **PLACE)
    with_pictures = [message for message in messages if message["attachments"] or links(message)]
    if not with_pictures:
        print("There is no picture yet, so one is created first.")
        if code := await _run_command(api, "/imagine prompt:a red fox in snow"):
            return code
        return await _reply(api, text)
    started = time.monotonic()
    sent = await api.post("message", {**PLACE, "content": text, "reply_to": with_pictures[-1]["id"]})
    if "error" in sent:
        raise InvalidInputError(sent["error"])
    reply = await api.wait_for("message", **PLACE, after=sent["id"], timeout="30")
    if reply is None:
        raise InvalidInputError("The bot did not answer. Say what to change, such as “make it night”.")
    return await _follow(api, reply, started)


async def _follow(api: ControlApi, message: Json, started: float) -> int:
    """Print every state of a message until the final one, then save the pictures. Return the exit code."""
    await _print_states(api, message["id"], started)
    messages = await api.get("messages", **PLACE)
    saved = [
        file
        for posted in messages
        if int(posted["id"]) >= int(message["id"])
        for file in await _save(api, posted)
    ]  # fmt: skip
    for path, size in saved:
        print(f"  {path}  {size} bytes")
    return 0 if saved else 1


async def _print_states(api: ControlApi, message_id: str, started: float) -> None:
    users = (await api.get("world"))["users"]
    names = {f"<@{user['id']}>": f"@{user['username']}" for user in users}
    shown = 0
    while True:
        stored = await api.get(f"messages/{message_id}")
        for state in stored["history"][shown:]:
            print(describe(state["message"], names, shown, time.monotonic() - started), flush=True)
            shown += 1
        if is_final(stored["message"]):
            return
        await api.wait_for("revision", message=message_id, after=str(shown), timeout="60")
        if time.monotonic() - started > LONGEST_SECONDS:
            raise InvalidInputError(f"There was no result within {LONGEST_SECONDS:g} s.")


async def _save(api: ControlApi, message: Json) -> list[tuple[Path, int]]:
    """Save a message's files. Return their paths and sizes in bytes."""
    await asyncio.to_thread(OUT.mkdir, exist_ok=True)
    saved = []
    for link in links(message):
        data = await api.download(link)
        path = OUT / Path(urlsplit(link).path).name
        path.write_bytes(data)
        saved.append((path, len(data)))
    return saved
