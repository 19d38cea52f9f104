"""Wherever a picture sits, every way of saying "change this" sends that picture, right way up."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageOps

from tests.support.pictures import jpeg, turned_jpeg

PHOTO = ("photo.jpg", jpeg(1200, 800))
V2 = 1 << 15


def a_thumbnail(url: str) -> dict:
    section = {
        "type": 9, "components": [{"type": 10, "content": "look"}], "accessory": {"type": 11, "media": {"url": url}},
    }  # fmt: skip
    return {"components": [{"type": 17, "components": [section]}], "flags": V2}


SHOWN = {
    "an embed's image": lambda url: {"embeds": [{"image": {"url": url}}]},
    "an embed's thumbnail": lambda url: {"embeds": [{"thumbnail": {"url": url}}]},
    "a gallery": lambda url: {"components": [{"type": 12, "items": [{"media": {"url": url}}]}], "flags": V2},
    "a thumbnail": a_thumbnail,
}


async def edited_every_way(world, message) -> None:
    """By a reply, by the message's menu, and by /edit with its link."""
    bot = world.user_ids["SeeDream"]
    said = await world.ben.say(f"<@{bot}> make it night", to=message)
    by_reply = await world.ben.result_of(said)
    opened = await world.ben.run("Edit image", target=message)
    by_menu = await (await world.ben.fill(opened, change="make it night")).result(pictures=1)
    link = f"https://discord.com/channels/{message.data.get('guild_id', 1)}/{message.data['channel_id']}/{message.id}"
    by_link = await (await world.ben.run("edit", prompt="make it night", link=link)).result(pictures=1)
    for result in (by_reply, by_menu, by_link):
        assert f"/{message.id})" in result.text
    assert len({entry["prompt"] for entry in await world.requests()}) == 1


@pytest.mark.parametrize("kind", SHOWN)
async def test_a_picture_that_a_message_shows_is_edited_every_way(world, kind):
    photo = await world.ada.say("look", files=[PHOTO])
    message = await world.post_as_bot("general", **SHOWN[kind](photo.data["attachments"][0]["url"]))
    await edited_every_way(world, message)
    assert await world.references() == [PHOTO[1]] * 3


@pytest.mark.parametrize("forwarded", [False, True], ids=["a member's", "forwarded"])
async def test_with_the_intent_a_members_picture_is_edited_every_way(world, forwarded):
    await world.discord_setting(message_content=True)
    await world.restart_bot()
    message = await world.ada.say("look", files=[PHOTO])
    await edited_every_way(world, await world.ada.forward(message) if forwarded else message)
    assert await world.references() == [PHOTO[1]] * 3


async def test_without_the_intent_a_forwarded_picture_is_out_of_sight_too_and_the_answer_says_what_to_do(world):
    forwarded = await world.ada.forward(await world.ada.say("look", files=[PHOTO]))
    said = await world.ben.say(f"<@{world.user_ids['SeeDream']}> make it night", to=forwarded)
    assert "Edit image" in (await world.ben.answer_to(said)).text
    assert await world.requests() == []


async def test_a_photo_taken_on_its_side_reaches_the_api_upright_and_its_shape_is_followed(world):
    photo = await world.ada.say("look", files=[("photo.jpg", turned_jpeg())])
    opened = await world.ben.run("Edit image", target=photo)
    result = await (await world.ben.fill(opened, change="make it night")).result(pictures=1)
    (sent,) = map(Image.open, map(io.BytesIO, await world.references()))
    seen = ImageOps.exif_transpose(Image.open(io.BytesIO(turned_jpeg())))
    assert sent.size == seen.size == (300, 400)
    for corner in ((5, 5), (295, 395)):
        assert sent.getpixel(corner)[0] == pytest.approx(seen.getpixel(corner)[0], abs=6)
    assert await result.sizes() == [(1728, 2304)]


async def test_half_a_heic_photo_is_refused_kindly_and_costs_nothing(world):
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    end = await world.ada.result_of(await world.ada.say("put it there", to=first, files=[("IMG_1.heic", heic)]))
    assert "a HEIC picture that is cut off. Use the whole file" in end.text.replace("\\", "")
    assert "Nothing was charged" in end.text
    assert len(await world.requests()) == 1


async def test_as_links_the_pictures_reach_the_api_too(world):
    world.settings["IMAGE_INPUT"] = "url"
    await world.restart_bot()
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.ada.result_of(await world.ada.say("make it night", to=first, files=[PHOTO]))
    assert await world.references() == [await world.download(first.pictures[0]), PHOTO[1]]
    assert {one["kind"] for one in (await world.requests())[-1]["references"]} == {"url"}


@pytest.mark.parametrize("image_input", ["base64", "url"])
async def test_a_link_that_has_died_in_a_message_is_asked_for_anew(world, image_input):
    world.settings["IMAGE_INPUT"] = image_input
    await world.discord_setting(message_content=True, link_life=0)
    await world.restart_bot()
    photo = await world.ada.say("look", files=[PHOTO])
    opened = await world.ben.run("Edit image", target=photo)
    await world.discord_setting(link_life=3600)
    await (await world.ben.fill(opened, change="make it night")).result(pictures=1)
    assert await world.references() == [PHOTO[1]]


async def test_a_link_that_has_died_and_whose_message_is_gone_is_told_in_words(world):
    await world.discord_setting(link_life=0)
    photo = await world.ada.say("look", files=[PHOTO])
    opened = await world.ben.run("Edit image", target=photo)
    await world.delete_message(photo.id)
    end = await (await world.ben.fill(opened, change="make it night")).result(pictures=0)
    assert "no longer on Discord" in end.text
    assert "Nothing was charged" in end.text
    assert await world.requests() == []


async def test_of_a_linked_message_with_several_pictures_the_words_choose(world):
    first = await (await world.ada.imagine(prompt="three foxes", images=3)).result(pictures=3)
    link = f"https://discord.com/channels/1/{first.data['channel_id']}/{first.id}"
    usual = await (await world.ada.run("edit", prompt="make it night", link=link)).result(text="make it night")
    assert "Picture 1 of 3" in usual.text
    named = await (await world.ada.run("edit", prompt="#3 make it day", link=link)).result(text="make it day")
    assert "\\#3 of 3 pictures" in named.text or "#3 of 3 pictures" in named.text
    pictures = [await world.download(url) for url in first.pictures]
    assert await world.references() == [pictures[0], pictures[2]]


async def test_the_rule_of_fifteen_holds_for_references_and_outputs_together(world):
    files = {f"reference{number or ''}": ("a.png", jpeg(100, 100)) for number in (0, 2, 3, 4)}
    refusal = await (await world.ada.imagine(prompt="foxes", images=12, files=files)).answer()
    assert refusal.ephemeral
    assert "at most 15 together" in refusal.text
    assert "Make 11 or fewer" in refusal.text
    assert await world.requests() == []


async def test_more_pictures_than_any_model_takes_are_refused_in_one_answer(world):
    asked = await world.ada.imagine(prompt="ten foxes", model="doubao-seedream-4.0", size="1K", images=10)
    first = await asked.result(pictures=10)
    files = [(f"{number}.jpg", jpeg(100 + number, 100)) for number in range(5)]
    answer = await world.ada.answer_to(await world.ada.say("all: in one frame", to=first, files=files))
    assert "at most 14 reference images" in answer.text
    assert len(await world.requests()) == 1
