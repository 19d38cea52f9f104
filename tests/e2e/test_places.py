"""Every kind of place: the bot works there, by the rules of the channel that the place lies in."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from infra.db.tables import JOBS
from tests.support.places import FOREIGN, JOINED, archived_long_ago, are_hidden, out_of_the_cache, thread_in
from tests.support.settings import Screen

PLACES = {**JOINED, **FOREIGN}


# --- it works there -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PLACES)
async def test_a_command_and_its_buttons_work_in_every_kind_of_place(world, kind):
    ada = world.member_in(await PLACES[kind](world))
    first = await (await ada.imagine(prompt="two foxes", images=2)).result(pictures=2)
    assert (await (await ada.pressed(first, "Reroll")).result(pictures=2)).id != first.id
    chosen = await ada.choose(first, "1")
    await (await ada.pressed(chosen, "Vary")).result(pictures=1)
    assert {row.token_only for row in await world.read(select(JOBS.c.token_only))} == {kind in FOREIGN}


@pytest.mark.parametrize("kind", JOINED)
async def test_a_reply_works_wherever_the_bot_is(world, kind):
    ada = world.member_in(await JOINED[kind](world))
    first = await ada.imagine_to_end(prompt="a red fox in snow")
    result = await ada.result_of(await ada.say("make it night", to=first))
    assert len(result.pictures) == 1


async def test_a_thread_that_was_archived_before_the_start_is_reopened_by_a_command(world):
    thread = await thread_in(world, "general")
    await archived_long_ago(world, thread)
    result = await world.member_in(thread).imagine_to_end(prompt="a red fox in snow")
    assert len(result.pictures) == 1


async def test_where_the_bot_has_no_permission_at_all_commands_and_buttons_work(world):
    await world.deny("general", "VIEW_CHANNEL", "SEND_MESSAGES", "ATTACH_FILES", "READ_MESSAGE_HISTORY")
    first = await (await world.ada.imagine(prompt="twelve foxes", images=12)).result()
    await (await world.ada.pressed(first, "Reroll")).result()


async def test_a_reply_in_a_thread_needs_the_permission_for_threads_and_not_the_channels(world):
    ada = world.member_in(await thread_in(world, "general"))
    first = await ada.imagine_to_end(prompt="a red fox in snow")
    await world.deny("general", "SEND_MESSAGES")
    await ada.result_of(await ada.say("make it night", to=first))
    await world.deny("general", "ATTACH_FILES")
    refusal = await ada.answer_to(await ada.say("make it day", to=first))
    assert "Missing permissions: Attach Files." in refusal.text
    assert len(await world.requests()) == 2


# --- by whose rules -------------------------------------------------------------------------------------------------


async def a_post(world, **how):
    forum = await world.make_channel("showcase", "forum", **how)
    return forum, await thread_in(world, forum)


async def test_channels_that_are_closed_are_closed_with_their_threads_and_posts(world):
    screen = await Screen.opened(world.dan)
    forum, post = await a_post(world)
    await screen.sets("channels_denied", forum)
    refusal = await (await world.member_in(post).imagine(prompt="a fox")).answer()
    assert "You can't make pictures in" in refusal.text
    assert await world.requests() == []
    await world.ada.imagine_to_end(prompt="a fox")


async def test_a_category_that_is_allowed_is_allowed_with_its_threads(world):
    category = await world.make_channel("art", "category")
    channel = await world.make_channel("sketches", category="art")
    thread = await thread_in(world, channel)
    await (await Screen.opened(world.dan)).sets("channels_allowed", category)
    ada = world.member_in(thread)
    first = await ada.imagine_to_end(prompt="a fox")
    await ada.result_of(await ada.say("make it night", to=first))
    assert "Use “art” (category)" in (await (await world.ada.imagine(prompt="a fox")).answer()).text


async def test_threads_and_posts_are_as_age_restricted_as_their_channel(world):
    screen = await (await Screen.opened(world.dan)).at("age_restricted_only")
    await screen.use("age_restricted_only")
    _, post = await a_post(world, nsfw=True)
    await world.member_in(post).imagine_to_end(prompt="a fox")
    open_thread = world.member_in(await thread_in(world, "general"))
    assert "only in age-restricted channels" in (await (await open_thread.imagine(prompt="a fox")).answer()).text
    assert len(await world.requests()) == 1


# --- out of discord.py's cache --------------------------------------------------------------------------------------


async def replies_out_of_the_cache(world, first, thread):
    """A member's reply in a thread that discord.py does not hold."""
    await out_of_the_cache(world, thread)
    return await world.member_in(thread).say("make it night", to=first)


async def test_a_reply_in_a_thread_out_of_the_cache_is_taken_on(world):
    thread = await thread_in(world, "general")
    ada = world.member_in(thread)
    asked = await replies_out_of_the_cache(world, await ada.imagine_to_end(prompt="a fox"), thread)
    assert len((await ada.result_of(asked)).pictures) == 1


async def test_a_reply_in_a_thread_out_of_the_cache_is_held_against_the_rules_of_its_channel(world):
    thread = await thread_in(world, "general")
    ada = world.member_in(thread)
    first = await ada.imagine_to_end(prompt="a fox")
    await (await Screen.opened(world.dan)).sets("channels_denied", await world.channel_id("general"))
    refusal = await ada.answer_to(await replies_out_of_the_cache(world, first, thread))
    assert "You can't make pictures in" in refusal.text
    assert len(await world.requests()) == 1


