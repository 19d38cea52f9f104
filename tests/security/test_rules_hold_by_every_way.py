"""A server's rules hold by every way in: each of fifteen ways, under each of six rules, makes and charges nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from infra.db.tables import CHARGES, JOBS
from infra.stores import policies
from studio.quota.limits import SERVER
from tests.e2e.test_quota import administration
from tests.e2e.test_settings import PHOTO, channel, role
from tests.support.settings import Screen

FOX = "a red fox in snow"


@pytest.fixture(autouse=True)
def limits_are_seen_at_once(monkeypatch):
    monkeypatch.setattr(policies, "CACHE_SECONDS", 0.0)  # the test sets one behind the bot's back


async def ban(world, screen):
    await screen.sets("banned", world.ben.id)


async def require_a_role(world, screen):
    await screen.sets("roles_allowed", await role(world, "Patron"))


async def close_the_channel(world, screen):
    await screen.sets("channels_denied", await channel(world, "general"))


async def require_an_age(_world, screen):
    await screen.sets("age_restricted_only")


async def block_the_word(_world, screen):
    await (await screen.at("words_in")).writes("words_in", "fox")


async def use_the_quota_up(world, _screen):
    async with administration(world) as admin:
        await admin.limit(1, target=SERVER)


RULES = {
    "a banned member": ban,
    "a member without the role": require_a_role,
    "a closed channel": close_the_channel,
    "a channel without an age restriction": require_an_age,
    "a blocked word": block_the_word,
    "a quota that is used up": use_the_quota_up,
}


async def imagine(ben, _first):
    return await (await ben.imagine(prompt=FOX)).answer()


async def edit(ben, _first):
    return await (await ben.run("edit", prompt="a fox at night", files={"image": PHOTO})).answer()


async def blend(ben, _first):
    files = {"image": PHOTO, "image2": PHOTO}
    return await (await ben.run("blend", prompt="both as a fox", files=files)).answer()


async def ideas(ben, _first):
    card = await (await ben.imagine(prompt=f"{FOX}, {{day, night}}")).answer()
    return await (await ben.pressed(card, "Make 2 · 2 credits")).answer()


async def ideas_of_an_edit(ben, first):
    card = await (await ben.fill(await ben.pressed(first, "Edit"), change=f"{FOX}, {{day, night}}")).answer()
    return await (await ben.pressed(card, "Make 2 · 2 credits")).answer()


async def compare(ben, _first):
    models = {"model1": "doubao-seedream-4.5", "model2": "doubao-seedream-4.0"}
    return await (await ben.run("compare", prompt=FOX, **models)).answer()


async def edit_in_the_menu(ben, first):
    return await (await ben.fill(await ben.run("Edit image", target=first), change="a fox at night")).answer()


async def cut_out_in_the_menu(ben, first):
    return await (await ben.run("Cut out", target=first)).answer()


async def edit_by_button(ben, first):
    return await (await ben.fill(await ben.pressed(first, "Edit"), change="a fox at night")).answer()


def press(label):
    async def pressed(ben, first):
        return await (await ben.pressed(first, label)).answer()

    return pressed


async def reply(ben, first):
    await ben.say("make the fox blue", to=first)


async def mention(ben, _first):
    await ben.say(FOX, mention=True)  # the second refusal to a message within a while isn't said


WITH_WORDS = {
    "a reply": reply,
    "a mention": mention,
    "/imagine": imagine,
    "the ideas in braces": ideas,
    "the ideas of an edit": ideas_of_an_edit,
    "/compare": compare,
    "/edit": edit,
    "/blend": blend,
    "Edit image in the menu": edit_in_the_menu,
    "the Edit button": edit_by_button,
    "Reroll": press("Reroll"),
    "Vary": press("Vary"),
}
WITHOUT = {
    "Cut out in the menu": cut_out_in_the_menu,
    "the Cut out button": press("Cut out"),
    "the Layers button": press("Layers"),
}


async def spent(world) -> tuple[int, int, int]:
    """What was sent, accepted and charged so far."""
    [(jobs,)] = await world.read(select(func.count()).select_from(JOBS))
    [(credits_,)] = await world.read(select(func.coalesce(func.sum(CHARGES.c.images), 0)))
    return len(await world.requests()), jobs, credits_


@pytest.mark.parametrize("rule", RULES)
async def test_by_no_way_in_is_made_what_the_rule_forbids(world, rule):
    first = await world.cleo.imagine_to_end(prompt=FOX)
    before = await spent(world)
    await RULES[rule](world, await Screen.opened(world.ada))
    ways = WITH_WORDS if rule == "a blocked word" else WITH_WORDS | WITHOUT
    for way, ask in ways.items():
        if refusal := await ask(world.ben, first):
            assert refusal.ephemeral, (way, refusal.text)
            assert not refusal.pictures, way
    assert await spent(world) == before
