"""Several ideas at once, wherever a member can write a prompt: each way in shows their price, and then makes them.

The real bot, over real sockets.
"""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from cogs.help.examples import EXAMPLES
from infra.stores import policies
from tests.e2e.test_quota import administration, charged, refusal
from tests.e2e.test_references import lose, refused
from tests.support.pictures import jpeg, png
from tests.support.settings import Screen

WORDS = "make the car {red, blue}"
MADE = ["make the car blue", "make the car red"]
MAKE = "Make 2 · 2 credits"
WRITTEN = "Just as written"
PHOTO = ("photo.jpg", jpeg(1200, 800))
OTHER = ("other.png", png(300, 300))
PRIVATELY = "Only you see this. Nothing is made or charged until you press a button."
PUBLICLY = "Only the message's author can use these buttons. Nothing is made or charged until then."


@pytest.fixture(autouse=True)
def seen_at_once(monkeypatch):
    """What the tests set is set by another process than the bot's."""
    monkeypatch.setattr(policies, "CACHE_SECONDS", 0.0)


async def prompts(world, after=0):
    return sorted(one["prompt"] for one in (await world.requests())[after:])


# --- commands, menus, buttons and forms: a private preview ------------------------------------------------------------


async def edit(world):
    return await world.ada.run("edit", prompt=WORDS, files={"image": PHOTO, "image2": OTHER}), [PHOTO[1], OTHER[1]]


async def edit_by_link(world):
    first = await world.ada.imagine_to_end(prompt="a car")
    link = f"https://discord.com/channels/{await world.guild_of('general')}/{first.data['channel_id']}/{first.id}"
    return await world.ada.run("edit", prompt=WORDS, link=link), [await world.download(first.pictures[0])]


async def blend(world):
    return await world.ada.run("blend", prompt=WORDS, files={"image": PHOTO, "image2": OTHER}), [PHOTO[1], OTHER[1]]


async def menu(world):
    photo = await world.ada.say("look", files=[PHOTO])
    opened = await world.ada.run("Edit image", target=photo)
    return await world.ada.fill(opened, files=[OTHER], change=WORDS), [PHOTO[1], OTHER[1]]


async def edit_button(world):
    first = await world.ada.imagine_to_end(prompt="a car")
    opened = await world.ada.pressed(first, "Edit")
    return await world.ada.fill(opened, change=WORDS), [await world.download(first.pictures[0])]


async def attach_to_reroll(world):
    first = await (await world.ada.imagine(prompt="a car", files={"reference": PHOTO})).result(pictures=1)
    lose(world, "photo.jpg")
    opened = await world.ada.pressed(await refused(world.ada, first, "Reroll"), "Attach again")
    return await world.ada.fill(opened, files=[OTHER], prompt=WORDS), [OTHER[1]]


async def attach_to_edit(world):
    first = await world.ada.imagine_to_end(prompt="a car")
    await world.spool_is_empty()  # by now it is known where the picture lies
    world._discord.state.files.clear()
    opened = await world.ada.pressed(await refused(world.ada, first, "Edit"), "Attach again")
    return await world.ada.fill(opened, files=[OTHER], prompt=WORDS), [OTHER[1]]


async def help_form(world):
    card = await (await world.ada.run("help")).answer()
    label = next(label for label in card.labels if card.custom_id(label).endswith(f":{next(iter(EXAMPLES))}"))
    return await world.ada.fill(await world.ada.pressed(card, label), prompt=WORDS), []


PRIVATE_WAYS = {
    "/edit": edit,
    "/edit with a link": edit_by_link,
    "/blend": blend,
    "Edit image in the menu": menu,
    "the Edit button": edit_button,
    "the form for a lost reference": attach_to_reroll,
    "the form for a lost result": attach_to_edit,
    "an example of /help": help_form,
}


