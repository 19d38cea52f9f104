"""Members who type oddly, members who mean harm, and everything at once."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.pictures import jpeg, noise_png
from tests.support.settings import Screen
from tests.support.world import Refused

PHOTO = ("photo.jpg", jpeg(1200, 800))
V2 = 1 << 15


def job_of(message) -> str:
    """The job that a message's buttons belong to."""
    return next(one for one in message.custom_ids if one.startswith("sd:details")).split(":")[2]


async def buttons(world, *custom_ids: str):
    """A message whose buttons nobody but a forger would make."""
    row = [{"type": 2, "style": 2, "label": str(n), "custom_id": one} for n, one in enumerate(custom_ids)]
    return await world.post_as_bot("general", components=[{"type": 1, "components": row}], flags=V2)


# --- odd input ------------------------------------------------------------------------------------------------------

ODD = {
    "a line turned around": "a fox\u202egnp.exe\u2066 here",
    "unseen between": "a\u200b r\u2060e\ufeffd fox",
    "a code fence": "```js\nalert(1)\n``` a fox",
    "links and masked links": "[free](https://evil.example) [nitro](https://evil.example) https://evil.example/_a_",
    "every mark": "**_~~||`fox`||~~_** # > - <@1> <#2> </a:3> <t:0:R> @everyone @here",
    "long": "a fox, " * 285,
    "only emoji": "🦊🏔️👩‍🚀",
}


@pytest.mark.parametrize("words", ODD.values(), ids=ODD)
async def test_any_words_in_a_reply_make_a_picture_break_nothing_and_ping_nobody(world, words):
    await (await Screen.opened(world.ada)).sets("replies", "at_once")
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    result = await world.ada.result_of(await world.ada.say(words, to=first))
    assert len(result.pictures) == 1
    assert (await world.requests())[-1]["prompt"] == words.strip()
    assert not any(
        sign in result.text for sign in ("\u202e", "\u2066", "\u200br", "\ufeff", "](https://evil", " https://")
    )
    answers = {one["message"] for one in await world.pings()}
    assert result.id not in answers


async def test_words_that_nobody_sees_are_no_words_and_cost_nothing(world):
    refusal = await (await world.ada.imagine(prompt="\u200b\u2060\u3164")).answer()
    assert refusal.ephemeral
    assert "Describe the image you want" in refusal.text
    assert await world.requests() == []


