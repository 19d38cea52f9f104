"""The local Discord's REST API and interactions, by a bare HTTP client; each answer is held against its OpenAPI."""

from __future__ import annotations

import base64
import json

import pytest

from tests.sandbox.discord_bot import COMMAND
from tests.support.pictures import png

EPHEMERAL, V2 = 64, 1 << 15


async def test_the_bot_can_read_its_own_user(bot):
    assert (await bot.call("GET", "/users/@me"))[1]["bot"] is True
    assert (await bot.call("GET", "/applications/@me"))[1]["id"] == bot.id
    assert (await bot.call("GET", "/gateway/bot"))[1]["url"] == bot.discord.gateway_url


async def test_a_wrong_token_is_unauthorized(bot):
    assert await bot.call("GET", "/users/@me", token="wrong") == (401, {"message": "401: Unauthorized", "code": 0})


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/channels/1", 10003),
        ("/guilds/1", 10004),
        ("/users/1", 10013),
        ("/applications/1/commands", 10002),
    ],
)
async def test_each_unknown_object_has_its_own_error_code(bot, path, code):
    status, body = await bot.call("GET", path)
    assert (status, body["code"]) == (404, code)


async def test_commands_keep_their_id_when_they_are_registered_again(bot):
    path = f"/applications/{bot.id}/commands"
    _, (before,) = await bot.call("GET", path)
    _, (after,) = await bot.call("PUT", path, json=[COMMAND | {"description": "Paint again"}])
    assert (after["id"], after["description"]) == (before["id"], "Paint again")
    assert await bot.call("DELETE", f"{path}/{after['id']}") == (204, None)
    assert await bot.call("GET", path) == (200, [])


async def test_a_single_command_can_be_created_changed_and_read(bot):
    path = f"/applications/{bot.id}/commands"
    status, made = await bot.call("POST", path, json=COMMAND | {"name": "draw"})
    assert status == 201
    status, changed = await bot.call("PATCH", f"{path}/{made['id']}", json={"description": "Draw"})
    assert (status, changed["id"], changed["description"]) == (200, made["id"], "Draw")
    assert (await bot.call("GET", f"{path}/{made['id']}"))[1]["description"] == "Draw"


async def test_members_are_listed_and_searched(bot):
    guild = bot.discord.state.world.guild("Studio").id
    _, members = await bot.call("GET", f"/guilds/{guild}/members", params={"limit": 100})
    assert {"ada", "ben", "cleo", "dan", "SeeDream"} == {member["user"]["username"] for member in members}
    _, found = await bot.call("GET", f"/guilds/{guild}/members/search", params={"query": "cl", "limit": 5})
    assert [member["user"]["username"] for member in found] == ["cleo"]


async def test_a_bad_command_is_refused_field_by_field(bot):
    status, body = await bot.call("PUT", f"/applications/{bot.id}/commands", json=[COMMAND | {"name": "No Good"}])
    assert (status, body["code"]) == (400, 50035)
    assert body["errors"]["0"]["name"]["_errors"]


async def test_the_bot_sends_edits_and_deletes_its_messages(bot):
    path = f"/channels/{bot.channel('general')}/messages"
    _, sent = await bot.call("POST", path, json={"content": "hello"})
    _, edited = await bot.call("PATCH", f"{path}/{sent['id']}", json={"content": "hello again"})
    assert (edited["content"], edited["id"]) == ("hello again", sent["id"])
    assert (await bot.call("GET", f"{path}/{sent['id']}"))[1]["content"] == "hello again"
    assert await bot.call("DELETE", f"{path}/{sent['id']}") == (204, None)
    assert (await bot.call("GET", f"{path}/{sent['id']}"))[1]["code"] == 10008


async def test_a_nonce_that_is_enforced_keeps_a_message_from_being_sent_twice(bot):
    path = f"/channels/{bot.channel('general')}/messages"
    body = {"content": "once", "nonce": "n-1", "enforce_nonce": True}
    first, second = (await bot.call("POST", path, json=body))[1], (await bot.call("POST", path, json=body))[1]
    assert first["id"] == second["id"]


