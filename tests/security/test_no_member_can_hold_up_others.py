"""Promises: whatever one member sends, and however much of it, another member's command is answered at once."""

from __future__ import annotations

import asyncio
import socket
import threading
import tracemalloc
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from time import perf_counter, thread_time

import pytest

import infra.images.references
from cogs.client.gateway_events import AT_ONCE, FloodingMembers
from cogs.requests.member_memory import make_room
from infra.images.addresses import GuardedResolver
from seedream.images import GLANCE_BYTES, NotAnImageError, glance, inspect
from studio.jobs.pictures import ReferenceForm
from studio.jobs.reservations import MOST_UNDER_WAY
from studio.jobs.turns import MOST_WAITING, Turns, acting_for
from studio.quota.errors import CrowdedError
from tests.e2e.conftest import a_world
from tests.infra.images.files import InProcessDecoder
from tests.support.crafted import CRAFTED
from tests.support.pictures import animated_gif, jpeg, png

ADA, BEN = 1, 2


# --- in the local world -----------------------------------------------------------------------------------------------


async def test_an_edit_does_not_wait_until_another_members_heavy_edits_are_prepared(tmp_path):
    heavy = ("heavy.png", png(6200, 6200))  # more pixels than the service takes: it must be decoded
    async with a_world(tmp_path) as world:
        edits = [await world.ada.run("edit", prompt=f"heavy {n}", files={"image": heavy}) for n in range(6)]
        assert all(edit.given["message"] for edit in edits)
        edit = await world.ben.run("edit", prompt="light", files={"image": ("light.gif", animated_gif())})
        await edit.result(pictures=1)
        assert len(await world.requests()) < 1 + len(edits)


async def test_a_member_who_floods_the_bot_does_not_delay_anothers_placeholder(tmp_path):
    async with a_world(tmp_path) as world:
        pressed = await world.ada.imagine_to_end(prompt="a fox")

        async def placeholder() -> float:
            began = perf_counter()
            await world.ben.imagine(prompt="an owl")
            return perf_counter() - began

        async def flood(number: int) -> None:
            press = {"user": "ada", "message": pressed.id, "button": ("Reroll", "Details")[number % 2]}
            command = {"user": "ada", "channel": "general", "name": "imagine", "options": {"prompt": "a flood"}}
            await world.post("/control/press", press) if number % 3 else await world.post("/control/command", command)

        idle = median([await placeholder() for _ in range(5)])
        flooding = [asyncio.create_task(flood(number)) for number in range(100)]
        waits = [await placeholder() for _ in range(10)]
        await asyncio.gather(*flooding)
        assert median(waits) < 1 + 20 * idle


async def test_a_member_has_only_so_many_requests_under_way_and_others_still_have_theirs(tmp_path):
    async with a_world(tmp_path, MAX_IN_FLIGHT="1") as world:
        await world.set_api(delay=60)
        asked = [await world.ada.imagine(prompt="a fox") for _ in range(MOST_UNDER_WAY + 2)]
        refused = [answer for one in asked if (answer := await one.answer()).ephemeral]
        assert len(refused) == 2
        assert f"You already have {MOST_UNDER_WAY} requests under way." in refused[0].text
        assert not (await (await world.ben.imagine(prompt="an owl")).answer()).ephemeral


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", CRAFTED, ids=lambda make: make.__name__)
def test_no_file_takes_the_bot_more_than_a_moment_or_much_memory(make):
    content = make(10_000_000)
    began = thread_time()
    with suppress(NotAnImageError):
        inspect(content).clean(content)
    with suppress(NotAnImageError):
        glance(content[:GLANCE_BYTES])
    assert thread_time() - began < 1
    content = make(1_000_000)
    tracemalloc.start()
    try:
        with suppress(NotAnImageError):
            inspect(content)
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("content", [jpeg(600, 400), png(600, 400), animated_gif()], ids=["jpeg", "png", "gif"])
async def test_a_picture_is_looked_through_once_on_its_way_to_the_service(content, monkeypatch):
    seen = []
    monkeypatch.setattr(infra.images.references, "inspect", lambda part: seen.append(len(part)) or inspect(part))
    preparer = infra.images.references.ReferencePreparer(InProcessDecoder())
    await preparer.prepare("fox", content, ReferenceForm(formats=frozenset({"jpeg", "png"}), together=1, alpha=False))
    assert seen == [len(content)]


