"""A member stops what is being painted: it is delivered or dropped as they choose, and billed as it was sent."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlalchemy import select, update

from infra.db.tables import CHARGES, JOBS
from tests.e2e.conftest import a_world, public_address

WAYS = {
    "stream": {"DELIVERY": "stream"},
    "callback": public_address,
    "poll": {"DELIVERY": "poll"},
    "plain": {"DELIVERY": "plain"},
}
QUESTION = "This was sent to SeeDream, so it is billed either way (1 credit). Deliver what is made, or drop it?"
BILLED = "Stopped. 1 credit was billed, as it had been sent."


async def painting(world, **options):
    """A request that was sent, with its button."""
    shown = await (await world.ada.imagine(prompt="a red fox in snow", **options)).answer()
    await world.api_is_asked()
    assert "Cancel" in shown.labels
    return shown


async def charged(world):
    await world.rows_are(select(CHARGES).where(CHARGES.c.settled))
    return [charge.images for charge in await world.read(select(CHARGES))]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_what_was_sent_and_is_dropped_is_billed_and_not_shown(tmp_path, way):
    async with a_world(tmp_path, api={"delay": 1.0}, **(way() if callable(way) else way)) as world:
        shown = await painting(world)
        question, other = [await world.ada.press(shown, "Cancel") for _ in range(2)]
        assert (question.ephemeral, question.labels) == (True, ["Deliver", "Drop it"])
        assert QUESTION in question.text
        told = await world.ada.press(question, "Drop it")
        assert "Stopped. It had been sent, so up to 1 credit will be billed." in told.text
        running = await world.ada.wait_for_message(id=shown.id, text="Stopped")
        assert running.labels in (["Delete"], ["Details", "Retry", "Delete"])
        ended = await world.ada.wait_for_message(id=shown.id, button="Details")
        assert BILLED in ended.text
        assert (ended.pictures, ended.labels) == ([], ["Details", "Retry", "Delete"])
        assert await charged(world) == [1]
        await world.spool_is_empty()
        assert BILLED in (await world.ada.press(other, "Drop it")).text
        details = await world.ada.press(ended, "Details")
        assert "files" not in details.text
        again = await (await world.ada.pressed(ended, "Retry")).result(pictures=1)
        assert again.id != ended.id


async def test_what_is_to_be_delivered_is(world):
    await world.set_api(delay=1.0)
    shown = await painting(world)
    question, other = [await world.ada.press(shown, "Cancel") for _ in range(2)]
    told = await world.ada.press(question, "Deliver")
    assert ("Okay" in told.text, told.labels) == (True, [])
    result = await world.ada.wait_for_message(id=shown.id, button="Details")
    assert len(result.pictures) == 1
    late = await world.ada.press(other, "Drop it")
    assert "already done" in late.text
    assert len((await result.now()).pictures) == 1


async def test_of_a_set_what_has_arrived_is_delivered(world):
    await world.set_api(delay=0.1, image_interval=0.8)
    shown = await painting(world, images=4, model="doubao-seedream-4.0", size="1K")
    await world.ada.wait_for_message(id=shown.id, text="of 4 pictures")
    question = await world.ada.press(shown, "Cancel")
    assert "4 credits" in question.text
    await world.ada.press(question, "Drop it")
    ended = await world.ada.wait_for_message(id=shown.id, button="Details")
    assert 1 <= len(ended.pictures) < 4
    assert "Stopped. 4 credits were billed, as it had been sent." in ended.text
    assert await charged(world) == [4]
    await world.spool_is_empty()


async def test_further_pictures_that_are_dropped_are_said_to_be_billed_and_stopped_once(world):
    result = await world.ada.imagine_to_end(prompt="a fox", images=2, model="doubao-seedream-4.0", size="1K")
    await world.set_api(delay=1.0)
    await world.ada.press(result, "More like these", answer=False)
    await world.api_is_asked(2)
    growing = await world.until(result.now, lambda now: "Cancel" in now.labels)
    question, other = [await world.ada.press(growing, "Cancel") for _ in range(2)]
    billed = "Stopped. It had been sent, so up to 2 credits will be billed."
    assert billed in (await world.ada.press(question, "Drop it")).text
    stopped = await world.until(result.now, lambda now: "Stopped" in now.text)
    assert billed in stopped.text
    assert "Cancel" not in stopped.labels
    assert billed in (await world.ada.press(other, "Deliver")).text
    ended = await world.ada.wait_for_message(id=result.id, text="Stopped. 2 credits were billed, as it had been sent.")
    assert (len(ended.pictures), await charged(world)) == (2, [2, 2])


async def test_only_its_member_or_who_manages_messages_stops_what_is_painted(world):
    await world.set_api(delay=1.5)
    shown = await (await world.ben.imagine(prompt="a red fox in snow")).answer()
    await world.api_is_asked()
    refusal = await world.cleo.press(shown, "Cancel")
    assert "Only the person" in refusal.text
    question = await world.ada.press(shown, "Cancel")
    await world.ada.press(question, "Drop it")
    await world.ben.wait_for_message(id=shown.id, text="Stopped. 1 credit")


async def test_a_private_request_is_stopped_privately(world):
    await world.set_api(delay=1.0)
    shown = await painting(world, private=True)
    await world.ada.press(await world.ada.press(shown, "Cancel"), "Drop it")
    ended = await world.ada.wait_for_message(id=shown.id, button="Details")
    assert (BILLED in ended.text, ended.ephemeral) == (True, True)


async def test_what_is_stopped_stays_stopped_after_a_crash(polling_mortal_world):
    world = polling_mortal_world
    await world.set_api(delay=2.0)
    shown = await painting(world)
    await world.task_is_known()
    await world.ada.press(await world.ada.press(shown, "Cancel"), "Drop it")
    await world.kill_bot()
    await world.start_bot()
    ended = await world.ada.wait_for_message(id=shown.id, button="Details")
    assert (BILLED in ended.text, ended.pictures) == (True, [])
    assert await charged(world) == [1]
    assert len(await world.requests()) == 1


async def test_pressed_as_it_is_sent_a_job_is_free_or_sent_and_never_both(world):
    await world.set_api(delay=0.3)

    async def stopped(number):
        shown = await (await world.ada.imagine(prompt=f"fox {number}")).answer()
        await asyncio.sleep(number * 0.004)
        pressed = (await world.ada.pressed(shown, "Cancel")).given
        return shown, pressed["answer"]["type"] == 6  # no answer but the edit

    presses = await asyncio.gather(*map(stopped, range(8)))
    ends = [await world.ada.wait_for_message(id=shown.id, button="Details") for shown, _ in presses]
    free = sum(cancelled for _, cancelled in presses)
    assert sum("Cancelled. Nothing was charged." in end.text for end in ends) == free
    assert sum(len(end.pictures) for end in ends) == len(await world.requests()) == 8 - free


# --- mentions ---------------------------------------------------------------------------------------------------------


async def wants_mentions(member):
    shown = await (await member.run("me")).answer()
    assert "🔕 Off" in shown.labels
    switched = await member.press(shown, "🔕 Off")
    assert "🔔 On" in switched.labels
    assert "Forget my choices" not in switched.labels


async def made_long_ago(world, member, **options):
    """A result of a request that was made over a minute before it is done."""
    await world.set_api(delay=1.0)
    shown = await (await member.imagine(prompt="a red fox in snow", **options)).answer()
    await world.api_is_asked()
    await world.change(update(JOBS).values(created_at=JOBS.c.created_at - 61, version=JOBS.c.version + 1))
    return await member.wait_for_message(id=shown.id, button="Details")


async def test_who_wants_it_is_mentioned_once_when_what_took_over_a_minute_is_done(world):
    await wants_mentions(world.ada)
    result = await made_long_ago(world, world.ada)
    told = await world.ada.wait_for_message(text="Your picture is ready.")
    assert told.data["message_reference"]["message_id"] == result.id
    assert [one["id"] for one in told.data["mentions"]] == [world.ada.id]
    shown = await (await world.ada.run("me")).answer()
    assert "🔕 Off" in (await world.ada.press(shown, "🔔 On")).labels


async def test_a_private_result_is_announced_privately(world):
    await wants_mentions(world.ada)
    await made_long_ago(world, world.ada, private=True)
    assert (await world.ada.wait_for_message(text="Your picture is ready.")).ephemeral


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
async def test_a_mention_goes_with_the_result_that_it_points_to(world, private):
    await wants_mentions(world.ada)
    result = await made_long_ago(world, world.ada, private=private)
    told = await world.ada.wait_for_message(text="Your picture is ready.")
    await world.rows_are(select(JOBS.c.id).where(JOBS.c.messages.contains(told.id)))
    await world.ada.deletes(result)
    await world.until(partial(ids, world.ada), {result.id, told.id}.isdisjoint)


async def test_a_mention_stays_known_when_its_set_has_changed_since(world):
    await wants_mentions(world.ada)
    result = await made_long_ago(world, world.ada, images=2)
    told = await world.ada.wait_for_message(text="Your pictures are ready.")
    card = await (await world.ada.pressed(result, "2")).answer()
    await world.ada.press(card, "Redo", answer=False)
    await world.api_is_asked(2)
    await world.rows_are(select(JOBS.c.id).where(JOBS.c.settled, JOBS.c.children != "[]"))
    await world.ada.deletes(result)
    await world.until(partial(ids, world.ada), {result.id, told.id}.isdisjoint)


async def ids(member):
    return {message.id for message in await member.messages()}


async def test_who_does_not_want_it_is_not_mentioned_and_the_last_choice_leaves_that_as_it_is(world):
    await wants_mentions(world.ben)
    await world.ben.imagine_to_end(prompt="one", model="doubao-seedream-4.0", size="1K")
    assert "🔔 On" in (await (await world.ben.run("me")).answer()).labels
    before = len(await world.ada.messages())
    await made_long_ago(world, world.ada)
    assert len(await world.ada.messages()) == before + 1
