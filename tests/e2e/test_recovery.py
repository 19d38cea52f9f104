"""What is left when the bot ends, in order or not: nothing that was accepted is lost, nothing is asked for twice."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from infra.db.tables import JOBS
from studio.jobs import recovery
from tests.e2e.conftest import a_world


@pytest.fixture
def world(mortal_world):
    return mortal_world


async def test_jobs_that_still_waited_at_a_shutdown_run_after_it(world):
    await world.set_api(delay=0.5)
    asked = [await world.ada.imagine(prompt=f"fox {number}") for number in range(12)]
    await world.restart_bot()
    for number, one in enumerate(asked):
        await one.result(pictures=1, text=f"fox {number}")
    assert len(await world.requests()) == 12


async def test_a_job_that_was_being_made_when_the_bot_was_killed_is_not_asked_for_again(world):
    await world.set_api(delay=60)
    asked = await world.ada.imagine(prompt="a red fox in snow")
    await world.api_is_asked()
    await world.kill_bot()
    await world.start_bot()
    result = await asked.result(pictures=0)
    assert "may still have charged" in result.text
    assert "Retry" in result.labels
    assert len(await world.requests()) == 1


async def test_pictures_that_had_arrived_when_the_bot_was_killed_are_kept(world):
    await world.set_api(delay=0.05, image_interval=30)
    asked = await world.ada.imagine(prompt="four foxes", images=4)
    await world.ada.wait_for_message(id=(await asked.answer()).id, text="1 of 4")
    await world.kill_bot()
    await world.start_bot()
    result = await asked.result(pictures=1)
    assert "1 of 4 made" in result.text


async def test_a_task_that_was_submitted_when_the_bot_was_killed_is_looked_up(polling_mortal_world):
    await polling_mortal_world.set_api(delay=2)
    asked = await polling_mortal_world.ada.imagine(
        prompt="a red fox in snow", model="doubao-seedream-5.0-pro", size="1K"
    )
    await polling_mortal_world.api_is_asked()
    await polling_mortal_world.task_is_known()
    await polling_mortal_world.kill_bot()
    await polling_mortal_world.start_bot()
    await asked.result(pictures=1)
    assert len(await polling_mortal_world.requests()) == 1


async def test_a_result_that_could_not_be_shown_before_the_bot_was_killed_is_shown(world):
    await world.discord_fault("/webhooks/*", method="PATCH", status=500, times=None)
    asked = await world.ada.imagine(prompt="a red fox in snow")
    await world.discord_is_asked("PATCH", 500)
    await world.kill_bot()
    await world.clear_discord_faults()
    await world.start_bot()
    await asked.result(pictures=1)
    assert len(await world.requests()) == 1


async def test_no_picture_file_is_left_behind(world):
    await world.set_api(delay=0.05, image_interval=30)
    asked = await world.ada.imagine(prompt="four foxes", images=4)
    await world.ada.wait_for_message(id=(await asked.answer()).id, text="1 of 4")
    await world.kill_bot()
    (world.spool / "gone-0.jpeg").write_bytes(b"of a job that nobody knows")
    await world.start_bot()
    await asked.result(pictures=1)
    async with asyncio.timeout(10):
        while list(world.spool.iterdir()):
            await world.requests()


async def a_placeholder_that_the_bot_does_not_know_of(world):
    """Posted, but nobody has told the bot so, and it is killed before it finds out."""
    await world.discord_fault("/interactions/*", method="POST", close=True)
    await world.discord_fault("/webhooks/*", method="GET", status=503, times=None)
    await world.ada.imagine(prompt="a red fox in snow")
    placeholder = await world.ada.wait_for_message(text="a red fox in snow")
    await world.kill_bot()
    await world.clear_discord_faults()
    return placeholder


async def test_a_placeholder_that_the_bot_did_not_learn_of_becomes_the_result(world):
    placeholder = await a_placeholder_that_the_bot_does_not_know_of(world)
    await world.start_bot()
    result = await world.ada.next_result()
    assert (result.id, len(result.pictures)) == (placeholder.id, 1)
    assert len(await world.ada.messages()) == 1


async def test_whether_it_was_posted_is_found_out_without_a_restart_too(tmp_path, monkeypatch):
    monkeypatch.setattr(recovery, "POSTING_SECONDS", 0.5)
    monkeypatch.setattr(recovery, "ROUND_SECONDS", 0.2)
    async with a_world(tmp_path) as world:
        await world.discord_fault("/interactions/*", method="POST", close=True)
        await world.discord_fault("/webhooks/*", method="GET", close=True, times=2)  # aiohttp tries a GET once more
        await world.ada.imagine(prompt="a red fox in snow")
        result = await world.ada.next_result()
        assert len(result.pictures) == 1
        assert len(await world.ada.messages()) == 1


async def test_where_nobody_can_tell_whether_it_was_posted_the_member_is_told_and_nothing_is_made(world):
    placeholder = await a_placeholder_that_the_bot_does_not_know_of(world)
    await world.let_tokens_end()
    await world.start_bot()
    told = await world.ada.next_result()
    assert told.id != placeholder.id
    assert "interrupted" in told.text
    assert "Nothing was charged" in told.text
    assert "Retry" in told.labels
    assert await world.requests() == []


async def test_a_placeholder_that_never_came_is_followed_by_nothing(world):
    await world.discord_fault("/interactions/*", method="POST", status=503, times=None)
    await world.discord_fault("/webhooks/*", method="GET", status=503, times=None)
    await world.ada.imagine(prompt="a red fox in snow")
    await world.kill_bot()
    await world.clear_discord_faults()
    await world.start_bot()
    await world.rows_are(select(JOBS).where(JOBS.c.settled))
    assert await world.ada.messages() == []
    assert await world.requests() == []


async def test_what_waited_too_long_is_given_up_in_words_and_costs_nothing(narrow_mortal_world):
    world = narrow_mortal_world
    await world.set_api(delay=60)
    await world.ben.imagine(prompt="the one before")
    await world.api_is_asked()
    queued = await (await world.ada.imagine(prompt="a red fox in snow")).answer()
    await world.rows_are(select(JOBS).where(JOBS.c.messages != "[]"), at_least=2)
    await world.kill_bot()
    await world.let_jobs_grow_old()
    await world.start_bot()
    told = await world.ada.wait_for_message(id=queued.id, button="Retry")
    assert "took too long" in told.text
    assert "Nothing was charged" in told.text
    assert len(await world.requests()) == 1


async def test_a_task_of_long_ago_is_looked_up_all_the_same_because_it_is_paid_for(polling_mortal_world):
    await polling_mortal_world.set_api(delay=2)
    asked = await polling_mortal_world.ada.imagine(
        prompt="a red fox in snow", model="doubao-seedream-5.0-pro", size="1K"
    )
    await polling_mortal_world.task_is_known()
    await polling_mortal_world.kill_bot()
    await polling_mortal_world.let_jobs_grow_old()
    await polling_mortal_world.start_bot()
    await asked.result(pictures=1)
    assert len(await polling_mortal_world.requests()) == 1


# --- answers that got lost, and presses that came twice ---------------------------------------------------------------


async def test_a_placeholder_whose_answer_was_lost_becomes_the_result(world):
    await world.discord_fault("/interactions/*", method="POST", close=True)
    await world.ada.imagine(prompt="a red fox in snow")
    result = await world.ada.next_result()
    assert len(result.pictures) == 1
    assert len(await world.ada.messages()) == 1


async def test_a_new_message_whose_answer_was_lost_is_not_posted_twice(world):
    await world.set_api(delay=0.5)
    asked = await world.ada.imagine(prompt="a red fox in snow")
    await world.delete_message((await asked.answer()).id)
    await world.discord_fault("/channels/*/messages", method="POST", close=True)
    result = await world.ada.next_result()
    assert len(result.pictures) == 1
    assert len(await world.ada.messages()) == 1
    assert len(await world.pings()) == 1


async def test_a_second_message_of_a_result_whose_answer_was_lost_is_not_posted_twice(world):
    await world.discord_fault("/channels/*/messages", method="POST", close=True)
    asked = await world.ada.imagine(prompt="twelve foxes", model="doubao-seedream-4.0", size="1K", images=12)
    await asked.result(pictures=2)
    assert [len(one.pictures) for one in await world.ada.messages()] == [10, 2]


async def test_a_rate_limit_that_lasts_is_waited_out_by_the_best_way(world):
    await world.discord_fault("/webhooks/*", method="PATCH", status=429, retry_after=0.05, times=8)
    asked = await world.ada.imagine(prompt="a red fox in snow")
    result = await asked.result(pictures=1)
    assert result.id == (await asked.answer()).id


async def test_a_deleted_placeholder_in_a_place_with_a_small_limit_is_followed_by_smaller_pictures(world):
    await world.set_api(delay=0.05, image_interval=0.6)
    await world.set_upload_limit(60_000)
    asked = await world.ada.imagine(prompt="two foxes", images=2)
    await world.ada.wait_for_message(id=(await asked.answer()).id, text="1 of 2")
    await world.delete_message((await asked.answer()).id)
    result = await world.ada.next_result()
    assert len(result.pictures) == 2
    assert all(size <= 60_000 for size in result.file_sizes)


async def test_delete_that_discord_did_not_carry_out_can_be_pressed_again(world):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    for route in ("/webhooks/*", "/channels/*"):
        await world.discord_fault(route, method="DELETE", status=403, code=50013, times=None)
    await world.ada.deletes(result)
    await world.discord_is_asked("DELETE", 403, times=3)
    await world.clear_discord_faults()
    await world.ada.press(result, "Delete", answer=False)  # which isn't asked about again
    await world.until(world.ada.messages, lambda messages: result.id not in [one.id for one in messages])


async def test_delete_pressed_twice_at_once_deletes_once_and_says_nothing(world):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await asyncio.gather(*(world.ada.press(result, "Delete", answer=False) for _ in range(2)))

    async def questions():
        return [message for message in await world.ada.messages() if "Keep" in message.labels]

    asked = await world.until(questions, lambda found: len(found) == 2)
    await asyncio.gather(*(world.ada.press(question, "Delete", answer=False) for question in asked))
    await world.ada.sees_nothing()


@pytest.mark.parametrize("code", [401, 403, 404])
async def test_a_look_up_that_is_refused_once_does_not_lose_a_paid_task(polling_mortal_world, code):
    await polling_mortal_world.set_api(delay=1)
    await polling_mortal_world.api_fault("error", on="tasks", status=code, code="invalid_token")
    asked = await polling_mortal_world.ada.imagine(
        prompt="a red fox in snow", model="doubao-seedream-5.0-pro", size="1K"
    )
    await asked.result(pictures=1)


async def test_pictures_that_fit_nowhere_are_linked(world):
    await world.set_upload_limit(500)
    asked = await world.ada.imagine(prompt="nine foxes", model="doubao-seedream-4.0", size="1K", images=9)
    result = await asked.result(pictures=0)
    assert result.text.count("[Picture ") == 9