@pytest.mark.parametrize("way", PRIVATE_WAYS.values(), ids=PRIVATE_WAYS)
async def test_ideas_are_previewed_privately_and_each_is_made_of_the_same_pictures(world, way):
    asked, pictures = await way(world)
    before, sent = len(await world.requests()), len(await world.references())
    card = await asked.answer()
    assert card.ephemeral, card.text
    assert card.labels == [MAKE, WRITTEN]
    for line in ("2 combinations", "1. red", "2. blue", "2 pictures", PRIVATELY):
        assert line in card.text
    result = await (await world.ada.pressed(card, MAKE)).result(pictures=2)
    assert await prompts(world, before) == MADE
    assert (await world.references())[sent:] == [*pictures, *pictures]
    assert WORDS in result.text.replace("\\", "")
    assert card.id not in {message.id for message in await world.ada.messages()}


@pytest.mark.parametrize("way", PRIVATE_WAYS.values(), ids=PRIVATE_WAYS)
async def test_what_was_previewed_privately_can_be_made_just_as_it_was_written(world, way):
    asked, pictures = await way(world)
    before, sent = len(await world.requests()), len(await world.references())
    card = await asked.answer()
    await (await world.ada.pressed(card, WRITTEN)).result(pictures=1)
    assert await prompts(world, before) == [WORDS]
    assert (await world.references())[sent:] == pictures


async def test_what_comes_of_a_private_result_is_private_if_it_is_several_ideas_too(world):
    first = await (await world.ada.imagine(prompt="a car", private=True)).result(pictures=1)
    card = await (await world.ada.fill(await world.ada.pressed(first, "Edit"), change=WORDS)).answer()
    result = await (await world.ada.pressed(card, MAKE)).result(pictures=2)
    assert result.ephemeral


async def test_a_result_of_several_edits_leads_to_the_picture_that_they_came_from(world):
    first = await world.ada.imagine_to_end(prompt="a car")
    card = await (await world.ada.fill(await world.ada.pressed(first, "Edit"), change=WORDS)).answer()
    result = await (await world.ada.pressed(card, MAKE)).result(pictures=2)
    assert f"/{first.id})" in result.text


async def test_words_that_are_given_back_in_a_form_stay_the_words_that_they_were(world):
    card = await (await world.ada.imagine(prompt=WORDS)).answer()
    first = await (await world.ada.pressed(card, WRITTEN)).result(pictures=1)
    opened = await world.ada.pressed(first, "Edit")
    [typed] = [one["component"]["value"] for one in fields(opened) if one["label"] == "What to change"]
    assert typed == r"make the car \{red, blue\}"
    await (await world.ada.fill(opened, change=typed)).result(pictures=1)
    assert await prompts(world) == [WORDS, WORDS]


def fields(opened):
    return opened.given["answer"]["data"]["components"]


async def test_compared_models_are_the_choices_so_braces_are_words_and_escaped_ones_too(world):
    models = {"model1": "doubao-seedream-4.5", "model2": "doubao-seedream-4.0"}
    await (await world.ada.run("compare", prompt=WORDS, **models)).result(pictures=2)
    await (await world.ada.run("compare", prompt=r"a \{car\}", **models)).result(pictures=2)
    assert await prompts(world) == ["a {car}", "a {car}", WORDS, WORDS]


# --- messages: the answer to one is a preview for its author ----------------------------------------------------------


async def reply_to_a_result(world):
    first = await world.ada.imagine_to_end(prompt="a car")
    return world.ben, await world.ben.say(WORDS, to=first), [await world.download(first.pictures[0])]


async def reply_with_a_reference(world):
    first = await world.ada.imagine_to_end(prompt="a car")
    asked = await world.ben.say(WORDS, to=first, files=[OTHER])
    return world.ben, asked, [await world.download(first.pictures[0]), OTHER[1]]


async def mention_with_a_photo(world):
    return world.ben, await world.ben.say(WORDS, mention=True, files=[PHOTO]), [PHOTO[1]]


