"""The result card: what it asks before it deletes, the picture before an edit, the usual time, defaults that stick."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from infra.db.tables import JOBS
from tests.support.members import Member, walk
from tests.support.pictures import jpeg

FOX = {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"}
THUMBNAIL, SELECT, LINK = 11, 3, 5


def before(message) -> list[str]:
    """The paths of the small pictures beside the heading."""
    return [path(one["media"]["url"]) for one in walk(message.data["components"]) if one["type"] == THUMBNAIL]


def path(url: str) -> str:
    return url.partition("?")[0]


async def edited(member, message, **options):
    form = await member.pressed(message, "Edit")
    return await (await member.fill(form, change="make it night")).result(**options)


# --- Delete -----------------------------------------------------------------------------------------------------------


async def asked_to_delete(member, message):
    await member.press(message, "Delete", answer=False)
    return await member.wait_for_message(after=message.id, button="Keep")


async def test_delete_asks_the_one_who_pressed_and_keeps_what_they_keep(world):
    result = await world.ada.imagine_to_end(**FOX, images=4)
    question = await asked_to_delete(world.ada, result)
    assert question.ephemeral
    assert question.text.strip() == "Delete these 4 pictures? This can't be undone."
    await world.ada.press(question, "Keep", answer=False)
    await world.is_gone(question)
    assert [one.id for one in await world.ada.messages()] == [result.id]


async def test_what_is_deleted_leaves_neither_the_question_nor_a_second_message(world):
    await world.set_api(image_interval=0.05)
    result = await world.ada.imagine_to_end(**FOX, images=12)
    await world.ada.deletes(result)
    await world.ada.sees_nothing()


async def test_a_question_still_works_after_a_restart(world):
    result = await world.ada.imagine_to_end(**FOX)
    question = await asked_to_delete(world.ada, result)
    await world.restart_bot()
    await world.ada.press(question, "Delete", answer=False)
    await world.ada.sees_nothing()


async def test_a_private_result_is_deleted_after_its_own_token_has_died(world):
    result = await world.ada.imagine_to_end(**FOX, private=True)
    await world.rows_are(select(JOBS).where(JOBS.c.settled))
    await world.let_tokens_end()
    await world.restart_bot()
    await world.ada.deletes(result)
    await world.ada.sees_nothing()


async def test_a_failure_has_nothing_to_lose_so_it_is_deleted_at_once(world):
    await world.api_fault("error", status=403, code="content_policy", message="Not this.")
    failed = await (await world.ada.imagine(**FOX)).result(pictures=0)
    await world.ada.press(failed, "Delete", answer=False)
    await world.ada.sees_nothing()


async def test_two_questions_about_one_result_delete_it_once(world):
    result = await world.ada.imagine_to_end(**FOX)
    first = await asked_to_delete(world.ada, result)
    await world.ada.press(result, "Delete", answer=False)
    second = await world.ada.wait_for_message(after=first.id, button="Keep")
    for question in (first, second):
        await world.ada.press(question, "Delete", answer=False)
    await world.ada.sees_nothing()


# --- the picture before -----------------------------------------------------------------------------------------------


async def test_an_edit_shows_what_it_was_without_an_upload_or_another_call(world):
    first = await world.ada.imagine_to_end(**FOX)
    form = await world.ben.pressed(first, "Edit")
    uploads, calls = world.uploads, len(await world.discord_calls())
    result = await (await world.ben.fill(form, change="make it night")).result(pictures=1)
    assert before(result) == [path(first.pictures[0])]
    assert await world.download(first.pictures[0])
    assert world.uploads == uploads + 1
    assert [call["method"] for call in (await world.discord_calls())[calls:]] == ["POST", "PATCH"]


async def test_a_reply_to_an_edit_changes_its_picture_and_not_the_one_before(world):
    result = await edited(world.ada, await world.ada.imagine_to_end(**FOX), pictures=1)
    again = await world.ada.result_of(await world.ada.say("make it blue", to=result))
    assert (await world.references())[-1] == await world.download(result.pictures[0])
    assert before(again) == [path(result.pictures[0])]


async def test_a_row_names_the_results_own_file_beside_one_of_the_same_name(world):
    first = await world.ada.imagine_to_end(**FOX)
    varied = await (await world.ada.pressed(first, "Vary")).result(pictures=1)
    assert path(varied.pictures[0]).rpartition("/")[2] == path(first.pictures[0]).rpartition("/")[2]
    await world.rows_are(select(JOBS).where(JOBS.c.settled), at_least=2)
    rows = {row.id: row.images for row in await world.read(select(JOBS))}
    assert path(varied.pictures[0]) in rows[varied.custom_id("Details").split(":")[2]]


async def test_a_picture_that_was_shown_to_nobody_here_is_not_shown_beside_its_edit(world):
    attached = await world.ada.run("edit", prompt="make it night", files={"image": ("photo.jpg", jpeg(1200, 800))})
    assert before(await attached.result(pictures=1)) == []
    elsewhere = await Member(world, "ada", "gallery").imagine_to_end(**FOX)
    place = elsewhere.data["channel_id"]
    link = f"https://discord.com/channels/{await world.guild_of('gallery')}/{place}/{elsewhere.id}"
    linked = await world.ada.run("edit", prompt="make it night", link=link)
    assert before(await linked.result(pictures=1)) == []


async def test_the_picture_before_a_spoiler_is_covered_as_well(world):
    photo = await world.ada.say("look", files=[("SPOILER_photo.jpg", jpeg(1200, 800))])
    form = await world.ada.run("Edit image", target=photo)
    result = await (await world.ada.fill(form, change="make it night")).result(pictures=1)
    (thumbnail,) = [one for one in walk(result.data["components"]) if one["type"] == THUMBNAIL]
    assert (thumbnail["spoiler"], thumbnail["description"]) == (True, "Before")


async def test_where_discord_refuses_it_the_result_comes_without(world):
    first = await world.ada.imagine_to_end(**FOX)
    form = await world.ada.pressed(first, "Edit")
    await world.discord_fault("/webhooks/*", method="PATCH", status=400, code=50035, times=1)
    result = await (await world.ada.fill(form, change="make it night")).result(pictures=1)
    assert before(result) == []
    assert result.items


# --- one picture of a result ------------------------------------------------------------------------------------------


async def test_a_pictures_card_links_to_its_whole_file(world):
    result = await world.ada.imagine_to_end(**FOX, images=3)
    chosen = await world.ben.choose(result, "1")
    (link,) = [one["url"] for one in walk(chosen.data["components"]) if one.get("style") == LINK]
    assert await world.download(link) == await world.download(result.pictures[1])
    assert chosen.alt_texts == ["2 of 3: a red fox in snow"]


async def test_what_was_shrunk_for_the_channel_is_linked_at_the_service(world):
    await world.set_upload_limit(30_000)
    result = await world.ada.imagine_to_end(**FOX | {"size": "2K"})
    more = await (await world.ada.pressed(result, "More")).answer()
    (link,) = [one["url"] for one in walk(more.data["components"]) if one.get("style") == LINK]
    assert len(await world.download(link)) > 30_000


# --- times, and defaults that stick -----------------------------------------------------------------------------------


@pytest.mark.parametrize("images", [1, 4])
async def test_a_placeholder_says_how_long_its_like_took_lately(world, images):
    first = await world.ada.imagine_to_end(**FOX, images=images)
    assert "usually" not in (await first.stages())[0].text
    second = await world.ada.imagine_to_end(**FOX, images=images)
    assert " · usually about 1 s" in (await second.stages())[0].text
    other = await world.ada.imagine_to_end(**FOX, images=2)
    assert "usually" not in (await other.stages())[0].text


async def test_a_choice_that_sticks_is_said_and_changed_with_one_press(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow", ratio="21:9")
    assert "Your default" not in first.text
    second = await world.ada.imagine_to_end(prompt="a red fox in snow")
    assert "Your default: 21:9" in second.text
    opened = await (await world.ada.pressed(second, "Change")).answer()
    assert opened.ephemeral
    selects = [one for one in walk(opened.data["components"]) if one["type"] == SELECT]
    chosen = [option["label"] for one in selects for option in one["options"] if option.get("default")]
    assert chosen == ["Model: no default of your own", "Size: no default of your own", "Aspect ratio: 21:9"]
    body = {"user": "ada", "message": opened.id, "button": selects[2]["custom_id"], "values": ["-"], "wait": True}
    await world.post("/control/press", body)
    third = await world.ada.imagine_to_end(prompt="a red fox in snow")
    assert "Your default" not in third.text
    assert await third.sizes() == [(2048, 2048)]


async def test_who_presses_change_sees_their_own_defaults(world):
    await world.ada.imagine_to_end(prompt="a red fox in snow", ratio="21:9")
    second = await world.ada.imagine_to_end(prompt="a red fox in snow")
    opened = await (await world.ben.pressed(second, "Change")).answer()
    assert "21:9" not in [
        o["label"] for c in walk(opened.data["components"]) for o in c.get("options", []) if o["default"]
    ]
