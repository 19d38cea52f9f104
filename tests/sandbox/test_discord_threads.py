"""Threads and posts: who may do what in them, and how the bot is told of them."""

from __future__ import annotations

import pytest

from sandbox.discord.permissions import PERMISSIONS
from tests.support.pictures import png


@pytest.fixture
def path(bot):
    return f"/channels/{bot.channel('general')}"


async def started(bot, **body):
    return await bot.made("thread", **{"user": "ada", "channel": "general", "name": "sketches"} | body)


async def state_is(bot, thread, **state):
    await bot.made("thread-state", thread=thread["id"], **state)


async def says(bot, thread, user="ada", **body):
    return await bot.made("message", user=user, channel=thread["id"], **{"content": "hello"} | body)


def moderate(bot, *names):
    """Give the bot's role these permissions besides."""
    role = next(one for one in bot.discord.state.world.guild("Studio").roles if one["name"] == "SeeDream")
    role["permissions"] = str(int(role["permissions"]) | sum(PERMISSIONS[name] for name in names))


async def test_a_thread_that_a_member_starts_is_announced(bot):
    ear = await bot.hears()
    thread = await started(bot)
    told = await ear.event("THREAD_CREATE")
    assert (told["id"], told["type"], told["newly_created"]) == (thread["id"], 11, True)
    assert "permission_overwrites" not in told
    joined = await ear.event("THREAD_MEMBERS_UPDATE")
    assert [one["user_id"] for one in joined["added_members"]] == [bot.discord.state.world.user("ada")["id"]]
    announced = await ear.event("MESSAGE_CREATE")
    assert (announced["type"], announced["message_reference"]["channel_id"]) == (18, thread["id"])
    (seen,) = await bot.look("messages", user="ben", channel="general")
    assert seen["content"] == "sketches"


async def test_a_thread_from_a_message_begins_by_pointing_to_it(bot):
    said = await bot.made("message", user="ben", channel="general", content="look")
    thread = await started(bot, message=said["id"])
    _, (first,) = await bot.call("GET", f"/channels/{thread['id']}/messages")
    assert (thread["id"], first["type"], first["content"]) == (said["id"], 21, "")
    assert first["referenced_message"]["id"] == said["id"]
    assert first["message_reference"]["channel_id"] == said["channel_id"]
    _, parent = await bot.call("GET", f"/channels/{said['channel_id']}/messages/{said['id']}")
    assert (parent["thread"]["id"], parent["flags"] & 1 << 5) == (thread["id"], 1 << 5)


async def test_only_active_threads_that_the_bot_sees_come_with_the_server(bot):
    active, archived = await started(bot, name="active"), await started(bot, name="archived")
    await started(bot, name="private", private=True)
    await state_is(bot, archived, archived=True)
    ear = await bot.hears()
    guild = await ear.event("GUILD_CREATE")
    assert [one["id"] for one in guild["threads"]] == [active["id"]]
    assert [one["type"] for one in guild["channels"]] == [0] * 5


async def test_every_thread_that_the_bot_can_see_can_be_fetched(bot):
    thread = await started(bot)
    await state_is(bot, thread, archived=True)
    status, found = await bot.call("GET", f"/channels/{thread['id']}")
    assert (status, found["thread_metadata"]["archived"]) == (200, True)
    private = await started(bot, private=True)
    assert (await bot.call("GET", f"/channels/{private['id']}"))[1]["code"] == 50001
    await bot.made("thread-member", thread=private["id"], user="SeeDream")
    status, found = await bot.call("GET", f"/channels/{private['id']}")
    assert (status, found["type"], found["member"]["user_id"]) == (200, 12, bot.id)


