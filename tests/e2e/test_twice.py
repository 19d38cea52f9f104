"""The same thing asked twice: by a finger that is too quick, a client that sends again, or Discord itself."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from cogs.requests import duplicate_presses
from infra.db.tables import CHARGES
from infra.stores import policies
from tests.e2e.test_quota import administration
from tests.support.pictures import jpeg

FOX = "a red fox in snow"
PHOTO = ("photo.jpg", jpeg(600, 400))


@pytest.fixture
def later(monkeypatch):
    """Three seconds are over as soon as they have begun."""
    monkeypatch.setattr(duplicate_presses, "SAME_PRESS_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch):
    """What the tests set is set by another process than the bot's."""
    monkeypatch.setattr(policies, "CACHE_SECONDS", 0.0)


@pytest.fixture
async def admin(world):
    async with administration(world) as admin:
        yield admin


async def charged(world):
    return (await world.read(select(func.coalesce(func.sum(CHARGES.c.images), 0))))[0][0]


async def made_once(world, *asked):
    """Of several answers one is a result, and all others say, to the member alone, that it is under way."""
    answers = [await one.answer() for one in asked]
    results = [one for one in answers if not one.ephemeral]
    assert len(results) == 1
    assert [one.text.strip() for one in answers if one.ephemeral] == ["Already on it."] * (len(asked) - 1)
    return await world.ada.wait_for_message(id=results[0].id, button="Details")


# --- a finger that is too quick ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["Reroll", "Vary", "Upscale", "Zoom out", "Cut out", "Layers"])
async def test_a_button_pressed_twice_at_once_makes_one_result(world, button):
    first = await world.ada.imagine_to_end(prompt=FOX, size="2K")
    first = await world.ada.holding(first, button)
    result = await made_once(world, *await asyncio.gather(*(world.ada.pressed(first, button) for _ in range(2))))
    assert result.pictures
    assert len(await world.requests()) == 2


async def test_a_button_pressed_again_right_after_makes_one_result(world):
    first = await world.ada.imagine_to_end(prompt=FOX)
    await made_once(world, *[await world.ada.pressed(first, "Reroll") for _ in range(4)])
    assert len(await world.requests()) == await charged(world) == 2


async def test_retry_pressed_twice_at_once_makes_one_request(world):
    await world.api_fault("error", status=403, code="content_policy", message="Not this.")
    failed = await (await world.ada.imagine(prompt=FOX)).result(pictures=0)
    await made_once(world, *await asyncio.gather(*(world.ada.pressed(failed, "Retry") for _ in range(2))))
    assert await charged(world) == 1


async def test_a_button_pressed_again_later_makes_another_result(world, later):
    first = await world.ada.imagine_to_end(prompt=FOX)
    for _ in range(2):
        await (await world.ada.pressed(first, "Reroll")).result(pictures=1)
    assert len(await world.requests()) == 3


async def test_other_members_other_buttons_and_other_pictures_are_other_presses(world):
    first = await world.ada.imagine_to_end(prompt=FOX, images=2, model="doubao-seedream-4.0")
    chosen = [await world.ada.choose(first, number) for number in ("0", "1")]
    asked = await asyncio.gather(
        world.ada.pressed(first, "Reroll"),
        world.ben.pressed(first, "Reroll"),
        *(world.ada.pressed(one, button) for one in chosen for button in ("Vary", "Upscale")),
    )
    assert not [told.text for told in [await one.answer() for one in asked] if "Already" in told.text]
    await world.api_is_asked(7)


async def test_a_press_that_was_refused_may_be_repeated_at_once(world, admin):
    first = await world.ada.imagine_to_end(prompt=FOX)
    await admin.limit(1)
    assert "left today" in (await (await world.ada.pressed(first, "Reroll")).answer()).text
    await admin.limit(2)
    await (await world.ada.pressed(first, "Reroll")).result(pictures=1)


async def test_an_offer_taken_twice_at_once_is_made_once(world, admin):
    await admin.limit(2)
    told = await (await world.ada.imagine(prompt=FOX, images=4)).answer()
    asked = await asyncio.gather(*(world.ada.pressed(told, "Make 2 · 2 credits") for _ in range(2)))
    assert len((await made_once(world, *asked)).pictures) == 2
    assert len(await world.requests()) == 1


