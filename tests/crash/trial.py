"""Kills bots at every step of their jobs, until so many jobs are through, and then takes stock from outside.

What is true is what the local Discord shows and what the books of the local SeeDream say; of the bot, only its ledger
and its spool are looked at.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from sqlalchemy import select

from infra.db.engine import open_engine
from infra.db.tables import CHARGES, JOBS
from infra.stores.job_rows import job_of
from sandbox.discord.server import LocalDiscord
from sandbox.seedream.server import LocalSeeDream
from tests.crash.proxy import STEPS, Proxy
from tests.support.bots import QUICK_BOT, BotProcess
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from studio.jobs.job import Job

MOMENTS = (*STEPS, "at any time", "during recovery")
AT_ONCE = 6
STEP_SECONDS = 4.0  # a step that nobody comes to in this time is not waited for
LAST_SECONDS = 90.0  # for what is left once nobody is killed any more
FINAL = {"Details", "Retry", "Just as written"}  # the last: a preview that nobody could press promises nothing

# What members ask for: a set and single pictures, streamed, posted, looked up or waited for; an edit in reply; several
# ideas by a command, and in reply. `stop`: it is stopped a moment later. `press`: what is pressed on the card of its
# second picture, or on the set itself, once it is there.
KINDS: tuple[dict[str, Any], ...] = (
    {"images": 3, "model": "doubao-seedream-4.0", "size": "1K"},
    {"model": "doubao-seedream-4.0", "size": "1K"},
    {"model": "doubao-seedream-5.0-pro", "size": "1K"},
    {"reply": True},
    {"stop": True, "images": 3, "model": "doubao-seedream-4.0", "size": "1K"},
    {"stop": True, "model": "doubao-seedream-5.0-pro", "size": "1K"},
    {"press": "Redo", "images": 2, "model": "doubao-seedream-4.0", "size": "1K"},
    {"press": "More like these", "images": 2, "model": "doubao-seedream-4.0", "size": "1K"},
    {"press": "Zoom out", "images": 2, "model": "doubao-seedream-4.0", "size": "1K"},
    {"ideas": "{red, green, blue}", "model": "doubao-seedream-5.0-pro", "size": "1K"},
    {"ideas": "{red, green, blue}", "reply": True},
)
ON_THE_SET = {"More like these"}
NEW_MESSAGE = {"Zoom out"}
RESULT_SECONDS = "15"  # for a set that is to be changed, while bots are killed


MARKS = {"stop", "press"}
_LINK = re.compile(r"\[Picture \d+\]\(http")  # two processes died of fetching it, so its link stands for it
_REASONS = ("interrupted", "didn't retry", "The bot stopped twice")  # why a killed job may end without a picture
_STOPPED = ("Cancelled", "Stopped")


@dataclass(kw_only=True)
class Wish:
    """A member's request. `message`: the message that shows it; None without an answer.

    `stopped`: they have tried to stop it. `requests`: how many the service may get for it. `changed`: a button was
    pressed that changes the set. `messages`: how many may show it.
    """

    words: str
    pictures: int
    message: str | None = None
    stopped: bool = False
    requests: int = 1
    changed: bool = False
    messages: int = 1


@dataclass(kw_only=True)
class Findings:
    """What a trial came to; `faults` is empty if every promise was kept.

    `withheld`: pictures that members stopped; `replaced`: older versions of pictures that were redone.
    """

    asked: int = 0
    accepted: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    withheld: int = 0
    replaced: int = 0
    charged: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kills = ", ".join(f"{moment} {times}" for moment, times in sorted(self.kills.items()))
        ends = ", ".join(f"{end} {times}" for end, times in sorted(self.ends.items()))
        lines = [
            f"jobs: {self.asked} asked for, {self.accepted} accepted; kills: {self.kills.total()} ({kills})",
            f"ends: {ends}",
            f"pictures: {self.charged} charged",
            f"{self.delivered} delivered, {self.withheld} stopped, {self.replaced} replaced",
            *(f"FAULT: {fault}" for fault in self.faults),
            "every promise was kept" if not self.faults else f"{len(self.faults)} promises were broken",
        ]
        return "\n".join(lines)


class Trial:
    """Use as an async context manager. `database_url` is of an empty database; `folder` holds logs and pictures.

    `moments`: when bots are killed, one after the other. `callbacks`: the service posts what it can.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        seed: int,
        processes: int = 1,
        callbacks: bool = True,
        moments: Sequence[str] = MOMENTS,
    ) -> None:
        self._folder = folder
        self._database_url = database_url
        self._random = random.Random(seed)
        self._count = processes
        self._callbacks = callbacks
        self._moments = [one for one in moments if callbacks or not one.startswith("call")]
        self._armed: str | None = None
        self._sprung = asyncio.Event()
        self._stack = AsyncExitStack()
        self._wishes: list[Wish] = []
        self._kept: tuple[str, ...] = ()  # the beginnings of files' names that are kept for older versions
        self.findings = Findings()

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        self._seedream = await enter(LocalSeeDream(delay=0.2, image_interval=0.1))
        self._discord = await enter(LocalDiscord(identify_interval=0.0))
        ports = [free_port() for _ in range(self._count)]
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        self._proxy = await enter(Proxy(self._discord.url, self._seedream.url, addresses, self._reached))
        self._http = await enter(aiohttp.ClientSession(self._discord.url))
        self._bots = {
            BotProcess(self._folder / f"bot-{number}.log", program=QUICK_BOT): self._environment(number, port)
            for number, port in enumerate(ports)
        }
        await self._start_the_dead()
        await self._ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(bot.kill() for bot in self._bots))
        await self._stack.aclose()

    def _environment(self, number: int, port: int) -> dict[str, str]:
        environment = {
            "DISCORD_TOKEN": self._discord.token,
            "DISCORD_API_URL": f"{self._proxy.url}/discord/api/v10",
            "DISCORD_GATEWAY_URL": self._discord.gateway_url,
            "DISCORD_CDN_URL": self._discord.url,
            "SEEDREAM_API_KEY": self._seedream.key,
            "SEEDREAM_BASE_URL": f"{self._proxy.url}/api",
            "SEEDREAM_PROVIDER": "acedata",  # its tasks are looked up
            "DELIVERY": "plain" if number else "auto",
            "DATABASE_URL": self._database_url,
            "ALLOW_LOCAL_URLS": "true",
            "GRACE": "5",
            "OPERATOR_DAILY_LIMIT": "unlimited",
        }
        if self._callbacks:
            environment |= {
                "PUBLIC_URL": f"{self._proxy.url}/bot",
                "SECRET_KEY": "a-secret-for-the-crash-test-and-nothing-else",
                "WEB_PORT": str(port),
            }
        if self._count > 1:
            environment |= {"SHARD_COUNT": str(self._count), "SHARD_IDS": str(number)}
        return environment

    # --- killing ------------------------------------------------------------------------------------------------------

    async def _reached(self, step: str) -> None:
        if step == self._armed:
            self._armed = None
            await self._kill(step)
            self._sprung.set()

    async def _kill(self, moment: str) -> None:
        alive = [bot for bot in self._bots if bot.is_alive]
        if alive:
            await self._random.choice(alive).kill()
            self.findings.kills[moment] += 1

    async def _start_the_dead(self) -> None:
        await asyncio.gather(*(bot.start(settings) for bot, settings in self._bots.items() if not bot.is_alive))

    async def _ready(self) -> None:
        """All bots live, and Discord has them."""
        await self._start_the_dead()
        found = await self._get("/control/wait", **{"for": "ready"}, sessions=str(self._count), timeout="60")
        assert found["found"], f"no bot comes up: see {self._folder}"

    async def _kill_at(self, moment: str) -> None:
        match moment:
            case "at any time":
                await asyncio.sleep(self._random.uniform(0, 1.5))
                await self._kill(moment)
            case "during recovery":
                await self._kill(moment)
                await self._start_the_dead()
                await asyncio.sleep(self._random.uniform(0.3, 1.5))
                await self._kill(moment)
            case step:
                self._sprung.clear()
                self._armed = step
                with suppress(TimeoutError):
                    async with asyncio.timeout(STEP_SECONDS):
                        await self._sprung.wait()
                self._armed = None

    async def _killing(self) -> None:
        while True:
            for moment in self._random.sample(self._moments, len(self._moments)):
                await self._kill_at(moment)
                await self._ready()

    # --- asking -------------------------------------------------------------------------------------------------------

    async def run(self, jobs: int) -> Findings:
        """So many jobs, at most AT_ONCE at once, while bots are killed; then what is true is found out."""
        self._parent = await self._first_picture()
        killing = asyncio.create_task(self._killing())
        room = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(jobs):
                    await room.acquire()
                    group.create_task(self._asked(number)).add_done_callback(lambda _: room.release())
        finally:
            killing.cancel()
            with suppress(asyncio.CancelledError):
                await killing
        self._armed = None
        await self._ready()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                while not await self._all_ended():  # noqa: ASYNC110 - it is the database that tells, and it has no event
                    await asyncio.sleep(0.2)
        await asyncio.gather(*(bot.stop() for bot in self._bots))
        await self._take_stock()
        return self.findings

    async def _first_picture(self) -> str:
        """A result for others to reply to."""
        given = await self._post("/control/command", name="imagine", options={"prompt": "the first"}, wait=True)
        query = {"for": "message", "user": "ada", "channel": "general", "button": "Details", "timeout": "60"}
        self._wishes.append(Wish(words="the first", pictures=1, message=given["message"]["id"]))
        return (await self._get("/control/wait", **query))["found"]["id"]

    async def _asked(self, number: int) -> None:
        kind = KINDS[number % len(KINDS)]
        prepared = Wish(words=f"make it fox number {number},", pictures=kind.get("images", 1))
        self._wishes.append(prepared)
        found = await self._get("/control/wait", **{"for": "ready"}, sessions=str(self._count), timeout="60")
        assert found["found"], f"no bot comes up: see {self._folder}"
        if "ideas" in kind:
            await (self._several_in_reply if "reply" in kind else self._several)(prepared, kind)
        elif "reply" in kind:
            said = await self._post("/control/message", content=prepared.words, reply_to=self._parent)
            prepared.message = await self._answer_to(said["id"])
        else:
            options = {"prompt": prepared.words} | {name: value for name, value in kind.items() if name not in MARKS}
            given = await self._post("/control/command", name="imagine", options=options, wait=True)
            prepared.message = _public(given)
        if prepared.message and "stop" in kind:
            await self._stop(prepared)
        if prepared.message and "press" in kind:
            await self._change(prepared, kind["press"])
        if prepared.message:  # the next is asked for once this one is well on its way
            query = {"for": "revision", "message": prepared.message, "after": "1", "timeout": "3"}
            await self._get("/control/wait", **query)

    async def _several(self, prepared: Wish, kind: dict[str, Any]) -> None:
        """Ask for several ideas, and press the button of their preview. The set's title has the words."""
        options = {"prompt": f"{prepared.words} {kind['ideas']}", "model": kind["model"], "size": kind["size"]}
        prepared.requests = prepared.pictures = 3
        given = await self._post("/control/command", name="imagine", options=options, wait=True)
        preview = given.get("message") or {}
        make = next((one for one in _labels(preview) if one.startswith("Make 3")), None)
        if make is None:
            return
        pressed = await self._post("/control/press", wait=True, message=preview["id"], button=make)
        prepared.message = _public(pressed)

    async def _several_in_reply(self, prepared: Wish, kind: dict[str, Any]) -> None:
        """Ask for several edits in a reply, and press the button of the preview, which becomes the set."""
        prepared.requests = prepared.pictures = 3
        words = f"{prepared.words} {kind['ideas']}"
        said = await self._post("/control/message", content=words, reply_to=self._parent)
        preview = await self._answer_to(said["id"])
        shown = next((one for one in await self._messages() if one["id"] == preview), {})
        make = next((one for one in _labels(shown) if one.startswith("Make 3")), None)
        if make is None:
            return
        pressed = (await self._post("/control/press", wait=True, message=preview, button=make)).get("message")
        prepared.message = preview if pressed and prepared.words in _text(pressed) else None

    async def _change(self, prepared: Wish, button: str) -> None:
        """Press a button of a set once it is there. If it doesn't come in time, or the bot is dead, nothing changes."""
        query = {"user": "ada", "channel": "general", "button": "Details", "timeout": RESULT_SECONDS}
        found = await self._get("/control/wait", **{"for": "message"}, text=prepared.words, **query)
        result = found["found"]
        if result is None or "2" not in _labels(result):
            return
        prepared.message, place = result["id"], result["id"]
        if button not in ON_THE_SET:
            card = await self._post("/control/press", wait=True, message=place, button="2")
            place = (card.get("message") or {}).get("id")
        if place is None:
            return
        prepared.changed, prepared.requests = True, 2
        prepared.messages += button in NEW_MESSAGE
        if button in ON_THE_SET:  # with its price
            button = next((one for one in _labels(result) if one.startswith(button)), button)
        await self._post("/control/press", wait=True, message=place, button=button)

    async def _stop(self, prepared: Wish) -> None:
        """Press Cancel, and drop what was sent. If the bot is dead by now, or has finished, nothing is stopped."""
        prepared.stopped = True
        await asyncio.sleep(self._random.uniform(0, 0.5))
        press = {"wait": True, "message": prepared.message, "button": "Cancel"}
        question = (await self._post("/control/press", **press)).get("message")
        if question and question["ephemeral"]:
            await self._post("/control/press", **press | {"message": question["id"], "button": "Drop it"})

    async def _answer_to(self, message_id: str) -> str | None:
        """The bot's reply, if it comes: a message that is sent while the bot is away is never seen by it."""
        for _ in range(30):
            for one in await self._messages():
                replies = (one.get("message_reference") or {}).get("message_id") == message_id
                if replies and one["components"]:  # a refusal, as of too many requests at once, is text, and goes
                    return one["id"]
            await asyncio.sleep(0.1)
        return None

    # --- taking stock -------------------------------------------------------------------------------------------------

    async def _all_ended(self) -> bool:
        shown = await self._messages()
        ours = [one for one in shown if one["author"].get("bot")]
        engine = open_engine(self._database_url)
        try:
            async with engine.connect() as connection:
                unsettled = (await connection.execute(select(JOBS.c.id).where(~JOBS.c.settled))).all()
        finally:
            await engine.dispose()
        return not unsettled and all(_is_final(one) for one in ours)

    async def _take_stock(self) -> None:
        findings, shown = self.findings, [one for one in await self._messages() if one["author"].get("bot")]
        async with self._http.get(f"{self._seedream.url}/control/requests") as answer:
            books = (await answer.json())["requests"]
        findings.asked = len(self._wishes)
        for prepared in self._wishes:
            self._judge(prepared, [one for one in shown if prepared.words in _text(one)], books)
        await self._judge_rows(shown, books)
        left = [file.name for file in self._folder.glob("**/spool/*") if not file.name.startswith(self._kept)]
        if left:
            findings.faults.append(f"files are left: {', '.join(left)}")

    def _judge(self, prepared: Wish, shown: list[dict[str, Any]], books: list[dict[str, Any]]) -> None:
        findings = self.findings
        taken = [entry for entry in books if prepared.words in entry["prompt"] and entry["status"] in {0, 200}]
        if len(taken) > prepared.requests:
            findings.faults.append(f"“{prepared.words}” was submitted {len(taken)} times")
        if prepared.message is None and not shown:
            findings.ends["never answered"] += 1
            if taken:
                findings.faults.append(f"“{prepared.words}” was never answered, and submitted")
            return
        findings.accepted += 1
        if not 1 <= len(shown) <= prepared.messages:
            findings.faults.append(f"“{prepared.words}” is shown by {len(shown)} messages")
        for one in shown:
            pictures = len(one["files"]) + len(_LINK.findall(_text(one)))
            findings.delivered += pictures
            findings.ends[_end(one, pictures, prepared)] += 1
            if not _is_final(one):
                findings.faults.append(f"“{prepared.words}” has no end: {_text(one)}")
            elif "Cancelled" in _text(one) and taken:
                findings.faults.append(f"“{prepared.words}” was cancelled, and submitted")
            elif (
                pictures == 0
                and not prepared.changed
                and not any(reason in _text(one) for reason in _reasons(prepared))
            ):
                findings.faults.append(f"“{prepared.words}” has no picture and not the reason: {_text(one)}")

    async def _judge_rows(self, shown: list[dict[str, Any]], books: list[dict[str, Any]]) -> None:
        engine = open_engine(self._database_url)
        try:
            async with engine.connect() as connection:
                charges = (await connection.execute(select(CHARGES))).all()
                unsettled = (await connection.execute(select(JOBS.c.id).where(~JOBS.c.settled))).all()
                rows = (await connection.execute(select(JOBS))).all()
        finally:
            await engine.dispose()
        pictures = {one["id"]: len(one["files"]) for one in shown}
        dropped = [row for row in rows if row.dropped_at is not None and row.set_slot is None]
        sets = [job_of(row) for row in rows if row.children != "[]"]
        self._kept = tuple(f"{job.id}-" for job in sets if job.kept_until)
        self.findings.replaced = sum(_replaced(job) for job in sets)
        self.findings.withheld = sum(row.spent - pictures.get(str(row.first_message_id), 0) for row in dropped)
        for row in dropped:
            billed = sum(entry["billed"] for entry in books if json.loads(row.request)["prompt"] in entry["prompt"])
            if row.failure:  # the service bills nothing for a stream that broke off
                billed = max(billed, row.spent)
            if not pictures.get(str(row.first_message_id), 0) <= row.spent <= billed:
                self.findings.faults.append(f"job {row.id} was stopped: {row.spent} charged, {billed} billed")
        self.findings.charged = sum(charge.images for charge in charges)
        open_ones = sum(not charge.settled for charge in charges)
        if open_ones:
            self.findings.faults.append(f"{open_ones} charges are open")
        if unsettled:
            self.findings.faults.append(f"{len(unsettled)} rows are not settled")
        accounted = self.findings.delivered + self.findings.withheld + self.findings.replaced
        if self.findings.charged != accounted:
            self.findings.faults.append(
                f"{self.findings.charged} pictures are charged, {self.findings.delivered} delivered, "
                f"{self.findings.withheld} stopped, {self.findings.replaced} replaced"
            )

    async def _messages(self) -> list[dict[str, Any]]:
        """All that stay: a question that only its member sees is none of them."""
        messages = await self._get("/control/messages", user="ada", channel="general")
        return [one for one in messages if not one["ephemeral"]]

    async def _get(self, path: str, **query: str) -> Any:
        async with self._http.get(path, params=query) as answer:
            return await answer.json()

    async def _post(self, path: str, **body: Any) -> Any:
        async with self._http.post(path, json={"user": "ada", "channel": "general", **body}) as answer:
            return await answer.json()


