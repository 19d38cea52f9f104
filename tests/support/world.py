"""The bot in its local world, as tests drive it: members who act, messages as they see them, faults, and the books."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

import aiohttp
from PIL import Image
from sqlalchemy import select, update

from infra.database import open_engine
from infra.tables import JOBS, SHARED_STATE
from tests.support.bots import BotProcess, BotTask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Select, Update

    from sandbox.discord.server import LocalDiscord
    from sandbox.seedream.server import LocalSeeDream
    from tests.support.bots import Bot

T = TypeVar("T")

TIMEOUT = 30
BUTTON, STRING_SELECT, TEXT, GALLERY, FILE_UPLOAD = 2, 3, 10, 12, 19


class Refused(Exception):  # noqa: N818 - said as it is read
    """What a member's client does not let them do, or what makes no sense."""


File = tuple[str, bytes]  # its name and its content


@dataclass(frozen=True)
class Message:
    """A message as a member sees it."""

    world: World
    data: dict[str, Any]

    @property
    def id(self) -> str:
        return self.data["id"]

    @property
    def ephemeral(self) -> bool:
        return self.data.get("ephemeral", False)

    @property
    def text(self) -> str:
        texts = (one["content"] for one in walk(self.data["components"]) if one["type"] == TEXT)
        return "\n".join((self.data["content"], *texts))

    @property
    def items(self) -> list[dict[str, Any]]:
        return [item for one in walk(self.data["components"]) if one["type"] == GALLERY for item in one["items"]]

    @property
    def pictures(self) -> list[str]:
        return [item["media"]["url"] for item in self.items]

    @property
    def alt_texts(self) -> list[str]:
        return [item["description"] for item in self.items]

    @property
    def labels(self) -> list[str]:
        return [one["label"] for one in walk(self.data["components"]) if one["type"] == BUTTON]

    @property
    def custom_ids(self) -> list[str]:
        """Of its buttons."""
        return [one["custom_id"] for one in walk(self.data["components"]) if one["type"] == BUTTON]

    @property
    def select(self) -> str:
        """The custom id of its select."""
        return next(one["custom_id"] for one in walk(self.data["components"]) if one["type"] == STRING_SELECT)

    def custom_id(self, label: str) -> str:
        """Of its button with this label."""
        return next(one["custom_id"] for one in walk(self.data["components"]) if one.get("label") == label)

    @property
    def file_sizes(self) -> list[int]:
        return [one["size"] for one in self.data["files"]]

    async def sizes(self) -> list[tuple[int, int]]:
        """Width and height of every picture, by its bytes."""
        return [Image.open(io.BytesIO(await self.world.download(url))).size for url in self.pictures]

    async def stages(self) -> list[Message]:
        """Every state that the message was in."""
        found = await self.world.get(f"/control/messages/{self.id}")
        return [Message(self.world, one["message"]) for one in found["history"] if "message" in one]


@dataclass(frozen=True)
class Asked:
    """A command that a member has given, and what came of it."""

    member: Member
    given: dict[str, Any]

    async def answer(self) -> Message:
        """The first response."""
        assert "message" in self.given, self.given
        return Message(self.member.world, self.given["message"])

    async def ended(self) -> Message:
        """The message once nothing more will come: a refusal, a failure or a result."""
        first = await self.answer()
        if first.ephemeral and not first.data["flags"] & 1 << 15:
            return first
        return await self.result()

    async def result(self, *, pictures: int | None = None, text: str = "") -> Message:
        """The message that has its buttons."""
        after = int((await self.answer()).id) - 1
        found = await self.member.wait_for_message(button="Details", after=str(after), text=text)
        assert pictures is None or len(found.pictures) == pictures
        return found


