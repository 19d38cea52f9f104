"""Refusals by name, by what a message says, and by what the gateway does; and files that die."""

from __future__ import annotations

import pytest

from sandbox.discord.errors import BY_NAME
from tests.support.pictures import png

V2 = 1 << 15
TEXT = {"type": 10, "content": "a Fox"}
NEEDED = {20009, 200000, 240000, 30034, 30046, 50083, 50278, 160005, 40005, 10062, 40060, 10008, 50027, 50001, 50035}


@pytest.fixture
def path(bot):
    return f"/channels/{bot.channel('general')}/messages"


def test_every_refusal_of_a_delivery_has_a_name():
    codes = [code for _, code, _ in BY_NAME.values()]
    assert set(codes) >= NEEDED
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", BY_NAME)
async def test_a_refusal_can_be_requested_by_name_or_code(bot, path, name):
    status, code, message = BY_NAME[name]
    for named in (name, code):
        await bot.made("faults", route="/channels/*", name=named)
        answer = await bot.call("POST", path, json={"content": "x"})
        assert answer == (status, {"code": code, "message": message})
    assert (await bot.call("POST", path, json={"content": "x"}))[0] == 200


async def test_an_unknown_refusal_is_rejected(bot):
    assert "There is no error" in (await bot.control("faults", route="/channels/*", name="bad mood"))["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"content": "a FOX"},
        {"embeds": [{"title": "x", "footer": {"text": "fox"}}]},
        {"flags": V2, "components": [{"type": 17, "components": [TEXT]}]},
    ],
)
async def test_automod_blocks_messages_and_edits_with_blocked_words(bot, path, body):
    _, said = await bot.call("POST", path, json={"content": "x"})
    await bot.discord_setting(blocked_words=["fox"])
    refused = {"code": 200000, "message": "Message was blocked by automatic moderation"}
    assert await bot.call("POST", path, json=body) == (400, refused)
    cleared = {"content": None} if "flags" in body else {}
    assert await bot.call("PATCH", f"{path}/{said['id']}", json=cleared | body) == (400, refused)
    interaction = await bot.asked()
    assert (await bot.respond(interaction, {"type": 4, "data": body}))[1] == refused
    assert (await bot.respond(interaction, {"type": 4, "data": {"content": "a hare"}}))[0] == 200
    assert (await bot.look(f"messages/{said['id']}"))["message"]["content"] == "x"


async def test_automod_does_not_apply_to_direct_messages_or_to_members(bot):
    await bot.discord_setting(blocked_words=["fox"])
    interaction = await bot.asked(channel="dm")
    assert (await bot.respond(interaction, {"type": 4, "data": {"content": "fox"}}))[0] == 200
    await bot.made("message", user="ada", channel="general", content="fox")


async def test_automod_checks_the_names_of_new_files_but_not_of_kept_ones(bot, path):
    kept = ("fox.png", b"a picture")
    _, said = await bot.call("POST", path, json={"content": "x"}, files=[kept])
    await bot.discord_setting(blocked_words=["fox"])
    keeping = {"attachments": [{"id": said["attachments"][0]["id"], "filename": "fox.png"}]}
    status, edited = await bot.call("PATCH", f"{path}/{said['id']}", json=keeping | {"content": "y"})
    assert (status, edited["attachments"][0]["filename"]) == (200, "fox.png")
    naming = {"attachments": [{"id": 0, "filename": "fox.png"}]}
    _, refused = await bot.call("POST", path, json=naming, files=[kept])
    assert refused["code"] == 200000


async def test_a_harmful_link_is_blocked_everywhere(bot):
    await bot.discord_setting(harmful_links=["bad.example"])
    interaction = await bot.asked(channel="dm")
    body = {"content": "see https://bad.example/x"}
    assert (await bot.respond(interaction, {"type": 4, "data": body}))[1]["code"] == 240000


async def test_a_deferral_accepts_no_flag_but_ephemeral(bot):
    interaction = await bot.asked()
    status, refused = await bot.respond(interaction, {"type": 5, "data": {"flags": V2}})
    assert (status, list(refused["errors"]["data"])) == (400, ["flags"])
    assert (await bot.respond(interaction, {"type": 5, "data": {"flags": 64}}))[0] == 200


