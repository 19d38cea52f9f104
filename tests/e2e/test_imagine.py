"""/imagine as members see it: the real bot, over real sockets, between the local Discord and the local SeeDream."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from tests.support.pictures import animated_gif, cmyk_jpeg, jpeg, png, turned_jpeg

MODELS = [
    ("doubao-seedream-5.0-lite", {"size": "2K"}, (2048, 2048)),
    ("doubao-seedream-4.5", {"size": "2K", "ratio": "16:9"}, (2848, 1600)),
    ("doubao-seedream-4.0", {"size": "1K"}, (1024, 1024)),
    ("doubao-seedream-5.0-pro", {"size": "1K", "ratio": "2:3"}, (832, 1248)),
    ("doubao-seedream-5.0-flash", {"size": "1.5K", "ratio": "16:9"}, (2048, 1152)),
]


@pytest.mark.parametrize(("model", "options", "size"), MODELS, ids=[model for model, _, _ in MODELS])
async def test_every_model_makes_a_picture_of_the_size_asked_for(world, model, options, size):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow", model=model, **options)
    assert await result.sizes() == [size]
    assert result.alt_texts == ["a red fox in snow"]
    assert f"{size[0]} × {size[1]}" in result.text
    assert "<@" in result.text


async def test_the_guides_own_model_takes_a_seed_and_guidance(guide_world):
    options = {"model": "doubao-seedream-3.0-t2i", "size": "768x512", "seed": 7, "guidance": 3.5}
    assert await (await guide_world.ada.imagine_to_end(prompt="a red fox", **options)).sizes() == [(768, 512)]


async def test_an_edit_model_changes_the_picture_it_is_given(guide_world):
    world, source = guide_world, jpeg(640, 480)
    result = await world.ada.imagine_to_end(
        prompt="make it night", model="doubao-seededit-3.0-i2i", files={"reference": ("fox.jpg", source)}
    )
    assert len(await result.sizes()) == 1
    assert await world.references() == [source]


async def test_a_single_image_takes_one_request_and_two_discord_calls(world):
    await world.ada.imagine_to_end(prompt="a red fox in snow")
    assert len(await world.requests()) == 1
    assert [call["method"] for call in await world.discord_calls()] == ["POST", "PATCH"]


@pytest.mark.parametrize("count", [2, 4])
async def test_a_group_is_streamed_in_picture_by_picture(world, count):
    await world.set_api(delay=0.05, image_interval=0.3)
    asked = await world.ada.imagine(prompt="a red fox in snow", images=count)
    result = await asked.result()
    shown = [len(stage.pictures) for stage in await result.stages()]
    assert shown == list(range(count + 1))
    assert len(await world.requests()) == 1
    assert len(await world.discord_calls()) == 1 + count


async def test_fifteen_pictures_take_two_messages(world):
    await world.set_api(delay=0.02, image_interval=0.02)
    asked = await world.ada.imagine(prompt="fifteen foxes", model="doubao-seedream-4.0", size="1K", images=15)
    await asked.result(pictures=5)
    messages = await world.ada.messages()
    assert [len(message.pictures) for message in messages] == [10, 5]
    assert len(await world.discord_calls()) <= 16


async def test_the_placeholder_is_the_first_response_and_says_what_is_coming(world):
    await world.set_api(delay=0.3)
    asked = await world.ada.imagine(prompt="a red fox in snow", images=4)
    placeholder = await asked.answer()
    assert "Painting 4 pictures" in placeholder.text
    assert (await asked.result()).id == placeholder.id


async def test_a_private_result_is_seen_by_its_member_alone(world):
    result = await world.ada.imagine_to_end(prompt="a surprise", private=True)
    assert len(result.pictures) == 1
    assert await world.ben.messages() == []


async def test_a_second_message_of_a_private_result_is_private_too(world):
    second = await (await world.ada.imagine(prompt="foxes", images=12, private=True)).result(pictures=2)
    assert second.ephemeral
    assert await world.ben.messages() == []


async def test_it_works_in_direct_messages(world):
    result = await world.ada_in_dm.imagine_to_end(prompt="a red fox in snow")
    assert len(result.pictures) == 1


REFUSALS = [
    ({"model": "doubao-seedream-3.0-t2i", "images": 4}, "3.0"),
    ({"model": "doubao-seedream-5.0-pro", "images": 2}, "5.0 pro"),
    ({"model": "doubao-seedream-4.5", "size": "1K"}, "1K"),
    ({"size": "100x100"}, "100x100"),
    ({"size": "banana"}, "banana"),
    ({"seed": 7}, "seed"),
    ({"guidance": 3.0}, "guidance"),
    ({"model": "doubao-seedream-4.5", "web_search": True}, "web"),
    ({"model": "doubao-seedream-4.0", "format": "png"}, "png"),
    ({"model": "doubao-seededit-3.0-i2i"}, "reference"),
    ({"prompt": "   "}, "prompt"),
]


@pytest.mark.parametrize(("options", "named"), REFUSALS, ids=[named for _, named in REFUSALS])
async def test_what_a_model_does_not_take_is_refused_in_words_and_costs_nothing(world, options, named):
    asked = await world.ada.imagine(**{"prompt": "a red fox in snow"} | options)
    refusal = await asked.answer()
    assert refusal.ephemeral
    assert named.casefold() in refusal.text.casefold()
    assert await world.requests() == []


@pytest.mark.parametrize(
    "prompt",
    [
        "@everyone <@1> @here",
        "🦊" * 200,
        "ثعلب أحمر في الثلج",
        "**bold** [link](https://evil.example) `code`",
        "a fox, " * 560,
    ],
    ids=["mentions", "emoji", "rtl", "markdown", "long"],
)
async def test_any_words_make_a_picture_and_ping_nobody(world, prompt):
    result = await world.ada.imagine_to_end(prompt=prompt[:4000])
    assert len(result.pictures) == 1
    assert await world.pings() == []


async def test_autocomplete_offers_only_what_the_chosen_model_takes(world):
    sizes = await world.ada.autocomplete("imagine", focused="size", prompt="x", model="doubao-seedream-4.5")
    assert {"2K", "4K"} <= set(sizes)
    assert "1K" not in sizes
    assert await world.ada.autocomplete("imagine", focused="format", prompt="x", model="doubao-seedream-4.0") == [
        "jpeg"
    ]


BAD_REFERENCES = [
    ("notes.png", b"these are words, not a picture", "notes.png"),
    ("empty.png", b"", "empty.png"),
    ("cut.png", png(300, 200)[:400], "cut"),
    ("bomb.png", png(12_000, 12_000), "12000"),
]


@pytest.mark.parametrize(("name", "content", "_named"), BAD_REFERENCES, ids=[name for name, _, _ in BAD_REFERENCES])
async def test_a_reference_that_is_no_usable_picture_is_told_in_words_and_costs_nothing(world, name, content, _named):
    asked = await world.ada.imagine(prompt="make it night", files={"reference": (name, content)})
    end = await asked.ended()
    assert end.pictures == []
    assert any(word in end.text for word in ("picture", "Attach", "smaller"))
    assert await world.requests() == []


async def test_a_picture_over_the_places_limit_is_made_smaller_and_its_full_size_linked(world):
    await world.set_upload_limit(60_000)
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    assert [size <= 60_000 for size in result.file_sizes] == [True]
    assert "Full size" in result.text


AWKWARD_REFERENCES = [
    ("photo.jpg", turned_jpeg, (300, 400)),
    ("print.jpg", cmyk_jpeg, (400, 300)),
    ("dance.gif", animated_gif, (200, 100)),
]


@pytest.mark.parametrize(
    ("name", "content", "size"), AWKWARD_REFERENCES, ids=[name for name, _, _ in AWKWARD_REFERENCES]
)
async def test_an_awkward_reference_reaches_the_api_as_people_see_it(world, name, content, size):
    await world.ada.imagine_to_end(prompt="make it night", files={"reference": (name, content())})
    (sent,) = await world.references()
    image = Image.open(io.BytesIO(sent))
    assert (image.size, image.mode, getattr(image, "n_frames", 1)) == (size, "RGB", 1)
    assert image.getexif().get(0x0112, 1) == 1


async def test_several_references_are_sent_in_their_order(world):
    files = {f"reference{number}".removesuffix("1"): (f"{number}.jpg", jpeg(100 * number, 100)) for number in (1, 2, 3)}
    await world.ada.imagine_to_end(prompt="all of them together", files=files)
    widths = [Image.open(io.BytesIO(sent)).width for sent in await world.references()]
    assert widths == [100, 200, 300]


async def test_it_works_by_user_install_where_the_bot_is_no_member(world):
    result = await world.ada_elsewhere.imagine_to_end(prompt="a red fox in snow")
    assert len(result.pictures) == 1


async def test_a_member_who_asks_for_much_does_not_keep_another_waiting(world):
    await world.set_api(delay=0.1)
    await asyncio.gather(*(world.ada.imagine(prompt=f"fox {number}") for number in range(20)))
    asked = await world.ben.imagine(prompt="just one")
    await asked.result(text="just one")
    assert len([one for one in await world.ada.messages() if "Details" in one.labels]) < 20