async def test_the_members_of_a_thread_can_be_listed(bot):
    thread, ada = await started(bot), bot.discord.state.world.user("ada")["id"]
    members = f"/channels/{thread['id']}/thread-members"
    assert [one["user_id"] for one in (await bot.call("GET", members))[1]] == [ada]
    status, found = await bot.call("GET", f"{members}/{ada}", params={"with_member": "true"})
    assert (status, found["member"]["user"]["username"]) == (200, "ada")
    ben = bot.discord.state.world.user("ben")["id"]
    assert (await bot.call("GET", f"{members}/{ben}"))[1]["code"] == 10007
    assert await bot.call("PUT", f"{members}/@me") == (204, None)
    assert (await bot.call("GET", f"{members}/{bot.id}"))[0] == 200
    assert await bot.call("DELETE", f"{members}/@me") == (204, None)
    await state_is(bot, thread, archived=True)
    assert (await bot.call("PUT", f"{members}/{ben}"))[1]["code"] == 50083


async def test_a_private_thread_is_visible_to_its_members_and_moderators(bot):
    thread = await started(bot, user="ben", private=True)
    assert "can't view" in (await bot.control("message", user="cleo", channel=thread["id"], content="x"))["error"]
    await bot.made("thread-member", thread=thread["id"], user="cleo")
    for user in ("cleo", "dan"):  # dan may do everything
        await says(bot, thread, user)
    await bot.made("thread-member", thread=thread["id"], user="cleo", remove=True)
    assert "can't view" in (await bot.control("message", user="cleo", channel=thread["id"], content="x"))["error"]
    moderate(bot, "MANAGE_THREADS")
    assert (await bot.call("GET", f"/channels/{thread['id']}"))[0] == 200


async def test_no_events_come_from_channels_that_the_bot_cannot_view(bot):
    private, ear = await started(bot, private=True), await bot.hears(intents=1 | 1 << 9 | 1 << 12)
    await says(bot, private, content="secret")
    await bot.made("message", user="dan", channel="backroom", content="secret")
    await bot.made("message", user="ada", channel="lobby", content="elsewhere")
    await bot.made("message", user="ada", channel="dm", content="open")
    assert (await ear.event("MESSAGE_CREATE"))["content"] == "open"


async def test_a_thread_has_all_but_one_of_its_channels_permissions(bot):
    thread = await started(bot, channel="no-files")
    messages = f"/channels/{thread['id']}/messages"
    assert (await bot.call("POST", messages, json={}, files=[("a.png", png(2, 2))]))[1]["code"] == 50013
    await bot.control("permissions", channel="no-files", deny=["SEND_MESSAGES"])
    assert (await bot.call("POST", messages, json={"content": "x"}))[0] == 200
    await bot.control("permissions", channel="no-files", deny=["SEND_MESSAGES_IN_THREADS"])
    assert (await bot.call("POST", messages, json={"content": "x"}))[1]["code"] == 50013
    await bot.control("permissions", channel="no-files", deny=["VIEW_CHANNEL"])
    assert (await bot.call("GET", f"/channels/{thread['id']}"))[1]["code"] == 50001


async def test_only_posting_is_possible_in_an_archived_thread_and_reopens_it(bot):
    thread = await started(bot)
    messages = f"/channels/{thread['id']}/messages"
    _, said = await bot.call("POST", messages, json={"content": "x"})
    await state_is(bot, thread, archived=True)
    for method, path, body in (
        ("PATCH", f"{messages}/{said['id']}", {"content": "y"}),
        ("PUT", f"{messages}/{said['id']}/reactions/🔥/@me", None),
        ("PATCH", f"/channels/{thread['id']}", {"archived": True, "name": "z"}),
    ):
        moderate(bot, "MANAGE_THREADS")
        status, refused = await bot.call(method, path, **({"json": body} if body else {}))
        assert (status, refused) == (400, {"message": "Thread is archived", "code": 50083})
    assert await bot.call("DELETE", f"{messages}/{said['id']}") == (204, None)
    ear = await bot.hears()
    await ear.event("GUILD_CREATE")
    assert (await bot.call("POST", messages, json={"content": "again"}))[0] == 200
    assert (await ear.event("THREAD_UPDATE"))["thread_metadata"]["archived"] is False
    assert (await ear.event("MESSAGE_CREATE"))["content"] == "again"


