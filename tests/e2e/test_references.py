"""Pictures that Discord has deleted: the member is told privately and at no cost, and can attach them again."""

from __future__ import annotations

import pytest

from tests.support.pictures import jpeg

PHOTO, OTHER, THIRD = (("photo.jpg", jpeg(600, 400)), ("other.jpg", jpeg(300, 300)), ("third.jpg", jpeg(400, 600)))
GONE = "A picture that this needs is no longer on Discord. Attach the missing pictures again. Nothing was charged."


def lose(world, name: str) -> None:
    """Discord deletes the files of this name."""
    files = world._discord.state.files
    for path in [one for one in files if one.endswith(f"/{name}")]:
        del files[path]


async def refused(member, message, button: str, told: str = GONE):
    """The private answer to a press; nothing else was posted, and the service was not asked."""
    message = await member.holding(message, button)
    seen, requests = len(await member.messages()), len(await member.world.requests())
    answer = await (await member.pressed(message, button)).answer()
    assert (answer.ephemeral, answer.text) == (True, told)
    assert len(await member.world.requests()) == requests
    assert len(await member.messages()) == seen + 1
    return answer


def form(opened) -> dict:
    """The fields of the modal by their labels."""
    return {one["label"]: one["component"] for one in opened.given["answer"]["data"]["components"]}


@pytest.mark.parametrize("restarted", [False, True], ids=["at once", "after a restart"])
async def test_a_reroll_whose_picture_is_gone_takes_another_one_and_is_else_what_it_was(world, restarted):
    asked = await world.ada.imagine(prompt="a fox", size="2K", ratio="16:9", images=2, files={"reference": PHOTO})
    result = await asked.result(pictures=2)
    lose(world, "photo.jpg")
    answer = await refused(world.ben, result, "Reroll")
    if restarted:
        await world.restart_bot()
    opened = await world.ben.pressed(answer, "Attach again")
    fields = form(opened)
    assert fields["Prompt"]["value"] == "a fox"
    assert (fields["Pictures"]["min_values"], fields["Pictures"]["max_values"]) == (1, 10)
    again = await (await world.ben.fill(opened, files=[OTHER], prompt="two foxes")).result(pictures=2)
    assert not again.ephemeral
    assert await again.sizes() == await result.sizes()
    assert [one["prompt"] for one in await world.requests()] == ["a fox", "two foxes"]
    assert await world.references() == [PHOTO[1], OTHER[1]]


async def test_a_file_that_goes_before_its_link_dies_is_missed_at_the_press(world):
    result = await (await world.ada.run("edit", prompt="make it night", files={"image": PHOTO})).result(pictures=1)
    await world.discord_setting(ephemeral_life=0.001)
    await refused(world.ben, result, "Reroll")


async def test_a_retry_keeps_the_pictures_that_are_there_and_takes_the_others_in_their_places(world):
    await world.api_fault("error", status=403, code="content_policy", message="Not this.")
    failed = await (await world.ada.run("blend", files={"image": PHOTO, "image2": OTHER})).result(pictures=0)
    lose(world, "photo.jpg")
    answer = await refused(world.ada, failed, "Retry")
    opened = await world.ada.pressed(answer, "Attach again")
    await (await world.ada.fill(opened, files=[THIRD])).result(pictures=1)
    assert (await world.references())[-2:] == [THIRD[1], OTHER[1]]


async def test_too_few_files_are_asked_for_again_and_the_words_given_back(world):
    blended = await (await world.ada.run("blend", files={"image": PHOTO, "image2": OTHER})).result(pictures=1)
    lose(world, "photo.jpg")
    opened = await world.ada.pressed(await refused(world.ada, blended, "Reroll"), "Attach again")
    lose(world, "other.jpg")
    answer = await (await world.ada.fill(opened, files=[THIRD], prompt="as one")).answer()
    assert answer.text.startswith(GONE)
    assert "as one" in answer.text
    assert answer.labels == ["Attach again"]


