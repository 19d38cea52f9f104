"""A result that Discord takes in no way: its member is told when they come again, and gets it then."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update

from infra.db.tables import JOBS
from tests.e2e.conftest import a_world

SET = {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"}
GIVEN_UP = select(JOBS).where(JOBS.c.undelivered, JOBS.c.settled)


async def a_result_that_nothing_delivers(world, **options):
    """Its token dies, and direct messages are closed."""
    await world.set_api(delay=0.3)
    await world.discord_fault("/users/@me/channels", method="POST", status=403, code=50007, times=None)
    await (await world.ada.imagine(**SET | {"private": True} | options)).answer()
    await world.kill_tokens()
    await world.rows_are(GIVEN_UP)
    await world.set_api(delay=0.0)


async def told(world):
    return [one for one in await world.ada.messages() if "couldn't deliver" in one.text and one.ephemeral]


async def test_its_member_is_told_at_their_next_command_once(world):
    await a_result_that_nothing_delivers(world)
    await world.ada.imagine_to_end(prompt="another fox")
    (reminder,) = await world.until(lambda: told(world), bool)
    assert "1 of your results" in reminder.text
    assert "/me" in reminder.text
    await world.ada.imagine_to_end(prompt="a third fox")
    assert len(await told(world)) == 1


async def test_a_press_of_a_button_is_such_an_occasion(world):
    first = await world.ada.imagine_to_end(prompt="another fox")
    await a_result_that_nothing_delivers(world)
    await world.ada.press(first, "Details")
    assert len(await world.until(lambda: told(world), bool)) == 1


async def test_nobody_else_is_told(world):
    await a_result_that_nothing_delivers(world)
    await world.ben.imagine_to_end(prompt="another fox")
    assert not [one for one in await world.ben.messages() if "couldn't deliver" in one.text]


async def test_me_lists_it_and_delivers_it_there_and_then(world):
    await a_result_that_nothing_delivers(world, images=12)
    screen = await (await world.ada.run("me")).answer()
    assert "Results I couldn't deliver" in screen.text
    assert SET["prompt"] in screen.text
    await world.ada.press(screen, "Show result", answer=False)
    last = await world.ada.wait_for_message(button="Details")
    shown = [one for one in await world.ada.messages() if one.pictures]
    assert sum(len(one.pictures) for one in shown) == 12
    assert all(one.ephemeral for one in shown)
    assert last.id == shown[-1].id
    await world.rows_are_gone(GIVEN_UP)
    assert "Results I couldn't deliver" not in (await (await world.ada.run("me")).answer()).text


async def test_pressing_twice_delivers_it_once(world):
    await a_result_that_nothing_delivers(world)
    uploads = world.uploads
    screen = await (await world.ada.run("me")).answer()
    await asyncio.gather(*(world.ada.press(screen, "Show result", answer=False) for _ in range(3)))
    told = await world.until(
        world.ada.messages, lambda found: sum("You already have this result." in one.text for one in found) == 2
    )
    assert sum(len(one.pictures) for one in told) == 1
    assert world.uploads == uploads + 1


async def test_what_was_shown_late_is_worked_on_like_any_other(world):
    await a_result_that_nothing_delivers(world)
    screen = await (await world.ada.run("me")).answer()
    await world.ada.press(screen, "Show result", answer=False)
    result = await world.ada.next_result()
    varied = await (await world.ada.pressed(result, "Vary")).result(pictures=1)
    assert varied.id != result.id


@pytest.fixture
async def fleeting_world(tmp_path):
    """Its service's links die as soon as they were fetched."""
    async with a_world(tmp_path, api={"links_once": True}) as world:
        yield world


async def test_its_files_are_kept_when_the_services_links_have_died(fleeting_world):
    world = fleeting_world
    await a_result_that_nothing_delivers(world)
    await world.restart_bot()
    screen = await (await world.ada.run("me")).answer()
    await world.ada.press(screen, "Show result", answer=False)
    assert len((await world.ada.next_result()).pictures) == 1


async def test_after_a_week_it_is_neither_told_nor_kept(world):
    await a_result_that_nothing_delivers(world)
    await world.change(update(JOBS).values(finished_at=1.0))
    assert "couldn't deliver" not in (await (await world.ada.run("me")).answer()).text
    await world.restart_bot()
    await world.until(spool_of(world), lambda files: not files)


def spool_of(world):
    async def files():
        await world.requests()
        return list(world.spool.iterdir())

    return files


async def test_another_member_gets_nothing_of_it(world):
    await a_result_that_nothing_delivers(world)
    screen = await (await world.ada.run("me")).answer()
    (button,) = [one for one in screen.custom_ids if one.startswith("sd:fetch:")]
    card = await world.post_as_bot(
        "general", components=[{"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": button}]}]
    )
    answer = await world.ben.press(card, "x")
    assert "Only the person" in answer.text
    assert await world.read(GIVEN_UP)


async def test_what_is_for_adults_is_shown_where_they_are_alone_or_to_their_member_in_private(world):
    await world.make_channel("cellar", nsfw=True)
    await world.set_api(delay=0.3)
    await world.discord_fault("/users/@me/channels", method="POST", status=403, code=50007, times=None)
    await (await world.member_in("cellar").imagine(**SET, private=True)).answer()
    await world.kill_tokens()
    await world.rows_are(GIVEN_UP)
    screen = await (await world.ada.run("me")).answer()
    told = await world.ada.press(screen, "Show result")
    assert "age-restricted channel" in told.text
    await world.make_channel("attic", nsfw=True)
    upstairs = world.member_in("attic")
    screen = await (await upstairs.run("me")).answer()
    await upstairs.press(screen, "Show result", answer=False)
    assert len((await upstairs.next_result()).pictures) == 1


async def test_words_that_automod_blocks_keep_nobody_from_their_result(world):
    await a_result_that_nothing_delivers(world)
    await world.discord_setting(blocked_words=["fox"])
    screen = await (await world.ada.run("me")).answer()
    assert "fox" not in screen.text
    await world.ada.press(screen, "Show result", answer=False)
    assert len((await world.ada.wait_for_message(button="Details")).pictures) == 1
