"""Files that Discord can't describe are known by their content, however they are given."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.support.corpus import SAMPLES
from tests.support.pictures import jpeg, png

FILM = b"\0\0\0\x18ftypmp42" + bytes(500)
WORDS = b"only words, " * 20


def sample(name: str) -> bytes:
    return next(sample.content for sample in SAMPLES if sample.name == name)


# Discord tells the type by the name, and only the sides of what it shows.
PICTURES = {
    "photo": jpeg(600, 400),
    "photo.bin": png(600, 400),
    "notes.txt": png(600, 400),
    "scan.pdf": jpeg(600, 400),
    "film.mp4": jpeg(600, 400),
    "IMG_1.HEIC": sample("IMG_turned_6.HEIC"),
    "photo.svg": png(600, 400),
}
OTHERS = {
    "film.mp4": (FILM, "“film.mp4” is a video. Take a screenshot of the moment you want, and use that."),
    "film": (FILM, "“film” is a video."),
    "photo.png": (WORDS, "“photo.png” is a text file."),
    "notes.txt": (WORDS, "“notes.txt” is a text file."),
    "page.html": (b"<!doctype html><title>x</title>", "“page.html” is a web page."),
    "drawing.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "“drawing.svg” is an SVG drawing."),
    "IMG_0001.DNG": (sample("IMG_0001.DNG"), "“IMG_0001.DNG” is a camera raw file (DNG). Export it as a JPEG"),
    "empty.png": (b"", "“empty.png” is an empty file."),
}


async def reading(world):
    """Let the bot read members' messages; return words that ask it for an edit."""
    await world.discord_setting(message_content=True)
    await world.restart_bot()
    return f"<@{world.user_ids['SeeDream']}> make it night"


async def by_option(world, name, content):
    return await world.ada.run("edit", prompt="make it night", files={"image": (name, content)})


async def by_reference(world, name, content):
    return await world.ada.run("imagine", prompt="make it night", files={"reference": (name, content)})


async def by_blend(world, name, content):
    files = {"image": ("a.jpg", jpeg(300, 300)), "image2": (name, content)}
    return await world.ada.run("blend", files=files)


async def by_form(world, name, content):
    photo = await world.ada.say("look", files=[("a.jpg", jpeg(300, 300))])
    opened = await world.ada.run("Edit image", target=photo)
    return await world.ada.fill(opened, files=[(name, content)], change="make it night")


async def by_menu(world, name, content):
    message = await world.ada.say("look", files=[(name, content)])
    opened = await world.ben.run("Edit image", target=message)
    return opened if opened.given.get("message") else await world.ben.fill(opened, change="make it night")


async def by_extraction(world, name, content):
    return await world.ben.run("Cut out", target=await world.ada.say("look", files=[(name, content)]))


async def by_link(world, name, content):
    message = await world.ada.say("look", files=[(name, content)])
    link = f"https://discord.com/channels/{await world.guild_of('general')}/{message.data['channel_id']}/{message.id}"
    return await world.ben.run("edit", prompt="make it night", link=link)


WAYS = {
    "an option": by_option,
    "a reference": by_reference,
    "a blend": by_blend,
    "a form": by_form,
    "the menu": by_menu,
    "an extraction": by_extraction,
    "a link": by_link,
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_picture_is_taken_whatever_discord_calls_it(world, way):
    await reading(world)
    for name, content in PICTURES.items():
        before = len(await world.requests())
        given = await WAYS[way](world, name, content)
        await given.result(pictures=1)
        assert len(await world.requests()) == before + 1, name


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_no_picture_is_refused_at_once_by_its_real_kind(world, way):
    await reading(world)
    for name, (content, expected) in OTHERS.items():
        refusal = await (await WAYS[way](world, name, content)).answer()
        assert refusal.ephemeral, name
        assert expected in refusal.text.replace("\\", "")
    assert await world.requests() == []


async def test_a_reply_takes_a_picture_whatever_discord_calls_it(world):
    words = await reading(world)
    for name, content in PICTURES.items():
        said = await world.ben.say(words, to=await world.ada.say("look", files=[(name, content)]))
        await world.ben.result_of(said)
    assert len(await world.requests()) == len(PICTURES)


@pytest.mark.parametrize("name", ["film", "photo.png"])
async def test_a_reply_to_another_file_is_told_what_it_is(world, name):
    content, expected = OTHERS[name]
    words = await reading(world)
    said = await world.ben.say(words, to=await world.ada.say("look", files=[(name, content)]))
    assert expected in (await world.ben.answer_to(said)).text
    assert await world.requests() == []


async def test_a_file_in_a_reply_to_a_result_is_a_further_reference_or_named(world):
    first = await world.ada.imagine_to_end(prompt="a fox")
    said = await world.ada.say("put it there", to=first, files=[("photo", PICTURES["photo"])])
    await world.ada.result_of(said)
    assert len((await world.requests())[-1]["references"]) == 2
    said = await world.ada.say("put it there", to=first, files=[("film", FILM)])
    assert "“film” is a video" in (await world.ada.answer_to(said)).text
    assert len(await world.requests()) == 2


async def test_the_words_of_a_long_message_are_no_picture(world):
    photo = await world.ada.say("look", files=[("photo", PICTURES["photo"])])
    words = await reading(world)
    said = await world.ada.say(words, to=photo, files=[("message.txt", b"with lanterns everywhere")])
    await world.ada.result_of(said)
    (request,) = await world.requests()
    assert len(request["references"]) == 1
    assert "with lanterns everywhere" in request["prompt"]


@pytest.mark.parametrize(("name", "upright"), [("IMG_turned_6.HEIC", True), ("still.avif", None), ("scan.tif", False)])
async def test_the_shape_follows_pictures_whose_sides_discord_does_not_say(world, name, upright):
    file = io.BytesIO()
    Image.new("RGB", (900, 300), "red").save(file, "TIFF")
    content = file.getvalue() if name == "scan.tif" else sample(name)
    result = await (await by_option(world, name.replace(".avif", ".bin"), content)).result(pictures=1)
    ((width, height),) = await result.sizes()
    assert upright is None or (height > width) is upright
