"""Links into every kind of place: followed by who can read there, shown where it may be seen."""

from __future__ import annotations

import pytest

from tests.support.places import JOINED, archived_long_ago, are_hidden, link_to, thread_in

FREE = "Nothing was made or charged."


async def a_picture_in(world, place):
    return await link_to(await world.member_in(place).imagine_to_end(prompt="a fox"))


async def follows(member, link):
    """What a member gets who edits the picture behind a link."""
    return await (await member.run("edit", prompt="make it night", link=link)).ended()


@pytest.mark.parametrize("kind", JOINED)
async def test_a_link_into_every_kind_of_place_is_followed(world, kind):
    link = await a_picture_in(world, await JOINED[kind](world))
    assert len((await follows(world.ada, link)).pictures) == 1


@pytest.mark.parametrize("private", [False, True])
async def test_a_link_into_a_thread_that_was_archived_before_the_start_is_followed(world, private):
    thread = await thread_in(world, "general", private=private)
    link = await a_picture_in(world, thread)
    await archived_long_ago(world, thread)
    assert len((await follows(world.ada, link)).pictures) == 1


async def test_a_private_thread_is_for_those_invited_and_for_who_manages_threads(world):
    thread = await thread_in(world, "general", private=True)
    link = await a_picture_in(world, thread)
    assert "You can't read that channel" in (await follows(world.ben, link)).text
    assert len((await follows(world.dan, link)).pictures) == 1
    await world.add_to_thread(thread, "ben")
    assert len((await follows(world.ben, link)).pictures) == 1
    assert len(await world.requests()) == 3


@pytest.mark.parametrize(("kind", "taken"), [("a voice chat", "CONNECT"), ("a stage chat", "VIEW_CHANNEL")])
async def test_a_voice_chat_is_read_by_who_may_enter_it(world, kind, taken):
    place = await JOINED[kind](world)
    link = await a_picture_in(world, place)
    await world.deny(place, taken, user="ben")
    assert "You can't read that channel" in (await follows(world.ben, link)).text
    assert len(await world.requests()) == 1


async def test_a_channel_of_another_server_is_out_of_reach_by_a_link_that_names_this_one(world):
    secret = await world.ada_in_workshop.imagine_to_end(prompt="a secret fox")
    told = await follows(world.ben, await link_to(secret, server="general"))
    assert "That message was deleted, or I can't read its channel" in told.text
    assert len(await world.requests()) == 1


async def test_a_link_into_a_hidden_channel_is_out_of_sight(world):
    await world.discord_setting(obfuscate_channels=True)
    link = await a_picture_in(world, "gallery")
    await are_hidden(world, "gallery")
    assert "I can't read its channel" in (await follows(world.ada, link)).text


async def test_where_discord_is_slow_a_link_is_told_within_its_three_seconds(world):
    thread = await thread_in(world, "general")
    link = await a_picture_in(world, thread)
    await archived_long_ago(world, thread)
    await world.discord_fault(f"/channels/{thread}", method="GET", delay=20.0, times=1)
    assert "Discord is slow" in (await follows(world.ada, link)).text


# --- age restriction ------------------------------------------------------------------------------------------------


async def test_a_picture_from_an_age_restricted_channel_is_not_shown_where_everybody_looks(world):
    places = ("after-dark", await thread_in(world, "after-dark"))
    for place in places:
        link = await a_picture_in(world, place)
        refusal = await follows(world.ada, link)
        assert "age-restricted channel" in refusal.text
        assert FREE in refusal.text
        for inside in places:
            assert len((await follows(world.member_in(inside), link)).pictures) == 1
    assert len(await world.requests()) == 6


async def test_a_result_from_there_that_came_as_a_direct_message_is_worked_on_in_it(world):
    await world.set_api(delay=0.3)
    asked = await world.member_in("after-dark").imagine(prompt="a red fox in snow")
    await asked.answer()
    await world.kill_tokens()
    await world.deny("after-dark", "VIEW_CHANNEL")
    result = await world.ada_in_dm.next_result()
    for button in ("Reroll", "Vary"):
        await (await world.ada_in_dm.pressed(result, button)).result(pictures=1)