@pytest.mark.parametrize(("channel", "code"), [("backroom", 50001), ("no-files", 50013)])
async def test_the_bot_may_do_only_what_it_is_permitted(bot, channel, code):
    path = f"/channels/{bot.channel(channel)}/messages"
    status, body = await bot.call("POST", path, json={"content": "hello"}, files=[("a.png", png(4, 4))])
    assert (status, body["code"]) == (403, code)


async def test_another_users_message_cannot_be_edited(bot):
    sent = await bot.control("message", user="ada", channel="general", content="mine")
    path = f"/channels/{bot.channel('general')}/messages/{sent['id']}"
    assert (await bot.call("PATCH", path, json={"content": "yours"}))[1]["code"] == 50005


async def test_allowed_mentions_decides_who_is_mentioned_and_pinged(bot):
    path, world = f"/channels/{bot.channel('general')}/messages", bot.discord.state.world
    ada, ben = world.user("ada")["id"], world.user("ben")["id"]
    content = f"<@{ada}> <@{ben}> @everyone"
    _, quiet = await bot.call("POST", path, json={"content": content, "allowed_mentions": {"parse": []}})
    assert quiet["mentions"] == []
    assert await bot.look("pings") == []
    body = {"content": content, "allowed_mentions": {"users": [ben], "parse": []}}
    _, loud = await bot.call("POST", path, json=body)
    assert [user["id"] for user in loud["mentions"]] == [ben]
    (ping,) = await bot.look("pings")
    assert (ping["users"], ping["everyone"]) == ([ben], False)


# --- interactions ---------------------------------------------------------------------------------------------------


async def test_the_first_response_can_be_returned_by_the_same_call(bot):
    interaction = await bot.asked()
    status, body = await bot.respond(interaction, {"type": 4, "data": {"content": "on it"}})
    assert status == 200
    assert body["interaction"]["response_message_id"] == body["resource"]["message"]["id"]
    assert (await bot.webhook("GET", interaction))[1]["content"] == "on it"


async def test_the_first_response_is_returned_only_if_requested(bot):
    interaction = await bot.asked()
    assert await bot.respond(interaction, {"type": 4, "data": {"content": "on it"}}, query="") == (204, None)


async def test_an_interaction_can_be_answered_only_once(bot):
    interaction = await bot.asked()
    await bot.respond(interaction, {"type": 5})
    status, body = await bot.respond(interaction, {"type": 4, "data": {"content": "again"}})
    assert (status, body["code"]) == (400, 40060)


async def test_an_interaction_that_is_not_answered_in_time_is_unknown(bot):
    bot.discord.state.settings.interaction_window = 0.0
    interaction = await bot.asked()
    status, body = await bot.respond(interaction, {"type": 4, "data": {"content": "late"}})
    assert (status, body["code"]) == (404, 10062)


async def test_a_member_is_told_when_the_bot_does_not_answer(bot):
    bot.discord.state.settings.interaction_window = 0.01
    body = {"user": "ada", "channel": "general", "name": "paint", "options": {"prompt": "x"}, "wait": True}
    assert (await bot.control("command", **body))["failed"] == "The application did not respond"


async def test_an_expired_token_is_refused(bot):
    interaction = await bot.asked()
    await bot.respond(interaction, {"type": 5})
    await bot.control("kill-tokens")
    status, body = await bot.webhook("PATCH", interaction, json={"content": "too late"})
    assert (status, body["code"]) == (401, 50027)


async def test_an_unknown_token_is_an_unknown_webhook(bot):
    status, body = await bot.call("PATCH", f"/webhooks/{bot.id}/nothing/messages/@original", json={"content": "x"})
    assert (status, body["code"]) == (404, 10015)


async def test_an_ephemeral_response_is_visible_to_one_member_and_unreachable_for_the_bot(bot):
    interaction = await bot.asked()
    _, body = await bot.respond(interaction, {"type": 4, "data": {"content": "psst", "flags": EPHEMERAL}})
    message = body["resource"]["message"]["id"]
    seen = [len(await bot.look("messages", user=user, channel="general")) for user in ("ada", "ben")]
    assert seen == [1, 0]
    path = f"/channels/{bot.channel('general')}/messages/{message}"
    assert (await bot.call("PATCH", path, json={"content": "x"}))[1]["code"] == 10008
    assert (await bot.webhook("PATCH", interaction, json={"content": "still here"}))[0] == 200