async def mention(world):
    return world.ben, await world.ben.say(WORDS, mention=True), []


async def direct_message(world):
    return world.ada_in_dm, await world.ada_in_dm.say(WORDS, files=[PHOTO]), [PHOTO[1]]


async def chat(world):
    """Words that may be chat: their preview asks whether they are meant."""
    first = await world.ada.imagine_to_end(prompt="a car")
    asked = await world.ben.say("haha, so {cute, nice}!", to=first)
    return world.ben, asked, [await world.download(first.pictures[0])]


MESSAGES = {
    "a reply to a result": reply_to_a_result,
    "a reply with a reference": reply_with_a_reference,
    "a mention with a photo": mention_with_a_photo,
    "a mention": mention,
    "a direct message": direct_message,
}


@pytest.mark.parametrize("way", MESSAGES.values(), ids=MESSAGES)
async def test_a_message_with_ideas_is_answered_with_their_preview_which_becomes_the_result(world, way):
    member, asked, pictures = await way(world)
    card = await member.answer_to(asked)
    before, sent = len(await world.requests()), len(await world.references())
    assert not card.ephemeral
    assert card.data["message_reference"]["message_id"] == asked.id
    assert card.labels == [MAKE, WRITTEN]
    for line in ("2 combinations", "1. red", "2. blue", "2 pictures", PUBLICLY):
        assert line in card.text
    await member.press(card, MAKE, answer=False)
    result = await member.result_of(asked)
    assert result.id == card.id
    assert len(result.pictures) == 2
    assert await prompts(world, before) == MADE
    assert (await world.references())[sent:] == [*pictures, *pictures]


@pytest.mark.parametrize("way", MESSAGES.values(), ids=MESSAGES)
async def test_a_message_with_ideas_can_be_made_just_as_it_was_written(world, way):
    member, asked, pictures = await way(world)
    card = await member.answer_to(asked)
    before, sent = len(await world.requests()), len(await world.references())
    await member.press(card, WRITTEN, answer=False)
    result = await member.result_of(asked)
    assert (result.id, len(result.pictures)) == (card.id, 1)
    assert await prompts(world, before) == [WORDS]
    assert (await world.references())[sent:] == pictures


async def test_words_that_may_be_chat_are_previewed_too_and_nothing_is_made_of_them_unasked(world):
    member, asked, _pictures = await chat(world)
    card = await member.answer_to(asked)
    assert card.labels == [MAKE, WRITTEN]
    assert len(await world.requests()) == 1


async def test_the_preview_of_a_message_is_its_authors_alone_and_stays_theirs(world):
    _member, asked, _pictures = await reply_to_a_result(world)
    card = await world.ben.answer_to(asked)
    for label in (MAKE, WRITTEN):
        told = await refusal(await world.ada.pressed(card, label))
        assert told.text == "Only the person who wrote that message can use this button."
    assert len(await world.requests()) == 1
    await world.ben.press(card, MAKE, answer=False)
    assert len((await world.ben.result_of(asked)).pictures) == 2


async def test_the_preview_of_a_message_works_after_the_bot_was_killed(mortal_world):
    world = mortal_world
    member, asked, _pictures = await reply_to_a_result(world)
    card = await member.answer_to(asked)
    await world.kill_bot()
    await world.start_bot()
    await member.press(card, MAKE, answer=False)
    assert len((await member.result_of(asked)).pictures) == 2


async def test_the_preview_of_a_message_pressed_twice_makes_each_idea_once(world):
    member, asked, _pictures = await reply_to_a_result(world)
    card = await member.answer_to(asked)
    press = partial(member.press, card, MAKE, answer=False)
    await asyncio.gather(press(), press(), return_exceptions=True)
    await member.result_of(asked)
    assert await prompts(world, 1) == MADE