async def test_only_moderators_can_post_in_a_locked_thread(bot):
    thread = await started(bot)
    messages = f"/channels/{thread['id']}/messages"
    await state_is(bot, thread, locked=True)
    assert (await bot.call("POST", messages, json={"content": "x"}))[1] == {
        "message": "Thread is locked",
        "code": 160005,
    }
    assert "is locked" in (await bot.control("message", user="ben", channel=thread["id"], content="x"))["error"]
    await state_is(bot, thread, archived=True)
    assert (await bot.call("POST", messages, json={"content": "x"}))[1]["code"] == 50083
    moderate(bot, "MANAGE_THREADS")
    assert (await bot.call("POST", messages, json={"content": "x"}))[0] == 200


async def test_an_interaction_in_a_locked_thread_cannot_be_answered(bot):
    thread = await started(bot)
    interaction = await bot.asked(channel=thread["id"])
    await state_is(bot, thread, locked=True)
    status, refused = await bot.respond(interaction, {"type": 5})
    assert (status, refused["code"]) == (403, 50083)
    await state_is(bot, thread, locked=False)
    assert (await bot.respond(interaction, {"type": 5}))[0] == 200
    await state_is(bot, thread, locked=True)
    for method in ("PATCH", "DELETE"):
        options = {"json": {"content": "x"}} if method == "PATCH" else {}
        status, refused = await bot.webhook(method, interaction, **options)
        assert (status, refused["code"]) == (400, 50083)


async def test_an_answer_reopens_an_archived_thread_but_an_edit_does_not(bot):
    thread = await started(bot)
    interaction = await bot.asked(channel=thread["id"])
    await state_is(bot, thread, archived=True)
    assert (await bot.respond(interaction, {"type": 4, "data": {"content": "x"}}))[0] == 200
    assert (await bot.call("GET", f"/channels/{thread['id']}"))[1]["thread_metadata"]["archived"] is False
    await state_is(bot, thread, archived=True)
    assert (await bot.webhook("PATCH", interaction, json={"content": "y"}))[1]["code"] == 50083


async def test_an_interaction_includes_its_thread(bot):
    thread = await started(bot, channel="after-dark")
    interaction = await bot.asked(channel=thread["id"])
    told = interaction.data["channel"]
    assert (told["id"], told["parent_id"], "nsfw" in told) == (thread["id"], bot.channel("after-dark"), False)
    assert told["thread_metadata"]["archived"] is False
    role = bot.discord.state.world.guild("Studio").permissions(bot.id)
    assert interaction.data["app_permissions"] == str(role)


async def test_the_bot_starts_threads_and_changes_its_own(bot, path):
    _, said = await bot.call("POST", f"{path}/messages", json={"content": "x"})
    status, thread = await bot.call("POST", f"{path}/messages/{said['id']}/threads", json={"name": "from it"})
    assert (status, thread["id"], thread["owner_id"]) == (201, said["id"], bot.id)
    _, refused = await bot.call("POST", f"{path}/messages/{said['id']}/threads", json={"name": "again"})
    assert refused["code"] == 160004
    status, alone = await bot.call("POST", f"{path}/threads", json={"name": "alone", "type": 11})
    assert (status, alone["type"]) == (201, 11)
    assert (await bot.call("POST", f"{path}/threads", json={"name": "alone"}))[1]["type"] == 12
    assert (await bot.call("POST", f"{path}/threads", json={}))[1]["code"] == 50035
    status, changed = await bot.call("PATCH", f"/channels/{alone['id']}", json={"archived": True, "name": "done"})
    assert (status, changed["name"], changed["thread_metadata"]["archived"]) == (200, "done", True)
    assert (await bot.call("PATCH", f"/channels/{alone['id']}", json={"locked": True}))[1]["code"] == 50013
    assert (await bot.call("DELETE", f"/channels/{alone['id']}"))[1]["code"] == 50013
    moderate(bot, "MANAGE_THREADS")
    assert (await bot.call("DELETE", f"/channels/{alone['id']}"))[0] == 200
    assert (await bot.call("GET", f"/channels/{alone['id']}"))[1]["code"] == 10003
    assert (await bot.call("PATCH", path, json={"archived": True}))[1]["code"] == 50024