async def test_a_file_name_can_not_dress_up_a_refusal(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    name = "[free](https_evil.example)**_.txt"
    answer = await world.ada.answer_to(await world.ada.say("put it there", to=first, files=[(name, b"words")]))
    assert "not a picture" in answer.text
    assert "**_" not in answer.text
    assert len(await world.requests()) == 1


# --- those who mean harm ----------------------------------------------------------------------------------------------


async def test_a_private_result_is_its_members_alone_whatever_is_pressed(world):
    private = await world.ada.imagine_to_end(prompt="a secret fox", private=True)
    verbs = ("details", "vary", "edit", "delete", "reroll")
    forged = await buttons(world, *(f"sd:{verb}:{job_of(private)}:0" for verb in verbs))
    for number in range(len(verbs)):
        refusal = await world.ben.press(forged, str(number))
        assert refusal.ephemeral
        assert "Only the person" in refusal.text
        assert "secret" not in refusal.text
    assert len(await world.ada.messages()) == 2
    assert len(await world.requests()) == 1


async def test_forged_buttons_are_answered_in_words_and_make_nothing(world):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    job = job_of(result)
    forged = {
        "sd:vary:nobodysjob01:0": "it was deleted or has expired",
        f"sd:vary:{job}:99": "doesn't have that picture",
        f"sd:cancel:{job}:0": "Only the person",
        f"sd:upscale:{job}:7": "doesn't have that picture",
        f"sd:delete:{job}:0": "Only the person",
    }
    message = await buttons(world, *forged)
    for number, expected in enumerate(forged.values()):
        answer = await world.ben.press(message, str(number))
        assert answer.ephemeral
        assert expected in answer.text
    assert len(await world.requests()) == 1


async def test_only_its_member_or_who_manages_messages_cancels_a_job(world):
    world.settings |= {"MAX_IN_FLIGHT": "1"}
    await world.restart_bot()
    await world.set_api(delay=60)
    await world.ada.imagine(prompt="first")
    await world.api_is_asked()
    waiting = await (await world.ben.imagine(prompt="second")).answer()
    refusal = await world.cleo.press(waiting, "Cancel")
    assert "Only the person" in refusal.text
    await world.ada.press(waiting, "Cancel", answer=False)
    await world.ben.wait_for_message(id=waiting.id, text="Cancelled")


async def test_ten_large_pictures_reach_the_api_smaller_and_in_order(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    files = [(f"{n}.png", noise_png(1000 + n, 1000)) for n in range(10)]
    assert sum(len(data) for _, data in files) > 28_000_000
    said = await world.ada.say("put all of it in one picture", to=first, files=files)
    await world.ada.result_of(said)
    references = (await world.requests())[-1]["references"]
    assert len(references) == 11
    assert sum(one["bytes"] for one in references) <= 24_000_000


# --- everything at once -----------------------------------------------------------------------------------------------


async def test_a_job_that_is_cancelled_as_it_starts_is_cancelled_or_made_and_never_both(world):
    world.settings |= {"MAX_IN_FLIGHT": "2"}
    await world.restart_bot()
    await world.set_api(delay=0.15)
    asked = [await (await world.ada.imagine(prompt=f"fox {number}")).answer() for number in range(8)]
    queued = [one for one in asked if "Cancel" in one.labels]

    async def cancelled(message) -> bool:
        try:
            return (await world.ada.pressed(message, "Cancel")).given["answer"]["type"] == 6  # no answer but the edit
        except Refused:  # it has begun meanwhile, and the button is gone
            return False

    gone = await asyncio.gather(*(cancelled(message) for message in queued))
    ends = [await world.ada.wait_for_message(id=message.id, button="Details") for message in asked]
    assert sum("Cancelled" in end.text for end in ends) == sum(gone)
    assert sum(len(end.pictures) for end in ends) == len(await world.requests()) == 8 - sum(gone)


async def test_a_reply_that_was_taken_back_before_it_was_answered_costs_nothing(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.discord_fault("/channels/*/messages", method="POST", delay=0.5)
    said = await world.ada.say("make it night", to=first)
    await world.delete_message(said.id)
    await world.discord_is_asked("POST", 400)
    assert len(await world.ada.messages()) == 1
    assert len(await world.requests()) == 1


async def test_a_reply_whose_placeholder_got_lost_on_the_way_back_is_answered_once(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.discord_fault("/channels/*/messages", method="POST", close=True)
    await world.ada.result_of(await world.ada.say("make it night", to=first))
    assert len(await world.ada.messages()) == 3
    assert len(await world.requests()) == 2


async def test_a_picture_whose_message_is_deleted_while_it_is_edited_is_edited_all_the_same(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.set_api(delay=0.5)
    said = await world.ada.say("make it night", to=first)
    await world.ada.answer_to(said)
    await world.delete_message(first.id)
    assert len((await world.ada.result_of(said)).pictures) == 1


async def test_a_link_that_discord_is_slow_with_is_answered_in_time(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    link = f"https://discord.com/channels/1/{first.data['channel_id']}/{first.id}"
    await world.discord_fault("/channels/*/messages/*", method="GET", delay=10)
    refusal = await (await world.ada.run("edit", prompt="make it night", link=link)).answer()
    assert refusal.ephemeral
    assert "slow" in refusal.text


async def test_what_was_written_into_a_modal_that_a_restart_has_cut_off_is_given_back(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    opened = [await world.ada.pressed(first, "Edit"), await world.ada.run("Edit image", target=first)]
    await world.restart_bot()
    for one in opened:
        answer = await (await world.ada.fill(one, change="make it ```night```")).answer()
        assert answer.ephemeral
        assert "make it ʼʼʼnightʼʼʼ" in answer.text
    assert len(await world.requests()) == 1


async def test_words_in_a_modal_are_given_back_where_its_choices_can_not_be_had(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    opened = await world.ben.pressed(first, "Edit")
    choices = {"model": ["doubao-seedream-4.5"], "size": ["1K"]}
    refusal = await (await world.ben.fill(opened, change="a long story of a fox", **choices)).answer()
    assert refusal.ephemeral
    assert "1K" in refusal.text
    assert "a long story of a fox" in refusal.text
    assert len(await world.requests()) == 1


async def test_a_modal_over_a_result_that_was_deleted_meanwhile_says_so(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    opened = await world.ben.pressed(first, "Edit")
    await world.ada.deletes(first)
    await world.is_gone(first)
    answer = await (await world.ben.fill(opened, change="make it night")).answer()
    assert answer.ephemeral
    assert "it was deleted or has expired" in answer.text
    assert len(await world.requests()) == 1
