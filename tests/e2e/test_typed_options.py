"""Options that members type at the end of a prompt, wherever they write one. The real bot, over real sockets."""

from __future__ import annotations

import pytest

from cogs.help.examples import EXAMPLES
from tests.e2e.test_quota import charged
from tests.support.pictures import jpeg
from tests.support.settings import Screen

PHOTO = ("photo.jpg", jpeg(1200, 800))
WIDE = (2848, 1600)
MODEL = "doubao-seedream-4.5"


async def last(world):
    return (await world.requests())[-1]


# --- pictures from words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", ["--ar 16:9", "—ar 16:9"])
async def test_a_mention_with_a_shape_makes_a_picture_of_that_shape(world, options):
    result = await world.ada.result_of(await world.ada.say(f"a fox {options}", mention=True))
    assert await result.sizes() == [WIDE]
    assert (await last(world))["prompt"] == "a fox"
    assert "a fox**" in result.text
    assert "16:9" not in result.text


async def test_imagine_takes_options_and_says_once_which_mean_nothing(world):
    prompt = "a fox --model 4.5 --n 2 --no snow, people --v 6 --stylize 100"
    result = await (await world.ada.imagine(prompt=prompt)).result(pictures=2)
    request = await last(world)
    assert request["prompt"] == "a fox. Without snow, people."
    assert "4-5" in request["model"]
    assert result.text.count("`--stylize` and `--v` aren't supported here.") == 1
    again = await world.ada.pressed(result, "Reroll")
    await again.result(pictures=2)
    assert (await last(world))["prompt"] == "a fox. Without snow, people."


async def test_fields_win_and_only_they_are_remembered(world):
    await world.ada.imagine_to_end(prompt="a fox --ar 16:9 --n 3 --model 4.5", ratio="1:1", images=1)
    assert "4-5" in (await last(world))["model"]
    result = await world.ada.imagine_to_end(prompt="a fox")
    assert "4-5" not in (await last(world))["model"]
    [(width, height)] = await result.sizes()
    assert width == height


async def test_options_in_the_middle_stay_in_the_prompt(world):
    await world.ada.imagine_to_end(prompt="a --ar 16:9 fox with a sign --v 6 of wood")
    assert (await last(world))["prompt"] == "a --ar 16:9 fox with a sign --v 6 of wood"


async def test_the_form_of_an_example_takes_options(world):
    card = await (await world.ada.run("help")).answer()
    opened = await world.ada.pressed(card, EXAMPLES["fox"].label)
    result = await (await world.ada.fill(opened, prompt="a fox --ar 16:9 --v 6")).result(pictures=1)
    assert await result.sizes() == [WIDE]
    assert "`--v` isn't supported here." in result.text


async def test_a_direct_message_takes_options(world):
    asked = await world.ada_in_dm.say("a fox --ar 16:9")
    assert await (await world.ada_in_dm.result_of(asked)).sizes() == [WIDE]


# --- pictures changed -------------------------------------------------------------------------------------------------


async def test_a_reply_takes_options(world):
    first = await world.ada.imagine_to_end(prompt="a fox", ratio="1:1")
    result = await world.ada.result_of(await world.ada.say("make it night --ar 16:9 --n 2 --tile", to=first))
    assert await result.sizes() == [WIDE, WIDE]
    assert (await last(world))["prompt"] == "make it night"
    assert "`--tile` isn't supported here." in result.text


async def test_the_edit_form_takes_options_and_what_is_chosen_in_it_wins(world):
    first = await world.ada.imagine_to_end(prompt="a fox", ratio="1:1")
    opened = await world.ada.pressed(first, "Edit")
    words = "make it night --model 5 lite --size 4K --ar 16:9"
    result = await (await world.ada.fill(opened, change=words, model=[MODEL])).result(pictures=1)
    request = await last(world)
    assert request["prompt"] == "make it night"
    assert "4-5" in request["model"]
    assert await result.sizes() == [(5504, 3040)]


async def test_edit_and_blend_take_options(world):
    edit = await world.ada.run("edit", prompt="make it night —ar 16:9", files={"image": PHOTO})
    assert await (await edit.result(pictures=1)).sizes() == [WIDE]
    files = {"image": PHOTO, "image2": PHOTO}
    blend = await world.ada.run("blend", prompt="side by side --ar 1:1", files=files)
    assert await (await blend.result(pictures=1)).sizes() == [(2048, 2048)]
    assert (await last(world))["prompt"] == "side by side"


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--ar banana", "--ar: The aspect ratio must be one of"),
        ("--n 99", "--n 99: You can make 1 to 15 images"),
        ("--model gpt", "--model: SeeDream has no such model"),
        ("--size huge", "--size: Sizes are"),
        ("--seed 5", "seed: SeeDream 5.0 lite has no seed setting"),
    ],
)
async def test_a_value_that_can_not_be_costs_nothing(world, options, expected):
    assert expected in (await (await world.ada.imagine(prompt=f"a fox {options}")).answer()).text
    assert expected in (await world.ada.answer_to(await world.ada.say(f"a fox {options}", mention=True))).text
    assert await world.requests() == []
    assert await charged(world) == 0


async def test_options_without_words_are_no_prompt(world):
    assert "The prompt is empty" in (await (await world.ada.imagine(prompt="--ar 16:9 --no snow")).answer()).text
    first = await world.ada.imagine_to_end(prompt="a fox")
    answer = await world.ada.answer_to(await world.ada.say("--ar 16:9", to=first))
    assert "Say what to change" in answer.text
    assert len(await world.requests()) == 1


async def test_a_blocked_word_is_not_brought_in_by_an_option(world):
    await (await (await Screen.opened(world.ada)).at("words_in")).writes("words_in", "fox")
    refused = await (await world.ben.imagine(prompt="a sea --no fox")).answer()
    assert "doesn't allow" in refused.text
    result = await world.ben.imagine_to_end(prompt="a sea --fox")
    assert "1 option you typed doesn't exist here." in result.text
    assert "fox" not in result.text


async def test_a_seed_is_passed_on_where_the_model_takes_one(guide_world):
    world = guide_world
    result = await world.ada.imagine_to_end(prompt="a fox --model 3.0 --seed 5")
    details = await world.ada.press(result, "Details")
    assert "**Seed:** 5" in details.text