async def test_archived_threads_are_listed_by_kind(bot, path):
    public, private = await started(bot), await started(bot, private=True)
    for thread in (public, private):
        await state_is(bot, thread, archived=True)
    _, listed = await bot.call("GET", f"{path}/threads/archived/public")
    assert ([one["id"] for one in listed["threads"]], listed["has_more"]) == ([public["id"]], False)
    assert (await bot.call("GET", f"{path}/threads/archived/private"))[1]["code"] == 50013
    mine = f"{path}/users/@me/threads/archived/private"
    assert (await bot.call("GET", mine))[1]["threads"] == []
    await bot.made("thread-member", thread=private["id"], user="SeeDream")
    _, listed = await bot.call("GET", mine)
    assert [one["id"] for one in listed["members"]] == [private["id"]]
    guild = bot.discord.state.world.guild("Studio").id
    assert (await bot.call("GET", f"/guilds/{guild}/threads/active"))[1]["threads"] == []


async def test_gaining_access_to_a_channel_brings_its_active_threads(bot):
    await bot.control("permissions", channel="general", deny=["VIEW_CHANNEL"])
    active, archived, joined, _ = [
        await started(bot, name=name, private=name == "private") for name in ("active", "archived", "joined", "private")
    ]
    await state_is(bot, archived, archived=True)
    await started(bot, channel="gallery", name="elsewhere")
    bot.discord.state.world.thread_members[joined["id"]][bot.id] = member = {
        "id": joined["id"], "user_id": bot.id, "join_timestamp": "2026-01-01T00:00:00.000000+00:00", "flags": 0,
    }  # fmt: skip
    ear = await bot.hears()
    assert [one["name"] for one in (await ear.event("GUILD_CREATE"))["threads"]] == ["elsewhere"]
    await bot.control("permissions", channel="general", deny=["SEND_MESSAGES"])
    assert (await ear.event("CHANNEL_UPDATE", "THREAD_LIST_SYNC"))["name"] == "general"
    synced = await ear.event("THREAD_LIST_SYNC")
    assert (synced["channel_ids"], synced["members"]) == ([bot.channel("general")], [member])
    assert [one["id"] for one in synced["threads"]] == [active["id"], joined["id"]]
    assert synced["guild_id"] == bot.discord.state.world.guild("Studio").id


async def test_keeping_access_to_a_channel_brings_no_threads_again(bot):
    await started(bot)
    ear = await bot.hears()
    await ear.event("GUILD_CREATE")
    for denied in (["SEND_MESSAGES"], [], ["VIEW_CHANNEL"]):
        await bot.control("permissions", channel="general", deny=denied)
        assert (await ear.event("CHANNEL_UPDATE", "THREAD_LIST_SYNC"))["name"] == "general"
    await bot.made("message", user="ada", channel="gallery", content="after that")
    assert "content" in await ear.event("MESSAGE_CREATE", "THREAD_LIST_SYNC")


async def test_a_forum_can_only_have_posts(bot):
    forum = await bot.made("channel", guild="Studio", name="showcase", type="forum")
    messages = f"/channels/{forum['id']}/messages"
    assert (await bot.call("POST", messages, json={"content": "x"}))[1]["code"] == 50008
    assert "can't send messages" in (await bot.control("message", user="ada", channel="showcase", content="x"))["error"]
    post = await started(bot, channel="showcase", name="my foxes", content="look")
    _, (first,) = await bot.call("GET", f"/channels/{post['id']}/messages")
    assert (first["id"], post["applied_tags"]) == (post["id"], [])
    (seen,) = await bot.look("messages", user="ben", channel=post["id"])
    assert seen["content"] == "look"
    body = {"name": "mine", "message": {"content": "hello"}}
    status, made = await bot.call("POST", f"/channels/{forum['id']}/threads", json=body, files=[("a.png", png(2, 2))])
    assert (status, made["message"]["id"], len(made["message"]["attachments"])) == (201, made["id"], 1)
    body = {"name": "empty", "message": {}}
    assert (await bot.call("POST", f"/channels/{forum['id']}/threads", json=body))[1]["code"] == 50006


async def test_a_reset_removes_all_threads(bot):
    thread = await started(bot)
    await bot.control("reset")
    assert (await bot.call("GET", f"/channels/{thread['id']}"))[1]["code"] == 10003