# --- what is scarce ---------------------------------------------------------------------------------------------------


async def in_turn(turns: Turns, member: int, until: asyncio.Event, had: list[int]) -> None:
    with acting_for(member):
        async with turns.turn():
            had.append(member)
            await until.wait()


async def test_what_is_scarce_is_never_held_by_one_member_alone():
    turns, until, had = Turns(4), asyncio.Event(), []
    async with asyncio.TaskGroup() as group:
        for member in (*[ADA] * 10, BEN):
            group.create_task(in_turn(turns, member, until, had))
        await asyncio.sleep(0)
        assert sorted(had) == [ADA, ADA, ADA, BEN]
        until.set()
    assert len(had) == 11


async def test_whoever_gives_up_waiting_takes_nobodys_turn():
    turns, until, had = Turns(1), asyncio.Event(), []
    first, second, third = (asyncio.create_task(in_turn(turns, member, until, had)) for member in (ADA, ADA, BEN))
    await asyncio.sleep(0)
    second.cancel()
    until.set()
    await asyncio.gather(first, third)
    assert had == [ADA, BEN]


async def test_a_member_waits_for_so_many_turns_at_most():
    turns, until = Turns(1), asyncio.Event()
    waiting = [asyncio.create_task(in_turn(turns, ADA, until, [])) for _ in range(MOST_WAITING + 2)]
    await asyncio.sleep(0)
    until.set()
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(end) for end in ends if end] == [CrowdedError]


# --- what is remembered -----------------------------------------------------------------------------------------------


@dataclass
class Entry:
    member: int


def test_a_member_pushes_out_only_their_own_forms_and_offers():
    entries = OrderedDict[str, Entry]()
    entries["ben"] = Entry(BEN)
    for number in range(50):
        make_room(entries, ADA, each=20, most=30)
        entries[f"ada {number}"] = Entry(ADA)
    assert len(entries) == 21
    assert "ben" in entries


def test_all_members_together_have_a_bound_too():
    entries = OrderedDict[str, Entry]()
    for member in range(50):
        make_room(entries, member, each=20, most=30)
        entries[str(member)] = Entry(member)
    assert [*entries] == [str(member) for member in range(20, 50)]


# --- events -----------------------------------------------------------------------------------------------------------


def parser(clock):
    parsed: list[int] = []
    parse = FloodingMembers(clock).skipping({"MESSAGE_CREATE": lambda data: parsed.append(int(data["author"]["id"]))})
    return parse["MESSAGE_CREATE"], parsed


def test_events_of_a_member_are_skipped_if_nobody_could_send_them_by_hand():
    now = 0.0
    parse, parsed = parser(lambda: now)
    for _ in range(AT_ONCE + 100):
        parse({"author": {"id": ADA}})
    parse({"author": {"id": BEN}})
    assert parsed == [ADA] * AT_ONCE + [BEN]
    now = 1.0
    for _ in range(100):
        parse({"author": {"id": ADA}})
    assert parsed == [ADA] * AT_ONCE + [BEN] + [ADA] * 10


def test_what_programs_send_is_never_skipped():
    parse, parsed = parser(lambda: 0.0)
    for _ in range(AT_ONCE + 100):
        parse({"author": {"id": ADA, "bot": True}})
    assert len(parsed) == AT_ONCE + 100


async def test_names_that_take_long_to_look_up_hold_up_no_thread_and_no_other_name(monkeypatch):
    release = threading.Event()
    real = socket.getaddrinfo

    def slow(host, *rest, **more):
        if host.startswith("slow"):
            release.wait(30)
        return real("127.0.0.1" if host.startswith("slow") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    resolver = GuardedResolver(allow_local=True)
    try:
        with acting_for(ADA):
            asked = [asyncio.create_task(resolver.resolve(f"slow{number}.example", 443)) for number in range(48)]
        async with asyncio.timeout(5):
            assert await asyncio.to_thread(lambda: "done") == "done"
            with acting_for(BEN):
                assert await resolver.resolve("127.0.0.1", 443)
    finally:
        release.set()
    assert all(await asyncio.gather(*asked))
    await resolver.close()