async def test_attachments_that_are_listed_are_kept_and_others_dropped(bot):
    interaction = await bot.asked()
    await bot.respond(interaction, {"type": 5})
    _, first = await bot.webhook("PATCH", interaction, json={}, files=[("a.png", png(3, 5)), ("b.png", png(4, 4))])
    a, b = first["attachments"]
    assert (a["width"], a["height"], a["content_type"]) == (3, 5, "image/png")
    body = {"attachments": [{"id": b["id"]}, {"id": 0, "description": "third"}]}
    _, second = await bot.webhook("PATCH", interaction, json=body, files=[("c.png", png(6, 6))])
    assert [one["filename"] for one in second["attachments"]] == ["b.png", "c.png"]
    assert (second["attachments"][0]["id"], second["attachments"][1]["description"]) == (b["id"], "third")


async def test_a_gallery_shows_uploaded_files_by_their_link(bot):
    interaction = await bot.asked()
    await bot.respond(interaction, {"type": 5})
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}, "description": "a fox"}]}
    body = {"flags": V2, "components": [gallery], "attachments": [{"id": 0, "filename": "a.png"}]}
    _, message = await bot.webhook("PATCH", interaction, json=body, files=[("a.png", png(8, 8))])
    link = message["components"][0]["items"][0]["media"]["url"]
    async with bot.http.get(link) as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", png(8, 8))
    async with bot.http.get(link.replace("hm=", "hm=0")) as answer:
        assert answer.status == 404


async def test_a_file_over_the_channels_limit_is_too_large(bot):
    interaction = await bot.asked(channel="small-files")
    await bot.respond(interaction, {"type": 5})
    status, body = await bot.webhook("PATCH", interaction, json={}, files=[("a.png", bytes(1_100_000))])
    assert (status, body["code"]) == (413, 40005)


async def test_a_bad_message_is_refused_field_by_field(bot):
    interaction = await bot.asked()
    status, body = await bot.respond(interaction, {"type": 4, "data": {"content": "x" * 2001}})
    assert (status, body["code"]) == (400, 50035)
    assert body["errors"]["data"]["content"]["_errors"]


async def test_a_429_says_how_long_to_wait_and_who_sent_it(bot):
    await bot.control("faults", route="/users/@me", status=429, retry_after=0.3)
    async with bot.http.get(f"{bot.discord.api_url}/users/@me") as answer:
        assert (answer.status, "Via" in answer.headers, answer.headers["Retry-After"]) == (429, True, "1")
        assert (await answer.json())["retry_after"] == 0.3
    assert (await bot.call("GET", "/users/@me"))[0] == 200


async def test_the_log_has_every_call_and_no_token(bot):
    interaction = await bot.asked()
    await bot.respond(interaction, {"type": 5})
    log = await bot.look("log")
    assert [one["method"] for one in log] == ["PUT", "POST"]
    assert interaction.token not in json.dumps(log)


# --- members --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "required"),
        ({"prompt": 5}, "valid value"),
        ({"prompt": "x" * 6001}, "at most 6000 characters"),
        ({"prompt": "x", "nope": 1}, "no option"),
    ],
)
async def test_a_members_client_refuses_invalid_options_of_a_command(bot, options, words):
    answer = await bot.control("command", user="ada", channel="general", name="paint", options=options)
    assert words in answer["error"]


async def test_a_members_attachment_is_described_and_can_be_fetched(bot):
    files = {"reference": {"name": "fox.png", "data": "bm90IGEgcGljdHVyZQ=="}}
    body = {"user": "ada", "channel": "general", "name": "paint", "options": {"prompt": "x"}, "attachments": files}
    await bot.control("command", **body)
    interaction = list(bot.discord.state.interactions.values())[-1]
    (attachment,) = interaction.data["data"]["resolved"]["attachments"].values()
    assert (attachment["filename"], attachment["size"], attachment.get("width")) == ("fox.png", 13, None)
    async with bot.http.get(attachment["url"]) as answer:
        assert await answer.read() == b"not a picture"


async def test_a_command_is_offered_where_the_bot_is_installed(bot):
    offered = [len(await bot.look("commands", user="ada", channel=where)) for where in ("general", "dm", "lobby")]
    assert offered == [1, 1, 1]
    await bot.call("PUT", f"/applications/{bot.id}/commands", json=[COMMAND | {"integration_types": [0]}])
    assert await bot.look("commands", user="ada", channel="lobby") == []


