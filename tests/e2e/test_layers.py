"""Cutting out and taking apart: the real bot, over real sockets."""

from __future__ import annotations

import io
import json
from zipfile import ZipFile

import pytest
from PIL import Image
from sqlalchemy import select

from infra.db.tables import JOBS
from studio.jobs.editing import CUT_OUT_WORDS
from tests.e2e.admins import set_limit
from tests.e2e.conftest import a_world
from tests.support.bots import BotProcess
from tests.support.pictures import jpeg, png
from tests.support.settings import Screen

PHOTO = ("photo.jpg", jpeg(1200, 800))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def archives(message) -> list[dict]:
    return [one for one in message.data["files"] if one["filename"].endswith(".zip")]


async def unpacked(message) -> dict[str, bytes]:
    """What is in the ZIP of a message."""
    (file,) = archives(message)
    with ZipFile(io.BytesIO(await message.world.download(file["url"]))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def is_in_layers(message) -> None:
    """One message with the layers in their order, and a ZIP that says the same."""
    count = len(message.pictures)
    assert count > 1
    assert [text.partition(":")[0] for text in message.alt_texts] == [
        f"Layer {n} of {count}" for n in range(1, count + 1)
    ]
    files = await unpacked(message)
    told = json.loads(files.pop("layers.json"))
    assert [one["order"] for one in told["layers"]] == list(range(1, count + 1))
    assert [one["z_index"] for one in told["layers"]] == sorted(one["z_index"] for one in told["layers"])
    assert [one["file"] for one in told["layers"]] == list(files)
    shown = [await message.world.download(url) for url in message.pictures]
    assert list(files.values()) == shown
    assert opened(shown[0]).size == (told["canvas"]["width"], told["canvas"]["height"])
    assert {opened(data).format for data in shown} == {"PNG"}
    for one in told["layers"]:
        assert one["name"].lower() in message.text.lower()


# --- a result -------------------------------------------------------------------------------------------------------


async def test_a_result_is_taken_apart_in_one_message_by_who_presses(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    result = await (await world.ben.pressed(first, "Layers")).result()
    await is_in_layers(result)
    assert f"Layers of [this](https://discord.com/channels/{await world.guild_of('general')}/" in result.text
    assert f"/{first.id})" in result.text
    assert f"<@{world.ben.id}>" in result.text
    (reference,) = (await world.references())[-1:]
    assert opened(reference).format in {"PNG", "JPEG"}
    request = (await world.requests())[-1]
    assert (request["parameters"]["layer_decomposition"], request["parameters"]["size"]) == (True, "auto")
    details = await world.ben.press(result, "Details")
    assert f"**Layers:** {len(result.pictures)}" in details.text
    assert f"{len(result.pictures)} credits" in details.text
    assert "layers.json" in [one["filename"] for one in details.data["files"]]


async def test_layers_take_two_discord_calls(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    more = await (await world.ada.pressed(first, "More")).answer()
    before = len(await world.discord_calls())
    await (await world.ada.pressed(more, "Layers")).result()
    assert [call["method"] for call in (await world.discord_calls())[before:]] == ["POST", "PATCH"]


async def test_a_result_is_cut_out_from_a_png_with_an_alpha_channel_and_stays_transparent(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow", ratio="16:9")
    result = await (await world.ben.pressed(first, "Cut out")).result(pictures=1)
    sent = opened((await world.references())[-1])
    assert (sent.format, sent.mode, sent.size) == ("PNG", "RGBA", (2848, 1600))
    request = (await world.requests())[-1]
    assert (request["prompt"], request["parameters"]["background"]) == (CUT_OUT_WORDS, "transparent")
    got = opened(await world.download(result.pictures[0]))
    assert (got.format, got.mode) == ("PNG", "RGBA")
    assert result.alt_texts == ["The subject of a picture, cut out on a transparent background"]
    assert "Cut out of [this](" in result.text
    assert result.labels == ["Details", "Reroll", "Edit", "More", "Delete"]


async def test_one_picture_of_a_set_is_cut_out_by_its_select(world):
    first = await (await world.ada.imagine(prompt="three foxes", images=3)).result(pictures=3)
    chosen = await world.ada.choose(first, "1")
    assert {"Cut out", "Layers · up to 17 credits"} <= set(chosen.labels)
    await (await world.ada.pressed(chosen, "Cut out")).result(pictures=1)
    second = opened(await world.download(first.pictures[1])).convert("RGBA")
    assert opened((await world.references())[-1]).tobytes() == second.tobytes()


async def test_a_layer_is_edited_like_any_picture(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    result = await (await world.ada.pressed(first, "Layers")).result()
    chosen = await world.ada.choose(result, "1")
    assert chosen.text.strip("*\n").startswith("Layer 2 of ")
    assert chosen.labels == ["Edit", "Full size"]
    form = await world.ada.pressed(chosen, "Edit")
    await (await world.ada.fill(form, change="make it blue")).result(pictures=1)
    assert (await world.references())[-1] == await world.download(result.pictures[1])


# --- a message's menu -----------------------------------------------------------------------------------------------


async def test_a_photo_of_a_member_is_taken_apart_by_its_menu(world):
    photo = await world.ada.say("look", files=[PHOTO])
    result = await (await world.ben.run("Layers", target=photo)).result()
    await is_in_layers(result)
    assert f"/{photo.id})" in result.text
    assert (await world.references())[-1] == PHOTO[1]


async def test_a_photo_of_a_member_is_cut_out_at_its_own_size(world):
    photo = await world.ada.say("look", files=[PHOTO])
    result = await (await world.ben.run("Cut out", target=photo)).result(pictures=1)
    assert await result.sizes() == [(1200, 800)]
    sent = opened((await world.references())[-1])
    assert (sent.format, sent.mode, sent.size) == ("PNG", "RGBA", (1200, 800))


async def test_of_several_pictures_the_menu_asks_which_one(world):
    photos = await world.ada.say("look", files=[PHOTO, ("b.png", png(900, 900)), ("c.png", png(800, 900))])
    form = await world.ben.run("Layers", target=photos)
    await (await world.ben.fill(form, which=["2"])).result()
    assert (await world.references())[-1] == png(900, 900)


@pytest.mark.parametrize("entry", ["Cut out", "Layers"])
async def test_a_message_without_a_picture_is_refused_in_words(world, entry):
    words = await world.ada.say("no picture here")
    refusal = await (await world.ben.run(entry, target=words)).answer()
    assert refusal.ephemeral
    assert "no picture in that message" in refusal.text
    assert await world.requests() == []


async def test_a_picture_that_is_too_small_to_be_taken_apart_costs_nothing(world):
    small = await world.ada.say("look", files=[("small.png", png(500, 500))])
    refusal = await (await world.ben.run("Layers", target=small)).answer()
    assert "too small to split into layers. Choose one of at least 512 × 512 pixels." in refusal.text
    assert await world.requests() == []


# --- who may, and where ---------------------------------------------------------------------------------------------


async def test_where_the_server_does_not_allow_a_model_that_can_it_is_said_which_one_it_takes(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await (await Screen.opened(world.ada)).sets("models", "doubao-seedream-5.0-lite")
    models = "SeeDream 5.0 pro or SeeDream 5.0 flash"
    for button, verb in (("Cut out", "Cutting out"), ("Layers", "Splitting into layers")):
        refusal = await world.ben.press(first, button)
        assert refusal.ephemeral
        assert f"{verb} needs {models}, which this server doesn't allow. Ask an admin" in refusal.text
    assert len(await world.requests()) == 1


async def test_layers_that_the_quota_has_no_room_for_are_refused_and_a_cut_out_is_not(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await set_limit(world.ada, limit="day", amount="10", all="everyone")
    refusal = await world.ben.press(first, "Layers")
    assert refusal.ephemeral
    assert "17" in refusal.text
    assert refusal.labels == []
    await (await world.ben.pressed(first, "Cut out")).result(pictures=1)
    assert len(await world.requests()) == 2


async def test_what_comes_of_a_private_result_is_private(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow", private=True)
    for button in ("Layers", "Cut out"):
        result = await (await world.ada.pressed(first, button)).result()
        assert result.ephemeral
        assert result.pictures
    assert await world.ben.messages() == []


async def test_both_work_in_direct_messages(world):
    first = await world.ada_in_dm.imagine_to_end(prompt="a red fox in snow")
    await is_in_layers(await (await world.ada_in_dm.pressed(first, "Layers")).result())
    await (await world.ada_in_dm.pressed(first, "Cut out")).result(pictures=1)


# --- what goes wrong ------------------------------------------------------------------------------------------------


async def test_where_the_upload_limit_is_too_small_there_is_no_zip_and_pictures_stay_transparent(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.set_upload_limit(200_000)
    result = await (await world.ada.pressed(first, "Layers")).result()
    assert archives(result) == []
    assert "The ZIP file of the layers exceeds this channel's upload limit" in result.text
    assert max(result.file_sizes) <= 200_000
    assert opened(await world.download(result.pictures[-1])).mode == "RGBA"


async def test_where_discord_takes_less_than_it_says_the_zip_is_left_out(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.set_api(delay=0.3)
    asked = await world.ada.pressed(first, "Layers")
    await world.set_upload_limit(700_000)
    result = await asked.result()
    assert archives(result) == []
    assert "The ZIP file of the layers couldn't be attached here" in result.text


async def test_a_deleted_placeholder_is_followed_by_a_new_message_with_everything(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.set_api(delay=0.3)
    asked = await world.ada.pressed(first, "Layers")
    await world.delete_message((await asked.answer()).id)
    await is_in_layers(await asked.result())


async def test_layers_that_were_not_delivered_when_the_bot_was_killed_come_with_their_zip(tmp_path):
    async with a_world(tmp_path, BotProcess(tmp_path / "bot.log")) as world:
        photo = await world.ada.say("look", files=[PHOTO])
        await world.discord_fault("/webhooks/*", method="PATCH", status=503, times=100)
        asked = await world.ben.run("Layers", target=photo)
        await world.rows_are(select(JOBS.c.id).where(JOBS.c.state == "done"))
        await world.kill_bot()
        await world.clear_discord_faults()
        for file in world.spool.iterdir():
            file.unlink()
        await world.start_bot()
        await is_in_layers(await asked.result())
        assert len(await world.requests()) == 1


async def test_buttons_of_layers_work_after_a_restart(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    result = await (await world.ada.pressed(first, "Layers")).result()
    await world.restart_bot()
    again = await (await world.ada.pressed(result, "Reroll")).result()
    await is_in_layers(again)
