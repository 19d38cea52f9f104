"""A word that a server's admins block is not in a prompt, however it is dressed, and whichever way the prompt comes."""

from __future__ import annotations

import time

import pytest

from studio.guilds.moderation import BlockedWords
from tests.support.pictures import jpeg
from tests.support.settings import Screen

PHOTO = jpeg(1200, 800)
REFUSAL = "This server doesn't allow ||Red Fox||"
FREE = "Nothing was made or charged."
DRESSED = {
    "a variation selector": "a re\U000e0100d fox",
    "a Hangul filler": "a red f\u3164ox",
    "a Braille blank": "a red fo\u2800x",
    "a Khmer vowel": "a red f\u17b4ox",
    "a Mongolian selector": "a red fo\u180bx",
    "a tag": "a red\U000e0061 fox",
    "Cyrillic letters": "a rеd fох",
    "Greek letters": "a red fοx",
    "fullwidth letters": "a ｒｅｄ ｆｏｘ",
    "mathematical letters": "a 𝗿𝗲𝗱 𝓯𝓸𝔁",
    "letters in boxes": "a 🆁🅴🅳 🅵🅾🆇",
    "digits": "a red f0x",
    "stacked marks": "a r̷͖e̴̙d̵̲ f̸̗o̷̧x̵̨",
    "single letters": "a r e d  f o x",
    "hyphens": "a red f-o-x",
}


@pytest.fixture
async def strict(world):
    """A world whose server blocks a phrase."""
    screen = await (await Screen.opened(world.ada)).at("words_in")
    await screen.writes("words_in", "Red Fox")
    return world


async def is_refused(asked):
    refusal = await asked.answer()
    assert refusal.ephemeral
    assert REFUSAL in refusal.text
    assert FREE in refusal.text


async def test_no_dress_gets_a_word_past_the_list(strict):
    for dress, prompt in DRESSED.items():
        refusal = await (await strict.ben.imagine(prompt=prompt)).answer()
        assert REFUSAL in refusal.text, dress
    assert await strict.requests() == []


async def test_a_word_is_not_split_over_a_prompt_and_the_names_of_its_pictures(strict):
    ben, picture = strict.ben, ("x.jpg", PHOTO)
    await is_refused(await ben.run("edit", prompt="a red fo", files={"image": picture}))
    await is_refused(await ben.run("edit", prompt="a red", files={"image": ("fox.jpg", PHOTO)}))
    await is_refused(await ben.imagine(prompt="a red", files={"reference": ("FOX.jpg", PHOTO)}))
    both = {"image": ("red.jpg", PHOTO), "image2": ("fox.jpg", PHOTO)}
    await is_refused(await ben.run("edit", prompt="it", files=both))
    assert await strict.requests() == []


async def test_a_word_is_not_hidden_in_the_fields_of_a_form(strict):
    result = await strict.ben.imagine_to_end(prompt="a snowman")
    opened = await strict.ben.pressed(result, "Edit")
    await is_refused(await strict.ben.fill(opened, change="make it a rеd f\u200bох"))
    opened = await strict.ben.pressed(result, "Edit")
    await is_refused(await strict.ben.fill(opened, [("x.jpg", PHOTO)], change="add a red fo"))
    assert len(await strict.requests()) == 1


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ("make it a r\u2800ed fоx", ()),
        ("make it", [("message.txt", "a rеd f0x".encode())]),
        ("make it red", [("fox.jpg", PHOTO)]),
    ],
)
async def test_a_word_is_not_hidden_in_a_reply_its_long_text_or_its_files(strict, words, files):
    result = await strict.ben.imagine_to_end(prompt="a snowman")
    said = await strict.ben.say(words, to=result, files=files)
    assert "doesn't allow one of the words" in (await strict.ben.answer_to(said)).text
    assert len(await strict.requests()) == 1


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("forbidden", ("for", "bid.png", "den.png")),
        ("forbidden", ("a cat", "for.png", "bid.png", "den.png", "end.png")),
        ("forbidden", ("a cat", "pic.forbidden")),
        ("محظور", ("محـظور",)),
        ("nude", ("a nuـde x",)),
        *[("nude", (f"a nu{accent}de x",)) for accent in "¨¯´¸˜‗ˆ˘ˈːˑ"],
    ],
)
def test_a_word_is_found_over_all_parts_and_whatever_stretches_or_splits_it(word, parts):
    assert BlockedWords([word]).found_among(*parts) == word


@pytest.mark.parametrize(
    "text",
    [
        "\ufdfa" * 4000,
        "a" + "\u0300\u0327\u0338" * 1300,
        "ﷻ㌖" * 2000,
        "ש" + "\u05c1\u05b0\u05bc" * 1300,
        "ཀ" + "\u0f71\u0f74\u0f72\u0f73" * 1000,
        "\ufb2c" * 4000,
    ],
)
def test_no_text_takes_long(text):
    words = BlockedWords([f"forbidden{number}" for number in range(200)])
    began = time.process_time()
    words.found_among(text)
    assert time.process_time() - began < 0.05
