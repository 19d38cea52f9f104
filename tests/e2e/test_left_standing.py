"""Messages that nobody can change when a job ends: they lead to the result as soon as Discord lets the bot change them.

In a thread that is locked and archived nothing can be done; in a locked one, messages can be deleted; posting opens an
archived one. A message that is the member's alone can be changed by nothing once its token has died.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from infra.db.tables import CHARGES, JOBS
from studio.jobs import recovery
from tests.e2e.conftest import a_world
from tests.support.places import thread_in

SET = {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"}
SETTLED = select(JOBS.c.id).where(JOBS.c.settled)
STANDING = select(JOBS.c.id).where(JOBS.c.settled, JOBS.c.retry_at.is_not(None))


@pytest.fixture
async def thread(world):
    return await thread_in(world, "general")


async def closed_while_it_paints(world, thread, **state):
    """The placeholder in a thread that is closed before the result is there."""
    await world.set_api(delay=0.4)
    placeholder = await (await world.member_in(thread).imagine(**SET)).answer()
    await world.set_thread(thread, **state)
    return placeholder


async def nothing_paints(world, thread):
    """Wait until no message in the thread goes on saying that it is being painted; all that there are."""
    ada = world.member_in(thread)
    return await world.until(ada.messages, lambda found: not any("… requested" in one.text for one in found))


async def refuses_direct_messages(world):
    await world.discord_fault("/users/@me/channels", method="POST", status=403, code=50007, times=None)


async def test_an_archived_thread_is_opened_by_the_result_and_the_old_message_leads_there(world, thread):
    placeholder = await closed_while_it_paints(world, thread, archived=True)
    result = await world.member_in(thread).wait_for_message(button="Details", after=placeholder.id)
    found = await nothing_paints(world, thread)
    (old,) = [one for one in found if one.id == placeholder.id]
    assert "Continued in" in old.text
    assert result.id in old.text
    assert world.uploads == 1


async def test_in_a_locked_thread_the_old_message_is_deleted_and_the_result_comes_directly(world, thread):
    await closed_while_it_paints(world, thread, locked=True)
    assert len((await world.ada_in_dm.next_result()).pictures) == 1
    assert not [one for one in await nothing_paints(world, thread) if one.data["author"].get("bot")]
    await world.rows_are_gone(STANDING)


async def test_in_a_thread_that_is_locked_and_archived_it_leads_there_once_that_is_opened(world, thread):
    placeholder = await closed_while_it_paints(world, thread, locked=True, archived=True)
    result = await world.ada_in_dm.next_result()
    await world.rows_are(STANDING)
    await world.set_thread(thread, locked=False, archived=False)
    (old,) = [one for one in await nothing_paints(world, thread) if one.id == placeholder.id]
    assert result.id in old.text
    await world.rows_are_gone(STANDING)
    assert world.uploads == 1


async def test_it_leads_there_too_when_the_bot_was_away_meanwhile(world, thread):
    placeholder = await closed_while_it_paints(world, thread, locked=True, archived=True)
    await world.ada_in_dm.next_result()
    await world.rows_are(STANDING)
    await world.stop_bot()
    await world.set_thread(thread, locked=False, archived=False)
    await world.change(update(JOBS).values(retry_at=1.0))  # which was written to be later
    await world.start_bot()
    (old,) = [one for one in await nothing_paints(world, thread) if one.id == placeholder.id]
    assert "Continued in" in old.text
    await world.rows_are_gone(STANDING)


async def test_a_result_that_nothing_delivered_comes_where_it_was_asked_once_that_is_opened(world, thread):
    await refuses_direct_messages(world)
    placeholder = await closed_while_it_paints(world, thread, locked=True, archived=True)
    await world.rows_are(STANDING.where(JOBS.c.undelivered))
    await world.set_thread(thread, locked=False, archived=False)
    result = await world.member_in(thread).next_result()
    assert (result.id, len(result.pictures)) == (placeholder.id, 1)
    await world.rows_are_gone(STANDING)
    assert "couldn't deliver" not in (await (await world.ada.run("me")).answer()).text
    (charge,) = await world.read(select(CHARGES))
    assert charge.images == 1


async def test_when_its_member_has_fetched_it_the_old_message_goes_as_soon_as_it_can(world, thread):
    await refuses_direct_messages(world)
    placeholder = await closed_while_it_paints(world, thread, locked=True, archived=True)
    await world.rows_are(STANDING.where(JOBS.c.undelivered))
    await world.ada.press(await (await world.ada.run("me")).answer(), "Show result", answer=False)
    assert len((await world.ada.next_result()).pictures) == 1
    await world.set_thread(thread, locked=False, archived=False)
    assert placeholder.id not in {one.id for one in await nothing_paints(world, thread)}
    await world.rows_are_gone(STANDING)


async def test_what_was_deleted_meanwhile_is_left_alone(world, thread):
    placeholder = await closed_while_it_paints(world, thread, locked=True, archived=True)
    await world.ada_in_dm.next_result()
    await world.rows_are(STANDING)
    await world.delete_message(placeholder.id)
    await world.set_thread(thread, locked=False, archived=False)
    await world.rows_are_gone(STANDING)


async def test_what_an_outage_left_standing_is_tried_again(world):
    """New messages are taken, and nothing can be changed."""
    for route in ("/webhooks/*", "/channels/*/messages/*"):
        for method in ("PATCH", "DELETE"):
            await world.discord_fault(route, method=method, status=400, code=50035, times=None)
    placeholder = await (await world.ada.imagine(**SET)).answer()
    await world.ada.wait_for_message(button="Details", after=placeholder.id)
    await world.rows_are(STANDING)
    await world.clear_discord_faults()
    await world.change(update(JOBS).values(retry_at=1.0))
    await world.restart_bot()
    (old,) = [one for one in await nothing_paints(world, "general") if one.id == placeholder.id]
    assert "Continued in" in old.text


# --- a token that ends before the job -------------------------------------------------------------------------------


@pytest.fixture
async def brief_world(tmp_path, monkeypatch):
    """All tokens are about to end."""
    monkeypatch.setattr(recovery, "LATE_SECONDS", 1e6)
    monkeypatch.setattr(recovery, "ROUND_SECONDS", 0.05)
    async with a_world(tmp_path) as world:
        yield world


async def make_places(world):
    await world.make_channel("voice-chat", "voice")
    await world.deny("voice-chat", "CONNECT")
    await world.start_thread(world.ada, "secrets", private=True)


LATE = {
    "a private result": ("general", {"private": True}),
    "a server without the bot": ("lobby", {}),
    "a channel that the bot may not view": ("backroom", {}),
    "a voice chat that the bot may not join": ("voice-chat", {}),
    "a private thread without the bot": ("secrets", {}),
}


@pytest.mark.parametrize(("channel", "options"), LATE.values(), ids=LATE)
async def test_before_its_token_ends_its_message_says_how_the_result_will_come(brief_world, channel, options):
    world = brief_world
    await make_places(world)
    await world.set_api(delay=0.2, image_interval=0.3)
    ada = world.member_in(channel)
    placeholder = await (await ada.imagine(**SET, images=4, **options)).answer()
    told = await ada.wait_for_message(id=placeholder.id, text="by direct message")
    assert "Painting" not in told.text
    assert told.labels == []
    await world.kill_tokens()
    assert len((await world.ada_in_dm.next_result()).pictures) == 4
    assert world.uploads == 4
    (old,) = [one for one in await ada.messages() if one.id == placeholder.id]
    assert old.text == told.text
    await world.rows_are(SETTLED)
    if options:  # of others it may be known some day
        await world.rows_are_gone(STANDING)


async def test_a_channel_that_the_bot_may_view_again_leads_to_the_result(world):
    await world.set_api(delay=0.4)
    backroom = world.member_in("backroom")
    placeholder = await (await backroom.imagine(**SET)).answer()
    await world.kill_tokens()
    result = await world.ada_in_dm.next_result()
    await world.rows_are(STANDING)
    await world.deny("backroom")
    await world.change(update(JOBS).values(retry_at=1.0))
    await world.restart_bot()
    (old,) = [one for one in await nothing_paints(world, "backroom") if one.id == placeholder.id]
    assert result.id in old.text


async def test_a_result_that_comes_before_its_token_ends_comes_where_it_was_asked(brief_world):
    world = brief_world
    await world.set_api(delay=0.5)
    placeholder = await (await world.ada.imagine(**SET, private=True)).answer()
    await world.ada.wait_for_message(id=placeholder.id, text="by direct message")
    result = await world.ada.next_result()
    assert (result.id, len(result.pictures)) == (placeholder.id, 1)
    assert await world.ada_in_dm.messages() == []


async def test_where_the_bot_can_change_its_message_itself_nothing_is_said_of_it(brief_world):
    world = brief_world
    await world.set_api(delay=0.5)
    result = await world.ada.imagine_to_end(**SET)
    assert not [one for one in await result.stages() if "direct message" in one.text]
