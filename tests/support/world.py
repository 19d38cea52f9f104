"""The bot in its local world, as tests drive it: members who act, messages as they see them, faults, and the books."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

import aiohttp
from sqlalchemy import select, update

from infra.db.engine import open_engine
from infra.db.tables import JOBS, SHARED_STATE
from tests.support.bots import BotProcess, BotTask
from tests.support.discord_control import DiscordControl
from tests.support.members import TIMEOUT, Asked, File, Member, Message, Refused, walk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from sqlalchemy import Select, Update

    from sandbox.discord.server import LocalDiscord
    from sandbox.seedream.server import LocalSeeDream
    from tests.support.bots import Bot

__all__ = ["TIMEOUT", "Asked", "File", "Member", "Message", "Refused", "World", "walk"]

T = TypeVar("T")


class World(DiscordControl):
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
            "DISCORD_CDN_URL": self._discord.url,
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

    @asynccontextmanager
    async def another_program(self, **environment: str) -> AsyncIterator[None]:
        """A second program with the bot's token runs beside it, with a database of its own."""
        folder = self._folder / "another"
        folder.mkdir(exist_ok=True)
        own = {"DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}"}
        program = BotTask()
        await program.start(self.environment | own | environment)
        try:
            ready = {"for": "ready", "sessions": "2", "timeout": str(TIMEOUT)}
            assert (await self.get("/control/wait", **ready))["found"]
            yield
        finally:
            await program.stop()

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
        async with self._http.get(f"{self._seedream.url}/control/requests") as answer:
            return (await answer.json())["requests"]

    async def lookups(self) -> list[int]:
        """How many tasks each look-up named."""
        async with self._http.get(f"{self._seedream.url}/control/requests") as answer:
            return (await answer.json())["lookup_ids"]

    async def until(self, read: Callable[[], Awaitable[T]], right: Callable[[T], bool]) -> T:
        """What `read` gives, once it is right. Raises: AssertionError, which has what it gave last."""
        value: T | None = None
        try:
            async with asyncio.timeout(TIMEOUT):
                while not right(value := await read()):
                    pass
                return value
        except TimeoutError:
            raise AssertionError(f"not within {TIMEOUT} s; at last it was {value}") from None

    async def api_is_asked(self, times: int = 1) -> None:
        """Wait until this many requests have reached the API."""
        async with asyncio.timeout(TIMEOUT):
            while len(await self.requests()) < times:
                pass

    async def task_is_known(self) -> None:
        """Wait until a task was looked up: the bot has its id."""
        async with asyncio.timeout(TIMEOUT):
            async with self._http.get(f"{self._seedream.url}/control/requests") as answer:
                looked_up = (await answer.json())["totals"]["lookups"]
            while not looked_up:
                async with self._http.get(f"{self._seedream.url}/control/requests") as answer:
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

    def send_again(self, name: str, *, id: str) -> None:  # noqa: A002 - as Discord has it
        """The event of this kind about what has that id, once more and to every session, as after a resume."""
        sessions = [one for one in self._discord.state.sessions.values() if one.connection]
        events = [payload for one in sessions for _, payload in one._events]
        event = next(one["d"] for one in events if one["t"] == name and one["d"]["id"] == id)
        for session in sessions:
            self._discord.state.send_event(session, name, event)
