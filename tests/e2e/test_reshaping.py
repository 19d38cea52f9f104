"""Pictures in another shape, or from further away; shapes by their names. The real bot, over real sockets."""

from __future__ import annotations

import pytest

from tests.e2e.test_editing import PHOTO
from tests.e2e.test_quota import charged

BANNER, PORTRAIT = (3136, 1344), (1792, 2240)
SHAPES = ["Square 1:1", "Portrait 4:5", "Tall 9:16", "Landscape 3:2", "Wide 16:9", "Banner 21:9", "Zoom out"]


async def last(world):
    return (await world.requests())[-1]


# --- reframing --------------------------------------------------------------------------------------------------------


async def test_reframe_offers_other_shapes_privately_and_makes_the_chosen_one(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    choice = await world.ada.press(first, "Reframe")
    assert choice.ephemeral
    assert choice.labels == SHAPES[1:]
    assert "SeeDream 5.0 lite · 1 credit" in choice.text
    result = await (await world.ada.pressed(choice, "Banner 21:9")).result(pictures=1)
    assert await result.sizes() == [BANNER]
    request = await last(world)
    assert request["parameters"]["size"] == "3136x1344"
    assert request["prompt"].startswith("Extend the picture naturally beyond its edges to fill a 21:9 frame.")
    assert await world.references() == [await world.download(first.pictures[0])]
    assert "**a red fox in snow**" in result.text
    assert "Reframed from [this]" in result.text
    assert f"/{first.id})" in result.text
    assert "Extend" not in result.text
    assert not result.ephemeral
    assert await charged(world) == 2


async def test_a_portrait_is_made_in_pixels(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow", ratio="Banner")
    assert await first.sizes() == [BANNER]
    choice = await world.ada.press(first, "Reframe")
    result = await (await world.ada.pressed(choice, "Portrait 4:5")).result(pictures=1)
    assert await result.sizes() == [PORTRAIT]
    assert "Portrait 4:5" not in (await world.ada.press(result, "Reframe")).labels


async def test_one_picture_of_a_set_is_reframed(world):
    first = await (await world.ada.imagine(prompt="three foxes", images=3)).result(pictures=3)
    card = await world.ben.choose(first, "2")
    choice = await world.ben.press(card, "Reframe")
    result = await (await world.ben.pressed(choice, "Wide 16:9")).result(pictures=1)
    assert await result.sizes() == [(2848, 1600)]
    assert await world.references() == [await world.download(first.pictures[2])]
    zoomed = await (await world.ben.pressed(card, "Zoom out")).result(pictures=1)
    assert await zoomed.sizes() == [(2048, 2048)]


async def test_the_nearest_model_that_can_edit_is_named(guide_world):
    first = await guide_world.ada.imagine_to_end(prompt="a fox", model="doubao-seedream-3.0-t2i")
    choice = await guide_world.ada.press(first, "Reframe")
    assert "SeedEdit 3.0 i2i" in choice.text
    result = await (await guide_world.ada.pressed(choice, "Tall 9:16")).result(pictures=1)
    assert "so this uses SeedEdit 3.0 i2i." in result.text
    assert await result.sizes() == [(720, 1280)]


async def test_of_a_private_result_it_is_private(world):
    first = await world.ada.imagine_to_end(prompt="a surprise", private=True)
    choice = await world.ada.press(first, "Reframe")
    result = await (await world.ada.pressed(choice, "Banner 21:9")).result(pictures=1)
    assert result.ephemeral


async def test_what_is_made_of_a_reframed_picture_has_its_members_words(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    choice = await world.ada.press(first, "Reframe")
    wide = await (await world.ada.pressed(choice, "Banner 21:9")).result(pictures=1)
    varied = await (await world.ada.pressed(wide, "Vary")).result(pictures=1)
    assert (await last(world))["prompt"] == "a red fox in snow"
    assert await varied.sizes() == [BANNER]
    larger = await (await world.ada.pressed(wide, "Upscale")).result(pictures=1)
    assert (await last(world))["prompt"] == "a red fox in snow"
    assert await larger.sizes() == [(4704, 2016)]
    again = await (await world.ada.pressed(wide, "Reroll")).result(pictures=1)
    assert (await last(world))["prompt"].startswith("Extend the picture")
    assert "**a red fox in snow**" in again.text
    details = await world.ada.press(again, "Details")
    assert "```\na red fox in snow\n```" in details.text
    assert "**Instruction:** Extend the picture" in details.text
    opened = await world.ada.pressed(wide, "Edit")
    assert opened.given["answer"]["data"]["components"][0]["component"]["value"] == "a red fox in snow"


async def test_buttons_work_after_a_restart_and_a_deleted_result_says_so(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    choice = await world.ada.press(first, "Reframe")
    await world.restart_bot()
    zoomed = await (await world.ada.pressed(choice, "Zoom out")).result(pictures=1)
    assert "Zoomed out from [this]" in zoomed.text
    assert (await last(world))["prompt"].startswith("Zoom out: show the whole picture smaller")
    await world.ada.deletes(first)
    await world.is_gone(first)
    refusal = await world.ada.press(choice, "Banner 21:9")
    assert refusal.ephemeral
    assert "no longer have this result" in refusal.text


# --- shapes by their names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "files"), [("imagine", {}), ("edit", {"image": PHOTO})])
async def test_a_shape_is_chosen_and_remembered_by_its_name(world, command, files):
    assert (await world.ada.choices(command, focused="ratio", ratio="port"))[0] == {
        "name": "Portrait 4:5",
        "value": "4:5",
    }
    result = await (await world.ada.run(command, prompt="a fox", ratio="portrait", files=files)).result(pictures=1)
    assert await result.sizes() == [PORTRAIT]
    assert "Portrait 4:5" in (await (await world.ada.run("me")).answer()).text


async def test_a_shape_is_typed_by_its_name(world):
    result = await world.ada.result_of(await world.ada.say("a fox --shape banner", mention=True))
    assert await result.sizes() == [BANNER]


async def test_a_shape_is_chosen_in_the_form(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    opened = await world.ada.pressed(first, "Edit")
    result = await (await world.ada.fill(opened, change="make it night", shape=["21:9"])).result(pictures=1)
    assert await result.sizes() == [BANNER]


# --- optimizing prompts -----------------------------------------------------------------------------------------------


async def test_a_prompt_is_optimized_in_a_mode_of_the_model_and_details_say_so(world):
    modes = await world.ada.choices("imagine", focused="optimize", model="doubao-seedream-4.0")
    assert modes == [{"name": "Standard", "value": "standard"}, {"name": "Fast", "value": "fast"}]
    assert await world.ada.autocomplete("imagine", focused="optimize", model="doubao-seedream-5.0-flash") == []
    first = await world.ada.imagine_to_end(prompt="a fox", model="doubao-seedream-4.0", optimize="fast")
    assert (await last(world))["parameters"]["optimize_prompt_options"] == {"mode": "fast"}
    assert "**Optimized prompt:** Fast" in (await world.ada.press(first, "Details")).text
    await world.ada.result_of(await world.ada.say("a fox --optimize", mention=True))
    assert (await last(world))["parameters"]["optimize_prompt_options"] == {"mode": "standard"}


async def test_a_model_that_does_not_optimize_refuses_with_what_to_do(world):
    refusal = await (await world.ada.imagine(prompt="a fox", model="pro", optimize="slow")).answer()
    assert "SeeDream 5.0 pro optimizes prompts only in mode standard or fast." in refusal.text
    refusal = await (await world.ada.imagine(prompt="a fox --optimize", model="flash")).answer()
    assert "SeeDream 5.0 flash can't optimize prompts. Choose SeeDream 5.0 lite" in refusal.text
    assert await world.requests() == []