async def test_an_offer_that_was_refused_is_still_there(world, admin):
    await admin.limit(2)
    told = await (await world.ada.imagine(prompt=FOX, images=4)).answer()
    await admin.limit(1)
    assert "You can still make 1 of 2" in (await (await world.ada.pressed(told, "Make 2 · 2 credits")).answer()).text
    await admin.limit(2)
    await (await world.ada.pressed(told, "Make 2 · 2 credits")).result(pictures=2)


async def test_an_offer_that_was_used_says_so_later(world, admin, later):
    await admin.limit(2)
    told = await (await world.ada.imagine(prompt=FOX, images=4)).answer()
    await (await world.ada.pressed(told, "Make 2 · 2 credits")).result(pictures=2)
    again = await (await world.ada.pressed(told, "Make 2 · 2 credits")).answer()
    assert again.ephemeral
    assert "already used this offer" in again.text


# --- a client that sends a form again ---------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [(), (PHOTO,)], ids=["words", "words and a picture"])
async def test_a_form_sent_twice_at_once_makes_one_result(world, files):
    first = await world.ada.imagine_to_end(prompt=FOX)
    opened = await world.ada.pressed(first, "Edit")
    sent = [world.ada.fill(opened, files, change="make it night") for _ in range(2)]
    await made_once(world, *await asyncio.gather(*sent))
    assert len(await world.requests()) == 2


async def test_a_form_sent_again_later_is_worked_on_again(world, later):
    first = await world.ada.imagine_to_end(prompt=FOX)
    for opened in (await world.ada.pressed(first, "Edit"), await world.ada.run("Edit image", target=first)):
        for words in ("make it night", "make it day"):
            await (await world.ada.fill(opened, change=words)).result(pictures=1, text=words)
    assert [one["prompt"] for one in await world.requests()][1:] == ["make it night", "make it day"] * 2


async def test_a_form_that_was_refused_can_be_sent_again_at_once(world):
    first = await world.ada.imagine_to_end(prompt=FOX)
    opened = await world.ben.pressed(first, "Edit")
    choices = {"model": ["doubao-seedream-4.5"], "size": ["1K"]}
    assert "1K" in (await (await world.ben.fill(opened, change="make it night", **choices)).answer()).text
    await (await world.ben.fill(opened, change="make it night", model=["doubao-seedream-4.5"])).result(pictures=1)


async def test_a_form_of_which_picture_is_meant_sent_twice_makes_one_result(world):
    first = await world.ada.imagine_to_end(prompt=FOX, images=2, model="doubao-seedream-4.0")
    opened = await world.ada.run("Cut out", target=first)
    await made_once(world, *await asyncio.gather(*(world.ada.fill(opened, which=["2"]) for _ in range(2))))
    assert len(await world.requests()) == 2


# --- Discord, which sends an event again ------------------------------------------------------------------------------


async def test_a_message_that_discord_sends_twice_makes_one_result(world, caplog):
    first = await world.ada.imagine_to_end(prompt=FOX)
    said = await world.ada.say("make it night", to=first)
    world.send_again("MESSAGE_CREATE", id=said.id)
    await world.ada.result_of(said)
    world.send_again("MESSAGE_CREATE", id=said.id)
    await world.ada.imagine_to_end(prompt="whatever came before this is through")
    assert len(await world.ada.messages()) == 4
    assert len(await world.requests()) == await charged(world) == 3
    assert "another program" not in caplog.text


async def test_an_interaction_that_discord_sends_twice_makes_one_result_and_no_word_of_another_program(world, caplog):
    asked = await world.ada.imagine(prompt=FOX)
    world.send_again("INTERACTION_CREATE", id=asked.given["interaction"])
    result = await asked.result(pictures=1)
    pressed = await world.ada.pressed(result, "Reroll")
    world.send_again("INTERACTION_CREATE", id=pressed.given["interaction"])
    await pressed.result(pictures=1)
    await world.ben.imagine_to_end(prompt="whatever came before this is through")
    assert len(await world.ada.messages()) == len(await world.requests()) == await charged(world) == 3
    assert "another program" not in caplog.text
