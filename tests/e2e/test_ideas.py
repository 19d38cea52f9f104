"""Several ideas at once, by braces in a prompt, and models compared. The real bot, over real sockets."""

from __future__ import annotations

import pytest

from infra.stores import policies
from tests.e2e.test_quota import administration, charged, refusal
from tests.support.members import BUTTON, walk
from tests.support.pictures import jpeg

CARS = "a {red, blue} car in {snow, rain}"
PRIMARY, SECONDARY = 1, 2  # styles of buttons
PHOTO = ("photo.jpg", jpeg(1200, 800))


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch):
    """What the tests set is set by another process than the bot's."""
    monkeypatch.setattr(policies, "CACHE_SECONDS", 0.0)


async def preview(member, **options):
    card = await (await member.imagine(**options)).answer()
    assert card.ephemeral, card.text
    return card


async def prompts(world):
    return sorted(one["prompt"] for one in await world.requests())


def styles(message):
    """Those of its buttons."""
    return [one["style"] for one in walk(message.data["components"]) if one["type"] == BUTTON]


async def test_braces_are_previewed_with_their_price_and_made_in_one_message(world):
    async with administration(world) as admin:
        await admin.limit(10)
        card = await preview(world.ada, prompt=CARS)
    assert "4 combinations" in card.text
    for line in ("1. red, snow", "2. red, rain", "3. blue, snow", "4. blue, rain", "4 pictures", "4 credits"):
        assert line in card.text
    assert "**10 credits** left" in card.text
    assert card.labels == ["Make 4 · 4 credits", "Just as written"]
    assert styles(card) == [PRIMARY, SECONDARY]
    assert await world.requests() == []

    result = await (await world.ada.pressed(card, "Make 4 · 4 credits")).result(pictures=4)
    assert await prompts(world) == [
        "a blue car in rain",
        "a blue car in snow",
        "a red car in rain",
        "a red car in snow",
    ]
    assert "a {red, blue} car in {snow, rain}" in result.text.replace("\\", "")
    assert await charged(world) == 4
    assert [message for message in await world.ada.messages() if message.ephemeral] == []


async def test_a_prompt_is_made_just_as_it_was_written(world):
    card = await preview(world.ada, prompt=CARS, ratio="16:9", images=2)
    assert card.labels[0] == "Make 8 · 8 credits"
    result = await (await world.ada.pressed(card, "Just as written")).result(pictures=2)
    assert await prompts(world) == [CARS]
    assert all(width > height for width, height in await result.sizes())
    assert await charged(world) == 2


async def test_a_preview_says_after_a_restart_that_it_has_expired(world):
    card = await preview(world.ada, prompt=CARS)
    await world.restart_bot()
    told = await (await world.ada.pressed(card, "Make 4 · 4 credits")).answer()
    assert told.text == "This preview has expired. Make your request again."


async def test_references_and_typed_options_are_kept(world):
    card = await preview(world.ada, prompt="a {red, blue} car --ar {1:1, 16:9}", files={"reference": PHOTO})
    result = await (await world.ada.pressed(card, "Make 4 · 4 credits")).result(pictures=4)
    sizes = await result.sizes()
    assert [width > height for width, height in sizes] == [False, True, False, True]
    assert len(await world.references()) == 4


async def test_too_many_combinations_are_counted_and_can_be_made_as_words(world):
    told = await refusal(await world.ada.imagine(prompt="{a,b,c,d} {e,f,g,h}"))
    assert told.text.startswith("Your braces make 16 combinations, and 12 can be made at once.")
    await (await world.ada.pressed(told, "Just as written")).result(pictures=1)
    assert await prompts(world) == ["{a,b,c,d} {e,f,g,h}"]
    told = await refusal(await world.ada.imagine(prompt=CARS, images=6))
    assert told.text.startswith("Together these are 24 pictures, and 20 can be made at once.")


async def test_other_braces_and_escaped_ones_are_words(world):
    await world.ada.imagine_to_end(prompt=r"a \{red, blue\} {car}")
    await world.ada.imagine_to_end(prompt='{"subject": "fox", "style": "ink"}')
    assert await prompts(world) == ["a {red, blue} {car}", '{"subject": "fox", "style": "ink"}'][::1]