def _replaced(job: Job) -> int:
    """Count the older versions of a set's pictures, which its message doesn't show."""
    return sum(image.picture is not None for image in job.images) - sum(
        image.picture is not None for image in job.current
    )


def _public(given: dict[str, Any]) -> str | None:
    """Return the id of an answer that everybody sees: a refusal, as of too many requests at once, is for its member."""
    message = given.get("message") or {"ephemeral": True}
    return None if message["ephemeral"] else message["id"]


def _labels(message: dict[str, Any]) -> list[str]:
    return [one["label"] for one in _walk(message.get("components", [])) if one.get("label")]


def _text(message: dict[str, Any]) -> str:
    return "\n".join((message["content"], *(one.get("content", "") for one in _walk(message["components"]))))


def _is_final(message: dict[str, Any]) -> bool:
    labels = {one.get("label") for one in _walk(message["components"])}
    return bool(labels & FINAL) or not message["components"]


def _reasons(prepared: Wish) -> Sequence[str]:
    return (*_REASONS, *_STOPPED) if prepared.stopped else _REASONS


def _end(message: dict[str, Any], pictures: int, prepared: Wish) -> str:
    if not _is_final(message):
        return "no end"
    if stop := next((word for word in _STOPPED if word in _text(message)), None):
        return stop.lower()
    return "whole" if pictures == prepared.pictures else "in part" if pictures else "told why not"


def _walk(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    inner = ([*one.get("components", []), *filter(None, [one.get("accessory")])] for one in components)
    return [found for one, parts in zip(components, inner, strict=True) for found in (one, *_walk(parts))]
