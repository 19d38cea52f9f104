"""Asking by message: replies, mentions and direct messages. The real bot, over real sockets."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.members import Member
from tests.support.pictures import jpeg
from tests.support.settings import Screen

if TYPE_CHECKING:
    from tests.support.members import Message

PHOTO = ("photo.jpg", jpeg(1200, 800))
FILM = b"\0\0\0\x18ftypmp42" + bytes(200)


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
    await world.api_fault("item_refused", index=1)
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
    [(("make it night " * 400).encode(), "4,000"), (b"make it \xff\xfe night", "as text")],
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
    assert "so this uses SeedEdit 3.0 i2i." in result.text
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


@pytest.mark.parametrize("name", ["fox-png", "fox-apng"])
async def test_a_sticker_is_edited(world, name):
    sticker = await world.ada.say(sticker=name)
    await world.ben.result_of(await world.ben.say("make it night", to=sticker, mention=True))
    assert len(await world.references()) == 1


@pytest.fixture
async def reading_world(world):
    """Its bot has the intent Message Content."""
    await world.discord_setting(message_content=True)
    await world.restart_bot()
    return world


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"poll": {"question": "Which fox?", "answers": ["red", "white"]}}, "a poll"),
        ({"sticker": "fox-lottie"}, "format that I can't edit"),
        ({"files": [("fox.mp4", FILM)]}, "“fox.mp4” is a video. Take a screenshot"),
        ({"files": [("fox.pdf", b"%PDF")]}, "“fox.pdf” is a PDF"),
        ({"voice": True}, "a voice message"),
        ({"words": "a fox"}, "no picture in that message"),
    ],
    ids=["poll", "sticker", "video", "file", "voice", "words"],
)
async def test_what_can_not_be_edited_is_named_for_what_it_is(reading_world, said, expected):
    world = reading_world
    target = await world.ada.say(**said)
    answer = await world.ben.answer_to(await world.ben.say("make it night", to=target, mention=True))
    assert expected in answer.text
    assert await world.requests() == []


async def test_of_a_gif_link_the_still_is_edited_and_the_result_says_so(reading_world):
    world = reading_world
    await world.put_behind_link("https://tenor.com/view/fox-1", "gifv", PHOTO[1])
    link = await world.ada.say("https://tenor.com/view/fox-1")
    result = await world.ben.result_of(await world.ben.say("make it night", to=link, mention=True))
    assert len(await world.references()) == 1
    assert "animated" in result.text


async def test_a_crosspost_and_a_forward_show_the_pictures_that_they_carry(reading_world):
    world = reading_world
    photo = await world.ada.say("look", files=[PHOTO])
    forwarded = await world.ada.forward(photo)
    await world.ben.result_of(await world.ben.say("make it night", to=forwarded, mention=True))
    assert await world.references() == [PHOTO[1]]
    await world.make_channel("news", "announcement", guild="Workshop")
    published = await Member(world, "ben", "news").say("look", files=[PHOTO])
    crosspost = await world.crosspost(published, "general")
    await world.ben.result_of(await world.ben.say("make it day", to=crosspost, mention=True))
    assert await world.references() == [PHOTO[1], PHOTO[1]]


async def test_a_notice_of_discords_own_is_told_from_the_message_that_it_is_about(reading_world):
    world = reading_world
    notice = await world.ada.pin(await world.ada.say("look", files=[PHOTO]))
    answer = await world.ben.answer_to(await world.ben.say("make it night", to=notice, mention=True))
    assert "original message" in answer.text


async def test_a_custom_emoji_is_edited(reading_world):
    world = reading_world
    emoji = await world.ada.say(await world.add_emoji("fox"))
    await world.ben.result_of(await world.ben.say("make it night", to=emoji, mention=True))
    assert len(await world.references()) == 1


# --- a mention ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mention", [True, "role"])
async def test_a_mention_with_a_photo_and_words_edits_the_photo(world, mention):
    await world.discord_setting(message_content=True)
    await world.restart_bot()
    await world.ben.result_of(await world.ben.say("make it night", mention=mention, files=[PHOTO]))
    assert await world.references() == [PHOTO[1]]


@pytest.mark.parametrize("delay", [0.0, 0.3])
async def test_a_mention_with_a_link_to_a_picture_edits_what_discord_shows_of_it(world, delay):
    await world.put_behind_link("https://example.com/fox.png", "image", PHOTO[1])
    await world.discord_setting(media_delay=delay)
    await world.ben.result_of(await world.ben.say("make it night https://example.com/fox.png", mention=True))
    assert await world.references() == [PHOTO[1]]
    assert [one["prompt"] for one in await world.requests()] == ["make it night"]


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
        await world.ada.say(to=first, sticker="fox-png"),
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


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"words": "make it night", "files": [("fox.mp4", FILM)]}, "“fox.mp4” is a video. Take a screenshot"),
        ({"words": "make it night", "files": [("fox.pdf", b"%PDF")]}, "“fox.pdf” is a PDF"),
        ({"words": "make it night", "sticker": "fox-lottie"}, "format that I can't edit"),
        ({"voice": True}, "a voice message"),
    ],
    ids=["video", "file", "sticker", "voice"],
)
async def test_what_comes_with_the_words_and_can_not_be_edited_is_named_and_nothing_made_in_its_place(
    world, said, expected
):
    answer = await world.ada_in_dm.answer_to(await world.ada_in_dm.say(**said))
    assert expected in answer.text
    assert await world.requests() == []


async def test_in_direct_messages_every_refusal_is_said_in_words(world):
    for name in ("first.pdf", "second.pdf"):
        asked = await world.ada_in_dm.say("make it night", files=[(name, b"%PDF")])
        assert name in (await world.ada_in_dm.answer_to(asked)).text
    assert await world.requests() == []


# --- chat is free ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["nice one!", "thanks", "All good", "😂", "haha that is so cute", "why is it red?"])
async def test_chat_is_not_charged_and_a_button_runs_it_all_the_same(world, words):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    asked = await world.ben.say(words, to=first)
    question = await world.ben.answer_to(asked)
    assert question.labels == ["Edit with this prompt?"]
    assert len(await world.requests()) == 1
    await world.ben.press(question, "Edit with this prompt?", answer=False)
    result = await world.ben.result_of(asked)
    assert result.id == question.id
    assert result.pictures
    assert (await world.requests())[-1]["prompt"] == words


async def test_the_button_is_the_authors_alone(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    question = await world.ben.answer_to(await world.ben.say("nice one!", to=first))
    await world.ada.press(question, "Edit with this prompt?", answer=False)
    told = await world.ada.wait_for_message(after=question.id)
    assert told.ephemeral
    assert "Only the person who wrote" in told.text
    assert len(await world.requests()) == 1


async def test_a_question_goes_when_the_bot_stops_and_what_it_has_become_stays(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    asked = await world.ben.say("nice one!", to=first)
    question = await world.ben.answer_to(asked)
    await world.ben.press(question, "Edit with this prompt?", answer=False)
    await world.ben.result_of(asked)
    other = await world.ada.answer_to(await world.ada.say("thanks", to=first))
    await world.restart_bot()
    left = {one.id for one in await world.ada.messages()}
    assert question.id in left
    assert other.id not in left


async def test_a_question_works_after_the_bot_was_killed(mortal_world):
    world = mortal_world
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    asked = await world.ben.say("nice one!", to=first)
    question = await world.ben.answer_to(asked)
    await world.kill_bot()
    await world.start_bot()
    await world.ben.press(question, "Edit with this prompt?", answer=False)
    assert (await world.ben.result_of(asked)).pictures


async def test_the_button_pressed_twice_makes_one_picture(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    asked = await world.ben.say("nice one!", to=first)
    question = await world.ben.answer_to(asked)
    press = partial(world.ben.press, question, "Edit with this prompt?", answer=False)
    await asyncio.gather(press(), press(), return_exceptions=True)
    await world.ben.result_of(asked)
    assert len(await world.requests()) == 2


async def test_where_replies_to_commands_can_not_be_read_a_ping_is_not_enough_and_a_mention_is(world):
    await world.discord_setting(replies_to_commands_read=False)
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    answer = await world.ben.answer_to(await world.ben.say("make it night", to=first))
    assert "Mention me" in answer.text
    assert len(await world.requests()) == 1
    await world.ben.result_of(await world.ben.say("make it night", to=first, mention=True))
    assert await world.references() == [await world.download(first.pictures[0])]


# --- refusals -------------------------------------------------------------------------------------------------------


async def test_sixty_refused_replies_hold_up_nobody(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.set_api(delay=0.3, image_interval=0.3)
    streaming = await world.ada.imagine(prompt="four foxes", images=4)
    silly = [await world.ben.say(f"make it {'x' * 10} --ar banana{number}", to=first) for number in range(60)]
    await streaming.result(pictures=4)
    posted = await bots_messages(world.ben, silly[0])
    assert len([one for one in posted if not one.pictures]) <= 3


async def test_a_blocked_word_is_not_repeated_in_public(world):
    screen = await (await Screen.opened(world.ada)).at("words_in")
    await screen.writes("words_in", "zebra")
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    answer = await world.ben.answer_to(await world.ben.say("make it a zebra", to=first))
    assert "doesn't allow" in answer.text
    assert "zebra" not in answer.text
