"""The local world as a person tries it: both services and their page, the bot beside them, and a member who types.

The bot is a process of its own, started with nothing but the world's addresses: what is tried is the real program, and
its plug can be pulled. `act` reads a line as it is typed in Discord, a command (`/imagine prompt:a red fox in snow
size:2K`) or a reply to the newest picture (`reply:last make it night`), sends it as the member ada, prints every stage
of the message as it changes, and writes the pictures under out/.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
import socket
import sys
import threading
import time
import webbrowser
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import aiohttp

from sandbox.discord.server import LocalDiscord
from sandbox.page.server import LocalPage
from sandbox.seedream.server import LocalSeeDream
from sandbox.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEMBER, CHANNEL = "ada", "general"
REPLY = "reply:last"
OUT = Path("out")
READY = {"for": "ready", "timeout": "30"}
LONGEST_SECONDS = 600.0
BUTTON, TEXT, GALLERY = 2, 10, 12
_OPTION = re.compile(r"(?:^|\s)([a-z_0-9]{1,32}):")
_MENTION = re.compile(r"<@\d+>")
_STRING, _INTEGER, _BOOLEAN, _NUMBER, _ATTACHMENT = 3, 4, 5, 10, 11
# What a program needs of its surroundings; settings that somebody has for a real bot are no part of it.
_SURROUNDINGS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")

Json = dict[str, Any]


class NotTypedRightError(Exception):
    """A line that is no command; the text says how one looks."""


async def demo(command: Sequence[str], once: str | None) -> int:
    """Serve the world and the bot that `command` starts, until SIGINT or SIGTERM; or act `once`. The exit code."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with LocalWorld(command) as world:
        ends = [asyncio.create_task(one.wait()) for one in (stop, world.bot.fell)]
        doing = asyncio.create_task(world.ready() if once is None else act(world, once))
        await asyncio.wait({doing, *ends}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            doing.cancel()
            return 0 if stop.is_set() else 1
        if once is not None:
            return doing.result()
        print(world.where_to_look, flush=True)
        await asyncio.to_thread(open_page, world.page.url)
        reading = asyncio.create_task(typing(world))
        await stop.wait()
        reading.cancel()
        return 0


class LocalWorld:
    """Both services, their page, and the bot that `command` starts, supervised."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="seedream-demo-")))
            self.seedream = await stack.enter_async_context(LocalSeeDream())
            self.discord = await stack.enter_async_context(LocalDiscord())
            self.page = await stack.enter_async_context(LocalPage(self.discord, self.seedream))
            self.bot = Supervisor(self._command, folder, self._environment(folder), self._bot_changed)
            self.discord.state.bot = self.bot
            await stack.enter_async_context(self.bot)
            self._open = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def _environment(self, folder: Path) -> Mapping[str, str]:
        """What the bot needs to live in this world, and where the service can call it back."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return {name: os.environ[name] for name in _SURROUNDINGS if name in os.environ} | {
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
            "DISCORD_CDN_URL": self.discord.url,
            "SEEDREAM_API_KEY": self.seedream.key,
            "SEEDREAM_BASE_URL": self.seedream.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
            "ALLOW_LOCAL_URLS": "true",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "WEB_PORT": str(port),
            "SECRET_KEY": secrets.token_urlsafe(32),
            "LOG_LEVEL": "WARNING",
        }

    def _bot_changed(self) -> None:
        self.discord.state.emit("bot", {"running": self.bot.running})
        if self.bot.fell.is_set():
            print(f"The bot has ended by itself, with {self.bot.exit_code}.", file=sys.stderr, flush=True)

    async def ready(self) -> int:
        """Wait until the bot is connected and has registered its commands: 0, or 1 if that takes too long."""
        async with aiohttp.ClientSession(self.discord.url) as http:
            return 0 if (await _get(http, "/control/wait", **READY))["found"] else 1

    @property
    def where_to_look(self) -> str:
        return (
            f"The bot is in its local world. Open it in a browser:\n\n  {self.page.url}\n\n"
            f"Or type a command here as {MEMBER} in #{CHANNEL}, such as\n"
            "  /imagine prompt:a red fox in snow images:4\n"
            f"and look for the pictures in {OUT}/. Ctrl-C ends it."
        )