async def test_a_preview_goes_when_the_bot_stops_and_the_result_that_it_has_become_stays(world):
    member, asked, _pictures = await reply_to_a_result(world)
    used = await member.answer_to(asked)
    await member.press(used, MAKE, answer=False)
    await member.result_of(asked)
    unused = await member.answer_to(await member.say(WORDS, mention=True))
    await world.restart_bot()
    left = {one.id for one in await member.messages()}
    assert used.id in left
    assert unused.id not in left


async def test_a_message_whose_price_has_changed_since_its_preview_is_not_made(mortal_world):
    world = mortal_world
    member, asked, _pictures = await mention(world)
    card = await member.answer_to(asked)
    await world.kill_bot()
    await world.start_bot(MODEL_PRICES="4.5=3, 4.0=3, 5.0-lite=3, 5.0-pro=3")
    told = await refusal(await member.pressed(card, MAKE))
    assert told.text == "Your message or its price has changed since then. Send it again."
    assert await world.requests() == []


async def test_too_many_ideas_in_a_message_are_counted_and_can_be_made_as_words(world):
    words = "a car {a,b,c,d} {e,f,g,h}"
    asked = await world.ben.say(words, mention=True)
    told = await world.ben.answer_to(asked)
    assert told.text.startswith("Your braces make 16 combinations, and 12 can be made at once.")
    await world.ben.press(told, WRITTEN, answer=False)
    result = await world.ben.result_of(asked)
    assert result.id == told.id
    assert "combinations" not in result.text
    assert await prompts(world) == [words]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        (r"make it \{red, blue\}", "make it {red, blue}"),
        ("make it {red, blue", "make it {red, blue"),
        ("make it {red}", "make it {red}"),
    ],
    ids=["escaped", "without its partner", "a single choice"],
)
async def test_other_braces_are_words_in_edits_as_well(world, typed, sent):
    await (await world.ada.run("edit", prompt=typed, files={"image": PHOTO})).result(pictures=1)
    photo = await world.ada.say("look", files=[PHOTO])
    opened = await world.ada.run("Edit image", target=photo)
    first = await (await world.ada.fill(opened, change=typed)).result(pictures=1)
    await world.ben.result_of(await world.ben.say(typed, to=first))
    assert await prompts(world) == [sent] * 3


async def test_ideas_of_a_reply_beyond_the_quota_are_refused_as_a_whole_and_can_be_made_later(world):
    member, asked, _pictures = await reply_to_a_result(world)
    async with administration(world) as admin:
        await admin.limit(1)
        card = await member.answer_to(asked)
        told = await refusal(await member.pressed(card, MAKE))
        assert told.text.startswith("**1 of 1 left today.** This costs 2 credits.")
        await admin.limit(2)
    await member.press(card, MAKE, answer=False)
    await member.result_of(asked)
    assert await charged(world) == 3


async def test_typed_options_and_the_chosen_picture_hold_for_every_idea_of_a_reply(world):
    first = await (await world.ada.imagine(prompt="two cars", images=2)).result(pictures=2)
    asked = await world.ben.say("#2 make it {red, blue} --ar 16:9", to=first)
    card = await world.ben.answer_to(asked)
    await world.ben.press(card, MAKE, answer=False)
    result = await world.ben.result_of(asked)
    assert all(width > height for width, height in await result.sizes())
    assert await world.references() == [await world.download(first.pictures[1])] * 2


async def test_where_the_bot_may_not_attach_files_a_message_gets_no_preview(world):
    await world.deny("general", "ATTACH_FILES")
    asked = await world.ben.say(WORDS, mention=True)
    told = await world.ben.answer_to(asked)
    assert "Missing permissions: Attach Files." in told.text
    assert told.labels == []


async def test_what_the_servers_rules_refuse_gets_no_preview_that_everybody_reads(world):
    screen = await Screen.opened(world.ada)
    await (await screen.at("words_in")).writes("words_in", "blue")
    asked = await world.ben.say(WORDS, mention=True)
    told = await world.ben.answer_to(asked)
    assert told.labels == []
    assert "blue" not in told.text
