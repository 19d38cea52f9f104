"""What is posted about jobs, by the service or in its name: the result once, and nothing that does not belong there."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from sqlalchemy import select

from infra.db.tables import CALLBACKS, JOBS
from seedream.callbacks import callback_url
from tests.support.world import TIMEOUT

WISH = {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"}
SECRET = "k" * 32


@pytest.fixture
def world(reachable_world):
    return reachable_world


async def post(address, body):
    async with aiohttp.ClientSession() as session, session.post(address, json=body) as answer:
        return answer.status


async def address_of(world):
    """Where the newest request wants its result."""
    await world.api_is_asked()
    async with asyncio.timeout(TIMEOUT):
        while not (address := (await world.requests())[-1]["parameters"].get("callback_url")):
            pass  # its entry is there before its body is read
    return address


def result(link, **more):
    return {"success": True, "data": [{"image_url": link, "size": "1024x1024"}], **more}


async def test_a_single_picture_is_posted_and_no_connection_waits_for_it(world):
    end = await world.ada.imagine_to_end(**WISH)
    (entry,) = await world.requests()
    assert (len(end.pictures), entry["mode"], [one["status"] for one in entry["callbacks"]]) == (1, "callback", [200])


async def test_a_set_is_streamed_all_the_same(world):
    await world.ada.imagine_to_end(**WISH, images=2)
    assert [entry["mode"] for entry in await world.requests()] == ["stream"]


async def test_a_link_into_a_private_network_is_not_followed(world):
    await world.api_fault("stuck")
    asked = await world.ada.imagine(**WISH)
    assert await post(await address_of(world), result("https://10.0.0.1/picture.png")) == 200
    end = await asked.result(pictures=0)
    assert "Picture 1" in end.text


async def test_what_belongs_to_another_task_changes_nothing(world):
    await world.set_api(delay=1)
    asked = await world.ada.imagine(**WISH)
    other = result("https://example.com/other.png", task_id="another-task")
    assert await post(await address_of(world), other) == 200
    assert len((await asked.result(pictures=1)).pictures) == 1


async def test_an_error_that_is_posted_is_told_in_words(world):
    await world.api_fault("stuck")
    asked = await world.ada.imagine(**WISH)
    refused = {"success": False, "error": {"code": "content_policy", "message": "no"}}
    assert await post(await address_of(world), refused) == 200
    end = await asked.result(pictures=0)
    assert "content rules" in end.text


async def test_what_comes_after_the_end_is_taken_and_changes_nothing(world):
    end = await world.ada.imagine_to_end(**WISH)
    assert await post(await address_of(world), result("https://example.com/late.png")) == 200
    assert await post(await address_of(world), {"error": {"code": "api_error", "message": "late"}}) == 200
    (shown,) = await world.ada.messages()
    assert shown.data == end.data
    await world.ada.deletes(end)
    await world.ada.sees_nothing()
    assert await post(await address_of(world), result("https://example.com/later.png")) == 200
    await world.ada.sees_nothing()


async def test_a_cancelled_job_stays_cancelled_whatever_is_posted(narrow_reachable_world):
    world = narrow_reachable_world
    await world.set_api(delay=2)
    await world.ben.imagine(**WISH)
    await world.api_is_asked()
    queued = await (await world.ada.imagine(**WISH)).answer()
    await world.ada.press(queued, "Cancel", answer=False)
    cancelled = await world.ada.wait_for_message(id=queued.id, text="Cancelled")
    job_id = cancelled.custom_id("Delete").split(":")[2]
    address = callback_url(world.environment["PUBLIC_URL"], job_id, SECRET)
    assert await post(address, result("https://example.com/never-asked-for.png")) == 200
    (shown,) = [one for one in await world.ada.messages() if one.id == queued.id]
    assert "Cancelled" in shown.text
    assert shown.pictures == []


async def test_a_job_that_nobody_knows_and_a_signature_that_nobody_gave_are_answered_alike(world):
    unknown = callback_url(world.environment["PUBLIC_URL"], "nobody", SECRET)
    assert await post(unknown, result("https://example.com/a.png")) == 404
    assert await post(unknown.replace("nobody", "somebody"), result("https://example.com/a.png")) == 404


async def test_a_result_that_was_posted_while_the_bot_was_away_is_looked_up_and_asked_for_once(reachable_mortal_world):
    world = reachable_mortal_world
    await world.set_api(delay=1)
    asked = await world.ada.imagine(**WISH)
    await world.api_is_asked()
    await world.rows_are(select(JOBS).where(JOBS.c.task_id.is_not(None)))
    await world.kill_bot()
    await world.callback_was_tried()
    await world.start_bot()
    await asked.result(pictures=1)
    assert len(await world.requests()) == 1


async def test_nothing_that_was_posted_is_kept_once_the_job_has_ended(world):
    await world.ada.imagine_to_end(**WISH)
    assert await world.read(select(CALLBACKS)) == []