async def test_a_covered_picture_in_place_of_one_that_is_gone_gives_a_covered_result(world):
    made = await (await world.ada.imagine(prompt="a fox", files={"reference": PHOTO})).result(pictures=1)
    lose(world, "photo.jpg")
    opened = await world.ada.pressed(await refused(world.ada, made, "Reroll"), "Attach again")
    covered = ("SPOILER_other.jpg", OTHER[1])
    again = await (await world.ada.fill(opened, files=[covered])).result(pictures=1)
    assert [item["spoiler"] for item in (*made.items, *again.items)] == [False, True]


@pytest.mark.parametrize("button", ["Vary", "Edit"])
async def test_a_result_whose_picture_is_gone_can_be_worked_on_from_a_members_copy(world, button):
    result = await world.ada.imagine_to_end(prompt="a fox")
    await world.spool_is_empty()  # by now it is known where the picture lies
    world._discord.state.files.clear()
    opened = await world.ben.pressed(await refused(world.ben, result, button), "Attach again")
    assert form(opened)["Prompt"]["value"] == "a fox"
    await (await world.ben.fill(opened, files=[PHOTO], prompt="make it night")).result(pictures=1)
    assert await world.references() == [PHOTO[1]]


@pytest.mark.parametrize("button", ["Upscale", "Zoom out", "Cut out", "Layers"])
async def test_what_needs_no_words_is_told_what_to_do_without_a_form(world, button):
    result = await world.ada.imagine_to_end(prompt="a fox", size="2K")
    await world.spool_is_empty()  # by now it is known where the picture lies
    card = await world.ben.press(result, "More")
    world._discord.state.files.clear()
    told = GONE.replace("Attach the missing pictures again.", "Attach your own copy with /edit.")
    assert (await refused(world.ben, card, button, told)).labels == []


async def test_a_file_in_a_reply_is_found_again_in_its_message_once_its_link_has_died(world):
    first = await world.ada.imagine_to_end(prompt="a fox")
    await world.discord_setting(link_life=0)
    said = await world.ada.say("put it there", to=first, files=[PHOTO])
    await world.discord_setting(link_life=3600)
    edited = await world.ada.result_of(said)
    await (await world.ben.pressed(edited, "Reroll")).result(pictures=1)
    assert (await world.references())[-1] == PHOTO[1]


async def test_a_picture_that_dies_while_its_job_waits_ends_in_words_at_no_cost_and_retry_asks_for_it(world):
    world.settings["MAX_IN_FLIGHT"] = "1"
    await world.restart_bot()
    await world.set_api(delay=1)
    await world.ada.imagine(prompt="the one ahead")
    await world.api_is_asked()
    asked = await world.ada.run("edit", prompt="make it night", files={"image": PHOTO})
    lose(world, "photo.jpg")
    end = await asked.result(pictures=0)
    assert "A reference picture is no longer on Discord. Press Retry to attach it again." in end.text
    assert "Nothing was charged" in end.text
    await refused(world.ada, end, "Retry")


async def test_a_picture_whose_link_dies_before_its_turn_is_read_while_it_waits(world):
    world.settings["MAX_IN_FLIGHT"] = "1"
    await world.restart_bot()
    await world.set_api(delay=2)
    await world.ada.imagine(prompt="the one ahead")
    await world.api_is_asked()
    await world.discord_setting(link_life=1)
    asked = await world.ada.run("edit", prompt="make it night", files={"image": PHOTO})
    await asked.result(pictures=1)
    assert await world.references() == [PHOTO[1]]
    await world.spool_is_empty()


async def test_a_picture_that_nobody_can_look_for_in_time_is_taken_to_be_there(world, monkeypatch):
    monkeypatch.setattr("studio.jobs.references.PATIENCE_SECONDS", 0.0)
    result = await (await world.ada.run("edit", prompt="make it night", files={"image": PHOTO})).result(pictures=1)
    await (await world.ben.pressed(result, "Reroll")).result(pictures=1)
