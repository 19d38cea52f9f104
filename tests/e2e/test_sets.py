"""Living sets: a picture is redone in its place, older versions come back, and a set grows."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from cogs.requests import duplicate_presses
from infra.db.tables import CHARGES
from tests.e2e.admins import set_limit

FOX = {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"}


async def contents(world, message) -> list[bytes]:
    return [await world.download(url) for url in message.pictures]


def files(message) -> list[str]:
    """The paths of a message's pictures; each answer signs their links anew."""
    return [url.partition("?")[0] for url in message.pictures]


async def card_of(member, message, number):
    """The private card of a picture, by its number."""
    return await (await member.pressed(message, str(number))).answer()


async def settled(world, message, pictures):
    """The message once nothing is being painted for it."""

    def is_calm(now):
        return len(now.pictures) == pictures and "🎨" not in now.text

    return await world.until(message.now, is_calm)


async def turned(world, card, button, text):
    """Press ◀ or ▶ on a card, and wait until it shows that version."""
    await world.ada.press(card, button, answer=False)
    await world.until(card.now, lambda now: text in now.text)


async def redone(world, member, message, number):
    """The set after its picture was redone, and the card where that was asked for."""
    before = files(message)
    card = await card_of(member, message, number)
    card = await member.press(card, "Redo")

    def is_new(now):
        return "🎨" not in now.text and files(now) != before

    return await world.until(message.now, is_new), card


async def test_a_picture_is_redone_in_its_place_and_its_first_version_comes_back(world):
    result = await world.ada.imagine_to_end(**FOX, images=4)
    first = await contents(world, result)

    second, card = await redone(world, world.ada, result, 3)
    assert any("Picture 3 is being redone" in stage.text for stage in await card.stages())
    changed = await contents(world, second)
    assert changed[2] != first[2]
    assert [*changed[:2], changed[3]] == [*first[:2], first[3]]

    third, _ = await redone(world, world.ada, second, 3)
    card = await card_of(world.ada, third, 3)
    assert "version 3 of 3" in card.text
    await turned(world, card, "◀", "version 2 of 3")
    await turned(world, card, "◀", "version 1 of 3")
    assert await contents(world, await result.now()) == first
    assert [row.images for row in await world.read(select(CHARGES).order_by(CHARGES.c.at))] == [4, 1, 1]


async def test_a_card_from_before_a_redo_redoes_the_picture_that_is_there_now(world):
    result = await world.ada.imagine_to_end(**FOX, images=2)
    card = await card_of(world.ada, result, 2)
    changed, _ = await redone(world, world.ada, result, 2)
    before = files(changed)
    await world.ada.press(card, "Redo")
    await world.until(result.now, lambda now: "🎨" not in now.text and files(now) != before)
    assert "version 3 of 3" in (await card_of(world.ada, result, 2)).text


async def test_the_card_that_a_redo_was_pressed_on_shows_the_new_picture_and_its_versions_at_the_end(world):
    result = await world.ada.imagine_to_end(**FOX, images=2)
    changed, card = await redone(world, world.ada, result, 2)
    now = await world.until(card.now, lambda now: "version 2 of 2" in now.text)
    assert "being redone" not in now.text
    assert files(now) == files(changed)[1:]
    await turned(world, now, "◀", "version 1 of 2")


async def test_the_card_says_why_a_picture_was_not_redone(world):
    result = await world.ada.imagine_to_end(**FOX, images=2)
    await world.api_fault("error", status=403, code="content_policy", message="Not this.")
    card = await world.ada.press(await card_of(world.ada, result, 2), "Redo")
    now = await world.until(card.now, lambda now: "wasn't redone" in now.text)
    assert "being redone" not in now.text


async def test_a_card_offers_the_same_at_the_same_price_however_often_its_picture_was_redone(world):
    models = {"model1": "doubao-seedream-4.0", "model2": "doubao-seedream-5.0-pro"}
    compared = await (await world.ada.run("compare", prompt="a fox", **models)).result(pictures=2)
    of_four = await world.ada.imagine_to_end(**FOX, images=4)
    for result in (compared, of_four):
        offered = (await card_of(world.ada, result, 2)).labels
        assert "Redo" in offered
        changed, card = await redone(world, world.ada, result, 2)
        newest = await world.until(card.now, lambda now: "version 2 of 2" in now.text)
        opened = await card_of(world.ada, changed, 2)
        await turned(world, newest, "◀", "version 1 of 2")
        for shown in (*await card.stages(), opened):
            assert [label for label in shown.labels if label not in "◀▶"] == offered