@dataclass(frozen=True)
class Member:
    world: World
    name: str
    channel: str

    @property
    def id(self) -> str:
        return self.world.user_ids[self.name]

    async def imagine(self, **options: Any) -> Asked:
        return await self.run("imagine", **options)

    async def run(
        self, command: str, *, files: dict[str, File] | None = None, target: Message | None = None, **options: Any
    ) -> Asked:
        """A slash command, or with a target a command of that message's menu."""
        attachments = {option: _encoded(file) for option, file in (files or {}).items()}
        body = {"name": command, "options": options, "attachments": attachments, "wait": True}
        if target:
            body["target"] = target.id
        return Asked(self, await self.world.post("/control/command", self._here(body)))

    async def say(
        self, words: str, *, to: Message | None = None, ping: bool = True, files: Sequence[File] = ()
    ) -> Message:
        """A message, or a reply; one that replies pings unless it is told not to."""
        body: dict[str, Any] = {"content": words, "ping": ping, "attachments": [_encoded(file) for file in files]}
        if to:
            body["reply_to"] = to.id
        return Message(self.world, await self.world.post("/control/message", self._here(body)))

    async def forward(self, message: Message) -> Message:
        return Message(self.world, await self.world.post("/control/message", self._here({"forward": message.id})))

    async def answer_to(self, message: Message) -> Message:
        """The bot's reply to a message."""
        return await self.wait_for_message(after=message.id)

    async def result_of(self, message: Message) -> Message:
        """The result that the bot's reply to a message has become."""
        return await self.wait_for_message(after=message.id, button="Details")

    async def choose(self, message: Message, *values: str) -> Message:
        """Choose in the message's select."""
        body = {"user": self.name, "message": message.id, "button": message.select, "values": values, "wait": True}
        return Message(self.world, (await self.world.post("/control/press", body))["message"])

    async def fill(self, opened: Asked, files: Sequence[File] = (), **fields: str | list[str]) -> Asked:
        """Fill in and send a modal. Fields are named by a word of their label; files go to its upload."""
        modal = opened.given["answer"]["data"]
        ids = {one["label"]: one["component"] for one in modal["components"]}
        named = {word: next(inner for label, inner in ids.items() if word in label.lower()) for word in fields}
        given = {named[word]["custom_id"]: value for word, value in fields.items()}
        upload = next((one["custom_id"] for one in ids.values() if one["type"] == FILE_UPLOAD), "")
        body = {
            "user": self.name,
            "interaction": opened.given["interaction"],
            "fields": given,
            "attachments": {upload: [_encoded(file) for file in files]} if files else {},
            "wait": True,
        }
        return Asked(self, await self.world.post("/control/modal", body))

    async def pressed(self, message: Message, button: str) -> Asked:
        """Press a button whose answer is a new message, or a modal."""
        body = {"user": self.name, "message": message.id, "button": button, "wait": True}
        return Asked(self, await self.world.post("/control/press", body))

    async def imagine_to_end(self, **options: Any) -> Message:
        result = await (await self.imagine(**options)).result()
        assert result.pictures, result.text
        return result

    async def commands(self) -> set[str]:
        """The names of those that the member is offered here."""
        found = await self.world.get("/control/commands", user=self.name, channel=self.channel)
        return {one["name"] for one in found}

    async def autocomplete(self, command: str, focused: str, **options: Any) -> list[Any]:
        return [choice["value"] for choice in await self.choices(command, focused, **options)]

    async def choices(self, command: str, focused: str, **options: Any) -> list[dict[str, Any]]:
        """What autocomplete offers, with the names that the member reads."""
        body = self._here({"name": command, "options": options, "focused": focused})
        found: list[dict[str, Any]] = (await self.world.post("/control/autocomplete", body))["choices"]
        return found

    async def press(self, message: Message, button: str, *, answer: bool = True) -> Message | None:
        body = {"user": self.name, "message": message.id, "button": button, "wait": True}
        pressed = await self.world.post("/control/press", body)
        return Message(self.world, pressed["message"]) if answer else None

    async def messages(self) -> list[Message]:
        found = await self.world.get("/control/messages", user=self.name, channel=self.channel)
        return [Message(self.world, one) for one in found]

    async def wait_for_message(self, **conditions: str) -> Message:
        query = {"for": "message", "user": self.name, "channel": self.channel, "timeout": str(TIMEOUT)}
        found = (await self.world.get("/control/wait", **query, **conditions))["found"]
        assert found, (conditions, [one.text for one in await self.messages()])
        return Message(self.world, found)

    async def next_result(self) -> Message:
        return await self.wait_for_message(button="Details")

    async def sees_nothing(self) -> None:
        query = {"user": self.name, "channel": self.channel, "timeout": str(TIMEOUT)}
        await self.world.get("/control/wait", **{"for": "empty"}, **query)
        assert await self.messages() == []

    def _here(self, body: dict[str, Any]) -> dict[str, Any]:
        return body | {"user": self.name, "channel": self.channel}


