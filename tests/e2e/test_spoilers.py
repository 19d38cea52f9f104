"""What is covered in a message stays covered in whatever is made of it."""

from __future__ import annotations

import pytest

from tests.support.pictures import jpeg

PHOTO = ("photo.jpg", jpeg(1200, 800))
COVERED = ("SPOILER_photo.jpg", PHOTO[1])
V2 = 1 << 15


async def is_covered(result) -> None:
    """So it is at every stage, with every picture."""
    assert result.items
    for stage in await result.stages():
        assert all(item["spoiler"] for item in stage.items)


async def a_gallery(world):
    photo = await world.ada.say("look", files=[PHOTO])
    item = {"media": {"url": photo.data["attachments"][0]["url"]}, "spoiler": True}
    return await world.post_as_bot("general", components=[{"type": 12, "items": [item]}], flags=V2)


async def by_option(world):
    return await (await world.ada.run("edit", prompt="make it night", files={"image": COVERED})).result()


async def by_reference(world):
    return await (await world.ada.imagine(prompt="a fox like this", files={"reference": COVERED})).result()


async def by_menu(world):
    opened = await world.ben.run("Edit image", target=await a_gallery(world))
    return await (await world.ben.fill(opened, change="make it night")).result()


async def by_modal_file(world):
    opened = await world.ben.run("Edit image", target=await world.ada.say("look", files=[PHOTO]))
    return await (await world.ben.fill(opened, files=[COVERED], change="make it night")).result()


async def by_reply(world):
    bot = world.user_ids["SeeDream"]
    return await world.ben.result_of(await world.ben.say(f"<@{bot}> make it night", to=await a_gallery(world)))


async def by_reply_with_file(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    return await world.ben.result_of(await world.ben.say("make it night", to=first, files=[COVERED]))


async def by_link(world):
    photo = await a_gallery(world)
    link = f"https://discord.com/channels/1/{photo.data['channel_id']}/{photo.id}"
    return await (await world.ben.run("edit", prompt="make it night", link=link)).result()


async def by_cutting_out(world):
    return await (await world.ben.run("Cut out", target=await a_gallery(world))).result()


WAYS = (
    by_option, by_reference, by_menu, by_modal_file, by_reply, by_reply_with_file, by_link, by_cutting_out,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_a_covered_picture_gives_a_covered_result(world, way):
    await is_covered(await way(world))


async def test_what_comes_of_a_covered_result_is_covered(world):
    files = {"reference": COVERED}
    first = await (await world.ada.imagine(prompt="a fox", size="2K", files=files)).result(pictures=1)
    for button in ("Reroll", "Vary", "Upscale", "Zoom out", "Cut out", "Layers"):
        await is_covered(await (await world.ben.pressed(first, button)).result())
    opened = await world.ben.pressed(first, "Edit")
    await is_covered(await (await world.ben.fill(opened, change="make it night")).result())
    reply = await world.ben.result_of(await world.ben.say("make it day", to=first))
    await is_covered(reply)
    await world.restart_bot()
    await is_covered(await (await world.ben.pressed(first, "Vary")).result())


async def test_a_picture_that_is_chosen_of_several_is_shown_covered(world):
    asked = await world.ada.imagine(prompt="foxes", images=3, files={"reference": COVERED})
    first = await asked.result(pictures=3)
    await is_covered(first)
    chosen = await world.ben.choose(first, "1")
    assert [item["spoiler"] for item in chosen.items] == [True]
    await is_covered(await (await world.ben.pressed(chosen, "Vary")).result())


async def test_what_everybody_sees_stays_open(world):
    first = await (await world.ada.imagine(prompt="foxes", images=2, files={"reference": PHOTO})).result(pictures=2)
    chosen = await world.ben.choose(first, "0")
    assert [item["spoiler"] for item in (*first.items, *chosen.items)] == [False] * 3


async def test_what_a_gallery_has_covered_is_covered_among_plain_attachments(world):
    await world.set_api(delay=0.05, image_interval=0.5)
    prepared = {"prompt": "foxes", "model": "doubao-seedream-4.0", "size": "1K", "images": 2}
    await world.ada.imagine(**prepared, files={"reference": COVERED})
    await world.until(world.ada.messages, lambda found: any(one.pictures for one in found))
    for route in ("/webhooks/*", "/channels/*/messages/*"):
        await world.discord_fault(route, method="PATCH", status=400, code=50035, times=None)
    await world.discord_fault("/channels/*/messages", method="POST", status=400, code=50035)
    result = await world.ada.wait_for_message(button="Details")
    names = [one["filename"] for one in result.data["attachments"]]
    assert names == ["SPOILER_foxes-1.jpeg", "SPOILER_foxes-2.jpeg"]