async def test_versions_stay_after_a_restart(world):
    result = await world.ada.imagine_to_end(**FOX, images=2)
    first = await contents(world, result)
    changed, _ = await redone(world, world.ada, result, 2)
    second = await contents(world, changed)
    await world.restart_bot()
    card = await card_of(world.ada, changed, 2)
    await turned(world, card, "◀", "version 1 of 2")
    assert await contents(world, await result.now()) == first
    await turned(world, card, "▶", "version 2 of 2")
    assert await contents(world, await result.now()) == second


async def test_more_pictures_come_into_the_same_message_until_it_is_full(world, monkeypatch):
    monkeypatch.setattr(duplicate_presses, "SAME_PRESS_SECONDS", 0.0)  # here pictures come faster than that
    result = await world.ada.imagine_to_end(**FOX, images=4)
    for pictures in (8, 10):
        await world.ada.press(await result.now(), "More like these", answer=False)
        grown = await settled(world, result, pictures)
    assert not [label for label in grown.labels if "More like these" in label]
    assert [one.id for one in await world.ada.messages()] == [result.id]
    assert grown.alt_texts[9].startswith("10 of 10")
    assert [row.images for row in await world.read(select(CHARGES).order_by(CHARGES.c.at))] == [4, 4, 2]


async def test_where_a_limit_leaves_room_for_fewer_more_pictures_these_are_offered(world):
    await set_limit(world.ada, limit="day", amount="6", all="everyone")
    result = await world.ben.imagine_to_end(**FOX, images=4)
    refusal = await (await world.ben.pressed(result, "More like these")).answer()
    assert "2 of 6 left today" in refusal.text
    assert refusal.labels == ["Make 2 · 2 credits"]
    await world.ben.press(refusal, "Make 2 · 2 credits", answer=False)
    grown = await settled(world, result, 6)
    assert grown.alt_texts[5].startswith("6 of 6")
    messages = await world.until(world.ben.messages, lambda shown: refusal.id not in {one.id for one in shown})
    assert [one.id for one in messages if one.pictures] == [result.id]
    assert [row.images for row in await world.read(select(CHARGES).order_by(CHARGES.c.at))] == [4, 2]


async def test_what_is_shown_stays_while_a_picture_is_redone(world):
    result = await world.ada.imagine_to_end(**FOX, images=2)
    await world.set_api(image_interval=30.0)
    await world.ada.press(await card_of(world.ada, result, 1), "Redo")
    now = await world.until(result.now, lambda now: "🎨" in now.text)
    assert re.search(r"Redoing Picture 1 … requested <t:\d+:R>", now.text)
    assert files(now) == files(result)
    again = await world.ada.press(await card_of(world.ada, now, 1), "Redo")
    assert again.text == "Picture 1 is already being redone."


async def test_a_refused_redo_leaves_the_picture_and_says_why(world):
    result = await world.ada.imagine_to_end(**FOX, images=2)
    await world.api_fault("error", status=403, code="content_policy", message="Not this.")
    await world.ada.press(await card_of(world.ada, result, 2), "Redo")
    now = await world.until(result.now, lambda now: "wasn't redone" in now.text)
    assert files(now) == files(result)
    assert "Picture 2 wasn't redone." in now.text


async def test_nobody_else_changes_a_members_set(world):
    result = await world.ada.imagine_to_end(**FOX, images=2)
    offered = (await card_of(world.ben, result, 1)).labels
    assert "Vary" in offered
    assert "Redo" not in offered
    refused = await world.ben.press(result, "More like these")
    assert refused.text.startswith("Only the person who made this request")
    assert len(await world.requests()) == 1


async def test_delete_says_that_what_is_being_painted_for_a_set_is_billed(world):
    result = await world.ada.imagine_to_end(**FOX, images=2)
    await world.set_api(delay=30.0)
    await world.ada.press(result, "More like these", answer=False)
    await world.api_is_asked(2)
    await world.ada.press(await result.now(), "Delete", answer=False)
    question = await world.ada.wait_for_message(after=result.id, button="Keep")
    said = "Delete these 2 pictures? This can't be undone. What is still being painted is billed either way"
    assert f"{said} (up to 2 credits)." in question.text


@pytest.mark.parametrize("moment", ["while it is painted", "once it is there"])
async def test_a_deleted_set_takes_its_redone_pictures_with_it(world, moment):
    result = await world.ada.imagine_to_end(**FOX, images=2)
    if moment == "while it is painted":
        await world.set_api(image_interval=1.0)
        await world.ada.press(await card_of(world.ada, result, 1), "Redo")
    else:
        await redone(world, world.ada, result, 1)
    await world.ada.deletes(await result.now())
    await world.until(world.ada.messages, lambda messages: all(message.ephemeral for message in messages))