def open_page(url: str) -> None:
    """Open the page where somebody sits at a screen; without one, Python would start a browser in the terminal."""
    screen = sys.platform in {"darwin", "win32"} or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if screen and sys.stdout.isatty():
        webbrowser.open(url)


async def act(world: LocalWorld, line: str) -> int:
    """Give a command as a member, show what comes of it; 0 if pictures came, 1 if not, 2 if it was not typed right."""
    timeout = aiohttp.ClientTimeout(total=LONGEST_SECONDS)
    async with aiohttp.ClientSession(world.discord.url, timeout=timeout) as http:
        try:
            return await _acted(http, line)
        except NotTypedRightError as error:
            print(error, file=sys.stderr)
            return 2


async def typing(world: LocalWorld) -> None:
    """Read commands from standard input, one a line, until it is closed."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)

    # A thread of its own, that nobody waits for: reading from a terminal can't be cancelled.
    threading.Thread(target=read, daemon=True).start()
    while True:
        if line := (await lines.get()).strip():
            await act(world, line)


async def _acted(http: aiohttp.ClientSession, line: str) -> int:
    await _get(http, "/control/wait", **READY)
    if line.startswith(REPLY):
        return await _replied(http, line.removeprefix(REPLY).strip())
    name, _, rest = line.strip().removeprefix("/").partition(" ")
    offered = await _get(http, "/control/commands", user=MEMBER, channel=CHANNEL)
    command = next((one for one in offered if one["name"] == name), None)
    if not line.startswith("/") or command is None:
        names = ", ".join(f"/{one['name']}" for one in offered)
        raise NotTypedRightError(f"“{line}” is no command here; there are: {names}, and {REPLY} with words.")
    options, attachments = parsed(rest, {one["name"]: one["type"] for one in command.get("options", [])})
    body = {
        "user": MEMBER, "channel": CHANNEL, "name": name, "options": options, "attachments": attachments, "wait": True,
    }  # fmt: skip
    started = time.monotonic()
    async with http.post("/control/command", json=body) as answer:
        given = await answer.json()
    if "message" not in given:
        raise NotTypedRightError(given.get("error") or given.get("failed") or "The bot did not answer.")
    return await _watched(http, given["message"], started)


async def _replied(http: aiohttp.ClientSession, words: str) -> int:
    """Reply to the newest message that has pictures; without one, to one that is made for it."""
    seen = await _get(http, "/control/messages", user=MEMBER, channel=CHANNEL)
    with_pictures = [one for one in seen if one["attachments"] or _links(one)]
    if not with_pictures:
        print("There is no picture yet, so one is made first.")
        if code := await _acted(http, "/imagine prompt:a red fox in snow"):
            return code
        return await _replied(http, words)
    body = {"user": MEMBER, "channel": CHANNEL, "content": words, "reply_to": with_pictures[-1]["id"]}
    started = time.monotonic()
    async with http.post("/control/message", json=body) as answer:
        said = await answer.json()
    if "error" in said:
        raise NotTypedRightError(said["error"])
    query = {"for": "message", "user": MEMBER, "channel": CHANNEL, "after": said["id"], "timeout": "30"}
    found = (await _get(http, "/control/wait", **query))["found"]
    if found is None:
        raise NotTypedRightError("The bot did not answer: say what to change, such as “make it night”.")
    return await _watched(http, found, started)


def parsed(text: str, kinds: Mapping[str, int]) -> tuple[Json, Json]:
    """`prompt:a red fox size:2K reference:in.png` as options and files. Raises: NotTypedRightError."""
    starts = [match for match in _OPTION.finditer(text) if match[1] in kinds]
    if text.strip() and (not starts or text[: starts[0].start()].strip()):
        raise NotTypedRightError(f"Write options as name:value; there are {', '.join(kinds)}.")
    options: Json = {}
    attachments: Json = {}
    for number, match in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        value = text[match.end() : end].strip()
        if kinds[match[1]] == _ATTACHMENT:
            attachments[match[1]] = {"path": str(Path(value).resolve())}
        else:
            options[match[1]] = _value(match[1], value, kinds[match[1]])
    return options, attachments


def _value(name: str, text: str, kind: int) -> Any:
    try:
        match kind:
            case 4:
                return int(text)
            case 10:
                return float(text)
            case 5:
                return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError):
        wanted = {_INTEGER: "a whole number", _NUMBER: "a number", _BOOLEAN: "true or false"}[kind]
        raise NotTypedRightError(f"{name}: “{text}” is not {wanted}.") from None
    return text


async def _watched(http: aiohttp.ClientSession, message: Json, started: float) -> int:
    """Print every state of the message as it comes; save the pictures of the last."""
    users = (await _get(http, "/control/world"))["users"]
    names = {f"<@{user['id']}>": f"@{user['username']}" for user in users}
    shown = 0
    while True:
        found = await _get(http, f"/control/messages/{message['id']}")
        for state in found["history"][shown:]:
            print(_stage(state["message"], names, shown, time.monotonic() - started), flush=True)
            shown += 1
        current = found["message"]
        if _final(current):
            break
        query = {"for": "revision", "message": message["id"], "after": str(shown), "timeout": "60"}
        await _get(http, "/control/wait", **query)
        if time.monotonic() - started > LONGEST_SECONDS:
            raise NotTypedRightError(f"Nothing final came within {LONGEST_SECONDS:g} s.")
    later = [
        one
        for one in await _get(http, "/control/messages", user=MEMBER, channel=CHANNEL)
        if int(one["id"]) > int(message["id"])
    ]
    saved = [path for one in (current, *later) for path in await _saved(http, one)]
    for path, size in saved:
        print(f"  {path}  {size} bytes")
    return 0 if saved else 1


def _stage(message: Json, names: Mapping[str, str], number: int, seconds: float) -> str:
    components = _walk(message["components"])
    texts = [message["content"], *(one["content"] for one in components if one["type"] == TEXT)]
    pictures = sum(len(one["items"]) for one in components if one["type"] == GALLERY)
    buttons = [f"[{one['label']}]" for one in components if one["type"] == BUTTON]
    head = f"--- {seconds:5.1f} s  " + ("placeholder" if number == 0 and components else f"stage {number}")
    shown = _MENTION.sub(lambda match: names.get(match[0], match[0]), "\n".join(filter(None, texts)))
    lines = [head, *(f"  {line}" for line in shown.splitlines())]
    if pictures:
        lines.append(f"  ({pictures} picture{'s' if pictures > 1 else ''})")
    if buttons:
        lines.append("  " + " ".join(buttons))
    return "\n".join(lines)


def _final(message: Json) -> bool:
    """What has the buttons of a result, or is no more than words."""
    labels = {one.get("label") for one in _walk(message["components"])}
    return message["ephemeral"] or not message["components"] or "Details" in labels


def _walk(components: list[Json]) -> list[Json]:
    return [one for component in components for one in (component, *_walk(component.get("components", [])))]


def _links(message: Json) -> list[str]:
    """Of the files that a message shows: those are not among its attachments."""
    media = [item["media"] for one in _walk(message["components"]) for item in one.get("items", [])]
    files = [one["file"] for one in _walk(message["components"]) if "file" in one]
    return [one["url"] for one in (*media, *files)]


async def _saved(http: aiohttp.ClientSession, message: Json) -> list[tuple[Path, int]]:
    await asyncio.to_thread(OUT.mkdir, exist_ok=True)
    saved = []
    for link in _links(message):
        async with http.get(link) as answer:
            data = await answer.read()
        path = OUT / Path(urlsplit(link).path).name
        path.write_bytes(data)
        saved.append((path, len(data)))
    return saved


async def _get(http: aiohttp.ClientSession, path: str, **query: str) -> Any:
    async with http.get(path, params=query) as answer:
        return await answer.json()
