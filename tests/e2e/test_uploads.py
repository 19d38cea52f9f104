"""However pictures come, each is uploaded once, and what a message holds serves whatever is done with it later."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from infra.db.tables import JOBS
from tests.e2e.conftest import a_world

SET = {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"}


async def pictures_of(world):
    """All that results show. The private card of a picture shows a file of its result."""
    return [
        url for message in await world.ada.messages() if "Full size" not in message.labels for url in message.pictures
    ]


async def is_uploaded_once(world, count, *, others=0):
    """So many pictures are shown, and so many files and `others` were uploaded."""
    pictures = await pictures_of(world)
    assert len(set(pictures)) == len(pictures) == count
    assert world.uploads == count + others


@pytest.mark.parametrize("count", [1, 4, 12, 15])
async def test_a_streamed_set_is_uploaded_picture_by_picture(world, count):
    await world.set_api(image_interval=0.05)
    await world.ada.imagine_to_end(**SET, images=count)
    await is_uploaded_once(world, count)


@pytest.mark.parametrize("count", [1, 4, 12, 15])
async def test_a_set_that_comes_at_once_is_uploaded_once(tmp_path, count):
    async with a_world(tmp_path, DELIVERY="plain") as world:
        await world.set_api(image_interval=0.0)
        await world.ada.imagine_to_end(**SET, images=count)
        await is_uploaded_once(world, count)


async def test_a_picture_that_is_posted_to_the_bot_is_uploaded_once(reachable_world):
    await reachable_world.ada.imagine_to_end(**SET)
    await is_uploaded_once(reachable_world, 1)


async def test_layers_and_their_zip_are_uploaded_once(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    result = await (await world.ada.pressed(first, "Layers")).result()
    await is_uploaded_once(world, 1 + len(result.pictures), others=1)


@pytest.mark.parametrize("count", [4, 12])
async def test_what_a_killed_bot_had_uploaded_is_not_uploaded_again(mortal_world, count):
    """It had, and it had not written it down: the answer of Discord's was on its way."""
    world = mortal_world
    await world.set_api(delay=0.05, image_interval=30)
    await world.discord_fault("/webhooks/*", method="PATCH", close=True, times=None)
    asked = await world.ada.imagine(**SET, images=count)
    await world.ada.wait_for_message(id=(await asked.answer()).id, text=f"1 of {count}")
    await world.kill_bot()
    await world.clear_discord_faults()
    await world.start_bot()
    await asked.result(pictures=1)
    await is_uploaded_once(world, 1)


async def test_an_edit_whose_answer_was_lost_uploads_nothing_again(world):
    await world.set_api(delay=0.05, image_interval=0.05)
    await world.discord_fault("/webhooks/*", method="PATCH", close=True, times=2)
    await world.ada.imagine_to_end(**SET, images=4)
    await is_uploaded_once(world, 4)


async def test_a_second_message_whose_answer_was_lost_is_found_by_its_nonce(world):
    await world.set_api(delay=0.05, image_interval=0.05)
    await world.discord_fault("/channels/*/messages", method="POST", close=True)
    await world.ada.imagine_to_end(**SET, images=12)
    await is_uploaded_once(world, 12)
    assert len(await world.ada.messages()) == 2


async def test_a_reply_whose_answer_was_lost_is_found_by_its_nonce(world):
    first = await world.ada.imagine_to_end(**SET)
    await world.discord_fault("/channels/*/messages", method="POST", close=True)
    reply = await world.ada.say("make it night", to=first)
    await world.ada.result_of(reply)
    await is_uploaded_once(world, 2)


# --- what lies with Discord serves later, when the service's links have died ------------------------------------


@pytest.fixture
async def fleeting_world(tmp_path):
    """Its service's links die as soon as they were fetched."""
    async with a_world(tmp_path, api={"links_once": True}) as world:
        yield world


@pytest.mark.parametrize("verb", ["Vary", "Upscale", "Cut out", "Layers"])
async def test_a_button_works_from_discords_copy(fleeting_world, verb):
    world = fleeting_world
    first = await world.ada.imagine_to_end(**SET)
    result = await (await world.ada.pressed(first, verb)).result()
    assert result.pictures, result.text


async def test_a_reply_and_an_edit_work_from_discords_copy(fleeting_world):
    world = fleeting_world
    first = await world.ada.imagine_to_end(**SET)
    form = await world.ada.pressed(first, "Edit")
    await (await world.ada.fill(form, change="make it blue")).result(pictures=1)
    reply = await world.ada.say("make it night", to=first)
    assert (await world.ada.result_of(reply)).pictures
    sent = await world.references()
    assert sent[-2:] == [await world.download(first.pictures[0])] * 2


async def test_a_picture_of_a_second_message_works_from_discords_copy(fleeting_world):
    world = fleeting_world
    await world.set_api(image_interval=0.05)
    result = await world.ada.imagine_to_end(**SET, images=12)
    chosen = await world.ada.choose(result, "11")
    await (await world.ada.pressed(chosen, "Vary")).result(pictures=1)
    assert (await world.references())[-1] == await world.download(result.pictures[-1])


async def test_rows_say_the_id_name_and_size_of_what_discord_holds(world):
    result = await world.ada.imagine_to_end(**SET)
    settled = select(JOBS).where(JOBS.c.settled)
    await world.rows_are(settled)
    (row,) = await world.read(settled)
    (file,) = result.data["files"]
    for part in (file["id"], file["filename"], str(file["size"])):
        assert part in row.images