class World:
    """The local Discord, the local SeeDream and the real bot between them, over real sockets."""

    def __init__(
        self, discord: LocalDiscord, seedream: LocalSeeDream, folder: Path, bot: Bot | None = None, **environment: str
    ) -> None:
        """`bot`: how it is run. `environment`: further settings of the bot, and others for those that it has here."""
        self._discord = discord
        self._seedream = seedream
        self._folder = folder
        self._stack = AsyncExitStack()
        self.settings = dict(environment)  # of the bot, beyond those of the world; they count from its next start
        self._bot: Bot = bot or BotTask()
        self.ada = Member(self, "ada", "general")
        self.ben = Member(self, "ben", "general")
        self.ada_in_workshop = Member(self, "ada", "small-files")
        self.cleo = Member(self, "cleo", "general")
        self.ada_in_dm = Member(self, "ada", "dm")
        self.ben_in_dm = Member(self, "ben", "dm")
        self.dan = Member(self, "dan", "general")  # an admin of the server
        self.ada_elsewhere = Member(self, "ada", "lobby")

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT * 2)
        session = aiohttp.ClientSession(self._discord.url, timeout=timeout)
        self._http = await self._stack.enter_async_context(session)
        users = (await self.get("/control/world"))["users"]
        self.user_ids = {user["username"]: user["id"] for user in users}
        await self.set_api(delay=0.05, image_interval=0.02)
        await self.discord_setting(identify_interval=0)  # bots start again at once here; test_shards has Discord's pace
        await self.start_bot()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop_bot()
        await self._stack.aclose()

    # --- the bot ------------------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DISCORD_TOKEN": self._discord.token,
            "DISCORD_API_URL": self._discord.api_url,
            "DISCORD_GATEWAY_URL": self._discord.gateway_url,
            "SEEDREAM_API_KEY": self._seedream.key,
            "SEEDREAM_BASE_URL": self._seedream.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{self._folder / 'bot.db'}",
            "ALLOW_LOCAL_URLS": "true",
            "GRACE": "5",
            **self.settings,
        }

    async def start_bot(self, **environment: str) -> None:
        await self._bot.start(self.environment | environment)
        await self.bot_is_back()

    async def stop_bot(self) -> None:
        async with asyncio.timeout(TIMEOUT):
            await self._bot.stop()

    async def bot_ends(self) -> None:
        """Wait until it does. Raises what it ended with."""
        async with asyncio.timeout(TIMEOUT):
            await self._bot.ended()

    async def kill_bot(self) -> None:
        assert isinstance(self._bot, BotProcess), "only a process can be killed: ask for a mortal world"
        await self._bot.kill()

    @property
    def spool(self) -> Path:
        return self._folder / "spool"

    async def spool_is_empty(self) -> None:
        """Wait until it is."""
        async with asyncio.timeout(TIMEOUT):
            while list(self.spool.iterdir()):  # noqa: ASYNC110 - a folder tells nobody
                await asyncio.sleep(0)

    async def read(self, query: Select[Any]) -> list[Any]:
        """Rows of the bot's database."""
        engine = open_engine(self.environment["DATABASE_URL"])
        try:
            async with engine.connect() as connection:
                return list((await connection.execute(query)).all())
        finally:
            await engine.dispose()

    async def let_tokens_end(self) -> None:
        """Fifteen minutes later, as the bot's rows have it."""
        await self._change_jobs(token_expires=1.0)

    async def age_what_is_known_of_the_service(self) -> None:
        """A day later, as the bot's rows have it."""
        known = select(SHARED_STATE).where(SHARED_STATE.c.name.like("api-profile:%"))
        await self.rows_are(known)
        [row] = await self.read(known)
        profile = json.loads(row.value)
        ids = profile["ids"]
        ids["listed_at"], ids["refused"] = 0.0, dict.fromkeys(ids["refused"], 0.0)
        await self.change(update(SHARED_STATE).where(SHARED_STATE.c.name == row.name).values(value=json.dumps(profile)))

    async def let_jobs_grow_old(self) -> None:
        """Years later, as the bot's rows have it."""
        await self._change_jobs(created_at=1.0, token_expires=1.0)

    async def _change_jobs(self, **values: Any) -> None:
        await self.change(update(JOBS).values(**values))

    async def change(self, change: Update) -> None:
        """Of the bot's rows."""
        engine = open_engine(self.environment["DATABASE_URL"])
        async with engine.connect() as connection:
            await connection.execute(change)
        await engine.dispose()

    async def rows_are(self, query: Select[Any], *, at_least: int = 1) -> None:
        """Wait until the bot's database has so many of them."""
        async with asyncio.timeout(TIMEOUT):
            while len(await self.read(query)) < at_least:
                pass

    async def rows_are_gone(self, query: Select[Any]) -> None:
        """Wait until the bot's database has none of them."""
        async with asyncio.timeout(TIMEOUT):
            while await self.read(query):
                pass

    async def restart_bot(self) -> None:
        await self.stop_bot()
        await self.start_bot()

    async def bot_is_back(self) -> None:
        waiting = asyncio.create_task(self.get("/control/wait", **{"for": "ready"}, timeout=str(TIMEOUT)))
        ending = asyncio.create_task(self._bot.ended())
        await asyncio.wait({waiting, ending}, return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, ending):
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        if not waiting.cancelled():
            assert (await waiting)["found"]
        else:
            await ending

    # --- the local Discord --------------------------------------------------------------------------------------

    async def get(self, path: str, **query: str) -> Any:
        async with self._http.get(path, params=query) as answer:
            return await answer.json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        content = io.BytesIO(json.dumps(body).encode())  # aiohttp warns of large bodies that are bytes
        async with self._http.post(path, data=content, headers={"Content-Type": "application/json"}) as answer:
            found = await answer.json()
            if answer.status != 200:
                raise Refused(found)
            return found

    async def download(self, url: str) -> bytes:
        async with self._http.get(url) as answer:
            assert answer.status == 200
            return await answer.read()

    async def all_discord_calls(self) -> list[dict[str, Any]]:
        return await self.get("/control/log")

    async def discord_calls(self) -> list[dict[str, Any]]:
        """The calls that showed something: answers, edits, messages."""
        shown = ("/interactions/", "/webhooks/", "/channels/")
        return [call for call in await self.all_discord_calls() if call["path"].startswith(shown)]

    @property
    def uploads(self) -> int:
        """How many files were uploaded to the local Discord, by whomever."""
        return len(self._discord.state.files)

    async def pings(self) -> list[dict[str, Any]]:
        return await self.get("/control/pings")

    async def discord_fault(self, route: str, **fault: Any) -> None:
        await self.post("/control/faults", {"route": route, **fault})

    async def clear_discord_faults(self) -> None:
        async with self._http.delete("/control/faults") as answer:
            assert answer.status == 200

    async def discord_is_asked(self, method: str, status: int, *, times: int = 1) -> None:
        """Wait until so many calls were answered so."""
        async with asyncio.timeout(TIMEOUT):
            while [(c["method"], c["status"]) for c in await self.all_discord_calls()].count((method, status)) < times:
                pass

    async def post_as_bot(self, channel: str, **payload: Any) -> Message:
        """A message of the bot's own that shows no job."""
        _, identity = await self._channel(channel)
        headers = {"Authorization": f"Bot {self._discord.token}"}
        url = f"{self._discord.api_url}/channels/{identity}/messages"
        async with self._http.post(url, json=payload, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return Message(self, await answer.json())

    async def guild_of(self, channel: str) -> str:
        return (await self._channel(channel))[0]

    async def channel_id(self, channel: str) -> str:
        return (await self._channel(channel))[1]

    async def _channel(self, name: str) -> tuple[str, str]:
        """The ids of its server and its own."""
        guilds = (await self.get("/control/world"))["guilds"]
        return next((guild["id"], one["id"]) for guild in guilds for one in guild["channels"] if one["name"] == name)

    async def kill_tokens(self) -> None:
        await self.post("/control/kill-tokens", {})

    async def delete_message(self, message_id: str) -> None:
        await self.post("/control/delete-message", {"message": message_id})

    async def is_gone(self, message: Message) -> None:
        """Wait until the message is in the channel no more."""
        async with asyncio.timeout(TIMEOUT):
            while message.id in {one.id for one in await self.ada.messages()}:
                pass

    async def deny(self, channel: str, *permissions: str, user: str = "SeeDream") -> None:
        await self.post("/control/permissions", {"channel": channel, "deny": permissions, "user": user})

    async def set_upload_limit(self, size: int) -> None:
        await self.post("/control/upload-limit", {"guild": "Studio", "bytes": size})

    async def discord_setting(self, **settings: Any) -> None:
        async with self._http.patch("/control/settings", json=settings) as answer:
            assert answer.status == 200, await answer.text()

    async def gateway(self, action: str, **which: Any) -> None:
        await self.post("/control/gateway", {"action": action, **which})

    async def served_shards(self) -> list[list[int]]:
        """[number, of how many] of every shard that is connected."""
        sessions = (await self.get("/control/gateway"))["sessions"]
        return sorted(one["shard"] for one in sessions if one["connected"])

    async def session_starts(self) -> int:
        """How often a bot has identified."""
        limit = (await self.get("/control/gateway"))["session_start_limit"]
        return limit["total"] - limit["remaining"]

    async def shards_are_served(self, *shards: list[int], after_starts: int = 0) -> None:
        """Wait until just these are connected, after so many starts."""
        async with asyncio.timeout(TIMEOUT):
            while await self.served_shards() != list(shards) or await self.session_starts() < after_starts:
                pass

    # --- the local SeeDream -------------------------------------------------------------------------------------

    async def set_api(self, **settings: Any) -> None:
        async with self._http.patch(f"{self._seedream.url}/control/settings", json=settings) as answer:
            assert answer.status in {200, 201}, await answer.text()

    async def api_fault(self, kind: str, **fault: Any) -> None:
        async with self._http.post(f"{self._seedream.url}/control/faults", json={"kind": kind, **fault}) as answer:
            assert answer.status in {200, 201}, await answer.text()

    async def clear_api_faults(self) -> None:
        async with self._http.delete(f"{self._seedream.url}/control/faults") as answer:
            assert answer.status == 204

    async def requests(self) -> list[dict[str, Any]]:
        async with self._http.get(f"{self._seedream.url}/control/books") as answer:
            return (await answer.json())["requests"]

    async def lookups(self) -> list[int]:
        """How many tasks each look-up named."""
        async with self._http.get(f"{self._seedream.url}/control/books") as answer:
            return (await answer.json())["lookup_ids"]

    async def until(self, read: Callable[[], Awaitable[T]], right: Callable[[T], bool]) -> T:
        """What `read` gives, once it is right."""
        async with asyncio.timeout(TIMEOUT):
            while not right(value := await read()):
                pass
            return value

    async def api_is_asked(self, times: int = 1) -> None:
        """Wait until this many requests have reached the API."""
        async with asyncio.timeout(TIMEOUT):
            while len(await self.requests()) < times:
                pass

    async def task_is_known(self) -> None:
        """Wait until a task was looked up: the bot has its id."""
        async with asyncio.timeout(TIMEOUT):
            async with self._http.get(f"{self._seedream.url}/control/books") as answer:
                looked_up = (await answer.json())["totals"]["lookups"]
            while not looked_up:
                async with self._http.get(f"{self._seedream.url}/control/books") as answer:
                    looked_up = (await answer.json())["totals"]["lookups"]

    async def callback_was_tried(self) -> None:
        """Wait until the newest request's result was posted, whether anybody took it or not."""
        async with asyncio.timeout(TIMEOUT):
            while not (await self.requests())[-1]["callbacks"]:
                pass

    async def references(self) -> list[bytes]:
        """The reference pictures, as they reached the API."""
        hashes = [one["sha256"] for entry in await self.requests() for one in entry["references"]]
        return [await self.download(f"{self._seedream.url}/control/inputs/{one}") for one in hashes]

    # --- places of the local Discord ----------------------------------------------------------------------------

    def member_in(self, channel: str, name: str = "ada") -> Member:
        """Somebody in a channel, a thread or a group, by its id or name."""
        return Member(self, name, channel)

    async def make_channel(self, name: str, kind: str = "text", *, guild: str = "Studio", **options: Any) -> str:
        """A channel of a server: text, voice, category, announcement, stage, forum or media; its id."""
        made = await self.post("/control/channel", {"guild": guild, "name": name, "type": kind, **options})
        return str(made["id"])

    async def start_thread(self, by: Member, name: str = "a thread", **options: Any) -> str:
        """A thread, or in a forum a post, where that member is; its id. `private`, or from a `message` by its id."""
        body = {"user": by.name, "channel": by.channel, "name": name, **options}
        return str((await self.post("/control/thread", body))["id"])

    async def set_thread(self, thread: str, **state: bool) -> None:
        """`archived` and `locked`, as a moderator sets them."""
        await self.post("/control/thread-state", {"thread": thread, **state})

    async def add_to_thread(self, thread: str, user: str = "SeeDream") -> None:
        await self.post("/control/thread-member", {"thread": thread, "user": user})

    async def make_group(self, name: str, *users: str) -> str:
        """A group of these people, without the bot; its id."""
        return str((await self.post("/control/group", {"name": name, "users": users}))["id"])

    async def webhook_says(self, channel: str, **message: Any) -> Message:
        return Message(self, await self.post("/control/webhook-message", {"channel": channel, **message}))

    async def discord_refuses(self, route: str, name: str | int, **fault: Any) -> None:
        """Answer with a refusal of Discord's, by its name or its code."""
        await self.discord_fault(route, name=name, **fault)

    async def send_event(self, name: str | None = None, data: Any = None) -> None:
        """An event of any shape to every session; by itself, one that no client of today can read."""
        await self.post("/control/gateway", {"action": "event", "name": name, "data": data})

    def send_again(self, name: str, *, id: str) -> None:  # noqa: A002 - as Discord has it
        """The event of this kind about what has that id, once more and to every session, as after a resume."""
        sessions = [one for one in self._discord.state.sessions.values() if one.connection]
        events = [payload for one in sessions for _, payload in one._events]
        event = next(one["d"] for one in events if one["t"] == name and one["d"]["id"] == id)
        for session in sessions:
            session.send_event(name, event)


def _encoded(file: File) -> dict[str, str]:
    return {"name": file[0], "data": base64.b64encode(file[1]).decode()}


def walk(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every component, outer before inner."""
    found = []
    for component in components:
        inner = [*component.get("components", []), *filter(None, [component.get("accessory")])]
        found += [component, *walk(inner)]
    return found