async def test_a_thread_whose_channel_is_out_of_the_cache_follows_it_all_the_same(world):
    channel = await world.make_channel("cellar", nsfw=True)
    thread = await thread_in(world, channel)
    await (await (await Screen.opened(world.dan)).at("age_restricted_only")).use("age_restricted_only")
    await out_of_the_cache(world, channel)
    ada = world.member_in(thread)
    first = await ada.imagine_to_end(prompt="a fox")
    await ada.result_of(await ada.say("make it night", to=first))


async def test_where_discord_is_slow_to_tell_of_a_channel_the_member_is_told_so(world):
    thread = await thread_in(world, "general")
    ada = world.member_in(thread)
    first = await ada.imagine_to_end(prompt="a fox")
    await world.discord_fault(f"/channels/{thread}", method="GET", delay=20.0, times=1)
    told = await ada.answer_to(await replies_out_of_the_cache(world, first, thread))
    assert "Discord is slow right now" in told.text
    assert len(await world.requests()) == 1


# --- hidden from the bot --------------------------------------------------------------------------------------------


@pytest.fixture
async def hiding_world(world):
    """What the bot may not view is hidden from it."""
    await world.discord_setting(obfuscate_channels=True)
    return world


async def test_in_a_hidden_channel_the_bot_works_by_the_channel_that_the_interaction_brings(hiding_world):
    world = hiding_world
    await (await (await Screen.opened(world.dan)).at("age_restricted_only")).use("age_restricted_only")
    await are_hidden(world, "after-dark", "general")
    night = world.member_in("after-dark")
    await night.imagine_to_end(prompt="a fox")
    assert "only in age-restricted channels" in (await (await world.ada.imagine(prompt="a fox")).answer()).text


async def test_rules_hold_in_hidden_channels_and_no_hidden_name_is_ever_told(hiding_world):
    world = hiding_world
    category = await world.make_channel("art", "category")
    channel = await world.make_channel("sketches", category="art")
    screen = await (await Screen.opened(world.dan)).sets("channels_denied", category)
    await are_hidden(world, "art", "sketches")
    for name in ("ada", "dan"):
        refusal = await (await world.member_in(channel, name).imagine(prompt="a fox")).answer()
        assert "You can't make pictures in this channel." in refusal.text
    screen = await Screen.opened(world.dan)
    for tab in ("Pictures", "Access", "Moderation", "General"):
        assert "hidden" not in (await screen.tab(tab)).text
    assert await world.requests() == []


async def test_a_channel_that_is_hidden_no_more_is_as_any_other(hiding_world):
    world = hiding_world
    await are_hidden(world, "general")
    first = await world.ada.imagine_to_end(prompt="a fox")
    await world.deny("general")
    await world.ada.result_of(await world.ada.say("make it night", to=first))


# --- where others' apps may not post --------------------------------------------------------------------------------


async def test_what_discord_shows_to_one_member_alone_stays_private(world):
    await world.deny("lobby", "USE_EXTERNAL_APPS", user="ada")
    first = await (await world.ada_elsewhere.imagine(prompt="twelve foxes", images=12)).result()
    messages = await world.ada_elsewhere.messages()
    assert [len(one.pictures) for one in messages] == [10, 2]
    assert all(one.ephemeral for one in messages)
    assert await world.member_in("lobby", "cleo").messages() == []
    assert [row.private for row in await world.read(select(JOBS.c.private))] == [True]
    again = await (await world.ada_elsewhere.pressed(first, "Reroll")).result()
    assert again.ephemeral
    posts = [one for one in await world.discord_calls() if one["method"] == "POST" and "/webhooks/" in one["path"]]
    assert len(posts) <= 5 * 2


async def test_when_its_token_has_died_it_comes_as_a_direct_message_and_never_in_the_channel(world):
    await world.set_api(delay=0.3)
    await world.deny("lobby", "USE_EXTERNAL_APPS", user="ada")
    asked = await world.ada_elsewhere.imagine(prompt="a red fox in snow")
    assert (await asked.answer()).ephemeral
    await world.kill_tokens()
    assert len((await world.ada_in_dm.next_result()).pictures) == 1
    assert await world.member_in("lobby", "cleo").messages() == []


async def test_a_permission_that_is_given_back_makes_answers_public_again(world):
    await world.deny("lobby", "USE_EXTERNAL_APPS", user="ada")
    assert (await world.ada_elsewhere.imagine_to_end(prompt="a fox")).ephemeral
    await world.deny("lobby", user="ada")
    assert not (await world.ada_elsewhere.imagine_to_end(prompt="another fox")).ephemeral


# --- gone -----------------------------------------------------------------------------------------------------------


async def test_what_was_asked_for_in_a_channel_that_is_deleted_meanwhile_comes_directly(world):
    ada = world.member_in(await world.make_channel("fleeting"))
    await world.set_api(delay=0.3)
    await (await ada.imagine(prompt="twelve foxes", images=12)).answer()
    await world.post("/control/delete-channel", {"channel": ada.channel})
    await world.ada_in_dm.next_result()
    assert [len(one.pictures) for one in await world.ada_in_dm.messages()] == [10, 2]
    assert world.uploads == 12