@pytest.mark.parametrize("body", [{"blocked_words": "fox"}, {"activities": 1}, {"integration_types": None}])
async def test_a_setting_of_the_wrong_type_is_refused(bot, body):
    async with bot.http.patch(f"{bot.discord.url}/control/settings", json=body) as answer:
        assert (answer.status, "it takes" in (await answer.json())["error"]) == (400, True)


# --- the gateway ----------------------------------------------------------------------------------------------------


async def test_the_message_content_intent_can_be_refused_although_it_was_granted(bot):
    await bot.discord_setting(message_content=True, message_content_refused=True)
    assert (await bot.call("GET", "/applications/@me"))[1]["flags"] & 1 << 19
    ear = await bot.hears(intents=1 | 1 << 15)
    assert await ear.closed_with() == 4014


async def test_an_event_of_an_unknown_shape_can_be_sent(bot):
    ear = await bot.hears()
    await ear.event("GUILD_CREATE")
    await bot.made("gateway", action="event")
    assert "author" not in await ear.event("MESSAGE_CREATE")
    await bot.made("gateway", action="event", name="FUTURE_EVENT", data={"any": "thing"})
    assert await ear.event("FUTURE_EVENT") == {"any": "thing"}


async def test_a_setting_decides_whether_replies_to_command_responses_are_readable(bot):
    interaction = await bot.asked()
    _, found = await bot.respond(interaction, {"type": 4, "data": {"content": "x"}})
    response, ear = found["resource"]["message"]["id"], await bot.hears()
    read = []
    for setting in (True, False):
        await bot.discord_setting(replies_to_commands_read=setting)
        for content in ("by night", f"<@{bot.id}> by night"):
            await bot.made("message", user="ada", channel="general", content=content, reply_to=response)
            read.append(bool((await ear.event("MESSAGE_CREATE"))["content"]))
    assert read == [True, True, False, True]


# --- files and pictures from elsewhere ------------------------------------------------------------------------------


async def fetched(bot, url):
    async with bot.http.get(url) as answer:
        return answer.status


async def test_a_commands_files_are_ephemeral_and_expire(bot):
    files = {"reference": {"name": "fox.png", "data": "bm90IGEgcGljdHVyZQ=="}}
    await bot.made("command", user="ada", channel="general", name="paint", options={"prompt": "x"}, attachments=files)
    interaction = list(bot.discord.state.interactions.values())[-1]
    (given,) = interaction.data["data"]["resolved"]["attachments"].values()
    assert (given["ephemeral"], "/ephemeral-attachments/" in given["url"]) == (True, True)
    alive = await fetched(bot, given["url"])
    await bot.discord_setting(ephemeral_life=0)
    assert (alive, await fetched(bot, given["url"])) == (200, 404)


async def test_an_ephemeral_messages_files_expire_before_their_links(bot):
    interaction = await bot.asked()
    await bot.respond(interaction, {"type": 5, "data": {"flags": 64}})
    _, said = await bot.webhook("PATCH", interaction, json={}, files=[("a.png", png(2, 2))])
    assert said["attachments"][0]["ephemeral"] is True
    await bot.discord_setting(ephemeral_life=0)
    _, again = await bot.webhook("GET", interaction)
    assert await fetched(bot, again["attachments"][0]["url"]) == 404


async def test_the_files_of_other_messages_do_not_expire(bot, path):
    _, said = await bot.call("POST", path, json={}, files=[("a.png", png(2, 2))])
    await bot.discord_setting(ephemeral_life=0)
    assert await fetched(bot, said["attachments"][0]["url"]) == 200


async def test_pictures_from_other_hosts_get_their_size_later(bot, path):
    await bot.discord_setting(media_delay=0.05)
    ear = await bot.hears()
    gallery = {"type": 12, "items": [{"media": {"url": "https://example.com/fox.webp"}}]}
    _, said = await bot.call("POST", path, json={"flags": V2, "components": [gallery]})
    later = await ear.event("MESSAGE_UPDATE")
    (first,), (second,) = (message["components"][0]["items"] for message in (said, later))
    assert (first["media"]["loading_state"], "width" in first["media"]) == (1, False)
    facts = {key: second["media"][key] for key in ("loading_state", "width", "height", "content_type")}
    assert facts == {"loading_state": 2, "width": 1024, "height": 1024, "content_type": "image/webp"}
    assert (later["id"], later["edited_timestamp"]) == (said["id"], None)
