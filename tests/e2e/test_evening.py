"""An evening with the bot, from its first picture to the last press, with two restarts in between."""

from __future__ import annotations

from tests.support.pictures import jpeg

PHOTO = ("photo.jpg", jpeg(1200, 800))


def names(result, parent, how: str) -> bool:
    return f"{how} [this](" in result.text and f"/{parent.data['channel_id']}/{parent.id})" in result.text


async def test_a_picture_is_made_edited_varied_cancelled_and_deleted_while_the_bot_is_restarted(world):
    ada, ben = world.ada, world.ben
    fox = await ada.imagine_to_end(prompt="a red fox in snow")
    night = await ada.result_of(await ada.say("make it night", to=fox))

    world.settings |= {"MAX_IN_FLIGHT": "1", "GRACE": "0", "SEEDREAM_PROVIDER": "acedata"}
    await world.restart_bot()
    opened = await ben.run("Edit image", target=night)
    placed = await (await ben.fill(opened, files=[PHOTO], change="put it in this place")).result(pictures=1)
    variation = await (await ada.pressed(placed, "Vary")).result(pictures=1)

    # One at a time is made, and this one's task goes on while the bot is away: who waits, waits.
    await world.set_api(delay=4)
    looked_up = len(await world.lookups())
    slow = await ada.imagine(prompt="slow and fine", model="doubao-seedream-5.0-pro", size="1K")
    await world.until(world.lookups, lambda now: len(now) > looked_up)
    waiting = await (await ben.imagine(prompt="never made")).answer()
    assert "1 ahead" in waiting.text
    await world.restart_bot()
    await ben.press(waiting, "Cancel", answer=False)
    cancelled = await ben.wait_for_message(id=waiting.id, text="Cancelled")
    await slow.result(pictures=1, text="slow and fine")

    await ben.deletes(placed)
    await world.is_gone(placed)

    assert "Nothing was charged" in cancelled.text
    assert names(night, fox, "An edit of")
    assert names(placed, night, "An edit of")
    assert names(variation, placed, "A variation of")
    prompts = ["a red fox in snow", "make it night", "put it in this place", "put it in this place", "slow and fine"]
    requests = await world.requests()
    assert [entry["prompt"] for entry in requests] == prompts
    assert [entry["billed"] for entry in requests] == [1] * 5
    pictures = [await world.download(one.pictures[0]) for one in (fox, night, placed)]
    assert await world.references() == [pictures[0], pictures[1], PHOTO[1], pictures[2]]