async def test_ideas_beyond_the_quota_are_refused_as_a_whole(world):
    async with administration(world) as admin:
        await admin.limit(3)
        card = await preview(world.ada, prompt=CARS)
        assert PRIMARY not in styles(card)  # not urged on a member who would be refused
        told = await refusal(await world.ada.pressed(card, "Make 4 · 4 credits"))
        assert told.text.startswith("**3 of 3 left today.** This costs 4 credits.")
        assert told.labels == []
        await admin.limit(4)
    await (await world.ada.pressed(card, "Make 4 · 4 credits")).result(pictures=4)


async def test_two_models_are_compared_and_one_becomes_the_default(world):
    models = {"model1": "doubao-seedream-4.5", "model2": "doubao-seedream-4.0"}
    result = await (await world.ada.run("compare", prompt="a fox", **models)).result(pictures=2)
    assert "SeeDream 4.5" in result.text
    assert "SeeDream 4.0" in result.text
    told = await world.ada.choose(result, "doubao-seedream-4.0")
    assert "SeeDream 4.0" in told.text
    await world.ada.imagine_to_end(prompt="a fox")
    assert "4-0" in (await world.requests())[-1]["model"]


async def test_models_are_suggested_that_are_not_chosen_yet(world):
    suggested = await world.ada.autocomplete("compare", "model2", model1="doubao-seedream-4.5")
    assert "doubao-seedream-4.0" in suggested
    assert "doubao-seedream-4.5" not in suggested


async def test_an_expensive_comparison_shows_its_price_first(world):
    await world.stop_bot()
    await world.start_bot(MODEL_PRICES="4.5=3, 4.0=2")
    models = {"model1": "doubao-seedream-4.5", "model2": "doubao-seedream-4.0"}
    card = await (await world.ada.run("compare", prompt="a fox", **models)).answer()
    assert card.ephemeral
    assert card.labels == ["Make 2 · 5 credits"]
    assert "1. SeeDream 4.5" in card.text
    await (await world.ada.pressed(card, "Make 2 · 5 credits")).result(pictures=2)
    assert await charged(world) == 5


async def test_a_picture_of_a_set_goes_on_from_its_own_prompt(world):
    card = await preview(world.ada, prompt="a {red, blue} car")
    result = await (await world.ada.pressed(card, "Make 2 · 2 credits")).result(pictures=2)
    second = await (await world.ada.pressed(result, "2")).answer()
    await (await world.ada.pressed(second, "Vary")).result(pictures=1)
    assert (await world.requests())[-1]["prompt"] == "a blue car"


async def test_a_picture_is_edited_by_each_model(world):
    models = {"model1": "doubao-seedream-4.5", "model2": "doubao-seedream-4.0"}
    await (await world.ada.run("compare", prompt="make it night", files={"image": PHOTO}, **models)).result(pictures=2)
    assert len(await world.references()) == 2


async def test_models_that_cannot_be_compared_are_refused_by_name(world):
    twice = {"model1": "doubao-seedream-4.5", "model2": "4.5"}
    told = await refusal(await world.ada.run("compare", prompt="a fox", **twice))
    assert told.text == "You chose SeeDream 4.5 more than once. Choose different models to compare."
    unknown = {"model1": "doubao-seedream-4.5", "model2": "nonsense"}
    told = await refusal(await world.ada.run("compare", prompt="a fox", **unknown))
    assert "nonsense" in told.text
    assert await world.requests() == []


async def test_reroll_runs_all_requests_of_a_set_again(world):
    card = await preview(world.ada, prompt="a {red, blue} car")
    result = await (await world.ada.pressed(card, "Make 2 · 2 credits")).result(pictures=2)
    again = await (await world.ada.pressed(result, "Reroll")).result(pictures=2)
    assert await prompts(world) == ["a blue car", "a blue car", "a red car", "a red car"]
    assert "red" in again.text

    details = await (await world.ada.pressed(again, "Details")).answer()
    for line in ("a {red, blue} car", "1. **red** · SeeDream", "2. **blue** · SeeDream", "2 of 2", "2 credits"):
        assert line in details.text
    assert "prompts.txt" in [file["filename"] for file in details.data["files"]]
