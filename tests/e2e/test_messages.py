"""Asking by message: replies, mentions and direct messages. The real bot, over real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.members import Member, Message
from tests.support.pictures import jpeg

PHOTO = ("photo.jpg", jpeg(1200, 800))


async def bots_messages(member: Member, after: Message | None = None) -> list[Message]:
    """What the bot has posted in the member's channel since a message."""
    bot, since = member.world.user_ids["SeeDream"], int(after.id) if after else 0
    return [one for one in await member.messages() if one.data["author"]["id"] == bot and int(one.id) > since]


async def left_alone(world: Any, member: Member, *asked: Message) -> None:
    """The messages are answered by nothing: the bot has gone on to what was said after them."""
    last = await member.run("quota")
    await last.answer()
    for one in asked:
        replies = [
            found for found in await bots_messages(member, one)
            if (found.data.get("referenced_message") or {}).get("id") == one.id
        ]  # fmt: skip
        assert replies == []


# --- a reply to a picture -------------------------------------------------------------------------------------------


async def test_a_reply_to_a_result_edits_its_picture_and_names_it(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow", ratio="16:9")
    asked = await world.ben.say("make it night", to=first)
    result = await world.ben.result_of(asked)
    assert result.data["referenced_message"]["id"] == asked.id
    assert "make it night" in result.text
    assert f"/{first.id})" in result.text
    (sent,) = await world.references()
    assert sent == await world.download(first.pictures[0])
    assert await result.sizes() == [(2848, 1600)]


async def test_a_reply_takes_two_discord_calls(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    before = len(await world.discord_calls())
    await world.ada.result_of(await world.ada.say("make it night", to=first))
    assert [call["method"] for call in (await world.discord_calls())[before:]] == ["POST", "PATCH"]


async def test_a_reply_needs_no_ping_where_the_bot_can_read_it(world):
    await world.discord_setting(message_content=True)
    await world.restart_bot()
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.ben.result_of(await world.ben.say("make it night", to=first, ping=False))
    assert (await world.requests())[-1]["prompt"] == "make it night"


async def test_where_its_text_is_hidden_a_reply_is_told_how_to_go_on_once_an_hour(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    answer = await world.ben.answer_to(await world.ben.say("make it night", to=first, ping=False))
    assert "Mention me" in answer.text
    again = await world.ada.say("make it night", to=first, ping=False)
    await left_alone(world, world.ada, again)
    assert len(await world.requests()) == 1


@pytest.mark.parametrize(
    ("words", "numbers"), [("make it night", [1]), ("#3 make it night", [3]), ("all: put them in one", [1, 2, 3])]
)
async def test_a_reply_to_several_pictures_says_which_it_means(world, words, numbers):
    first = await (await world.ada.imagine(prompt="three foxes", images=3)).result(pictures=3)
    result = await world.ada.result_of(await world.ada.say(words, to=first))
    pictures = [await world.download(url) for url in first.pictures]
    assert await world.references() == [pictures[number - 1] for number in numbers]
    assert ("Picture 1 of 3" in result.text) is (words == "make it night")


@pytest.mark.parametrize(
    ("page", "words", "number"),
    [(0, "#12 as a sketch", 12), (1, "#2 as a sketch", 2), (1, "#13 as a sketch", 13), (1, "make it night", 11)],
)
async def test_a_number_means_the_same_picture_on_every_message_of_a_set(world, page, words, number):
    await (await world.ada.imagine(prompt="many foxes", images=15)).answer()
    last = await world.ada.next_result()
    pages = [one for one in await bots_messages(world.ada) if one.pictures]
    assert [len(one.pictures) for one in pages] == [10, 5]
    assert pages[1].id == last.id
    pictures = [url for one in pages for url in one.pictures]
    await world.ada.result_of(await world.ada.say(words, to=pages[page]))
    assert await world.references() == [await world.download(pictures[number - 1])]


async def test_a_number_means_the_same_picture_after_another_has_failed(world):
    await world.api_fault("partial", failed=[1])
    first = await (await world.ada.imagine(prompt="three foxes", images=3)).result(pictures=2)
    await world.ada.result_of(await world.ada.say("#3 make it night", to=first))
    assert await world.references() == [await world.download(first.pictures[1])]


async def test_pictures_in_the_reply_are_further_references(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    asked = await world.ada.say("put it in the place of the photo", to=first, files=[PHOTO])
    await world.ada.result_of(asked)
    assert await world.references() == [await world.download(first.pictures[0]), PHOTO[1]]


async def test_words_in_a_message_txt_are_the_prompt(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    words = ("make it night with lanterns and snow, " * 100)[:3500]
    await world.ben.result_of(await world.ben.say("", to=first, files=[("message.txt", words.encode())]))
    assert (await world.requests())[-1]["prompt"] == words.strip()
    assert await world.references() == [await world.download(first.pictures[0])]


@pytest.mark.parametrize(
    ("content", "expected"),
    [(("make it night " * 400).encode(), "4,000"), (b"make it \xff\xfe night", "UTF-8")],
)
async def test_a_message_txt_that_can_not_be_the_prompt_is_refused(world, content, expected):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    answer = await world.ben.answer_to(await world.ben.say("", to=first, files=[("message.txt", content)]))
    assert expected in answer.text
    assert len(await world.requests()) == 1


async def test_with_the_intent_a_members_picture_is_edited_by_a_reply(world):
    await world.discord_setting(message_content=True)
    await world.restart_bot()
    photo = await world.ada.say("look", files=[PHOTO])
    result = await world.ben.result_of(await world.ben.say("make it night", to=photo, mention=True))
    assert await world.references() == [PHOTO[1]]
    assert await result.sizes() == [(2496, 1664)]


async def test_a_members_picture_is_out_of_sight_without_the_intent_and_the_answer_says_what_to_do(world):
    photo = await world.ada.say("look", files=[PHOTO])
    answer = await world.ben.answer_to(await world.ben.say("make it night", to=photo, mention=True))
    assert "Edit image" in answer.text
    assert await world.requests() == []


async def test_where_the_usual_model_can_not_edit_the_nearest_that_can_is_named(guide_world):
    first = await guide_world.ada.imagine_to_end(prompt="a red fox in snow", model="doubao-seedream-3.0-t2i")
    result = await guide_world.ada.result_of(await guide_world.ada.say("make it night", to=first))
    assert "SeedEdit 3.0 i2i does" in result.text
    assert (await guide_world.requests())[-1]["model"].startswith("doubao-seededit-3-0-i2i")


async def test_a_reply_to_a_message_that_was_deleted_is_told_so(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    asked = await world.ben.say("make it night", to=first, mention=True, reference="deleted")
    assert "was deleted" in (await world.ben.answer_to(asked)).text
    assert len(await world.requests()) == 1


async def test_a_reply_whose_message_discord_did_not_send_is_worked_on_all_the_same(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.ben.result_of(await world.ben.say("make it night", to=first, reference="absent"))
    assert await world.references() == [await world.download(first.pictures[0])]


async def test_a_sticker_is_edited_and_what_is_no_picture_is_named(world):
    await world.discord_setting(message_content=True)
    await world.restart_bot()
    poll = await world.ada.say(poll={"question": "Which fox?", "answers": ["red", "white"]})
    answer = await world.ben.answer_to(await world.ben.say("make it night", to=poll, mention=True))
    assert "a poll" in answer.text


# --- a mention ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mention", [True, "role"])
async def test_a_mention_with_a_photo_and_words_edits_the_photo(world, mention):
    await world.discord_setting(message_content=True)
    await world.restart_bot()
    await world.ben.result_of(await world.ben.say("make it night", mention=mention, files=[PHOTO]))
    assert await world.references() == [PHOTO[1]]


async def test_a_mention_with_words_alone_makes_a_picture(world):
    result = await world.ben.result_of(await world.ben.say("a fox", mention=True))
    assert len(result.pictures) == 1
    assert [one["prompt"] for one in await world.requests()] == ["a fox"]


async def test_a_mention_with_a_photo_alone_is_told_how(world):
    answer = await world.ben.answer_to(await world.ben.say(mention=True, files=[PHOTO]))
    assert "Say what to change" in answer.text
    assert await world.requests() == []


async def test_what_is_written_to_nobody_or_by_a_bot_is_left_alone(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    photo = await world.ben.say("look", files=[PHOTO])
    asked = [
        await world.ada.say("make it night", to=photo),
        await world.ada.say("make it night"),
        await world.ada.say("@everyone make it night"),
        await world.ada.say(to=first, sticker="wave"),
    ]
    await left_alone(world, world.ada, *asked)
    assert len(await world.requests()) == 1


# --- direct messages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ping", [True, False])
async def test_a_reply_works_in_direct_messages(world, ping):
    first = await world.ada_in_dm.imagine_to_end(prompt="a red fox in snow")
    result = await world.ada_in_dm.result_of(await world.ada_in_dm.say("make it night", to=first, ping=ping))
    assert len(result.pictures) == 1


async def test_in_direct_messages_a_photo_with_words_is_edited_and_words_alone_make_a_picture(world):
    await world.ada_in_dm.result_of(await world.ada_in_dm.say("make it night", files=[PHOTO]))
    assert await world.references() == [PHOTO[1]]
    await world.ada_in_dm.result_of(await world.ada_in_dm.say("paint me a cat"))
    assert (await world.requests())[-1]["prompt"] == "paint me a cat"


# --- chat is free ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["nice one!", "thanks", "All good", "😂", "haha that is so cute", "why is it red?"])
async def test_chat_is_not_charged_and_a_button_runs_it_all_the_same(world, words):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    question = await world.ben.answer_to(await world.ben.say(words, to=first))
    assert question.labels == ["Edit with these words?"]
    assert len(await world.requests()) == 1
    await world.ben.press(question, "Edit with these words?", answer=False)
    result = await world.ben.result_of(question)
    assert (await world.requests())[-1]["prompt"] == words
    assert result.pictures


async def test_the_button_is_the_authors_alone_and_works_after_a_restart(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    question = await world.ben.answer_to(await world.ben.say("nice one!", to=first))
    await world.ada.press(question, "Edit with these words?", answer=False)
    told = await world.ada.wait_for_message(after=question.id)
    assert told.ephemeral
    assert "Only the person who wrote" in told.text
    assert len(await world.requests()) == 1


async def test_a_question_is_taken_away_when_it_was_answered_and_when_the_bot_stops(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    question = await world.ben.answer_to(await world.ben.say("nice one!", to=first))
    await world.ben.press(question, "Edit with these words?", answer=False)
    await world.ben.result_of(question)
    other = await world.ada.answer_to(await world.ada.say("thanks", to=first))
    await world.restart_bot()
    left = {one.id for one in await world.ada.messages()}
    assert left.isdisjoint({question.id, other.id})


# --- refusals -------------------------------------------------------------------------------------------------------


async def test_sixty_refused_replies_hold_up_nobody(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.api_setting(seconds=2)
    streaming = await world.ada.imagine(prompt="four foxes", images=4)
    silly = [await world.ben.say(f"make it {'x' * 10} --ar banana{number}", to=first) for number in range(60)]
    await streaming.result(pictures=4)
    posted = await bots_messages(world.ben, silly[0])
    assert len([one for one in posted if not one.pictures]) <= 3


async def test_a_blocked_word_is_not_repeated_in_public(world):
    await world.guild_settings(blocked_words=("zebra",))
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    answer = await world.ben.answer_to(await world.ben.say("make it a zebra", to=first))
    assert "doesn't allow" in answer.text
    assert "zebra" not in answer.text