async def test_every_revision_of_a_message_is_kept_with_its_time(bot):
    interaction = await bot.asked()
    _, body = await bot.respond(interaction, {"type": 4, "data": {"content": "one"}})
    await bot.webhook("PATCH", interaction, json={"content": "two"})
    found = await bot.look(f"messages/{body['resource']['message']['id']}")
    assert [one["message"]["content"] for one in found["history"]] == ["one", "two"]


async def test_a_reply_includes_the_message_that_it_replies_to(bot):
    path = f"/channels/{bot.channel('general')}/messages"
    _, first = await bot.call("POST", path, json={"content": "first"})
    _, reply = await bot.call("POST", path, json={"content": "yes", "message_reference": {"message_id": first["id"]}})
    assert (reply["type"], reply["referenced_message"]["content"]) == (19, "first")
    assert reply["message_reference"]["channel_id"] == first["channel_id"]


async def test_a_reply_to_nothing_is_refused_unless_that_is_allowed(bot):
    path, nothing = f"/channels/{bot.channel('general')}/messages", {"message_id": "1"}
    status, body = await bot.call("POST", path, json={"content": "yes", "message_reference": nothing})
    assert (status, body["errors"]["message_reference"]["_errors"][0]["code"]) == (400, "REPLIES_UNKNOWN_MESSAGE")
    reference = nothing | {"fail_if_not_exists": False}
    assert (await bot.call("POST", path, json={"content": "yes", "message_reference": reference}))[0] == 200


async def test_the_bots_servers_are_listed(bot):
    _, guilds = await bot.call("GET", "/users/@me/guilds", params={"with_counts": "true"})
    assert [(one["name"], one["approximate_member_count"]) for one in guilds] == [("Studio", 5), ("Workshop", 3)]


async def test_messages_can_be_read_from_either_end(bot):
    path = f"/channels/{bot.channel('general')}/messages"
    made = [(await bot.call("POST", path, json={"content": str(number)}))[1] for number in range(4)]

    async def contents(**query):
        return [one["content"] for one in (await bot.call("GET", path, params=query))[1]]

    assert await contents(limit=2) == ["3", "2"]
    assert await contents(limit=2, before=made[2]["id"]) == ["1", "0"]
    assert await contents(limit=2, after=made[0]["id"]) == ["2", "1"]
    assert await contents(limit=3, around=made[2]["id"]) == ["3", "2", "1"]
    assert await contents(limit=2, around=made[1]["id"]) == ["1", "0"]
    for wrong in ("many", "0", "101"):
        assert (await bot.call("GET", path, params={"limit": wrong}))[0] == 400


@pytest.mark.parametrize(
    "body",
    [None, [], 1, "words", {}, {"content": 1}, {"content": "x", "attachments": 1}, {"content": "x", "components": [1]}],
)
async def test_a_body_of_the_wrong_shape_is_refused_everywhere(bot, body):
    interaction = await bot.asked()
    assert (await bot.respond(interaction, {"type": 4, "data": body}))[0] == 400
    assert (await bot.respond(interaction, {"type": 5}))[0] == 200
    for method, path in (
        ("POST", f"/channels/{bot.channel('general')}/messages"),
        ("POST", f"/webhooks/{bot.id}/{interaction.token}"),
        ("POST", f"/applications/{bot.id}/commands"),
        ("POST", "/users/@me/channels"),
    ):
        assert (await bot.call(method, path, json=body))[0] in {400, 404}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("application/json", b"{bad"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\nno header"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\ncontent-disposition: form-data; name=payload_json\r\n\r\n{\r\n--x--",
        ),
    ],
)
async def test_an_unreadable_body_is_refused(bot, kind, data):
    url = f"{bot.discord.api_url}/channels/{bot.channel('general')}/messages"
    headers = {"Authorization": f"Bot {bot.discord.token}", "Content-Type": kind}
    async with bot.http.post(url, headers=headers, data=data) as answer:
        assert (answer.status, (await answer.json())["code"]) in {(400, 50109), (400, 50035)}


async def test_the_token_names_the_application_in_its_first_part(bot):
    first = bot.discord.token.split(".")[0]
    assert base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode() == bot.id
