"""What a member may make: used up, told why, given again. Limits are set in the store, as an admin's command does."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select

from infra.db.engine import open_engine
from infra.db.tables import CHARGES
from infra.stores import policies
from infra.stores.policies import CACHE_SECONDS
from infra.stores.quota import SqlQuotaStore
from studio.guilds.audit import Admin
from studio.quota.limits import EVERYONE, SERVER, Ceilings, Limit, LimitKind, Target, Who
from tests.e2e.conftest import a_world

FOX = "a red fox in snow"
LITE = "doubao-seedream-5.0-lite"


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch):
    """What the tests set is set by another process than the bot's."""
    monkeypatch.setattr(policies, "CACHE_SECONDS", 0.0)


@pytest.fixture(params=["sqlite", "postgresql"])
async def shared_world(request, tmp_path, monkeypatch):
    """A world on each database, which remembers policies as it does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(policies, "CACHE_SECONDS", CACHE_SECONDS)
    if request.param == "sqlite":
        async with a_world(tmp_path) as world:
            yield world
        return
    postgresql = request.getfixturevalue("postgresql")
    async with postgresql.new_database() as url, a_world(tmp_path, DATABASE_URL=url) as world:
        yield world


class Administration:
    """An admin of the server Studio."""

    def __init__(self, world, server_id, quotas) -> None:
        self._quotas = quotas
        self._admin = Admin(server_id, int(world.user_ids["dan"]))
        self._world = world

    async def limit(self, amount, kind=LimitKind.DAY, target=EVERYONE):
        await self._quotas.set_limit(self._admin, Limit(target, kind, amount))

    async def grant(self, name, amount):
        return await self._quotas.grant(self._admin, int(self._world.user_ids[name]), amount)

    async def reset(self, target):
        await self._quotas.reset(self._admin, target)


@asynccontextmanager
async def administration(world):
    engine = open_engine(world.environment["DATABASE_URL"])
    server_id = int(await world.guild_of("general"))
    try:
        yield Administration(world, server_id, SqlQuotaStore(engine, Ceilings(), time.time))
    finally:
        await engine.dispose()


@pytest.fixture
async def admin(world):
    async with administration(world) as admin:
        yield admin


async def charged(world):
    """All credits in the ledger."""
    rows = await world.read(select(func.coalesce(func.sum(CHARGES.c.images * CHARGES.c.price), 0)))
    return rows[0][0]


async def refusal(asked):
    told = await asked.answer()
    assert told.ephemeral, told.text
    return told


async def quota(member):
    told = await (await member.run("quota")).answer()
    assert told.ephemeral
    return told.text


# --- used up, and told -----------------------------------------------------------------------------------------------


async def test_a_limit_is_used_up_and_told_and_nothing_more_is_spent(world, admin):
    await admin.limit(2)
    for _ in range(2):
        await world.ada.imagine_to_end(prompt=FOX)
    told = (await refusal(await world.ada.imagine(prompt=FOX))).text
    assert told.startswith("**0 of 2 left today.** More <t:")
    assert told.endswith(", or ask an admin.")
    assert len(await world.requests()) == await charged(world) == 2
    await world.ben.imagine_to_end(prompt=FOX)


async def test_quota_shows_what_is_left_and_whose_limit_it_is(world, admin):
    assert "You have no limits here." in await quota(world.ada)
    await admin.limit(4)
    await admin.limit(100, LimitKind.MONTH, SERVER)
    await world.ada.imagine_to_end(prompt=FOX)
    text = await quota(world.ada)
    assert "### 3 of 4 left today" in text
    assert "🟩🟩🟩🟩🟩🟩🟩⬛⬛⬛\n-# Limit for each member · resets <t:" in text
    assert "-# **Limit for the whole server (shared):** 99 of 100 left this month" in text
    assert "4 of 4 left today" in await quota(world.ben)


async def test_a_roles_limit_is_its_members(world, admin):
    guild = next(one for one in (await world.get("/control/world"))["guilds"] if one["name"] == "Studio")
    patron = next(int(role["id"]) for role in guild["roles"] if role["name"] == "Patron")
    await admin.limit(1)
    await admin.limit(2, target=Target(Who.ROLE, patron))
    for _ in range(2):
        await world.cleo.imagine_to_end(prompt=FOX)
    told = (await refusal(await world.cleo.imagine(prompt=FOX))).text
    assert f"0 of 2 left today** (your role <@&{patron}>'s limit)" in told
    await world.ben.imagine_to_end(prompt=FOX)
    assert "0 of 1 left today" in (await refusal(await world.ben.imagine(prompt=FOX))).text


async def test_a_server_has_its_limit_for_all_together(world, admin):
    await admin.limit(2, LimitKind.MONTH, SERVER)
    await world.ada.imagine_to_end(prompt=FOX)
    await world.ben.imagine_to_end(prompt=FOX)
    assert (
        "**0 of 2 left this month** (the whole server's limit)."
        in (await refusal(await world.cleo.imagine(prompt=FOX))).text
    )


async def test_a_grant_is_used_after_the_allowance(world, admin):
    await admin.limit(1)
    await admin.grant("ada", 2)
    text = await quota(world.ada)
    assert "1 of 1 left today" in text
    assert "2 credits** granted to you" in text
    await world.ada.imagine_to_end(prompt=FOX)
    assert "🎁 **2 credits** granted to you" in await quota(world.ada)
    for _ in range(2):
        await world.ada.imagine_to_end(prompt=FOX)
    assert "granted to you" not in await quota(world.ada)
    await refusal(await world.ada.imagine(prompt=FOX))
    assert await admin.grant("ada", 1) == (0, 1)


async def test_a_reset_gives_the_whole_allowance_again(world, admin):
    await admin.limit(1)
    await world.ada.imagine_to_end(prompt=FOX)
    await refusal(await world.ada.imagine(prompt=FOX))
    await admin.reset(Target(Who.MEMBER, int(world.ada.id)))
    await world.ada.imagine_to_end(prompt=FOX)


# --- given back ------------------------------------------------------------------------------------------------------


async def test_a_failure_costs_nothing(world, admin):
    await admin.limit(1)
    await world.api_fault("error", status=403, code="content_policy")
    failed = await (await world.ada.imagine(prompt=FOX)).result()
    assert not failed.pictures
    assert await charged(world) == 0
    await world.ada.imagine_to_end(prompt=FOX)


async def test_pictures_that_were_not_made_are_given_back(world, admin):
    await admin.limit(5)
    await world.api_fault("stream_cut", after=2)
    result = await (await world.ada.imagine(prompt=FOX, images=4, model=LITE)).result()
    made = len(result.pictures)
    assert 0 < made < 4
    assert await charged(world) == made
    assert f"{5 - made} of 5 left today" in await quota(world.ada)


async def test_what_is_cancelled_in_the_queue_costs_nothing(tmp_path):
    async with a_world(tmp_path, MAX_IN_FLIGHT="1") as world, administration(world) as admin:
        await admin.limit(2)
        await world.set_api(delay=1.0)
        first = await world.ada.imagine(prompt=FOX)
        waiting = await (await world.ada.imagine(prompt="another")).answer()
        await refusal(await world.ada.imagine(prompt="one too many"))
        await world.ada.press(waiting, "Cancel", answer=False)
        await (await world.ada.imagine(prompt="instead")).result(text="instead")
        await first.result(text=FOX)


# --- how often and how much at a time --------------------------------------------------------------------------------


async def test_a_cooldown_says_when_it_is_over(world, admin):
    await admin.limit(60, LimitKind.COOLDOWN)
    await world.ada.imagine_to_end(prompt=FOX)
    told = (await refusal(await world.ada.imagine(prompt=FOX))).text
    assert "1 minute between requests" in told
    assert "You can make your next request <t:" in told
    assert "next request <t:" in await quota(world.ada)


async def test_so_many_at_once_and_then_again(world, admin):
    await admin.limit(1, LimitKind.AT_ONCE)
    await world.set_api(delay=1.0)
    first = await world.ada.imagine(prompt=FOX)
    assert "1 running" in await quota(world.ada)
    told = (await refusal(await world.ada.imagine(prompt="another"))).text
    assert "You already have 1 request running (limit: 1). Wait until one is done" in told
    await first.result()
    await world.set_api(delay=0.05)
    await world.ada.imagine_to_end(prompt="another")


async def test_so_many_images_a_request(world, admin):
    await admin.limit(2, LimitKind.IMAGES)
    told = await refusal(await world.ada.imagine(prompt=FOX, images=4))
    assert "4 pictures are too many for one request (limit: 2). Make fewer" in told.text
    assert told.labels == ["Make 2 · 2 credits"]
    await world.ada.imagine_to_end(prompt=FOX, images=2)


@pytest.mark.parametrize(("asking", "passing"), [(5, 3), (60, 7)])
async def test_of_many_at_once_as_many_pass_as_the_limit_says(shared_world, asking, passing):
    world = shared_world
    async with administration(world) as admin:
        await admin.limit(passing)
    asked = await asyncio.gather(*(world.ada.imagine(prompt=f"fox {number}") for number in range(asking)))
    answers = [await one.answer() for one in asked]
    taken = [number for number, answer in enumerate(answers) if not answer.ephemeral]
    assert len(taken) == passing
    for number in taken:
        await asked[number].result(text=f"**fox {number}**")
    assert len(await world.requests()) == await charged(world) == passing


# --- what would pass is one press away -------------------------------------------------------------------------------


async def test_fewer_pictures_are_offered_and_one_press_makes_them(world, admin):
    await admin.limit(2)
    told = await refusal(await world.ada.imagine(prompt=FOX, images=4, private=True))
    assert "**You can still make 2 of 4.**" in told.text
    assert told.labels == ["Make 2 · 2 credits"]
    result = await (await world.ada.pressed(told, "Make 2 · 2 credits")).result(pictures=2)
    assert result.ephemeral, "as private as it was asked for"
    assert FOX in result.text
    assert await charged(world) == 2


async def test_an_offer_that_does_not_fit_any_more_is_refused_with_the_next_one(world, admin):
    await admin.limit(3)
    told = await refusal(await world.ada.imagine(prompt=FOX, images=4))
    assert told.labels == ["Make 3 · 3 credits"]
    await world.ada.imagine_to_end(prompt=FOX)
    less = await (await world.ada.pressed(told, "Make 3 · 3 credits")).answer()
    assert less.labels == ["Make 2 · 2 credits"]
    await (await world.ada.pressed(less, "Make 2 · 2 credits")).result(pictures=2)


async def test_after_a_restart_an_offer_is_kindly_over(world, admin):
    await admin.limit(2)
    told = await refusal(await world.ada.imagine(prompt=FOX, images=4))
    await world.restart_bot()
    answer = await (await world.ada.pressed(told, "Make 2 · 2 credits")).answer()
    assert answer.ephemeral
    assert "Make the request again with images:2" in answer.text
    assert await world.requests() == []


async def test_where_nothing_would_pass_nothing_is_offered(world, admin):
    await admin.limit(0)
    told = await refusal(await world.ada.imagine(prompt=FOX, images=4))
    assert told.labels == []
    assert "You can still make" not in told.text


# --- every way of asking ---------------------------------------------------------------------------------------------


async def test_buttons_cost_who_presses_them(world, admin):
    await admin.limit(1)
    result = await world.ada.imagine_to_end(prompt=FOX)
    for button in ("Reroll", "Vary"):
        assert "0 of 1 left today" in (await refusal(await world.ada.pressed(result, button))).text
    await (await world.ben.pressed(result, "Reroll")).result()
    assert "0 of 1 left today" in (await refusal(await world.ben.pressed(result, "Vary"))).text


async def test_a_reply_is_refused_by_a_reply(world, admin):
    await admin.limit(1)
    first = await world.ada.imagine_to_end(prompt=FOX)
    answer = await world.ada.answer_to(await world.ada.say("make it night", to=first))
    assert "0 of 1 left today" in answer.text
    assert await world.pings() == [one for one in await world.pings() if one["message"] != answer.id]
    assert len(await world.requests()) == 1


# --- what the operator allows ----------------------------------------------------------------------------------------


async def test_prices_are_the_operators_and_details_tell_the_cost(tmp_path):
    async with a_world(tmp_path, MODEL_PRICES=f"{LITE}=3") as world, administration(world) as admin:
        await admin.limit(7)
        result = await world.ada.imagine_to_end(prompt=FOX, model=LITE, images=2)
        assert "6 credits" in (await (await world.ada.pressed(result, "Details")).answer()).text
        told = (await refusal(await world.ada.imagine(prompt=FOX, model=LITE))).text
        assert "1 of 7 left today.** This costs 3 credits." in told
        assert "3 with SeeDream 5.0 lite" in await quota(world.ada)
        await world.ada.imagine_to_end(prompt=FOX, model="doubao-seedream-4.0")


async def test_the_operators_limit_is_for_all_servers_together(tmp_path):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="2") as world:
        await world.ada.imagine_to_end(prompt=FOX)
        await world.ada_in_dm.imagine_to_end(prompt=FOX)
        told = (await refusal(await world.ada_in_workshop.imagine(prompt=FOX))).text
        assert "**0 of 2 left today** (the whole bot's limit)." in told
        assert "Only the bot's owner can raise the limit." in told


async def test_outside_of_servers_each_member_has_a_limit_of_their_own(tmp_path):
    async with a_world(tmp_path, PERSONAL_DAILY_LIMIT="1") as world:
        await world.ada_elsewhere.imagine_to_end(prompt=FOX)
        told = (await refusal(await world.ada_in_dm.imagine(prompt=FOX))).text
        assert "**0 of 1 left today** (limit outside servers)" in told
        assert "### 0 of 1 left today" in await quota(world.ada_in_dm)
        await world.ada.imagine_to_end(prompt=FOX)
        assert "You have no limits here." in await quota(world.ada)


async def test_personal_use_can_be_closed(tmp_path):
    async with a_world(tmp_path, PERSONAL_USE="false") as world:
        for member in (world.ada_in_dm, world.ada_elsewhere):
            assert "in servers only" in (await refusal(await member.imagine(prompt=FOX))).text
        assert "in servers only" in await quota(world.ada_in_dm)
        assert await world.requests() == []
        await world.ada.imagine_to_end(prompt=FOX)


async def test_servers_that_are_not_allowed_are_told_so(tmp_path):
    async with a_world(tmp_path) as world:
        workshop = await world.guild_of("small-files")
        await world.stop_bot()
        await world.start_bot(SERVERS_ALLOWED=workshop)
        assert "hasn't enabled it in this server" in (await refusal(await world.ada.imagine(prompt=FOX))).text
        assert await world.requests() == []
        await world.ada_in_workshop.imagine_to_end(prompt=FOX)
