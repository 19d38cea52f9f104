"""A picture of more layers than one message of Discord holds."""

from __future__ import annotations

import io
import json
from zipfile import ZipFile

import pytest

from tests.support.pictures import jpeg

PHOTO = ("photo.jpg", jpeg(1200, 800))


@pytest.fixture
async def photo(world):
    await world.set_api(layers=17)
    return await world.ada.say("look", files=[PHOTO])


def names(message) -> list[str]:
    return [one["filename"] for one in message.data["files"]]


async def test_nine_layers_and_the_zip_come_first_and_the_rest_with_the_buttons(world, photo):
    asked = await world.ben.run("Layers", target=photo)
    second = await asked.result(pictures=8)
    placeholder = await asked.answer()
    first = next(one for one in await world.ben.messages() if one.id == placeholder.id)
    assert len(first.pictures) == 9
    assert [text.partition(":")[0] for text in first.alt_texts + second.alt_texts] == [
        f"Layer {n} of 17" for n in range(1, 18)
    ]
    assert names(first)[9:] == ["seedream-layers.zip"]
    assert len(names(second)) == 8
    assert first.labels == []
    content = await world.download(first.data["files"][9]["url"])
    with ZipFile(io.BytesIO(content)) as archive:
        told = json.loads(archive.read("layers.json"))
        assert [one["file"] for one in told["layers"]] == archive.namelist()[:-1] == names(first)[:9] + names(second)
    chosen = await world.ben.choose(second, "12")
    assert chosen.text.strip("*\n").startswith("Layer 13 of 17")


async def test_all_of_them_are_private_where_the_first_is(world, photo):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow", private=True)
    second = await (await world.ada.pressed(result, "Layers")).result(pictures=8)
    assert second.ephemeral
    assert [one.id for one in await world.ben.messages()] == [photo.id]


async def test_they_cost_what_was_made(world, photo):
    second = await (await world.ben.run("Layers", target=photo)).result(pictures=8)
    assert "17 credits" in (await world.ben.press(second, "Details")).text
